"""The command from a potential to trajectories that analyse reads, on the real tools; and one that collapses."""

import shutil
from importlib.util import find_spec

import pytest

pytest.importorskip("rdkit", reason="the extra atomistic is not installed")
pytest.importorskip("tblite", reason="the extra atomistic is not installed")
pytest.importorskip("packmol", reason="the extra atomistic is not installed")
if find_spec("dpdispatcher") is None:  # importing it would write a log here
    pytest.skip("the extra atomistic is not installed", allow_module_level=True)

from ionspice.core import RunError
from ionspice.core.stages import run_chain
from ionspice.electrolytes.files import DYNAMICS, POTENTIAL, TRAINED
from ionspice.electrolytes.lammps.progress import read_looks
from ionspice.electrolytes.properties import inputs_of, property_chain
from ionspice.electrolytes.stages import run_liquid
from ionspice.electrolytes.study.file import parse_liquid
from ionspice.electrolytes.transport.record import read_transport
from ionspice.electrolytes.transport.runs import find_runs

STAGES = ["molecules", "production-boxes", "dynamics"]


def test_runs_are_recorded_gone_on_with_and_measured(study_text, tiny_potential, tmp_path, caplog):
    shutil.copytree(tiny_potential / TRAINED, tmp_path / POTENTIAL)
    run_liquid(parse_liquid(study_text), tmp_path, stages=STAGES)
    cold, hot = find_runs(tmp_path)
    assert (cold.temperature, hot.temperature) == (600.0, 900.0)
    assert any("600 K is outside 900 to 900 K" in note for note in cold.notes)
    assert all(note in caplog.text for note in cold.notes)
    assert not any("900 K" in note for note in hot.notes)
    assert len(hot.potential) == 2
    assert 0 < hot.deviation["mean"] <= hot.deviation["largest"] < 5
    assert abs(hot.energy_drift) < 0.01
    study = parse_liquid(study_text.replace('\nduration = "2 ps"', '\nduration = "2.5 ps"'))
    before = hot.positions.read_bytes().rpartition(b"ITEM: TIME\n")[0]  # the last frame is written again
    run_liquid(study, tmp_path, stages=STAGES)
    assert hot.positions.read_bytes().startswith(before)
    inputs = inputs_of(study, tmp_path, find_runs(tmp_path))
    run_chain(property_chain(inputs, transfer=False), inputs, tmp_path)
    measured = read_transport(tmp_path / "transport.json").runs
    assert [run.length for run in measured] == pytest.approx([2.5, 2.5])
    assert all(run.elements["Cu"].coefficient.value > 0 for run in measured)
    for run in measured:
        assert {"vdos.csv", "radial.csv"} <= {path.name for path in (tmp_path / "analysis" / run.name).iterdir()}


def test_a_potential_whose_models_disagree_is_stopped_within_100_steps(study_text, weak_potential, tmp_path):
    shutil.copytree(weak_potential / TRAINED, tmp_path / POTENTIAL)
    words = r"2 of 2 runs have no end: .*stopped at .* \(step \d+\): the models deviate by .*train a better"
    with pytest.raises(RunError, match=words) as error:
        run_liquid(parse_liquid(study_text.replace("5 eV/angstrom", "0.05 eV/angstrom")), tmp_path, stages=STAGES)
    assert error.value.exit_status == 1
    for folder in (tmp_path / DYNAMICS).iterdir():
        assert read_looks(folder)[-1].step <= 100
        assert not (folder / "run.json").exists()
