"""Protocols in the field model: equilibrium at the start, ends by currents, slow and periodic ones, going on."""

from dataclasses import replace

import numpy as np
import pytest

from ionspice.core.drives import parse_protocol
from ionspice.fem import Electrolyte, solve
from ionspice.fem.domain import read_domain
from ionspice.fem.mpi import MPI
from ionspice.fem.problem import FieldProblem
from ionspice.fem.stepping import start
from ionspice.meshes import FullCell, MeshGrading, PlanarElectrode, SlitStack, write_mesh
from tests.fem.support import COARSE
from tests.fem.test_equilibrium_plate import exact_charge

WIDTH = 1e-9


@pytest.fixture(scope="module")
def plate(tmp_path_factory):
    path = tmp_path_factory.mktemp("plate") / "mesh.msh"
    write_mesh(path, PlanarElectrode(strip_width=WIDTH), MeshGrading(wall_spacing=0.05e-9, growth=1.3))
    return path


def leg_ends(run):
    """Return the rows in which legs have ended."""
    return np.append(np.flatnonzero(run.step_order.values == 1)[1:] - 1, run.sizes["time"] - 1)


@pytest.mark.parametrize("potential", [-0.6, 0.2])
@pytest.mark.parametrize("stern_layer", [0.0, 0.3e-9])
def test_a_start_at_a_potential_is_what_a_long_hold_leads_to(small_mesh, potential, stern_layer):
    started = solve(
        small_mesh, drive=parse_protocol([f"Start at {potential} V", "Rest for 1 ns"]), stern_layer=stern_layer
    )
    held = solve(
        small_mesh,
        drive=parse_protocol([f"Hold at {potential} V for 100 s"]),
        settings=COARSE,
        stern_layer=stern_layer,
    )
    for name in ("electrode_charge", "slit_charge", "passed_charge", "slit_species_ions", "open_species_ions"):
        np.testing.assert_allclose(started[name].values[0], held[name].values[-1], rtol=1e-3)
    np.testing.assert_allclose(started.electrode_potential, potential, atol=1e-6)
    np.testing.assert_allclose(started.electrode_charge, started.electrode_charge.values[0], rtol=1e-8)
    assert abs(started.slit_electrochemical_potential.values[0]).max() < 1e-6


def test_a_sealed_cell_keeps_its_ions_on_the_way_to_its_start(tmp_path):
    cell = FullCell(half=SlitStack(layers=2))
    write_mesh(tmp_path / "mesh.msh", cell, MeshGrading(wall_spacing=0.15e-9, growth=1.6))
    problem = FieldProblem(read_domain(tmp_path / "mesh.msh", MPI.COMM_SELF), Electrolyte())

    def ions(potential):
        stored = start(problem, potential).ions[0]
        return stored.reshape(-1, problem.components).sum(axis=0)[: problem.species]

    np.testing.assert_allclose(ions(0.5), ions(0.0), rtol=1e-8)


def test_a_hold_ends_where_its_current_is_small(plate):
    run = solve(plate, drive=parse_protocol(["Hold at 0.1 V for 1 us or until 1 mA/m", "Rest for 1 ns"]))
    end = leg_ends(run)[0]
    assert run.electrode_current.values[end] == pytest.approx(1e-3, rel=2e-3)
    assert (np.abs(run.electrode_current.values[1:end]) > 1e-3).all()
    assert run.attrs["charging_end"] == run.time.values[end]


def test_slow_protocols_take_few_steps_and_pass_through_equilibria(plate):
    steps = ["Sweep to 0.3 V at 20 mV/s", "Hold for 10 s", "Rest for 1 min", "Discharge at 1e-11 A/m until 0 V"]
    run = solve(plate, drive=parse_protocol([*steps, "Repeat 2 times"]))
    ends = np.array([0, *leg_ends(run)])
    assert (np.diff(ends) < 200).all()  # a half cycle are two of them
    potential, charge = run.electrode_potential.values, run.electrode_charge.values
    charged = potential > 0.05
    exact = [exact_charge(Electrolyte(), v) * WIDTH for v in potential[charged]]
    np.testing.assert_allclose(charge[charged], exact, rtol=5e-3)
    for rest in (slice(ends[2], ends[3] + 1), slice(ends[6], ends[7] + 1)):
        np.testing.assert_allclose(charge[rest], charge[rest][0], rtol=1e-8)


def test_a_milliampere_per_square_metre_charges_a_plate(plate):
    run = solve(plate, drive=parse_protocol(["Charge at 1e-12 A/m until 0.2 V", "Discharge at 1e-12 A/m until 0 V"]))
    assert run.sizes["time"] <= 800
    assert run.attrs["charging_end"] == pytest.approx(exact_charge(Electrolyte(), 0.2) * WIDTH / 1e-12, rel=5e-3)
    assert run.electrode_potential.values[-1] == pytest.approx(0.0, abs=1e-6)


def test_cycles_end_when_they_are_periodic(plate):
    cycle = ["Sweep to 0.1 V at 0.02 V/ns", "Sweep to 0 V at 0.02 V/ns"]
    drive = parse_protocol([*cycle, "Repeat until periodic within 0.2 % or 40 times", "Hold at 0.05 V for 1 ns"])
    run = solve(plate, drive=drive, settings=COARSE)
    ends = leg_ends(run)
    cycles = (len(ends) - 1) // 2
    assert 2 <= cycles < 10
    assert run.electrode_potential.values[-1] == 0.05
    last, before = run.electrode_charge.values[ends[[2 * cycles - 1, 2 * cycles - 3]]]
    assert abs(last - before) < 0.005 * np.abs(run.electrode_charge.values).max()


def test_a_run_goes_on_in_the_middle_of_a_sweep_from_an_unknown_potential(plate, tmp_path):
    drive = parse_protocol(["Sweep to 0.1 V at 0.02 V/ns", "Rest for 2 ns", "Sweep to 0 V at 0.02 V/ns"])
    whole = solve(plate, drive=drive, settings=COARSE)
    middle = float(whole.time[-1]) - 2e-9

    def stop(elapsed, _whole):
        if elapsed > middle:
            raise KeyboardInterrupt

    often = replace(COARSE, checkpoint_interval=1e-9)
    with pytest.raises(KeyboardInterrupt):
        solve(plate, drive=drive, settings=often, directory=tmp_path, progress=stop)
    run = solve(plate, drive=drive, settings=COARSE, directory=tmp_path, restart=True)
    np.testing.assert_allclose(run.time, whole.time, rtol=1e-9)
    np.testing.assert_allclose(run.electrode_potential, whole.electrode_potential, atol=1e-9)
