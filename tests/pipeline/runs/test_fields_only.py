"""Cases that only the field model knows end with the fields, and the report says why."""

import pytest

from ionspice.core import InputError
from ionspice.core.observables import load_observables
from ionspice.pipeline import parse_case, run
from ionspice.pipeline.results.rails import predict_rails_of
from tests.pipeline.conftest import TINY

CHARGED = '[[surfaces]]\nname = "electrode"\nzero_charge_potential = "50 mV"\n'
SWEET = '[[electrolyte.species]]\nname = "sugar"\nvalence = 0\nconcentration = "0.1 mol/L"\n' + "".join(
    f'[[electrolyte.species]]\nname = "{name}"\nvalence = {z}\n' for name, z in (("K+", 1), ("Cl-", -1))
)


@pytest.mark.parametrize(
    ("text", "reason"), [(CHARGED, "fixed charges, potentials of zero charge"), (SWEET, "neutral species")]
)
def test_what_circuits_do_not_know_gives_fields_and_a_report(tmp_path, text, reason):
    case = parse_case(TINY + text)
    folder = run(case, tmp_path / "run")
    assert load_observables(folder / "observables.nc").sizes["time"] > 10
    assert not (folder / "law.json").exists()
    assert not (folder / "rails.json").exists()
    assert reason in (folder / "report.html").read_text()
    with pytest.raises(InputError, match=reason):
        predict_rails_of(case)
