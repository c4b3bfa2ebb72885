"""A diatomic molecule by CP2K, in some seconds: bond, charges, frequency; and modes of springs that are known."""

from importlib.util import find_spec

import numpy as np
import pytest

ase = pytest.importorskip("ase", reason="the extra atomistic is not installed")
if find_spec("dpdispatcher") is None:  # importing it would write a log here
    pytest.skip("the extra atomistic is not installed", allow_module_level=True)

from ionspice.electrolytes.environment.tools import cp2k_version  # noqa: E402
from ionspice.electrolytes.ions.modes import modes_of_calculator, modes_of_cp2k  # noqa: E402
from ionspice.electrolytes.ions.record import ModeSet, read_ions, read_modes, write_ions, write_modes  # noqa: E402
from ionspice.electrolytes.ions.refine import refine_molecules  # noqa: E402
from ionspice.electrolytes.ions.store import read_refined  # noqa: E402
from ionspice.electrolytes.labels.cp2k.settings import Cp2kSettings  # noqa: E402
from ionspice.electrolytes.study.jobs import JobsSection  # noqa: E402


@pytest.fixture(scope="module")
def hydrogen(tmp_path_factory):
    if not cp2k_version():
        pytest.skip("CP2K is not on this machine; ionspice electrolyte setup installs it")
    directory = tmp_path_factory.mktemp("hydrogen")
    start = ase.Atoms("H2", positions=[[0, 0, 0], [0.8, 0, 0]])
    arguments = ({"H2": start}, {"H2": 0}, Cp2kSettings(cutoff=150, dispersion="none"), JobsSection(), directory)
    refine_molecules(*arguments)
    relaxed = (next((directory / "ions").iterdir()) / "refined.json").stat().st_mtime_ns
    folders = refine_molecules(*arguments, vibrations=True)
    assert (folders["H2"] / "refined.json").stat().st_mtime_ns == relaxed
    return directory, folders


def test_a_molecule_is_relaxed_with_charges_and_modes(hydrogen):
    directory, folders = hydrogen
    ion = read_refined(folders["H2"])
    # 0.7209 angstrom at 400 Ry, 0.7198 in a periodic cell of 8.8 angstrom
    assert ion.geometry.get_distance(0, 1) == pytest.approx(0.7205, abs=0.002)
    assert ion.charges["mulliken"] == pytest.approx([0, 0], abs=1e-3)
    assert ion.charges["hirshfeld"] == pytest.approx([0, 0], abs=0.01)
    assert ion.program.startswith("CP2K ")
    (modes,) = modes_of_cp2k(folders)
    assert [mode.frequency for mode in modes.modes] == pytest.approx([143], abs=2)
    assert modes.modes[0].shares == pytest.approx({"H": 1.0})
    write_ions(directory, {"H2": ion}, {"H2": 0})
    record = read_ions(directory)["H2"]
    assert np.allclose(record.positions, ion.geometry.positions)
    assert record.charges == dict(ion.charges)


def test_modes_of_a_calculator_are_those_of_its_springs(tmp_path):
    from ase.calculators.morse import MorsePotential

    # E'' = 2 epsilon rho0^2/r0^2 at the bottom
    calculator = MorsePotential(epsilon=1.0, rho0=6.0, r0=1.0)
    found = modes_of_calculator(
        "N2", ase.Atoms("N2", [[0, 0, 0], [1.05, 0, 0]]), calculator, by="Morse", folder=tmp_path
    )
    mass = ase.data.atomic_masses[7] / 2
    expected = np.sqrt(72 / mass) * ase.units.fs / (2 * np.pi) * 1e3
    assert [mode.frequency for mode in found.modes] == pytest.approx([expected], rel=3e-3)
    write_modes(tmp_path, [found], {"CP2K": "not there"})
    assert read_modes(tmp_path) == ([ModeSet(molecule="N2", by="Morse", modes=found.modes)], {"CP2K": "not there"})
