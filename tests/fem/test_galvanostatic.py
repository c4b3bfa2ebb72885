"""Constant current: the current, the limits, equilibrium in the limit of a small current, and rest at none."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import brentq

from ionspice.core import InputError, RunError
from ionspice.core.drives import ConstantCurrent, Elapsed, Hold, Leg, LegSequence, PotentialReached
from ionspice.core.observables import load_observables
from ionspice.fem import Electrolyte, GalvanostaticDrive, SolverSettings, solve
from ionspice.meshes import MeshGrading, PlanarElectrode, write_mesh
from tests.fem.support import mpiexec
from tests.fem.test_equilibrium_plate import exact_charge

SETTINGS = SolverSettings(tolerance=1e-3, steps_per_ramp=20)


@pytest.fixture(scope="module")
def plate(tmp_path_factory):
    path = tmp_path_factory.mktemp("plate") / "mesh.msh"
    write_mesh(path, PlanarElectrode(strip_width=1e-9), MeshGrading(wall_spacing=0.02e-9, growth=1.1))
    return path


def test_slow_charging_passes_through_equilibria(plate):
    electrolyte, drive = Electrolyte(), GalvanostaticDrive(current=1e-4, upper=0.3)
    run = solve(plate, electrolyte=electrolyte, drive=drive, settings=SETTINGS)
    charged = run.electrode_potential.values > 0.02
    exact = [exact_charge(electrolyte, v) * 1e-9 for v in run.electrode_potential.values[charged]]
    np.testing.assert_allclose(run.electrode_charge.values[charged], exact, rtol=5e-3)


def test_the_current_is_constant_and_turns_at_the_limits(small_mesh):
    drive = GalvanostaticDrive(current=0.05, upper=0.1, lower=-0.05, cycles=2)
    run = solve(small_mesh, drive=drive, settings=SETTINGS)
    time, charge = run.time.values, run.electrode_charge.values
    current = np.diff(charge) / np.diff(time)
    np.testing.assert_allclose(np.abs(current), drive.current, rtol=1e-5)
    turns = np.flatnonzero(np.diff(np.sign(current))) + 1
    np.testing.assert_allclose(run.electrode_potential[turns], [0.1, -0.05, 0.1], atol=1e-6)
    assert float(run.electrode_potential[-1]) == pytest.approx(-0.05, abs=1e-6)
    assert run.attrs["charging_end"] == pytest.approx(time[turns[0]])
    flux = run.gap_flux.sum("part")
    assert float(np.abs(flux - run.trans_slit_current)[1:].max()) < 1e-7 * float(np.abs(flux).max())
    # The ohmic drop: at once after a turn the potential jumps back by twice R I.
    drop = run.electrode_potential.values[turns[0]] - run.electrode_potential.values[turns[0] + 5]
    assert drop > 0


def test_a_run_goes_on_in_the_middle_of_a_discharge(small_mesh, tmp_path):
    drive, settings = GalvanostaticDrive(current=0.5, upper=0.1), SolverSettings(tolerance=1e-2, steps_per_ramp=5)
    whole = solve(small_mesh, drive=drive, settings=settings)
    middle = 0.5 * (whole.attrs["charging_end"] + float(whole.time[-1]))

    def stop(elapsed, _whole):
        if elapsed > middle:
            raise KeyboardInterrupt

    often = replace(settings, checkpoint_interval=1e-9)
    with pytest.raises(KeyboardInterrupt):
        solve(small_mesh, drive=drive, settings=often, directory=tmp_path, progress=stop)
    run = solve(small_mesh, drive=drive, settings=settings, directory=tmp_path, restart=True)
    assert float(run.time[-1]) == pytest.approx(float(whole.time[-1]), rel=1e-5)
    assert float(run.electrode_potential[-1]) == pytest.approx(0.0, abs=1e-6)
    current = np.diff(run.electrode_charge) / np.diff(run.time)
    np.testing.assert_allclose(np.abs(current), drive.current, rtol=1e-5)


CYCLE = """
import os, signal, sys
from ionspice.fem import GalvanostaticDrive, SolverSettings, solve
def stop(elapsed, whole):
    if sys.argv[3] == "stop" and elapsed > float(sys.argv[4]):
        os.kill(os.getpid(), signal.SIGTERM)
