"""The command from a potential to trajectories that analyse reads, on the real tools; and one that collapses."""

import pytest

pytest.importorskip("rdkit", reason="the extra atomistic is not installed")
pytest.importorskip("tblite", reason="the extra atomistic is not installed")

from ionspice.core import RunError
from ionspice.core.stages import run_chain
from ionspice.electrolytes.files import DYNAMICS
from ionspice.electrolytes.lammps.progress import read_looks
from ionspice.electrolytes.properties import inputs_of, property_chain
from ionspice.electrolytes.stages import run_liquid
from ionspice.electrolytes.study.file import parse_liquid
from ionspice.electrolytes.transport.record import read_transport
from ionspice.electrolytes.transport.runs import find_runs

STAGES = ["molecules", "production-boxes", "dynamics"]


def test_runs_are_recorded_gone_on_with_and_measured(study_text, models, put_potential, tmp_path, caplog):
    put_potential(tmp_path, models)
    run_liquid(parse_liquid(study_text), tmp_path, stages=STAGES)
    cold, warm = find_runs(tmp_path)
    assert (cold.temperature, warm.temperature) == (100.0, 150.0)
    assert "100 K is outside 120 to 800 K" in cold.notes[0]
    assert cold.notes[0] in caplog.text
    assert warm.notes == ()
    assert len(warm.potential) == 2
    assert 0 < warm.deviation["mean"] <= warm.deviation["largest"] < 0.5
    assert abs(warm.energy_drift) < 1e-3
    study = parse_liquid(study_text.replace('"4 ps"', '"6 ps"'))
    before = warm.positions.read_bytes().rpartition(b"ITEM: TIME\n")[0]  # the last frame is written again
    run_liquid(study, tmp_path, stages=STAGES)
    assert warm.positions.read_bytes().startswith(before)
    inputs = inputs_of(study, tmp_path, find_runs(tmp_path))
    run_chain(property_chain(inputs, transfer=False), inputs, tmp_path)
    measured = read_transport(tmp_path / "transport.json").runs
    assert [run.length for run in measured] == pytest.approx([6.0, 6.0])
    assert all(run.elements["Ar"].coefficient.value > 0 for run in measured)
    for run in measured:
        assert {"vdos.csv", "radial.csv"} <= {path.name for path in (tmp_path / "analysis" / run.name).iterdir()}


def test_a_potential_that_collapses_is_stopped_within_100_steps(study_text, argon, put_potential, tmp_path):
    put_potential(tmp_path / "liquid", argon.train_argon(tmp_path / "bad", frames=20, steps=20, seeds=(1,)))
    study = parse_liquid(study_text.replace("11.4 angstrom", "9.5 angstrom"))
    words = r"2 of 2 runs have no end: .*stopped at .* \(step \d+\): .*train a better"
    with pytest.raises(RunError, match=words) as error:
        run_liquid(study, tmp_path / "liquid", stages=STAGES)
    assert error.value.exit_status == 1
    for folder in (tmp_path / "liquid" / DYNAMICS).iterdir():
        assert read_looks(folder)[-1].step <= 100
        assert not (folder / "run.json").exists()
