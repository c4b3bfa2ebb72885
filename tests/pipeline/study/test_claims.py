from dataclasses import replace

import numpy as np
import pytest

from ionspice.core import InputError
from ionspice.pipeline.study.claims import Claim, read_claims, write_claims
from ionspice.pipeline.study.judge import untested
from ionspice.pipeline.study.rules import RULES


def test_claims_are_read_as_written(tmp_path):
    claim = Claim(
        id="A",
        statement="s",
        value=float("nan"),
        unit="1",
        condition="c",
        verdict="depends",
        evidence=("a.nc",),
        values={"array": np.arange(2.0), "pairs": {1: (np.float64(2), np.bool_(True))}},
    )
    write_claims(tmp_path / "claims.json", [claim, untested(RULES["B"], "why")])
    first, second = read_claims(tmp_path / "claims.json")
    assert first == replace(claim, value=None, values={"array": [0.0, 1.0], "pairs": {"1": [2.0, True]}})
    assert (second.verdict, second.statement, second.value) == ("untested", RULES["B"].statement, None)


def test_damaged_claims_are_an_input_error(tmp_path):
    (tmp_path / "claims.json").write_text("[{]")
    with pytest.raises(InputError, match=r"claims\.json"):
        read_claims(tmp_path / "claims.json")