solve(
    sys.argv[1],
    drive=GalvanostaticDrive(current=0.5, upper=0.1),
    settings=SolverSettings(tolerance=1e-2, steps_per_ramp=5),
    directory=sys.argv[2],
    restart=sys.argv[3] == "restart",
    progress=stop,
)
"""


@pytest.mark.parametrize("share", [0.2, 0.8])
def test_a_run_at_constant_current_goes_on_with_another_number_of_ranks(small_mesh, tmp_path, share):
    drive, settings = GalvanostaticDrive(current=0.5, upper=0.1), SolverSettings(tolerance=1e-2, steps_per_ramp=5)
    whole = solve(small_mesh, drive=drive, settings=settings)
    stopped = mpiexec(2, CYCLE, small_mesh, tmp_path, "stop", share * float(whole.time[-1]))
    assert "stopped by SIGTERM" in stopped.stderr
    done = mpiexec(1, CYCLE, small_mesh, tmp_path, "restart")
    assert done.returncode == 0, done.stderr
    run = load_observables(tmp_path / "observables.nc")
    np.testing.assert_allclose(run.time, whole.time, rtol=1e-5)
    np.testing.assert_allclose(run.electrode_potential, whole.electrode_potential, atol=1e-6)
    assert run.attrs["charging_end"] == pytest.approx(whole.attrs["charging_end"], rel=1e-6)
    assert (tmp_path / "fields_half_charge.vtu").exists()


@pytest.mark.parametrize("stern_layer", [0.0, 0.3e-9])
def test_charge_stays_at_rest_and_the_potential_goes_where_the_charge_is_in_equilibrium(plate, stern_layer):
    electrolyte = Electrolyte()
    hold = Leg(control=Hold(0.1), ends=(Elapsed(1e-9),))
    rest = Leg(control=ConstantCurrent(0.0), ends=(Elapsed(2e-6),))
    drive = LegSequence(legs=(hold, rest), swing=0.1, charged=Elapsed(1e-9))
    run = solve(plate, electrolyte=electrolyte, drive=drive, settings=SETTINGS, stern_layer=stern_layer)
    resting = run.time.values > 1e-9 * (1 - 1e-9)
    charge = run.electrode_charge.values[resting]
    np.testing.assert_allclose(charge, charge[0], rtol=1e-8)
    assert float(run.time[-1]) == pytest.approx(2.001e-6)
    density = charge[0] / 1e-9
    in_diffuse_layer = brentq(lambda v: exact_charge(electrolyte, v) - density, 1e-6, 0.2)
    expected = in_diffuse_layer + density * stern_layer / electrolyte.permittivity
    assert float(run.electrode_potential[-1]) == pytest.approx(expected, rel=5e-3)


def test_a_rest_between_charge_and_discharge_redistributes_and_loses_nothing(small_mesh):
    full, empty = PotentialReached(0.1, rising=True), PotentialReached(0.0, rising=False)
    legs = (
        Leg(control=ConstantCurrent(0.1), ends=(full,)),
        Leg(control=ConstantCurrent(0.0), ends=(Elapsed(5e-7),)),
        Leg(control=ConstantCurrent(-0.1), ends=(Elapsed(1.0), empty)),
    )
    run = solve(small_mesh, drive=LegSequence(legs=legs, swing=0.1, charged=full), settings=SETTINGS)
    begin = run.attrs["charging_end"]
    resting = (run.time.values >= begin) & (run.time.values <= begin + 5e-7 * (1 + 1e-6))
    charge, innermost = run.electrode_charge.values[resting], run.slit_charge.values[resting, -1]
    np.testing.assert_allclose(charge, charge[0], rtol=1e-8)
    assert abs(innermost[-1]) > 1.1 * abs(innermost[0])  # the ions still move inwards
    potential = run.electrode_potential.values[resting]
    assert potential[-1] < 0.9 * potential[0]
    assert float(run.electrode_potential[-1]) == pytest.approx(0.0, abs=1e-6)


def test_a_current_whose_ohmic_drop_fills_the_window_is_refused(plate):
    with pytest.raises(RunError, match="the ohmic drop fills the window; lower the current"):
        solve(plate, drive=GalvanostaticDrive(current=100.0, upper=0.1), settings=SETTINGS)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"current": 0.0}, "current = 0.0 A/m"),
        ({"upper": -0.1}, "lower = 0.0 V, upper = -0.1 V"),
        ({"cycles": 0}, "cycles"),
    ],
)
def test_impossible_drives_are_refused(change, message):
    with pytest.raises(InputError, match=message):
        GalvanostaticDrive(**({"current": 1.0, "upper": 0.1} | change))
