import json
from dataclasses import replace

import numpy as np
import pytest

from ionspice.circuits import triangular
from ionspice.circuits.ions.record import RailRecord, rails_of, read_rails, write_rails
from ionspice.circuits.ions.results import drive_rails
from ionspice.circuits.ions.stack import half_cell
from ionspice.core import InputError
from ionspice.core.electrolyte import Electrolyte
from tests.circuits.ions.ions_cases import solution, stack


@pytest.fixture
def record():
    return RailRecord(
        constants=stack(),
        electrolyte=Electrolyte(),
        stern_layer=0.0,
        layers=4,
        sealed=False,
        window=(0.0, 0.11),
        standard_errors={"storage": [1e-11, 2e-11, None, None]},
        errors={"inner_gaps": 0.001, "reservoir": None},
        files={"observables.nc": "0" * 64},
    )


def test_a_record_is_read_back_to_the_last_digit(record, tmp_path):
    write_rails(tmp_path / "rails.json", record)
    again = read_rails(tmp_path / "rails.json")
    assert again.constants.to_dict() == record.constants.to_dict()
    for name in ("electrolyte", "stern_layer", "layers", "sealed", "window", "standard_errors", "errors", "files"):
        assert getattr(again, name) == getattr(record, name)


@pytest.mark.parametrize(
    ("place", "value", "reason"),
    [
        (("constants", "path", "value"), [-1e-9, 0, 0, 0], "lengths that are not negative"),
        (("constants", "slit_width", "value"), "wide", "could not convert"),
        (("electrolyte", "species"), [], "nan|ions|species|bulk"),
        (("layers",), 1, "at least 2 sheets"),
        (("window",), None, "rails.json"),
    ],
)
def test_a_record_that_gives_no_circuit_is_refused(record, tmp_path, place, value, reason):
    path = tmp_path / "rails.json"
    write_rails(path, record)
    content = json.loads(path.read_text())
    entry = content
    for key in place[:-1]:
        entry = entry[key]
    entry[place[-1]] = value
    path.write_text(json.dumps(content))
    with pytest.raises(InputError, match=reason):
        read_rails(path)


def test_answers_balance_ion_by_ion(record):
    run = drive_rails(rails_of(record), triangular(0.11, 750e-9))
    charge = run["electrode_current"].cumulative_integrate("time")
    stored = -run["slit_charge"].sum("slit")
    assert run["passed_charge"].values[:, 0] == pytest.approx(-stored.values)
    assert float(np.abs(charge).max()) > float(np.abs(stored).max()) > 0
    assert run.sizes["node"] == 4
    late = run.isel(time=-1)
    assert abs(float(late["node_potential"].max())) < 0.11


def test_a_full_cell_shows_the_stack_of_its_electrode(record):
    sealed = RailRecord(
        constants=record.constants,
        electrolyte=record.electrolyte,
        stern_layer=0.0,
        layers=3,
        sealed=True,
        window=(0.0, 0.1),
    )
    run = drive_rails(rails_of(sealed), triangular(0.1, 500e-9))
    assert run.sizes["slit"] == 2
    peak = run.sel(time=500e-9, method="nearest")
    assert float(peak["slit_charge"].sum()) < 0  # anions beside a positive electrode


@pytest.mark.parametrize("name", ["mouth_path", "entrance_path"])
def test_one_side_of_the_first_gap_may_be_all_of_the_way(name):
    constants = replace(stack(), **{name: np.zeros(4)})
    half_cell(constants, solution(), layers=3, window=0.1, nodes=6)
    with pytest.raises(InputError, match="path"):
        replace(stack(), path=np.zeros(4))
