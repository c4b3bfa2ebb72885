import json
import shutil
from contextlib import contextmanager

import numpy as np
import pytest
import xarray as xr

from ionspice.core import InputError, RunError
from ionspice.meshes import PlanarElectrode, SlitStack, write_mesh
from ionspice.pipeline import parse_case, read_case, run
from ionspice.pipeline.cases.case import CircuitSection, GeometrySection, MeshSection, SolverSection


class Listener:
    """Keeps what a run said, and stops its field stage at a given share."""

    def __init__(self, stop_at: float = np.inf) -> None:
        self.lines: list[str] = []
        self.shares: list[float] = []
        self._stop_at = stop_at

    def say(self, text: str) -> None:
        self.lines.append(text)

    @contextmanager
    def stage(self, name: str):
        self.lines.append(f"{name} begins")
        yield self._advance
        self.lines.append(f"{name} ends")

    def _advance(self, done: float, whole: float) -> None:
        self.shares.append(done / whole)
        if done / whole >= self._stop_at:
            raise RunError("stopped by the test")


@pytest.fixture
def folder(solved_folder, tmp_path):
    return shutil.copytree(solved_folder, tmp_path / "run")


def lines_of(case, folder, **choices) -> list[str]:
    listener = Listener()
    run(case, folder, stages=["mesh", "solve"], reporter=listener, **choices)
    return listener.lines


def test_the_folder_keeps_the_resolved_case(solved_folder, tiny_case):
    assert read_case(solved_folder / "case.toml") == tiny_case
    with xr.open_dataset(solved_folder / "observables.nc") as observables:
        assert parse_case(observables.attrs["case"]) == tiny_case


def test_unchanged_stages_do_not_run_again(folder, tiny_case):
    assert lines_of(tiny_case, folder) == ["mesh: up to date", "solve: up to date"]


def test_a_stage_can_be_forced(folder, tiny_case):
    assert lines_of(tiny_case, folder, always=["mesh"]) == ["mesh begins", "mesh ends", "solve: up to date"]


@pytest.mark.parametrize("change", [{"circuit": CircuitSection(layers=(5,))}, "checkpoint_interval"])
def test_sections_that_a_stage_does_not_read_do_not_matter(folder, tiny_case, change):
    if change == "checkpoint_interval":
        change = {"solver": tiny_case.solver.model_copy(update={"checkpoint_interval": 1.0})}
    assert lines_of(tiny_case.model_copy(update=change), folder) == ["mesh: up to date", "solve: up to date"]


def test_a_changed_section_runs_its_stage_and_what_follows(folder, tiny_case):
    coarse = MeshSection(wall_spacing=0.2e-9, growth=2.0)
    assert lines_of(tiny_case.model_copy(update={"mesh": coarse}), folder) == [
        "mesh begins",
        "mesh ends",
        "solve begins",
        "solve ends",
    ]


def test_a_mesh_that_fits_the_double_layer_is_made_again_for_another_drive(tmp_path):
    text = '[geometry]\nkind = "planar"\n[electrolyte]\nion_diameter = "0 nm"\n[drive]\namplitude = "{} V"\n'
    weak, strong = (parse_case(text.format(amplitude)) for amplitude in (0.1, 0.2))
    for case, made in ((weak, True), (weak, False), (strong, True)):
        listener = Listener()
        run(case, tmp_path, stages=["mesh"], reporter=listener)
        assert listener.lines == (["mesh begins", "mesh ends"] if made else ["mesh: up to date"])


def test_an_output_that_was_lost_is_made_again_and_fits_what_follows(folder, tiny_case):
    (folder / "mesh.msh").unlink()
    assert lines_of(tiny_case, folder) == ["mesh begins", "mesh ends", "solve: up to date"]


def test_an_unfinished_run_goes_on_from_its_checkpoint(solved_folder, tmp_path, tiny_case):
    often = SolverSection(tolerance=0.01, steps_per_ramp=20, checkpoint_interval=1e-6)
    case = tiny_case.model_copy(update={"solver": often})
    with pytest.raises(RunError, match="stopped by the test"):
        run(case, tmp_path, stages=["mesh", "solve"], reporter=Listener(stop_at=0.5))
    assert not json.loads((tmp_path / "manifest.json").read_text())["stages"]["solve"]["finished"]
    second = Listener()
    run(case, tmp_path, stages=["mesh", "solve"], reporter=second)
    assert second.lines == ["mesh: up to date", "solve begins", "solve ends"]
    assert min(second.shares) > 0.4
    with (
        xr.open_dataset(tmp_path / "observables.nc") as resumed,
        xr.open_dataset(solved_folder / "observables.nc") as whole,
    ):
        for name in ("electrode_current", "passed_charge", "slit_potential"):
            peak = float(np.abs(whole[name]).max())
            np.testing.assert_allclose(resumed[name].values, whole[name].values, atol=1e-6 * peak)


@pytest.mark.parametrize(("restart", "first_share"), [(False, (0.0, 0.1)), (True, (0.4, 0.6))])
def test_a_forced_field_run_goes_on_only_where_asked(tmp_path, tiny_case, restart, first_share):
    often = SolverSection(tolerance=0.01, steps_per_ramp=20, checkpoint_interval=1e-6)
    case = tiny_case.model_copy(update={"solver": often})
    with pytest.raises(RunError, match="stopped by the test"):
        run(case, tmp_path, stages=["mesh", "solve"], reporter=Listener(stop_at=0.5))
    second = Listener(stop_at=0.6)
    with pytest.raises(RunError, match="stopped by the test"):
        run(case, tmp_path, stages=["solve"], always=["solve"], restart=restart, reporter=second)
    low, high = first_share
    assert low <= second.shares[0] < high


