"""One run after another whose answers are known: molten salts of walkers, oscillators, a conversion."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import constants

from ionspice.core import InputError
from ionspice.electrolytes.study.analysis import AnalysisSection, BondSection
from ionspice.electrolytes.transport.measure import measure, without_start
from ionspice.electrolytes.transport.runs import RunDescription
from ionspice.electrolytes.transport.subject import molecules_of
from ionspice.electrolytes.transport.tables import write_tables

pytest.importorskip("kinisi", reason="diffusion needs the extra: pip install ionspice[atomistic]")
pytest.importorskip("MDAnalysis", reason="neighbours need the extra: pip install ionspice[atomistic]")

RUN = RunDescription(name="a", composition="salt", temperature=1000.0, positions=Path("a.dump"))
SALT = molecules_of({"Na": 1, "Cl": -1}, {"Na": "Na+"})
QUICK = AnalysisSection(frames=10, pairs=("Na-Cl",))


def test_ions_that_go_in_pairs_carry_nothing(salt):
    trajectory = salt(frames=300, pairs=32, edge=16.0, step=0.5, together=1.0)
    record, curves = measure(RUN, trajectory, None, SALT, QUICK)
    assert [one.name for one in record.species] == ["Na+", "Cl"]
    assert [one.count for one in record.ions] == [32, 32]
    conductivity = record.conductivity
    assert conductivity.helfand.value < 1e-6 * conductivity.nernst_einstein.value
    density = 32 * (22.99 + 35.45) * constants.atomic_mass * 1e3 / (16e-8) ** 3
    assert record.density.value == pytest.approx(density, rel=1e-6)
    assert record.compressibility is None
    assert set(record.missing) == {"vdos"}
    assert set(curves.squares) == {"Na", "Cl", "charge"}


def test_molecules_of_unknown_charge_leave_what_needs_none(salt):
    record, curves = measure(RUN, salt(frames=50, pairs=8, edge=12.0, step=0.3), None, molecules_of({"K": 1}), QUICK)
    assert "molecules Cl" in record.missing["species"] or "molecules Na" in record.missing["species"]
    assert {"species", "conductivity", "structure", "vdos"} == set(record.missing)
    assert set(record.elements) == {"Na", "Cl"}
    assert "Na-Cl" in curves.radial


def test_molecules_that_nobody_named_leave_what_the_elements_tell(salt):
    record, curves = measure(RUN, salt(frames=50, pairs=8, edge=12.0, step=0.3), None, molecules_of({}), QUICK)
    assert {"species", "conductivity", "structure", "vdos"} == set(record.missing)
    assert all("give the charges of all molecules" in record.missing[name] for name in ("species", "structure"))
    assert set(record.elements) == {"Na", "Cl"}
    assert "Na-Cl" in curves.radial


def test_a_single_frame_has_structure_and_no_motion(salt, tmp_path):
    record, curves = measure(RUN, salt(frames=1, pairs=32, edge=16.0), None, SALT, QUICK)
    assert (record.frames, record.length, record.interval) == (1, 0.0, 0.0)
    assert set(record.missing) == {"vdos", "diffusion Na", "diffusion Cl", "species", "conductivity"}
    assert "motion needs at least 2" in record.missing["diffusion Na"]
    write_tables(tmp_path, curves)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["radial.csv", "structure.csv"]


def test_a_viscosity_adds_the_drag_of_the_images(salt):
    trajectory = salt(frames=100, pairs=8, edge=12.0, step=0.3)
    plain, _ = measure(RUN, trajectory, None, SALT, QUICK)
    corrected, _ = measure(RUN, trajectory, None, SALT, QUICK.model_copy(update={"viscosity": 1e-3}))
    added = corrected.elements["Na"].coefficient.value - plain.elements["Na"].coefficient.value
    exact = 2.837297 * constants.k * 1000 / (6 * np.pi * 1e-3 * 12e-10) * 1e4
    assert added == pytest.approx(exact, rel=1e-6)


def test_velocities_of_their_own_file_give_the_spectrum(salt, tmp_path):
    trajectory = salt(frames=50, pairs=8, edge=12.0, step=0.3)
    times = np.arange(1200) * 0.005
    signs = np.where(np.arange(16) < 8, 1.0, -1.0)
    waves = np.cos(2 * np.pi * 12 * times)[:, None, None] * signs[:, None] * np.ones(3)
    fast = replace(salt(frames=1200, pairs=8, edge=12.0, interval=0.005), velocities=waves)
    record, curves = measure(RUN, trajectory, fast, SALT, QUICK)
    whole = curves.spectra["all"]
    assert whole.frequencies[np.argmax(whole.values)] == pytest.approx(12, abs=0.2)
    assert record.missing == {}
    write_tables(tmp_path, curves)
    heading = (tmp_path / "vdos.csv").read_text().splitlines()[0]
    assert heading.startswith("frequency [THz],all [1/THz],all error [1/THz],Na [1/THz]")
    assert not (tmp_path / "species.csv").exists()


def test_a_conversion_is_counted_and_its_dipole_does_not_jump(salt):
    """AlCl3 leaves one AlCl4- for the other, far away: the charge goes with the atoms."""
    tetrahedron = 1.2 * np.array([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]])
    first, second = np.array([5.0, 10, 10]), np.array([15.0, 10, 10])
    start = np.concatenate([[first], first + tetrahedron, [second], second + tetrahedron])
    frames, moving = 40, [0, 2, 3, 4]
    positions = np.repeat(start[None], frames, axis=0)
    shift = np.linspace(0, 1, frames)[:, None, None] * (second + np.array([1.2, 1.2, 3.6]) - first)
    positions[:, moving] += shift
    base = salt(frames=frames, pairs=5, edge=20.0)
    trajectory = replace(
        base,
        positions=positions,
        elements=np.array((["Al"] + ["Cl"] * 4) * 2),
        masses=np.array(([26.98] + [35.45] * 4) * 2),
        molecules=np.repeat([0, 1], 5),
    )
    settings = AnalysisSection(
        bonds=BondSection(centre="Al", ligand="Cl", made=2.6, broken=3.2), persistence=2000.0, pairs=("Al-Cl",)
    )
    molecules = molecules_of({"AlCl4": -1, "Al2Cl7": -1})
    record, curves = measure(RUN, trajectory, None, molecules, settings)
    assert record.conversions.lasting >= 2  # it leaves, and arrives
    assert any("AlCl3" in reaction for reaction in record.conversions.reactions)
    assert curves.counts["AlCl4"][0] == 2
    # a cell of anions alone has no conductivity, and says so
    assert "charge -2 e" in record.missing["conductivity"]


def test_the_start_can_be_left_out(salt):
    trajectory = salt(frames=20, pairs=4, edge=12.0, step=0.1, interval=0.5)
    assert without_start(trajectory, 4.0).times[0] == 4.0
    assert without_start(trajectory, 0.0).times[0] == 0.0
    with pytest.raises(InputError, match=r"skip = 9\.5 ps leaves fewer than 2 frames"):
        without_start(trajectory, 9.5)
