"""Runs far from the default case finish, within the packing bound and with their charge conserved."""

from dataclasses import dataclass

import numpy as np
import pytest
from scipy import constants

from ionspice.fem import Electrolyte, SolverSettings, Species, StepDrive, TriangularDrive, solve
from ionspice.meshes import MeshGrading, PlanarElectrode, write_mesh
from tests.fem.test_equilibrium_plate import exact_charge

RAMP = 200e-9  # s


def unequal(ratio):
    cation = Species(name="K+", valence=1, diffusivity=2.0e-9, concentration=1000.0)
    anion = Species(name="Cl-", valence=-1, diffusivity=2.0e-9 / ratio, concentration=1000.0)
    return Electrolyte(species=(cation, anion))


@dataclass(frozen=True, kw_only=True)
class Extreme:
    drive: object = TriangularDrive(half_cycle=RAMP)
    electrolyte: object = Electrolyte()


EXTREMES = {
    "20 kT/e": Extreme(drive=TriangularDrive(amplitude=0.5, half_cycle=RAMP)),
    "40 kT/e": Extreme(drive=TriangularDrive(amplitude=1.0, half_cycle=RAMP)),
    "step of 15 kT/e": Extreme(drive=StepDrive(amplitude=0.4, duration=RAMP)),
    "step of 117 kT/e": Extreme(drive=StepDrive(amplitude=3.0, duration=RAMP)),
    "117 kT/e slowly": Extreme(drive=TriangularDrive(amplitude=3.0, half_cycle=1e-3)),
    "nu = 0.95": Extreme(electrolyte=Electrolyte(ion_diameter=0.924e-9)),
    "diffusivities 1 : 100": Extreme(electrolyte=unequal(100)),
    "diffusivities 100 : 1": Extreme(electrolyte=unequal(0.01)),
    "1000 times slower": Extreme(drive=TriangularDrive(half_cycle=1000 * RAMP)),
    "1000 times faster": Extreme(drive=TriangularDrive(half_cycle=RAMP / 1000)),
}


@pytest.mark.parametrize("name", EXTREMES)
def test_extreme_runs_finish_and_conserve(small_mesh, name):
    drive, electrolyte = EXTREMES[name].drive, EXTREMES[name].electrolyte
    settings = SolverSettings(tolerance=5e-3, steps_per_ramp=20)
    run = solve(small_mesh, drive=drive, electrolyte=electrolyte, settings=settings)
    assert float(run.time[-1]) == pytest.approx(drive.corners[-1])
    flux = run.gap_flux.sum("part")
    assert float(np.abs(run.trans_slit_current - flux)[1:].max()) < 1e-7 * float(np.abs(flux).max())
    # A slit and its two half gaps hold at most one ion per a^3, and the trace of 1e-11 of the bulk times w.
    area = 1.5 * 6.0 + 2 * 0.34 / 2 * 1.0
    assert float(run.slit_ions.max()) < (1 + 1e-9) * area * 1e-18 / electrolyte.ion_diameter**3
    assert float(np.abs(run.slit_charge).max()) < constants.e * float(run.slit_ions.max())


WIDE = {
    "jump of 3 V": StepDrive(amplitude=3.0, duration=10 * RAMP),
    "window of 3 V": TriangularDrive(amplitude=3.0, half_cycle=10 * RAMP),
}


@pytest.mark.parametrize("name", WIDE)
def test_windows_and_jumps_of_3_volts_finish_on_coarse_meshes(tmp_path, name):
    write_mesh(tmp_path / "mesh.msh", PlanarElectrode(), MeshGrading(wall_spacing=0.3e-9, growth=1.6))
    settings = SolverSettings(tolerance=1e-2, steps_per_ramp=20)
    run = solve(tmp_path / "mesh.msh", drive=WIDE[name], settings=settings)
    charged = np.abs(run.electrode_charge.values).max() / run.strip_width
    assert charged == pytest.approx(exact_charge(Electrolyte(), 3.0), rel=1e-2)