def test_a_damaged_checkpoint_costs_computing_again_but_no_failure(tmp_path, tiny_case):
    often = SolverSection(tolerance=0.01, steps_per_ramp=20, checkpoint_interval=1e-6)
    case = tiny_case.model_copy(update={"solver": often})
    with pytest.raises(RunError, match="stopped by the test"):
        run(case, tmp_path, stages=["mesh", "solve"], reporter=Listener(stop_at=0.1))
    (tmp_path / "checkpoint.npz").write_bytes(b"PK")
    second = Listener()
    run(case, tmp_path, stages=["solve"], reporter=second)
    assert min(second.shares) < 0.1
    assert (tmp_path / "checkpoint_damaged.npz").read_bytes() == b"PK"


def test_restart_where_nothing_was_saved_begins_from_the_start_and_says_so(tmp_path, tiny_case, caplog):
    listener = Listener()
    run(tiny_case, tmp_path, stages=["mesh", "solve"], always=["solve"], restart=True, reporter=listener)
    assert min(listener.shares) < 0.1
    assert "nothing was saved yet, so --restart begins from the start" in caplog.text


def test_an_own_mesh_takes_the_place_of_the_generated_one(tmp_path, tiny_case):
    own = tmp_path / "own.msh"
    write_mesh(own, tiny_case.geometry.build(), MeshSection(wall_spacing=0.3e-9, growth=2.0).build())
    case = tiny_case.model_copy(update={"mesh": MeshSection(file=str(own))})
    assert lines_of(case, tmp_path / "run")[:2] == ["mesh begins", "mesh ends"]
    assert lines_of(case, tmp_path / "run") == ["mesh: up to date", "solve: up to date"]
    write_mesh(own, tiny_case.geometry.build(), MeshSection(wall_spacing=0.1e-9, growth=2.0).build())
    assert lines_of(case, tmp_path / "run")[:2] == ["mesh begins", "mesh ends"]


def test_an_own_mesh_of_another_number_of_layers_is_refused(tmp_path, tiny_case):
    own = tmp_path / "own.msh"
    stack = SlitStack(layers=3)
    write_mesh(own, stack, MeshSection(wall_spacing=0.3e-9, growth=2.0).build())
    case = tiny_case.model_copy(update={"mesh": MeshSection(file=str(own))})
    with pytest.raises(InputError, match=r"layers = 4.*own\.msh.*3 layers"):
        run(case, tmp_path / "run", stages=["mesh"])
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(("kind", "parts"), [("planar", "0 slits"), ("pore", r"\d+ sections")])
def test_an_own_mesh_of_another_kind_is_refused(tmp_path, tiny_case, kind, parts):
    write_mesh(tmp_path / "own.msh", SlitStack(layers=3), MeshSection(wall_spacing=0.3e-9, growth=2.0).build())
    other = {"mesh": MeshSection(file=str(tmp_path / "own.msh")), "geometry": GeometrySection(kind=kind)}
    with pytest.raises(InputError, match=rf'kind = "{kind}" has {parts}, but .*own\.msh has 2'):
        run(tiny_case.model_copy(update=other), tmp_path / "run", stages=["mesh"])


def test_an_own_mesh_of_a_plane_needs_no_layers(tmp_path, tiny_case):
    write_mesh(tmp_path / "own.msh", PlanarElectrode(), MeshSection(wall_spacing=0.3e-9, growth=2.0).build())
    other = {"mesh": MeshSection(file=str(tmp_path / "own.msh")), "geometry": GeometrySection(kind="planar")}
    run(tiny_case.model_copy(update=other), tmp_path / "run", stages=["mesh"])


@pytest.mark.parametrize("key", ["slit", "open_length"])
def test_an_own_mesh_of_other_lengths_than_the_case_is_warned_of(tmp_path, tiny_case, caplog, key):
    own = tmp_path / "own.msh"
    write_mesh(own, tiny_case.geometry.build(), MeshSection(wall_spacing=0.3e-9, growth=2.0).build())
    case = tiny_case.model_copy(update={"mesh": MeshSection(file=str(own))})
    run(case, tmp_path / "same", stages=["mesh"])
    assert caplog.text == ""
    length = getattr(tiny_case.geometry, key)
    geometry = tiny_case.geometry.model_copy(update={key: 1.1 * length})
    run(case.model_copy(update={"geometry": geometry}), tmp_path / "other", stages=["mesh"])
    said = f"[geometry] {key} = {1.1e9 * length:.4g} nm, but it is {1e9 * length:.4g} nm in the own mesh"
    assert caplog.text.count(said) == 1


def test_a_file_in_place_of_the_folder_is_refused(tmp_path, tiny_case):
    (tmp_path / "out").write_text("mine")
    with pytest.raises(InputError, match="is a file; choose a folder"):
        run(tiny_case, tmp_path / "out")
    assert (tmp_path / "out").read_text() == "mine"


def test_geometry_of_another_size_gives_other_fields(folder, tiny_case):
    wider = GeometrySection(**tiny_case.geometry.model_dump() | {"slit": 2e-9})
    case = tiny_case.model_copy(update={"geometry": wider})
    assert "solve begins" in lines_of(case, folder)
