"""Invariants of a run: what the solver promises at any step size."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import constants

from ionspice.core.bdf import derivative_weights
from ionspice.fem import solve


@pytest.fixture(scope="module")
def peak(small_run):
    return float(np.abs(small_run.trans_slit_current).max())


def rate(run, name):
    """Differentiate a charge by the formula of each step, as a reader of the file would."""
    time, values, order = run.time.values, run[name].values, run.step_order.values
    result = np.zeros_like(values)
    for n in range(1, len(time)):
        past = slice(n, n - order[n] - 1 if n > order[n] else None, -1)
        result[n] = np.tensordot(derivative_weights(time[past]), values[past], axes=1)
    return result


def test_charges_change_by_the_gap_fluxes(small_run, peak):
    """d(sum of q_j behind a gap)/dt is the flux through it, to 1e-8 of the peak current."""
    flux = small_run.gap_flux.sum("part").values
    assert np.abs(rate(small_run, "passed_charge") - flux)[1:].max() < 1e-8 * peak


def test_slit_charges_change_by_the_difference_of_two_gap_fluxes(small_run, peak):
    flux = small_run.gap_flux.sum("part").values
    difference = flux - np.column_stack([flux[:, 1:], np.zeros(len(flux))])
    assert np.abs(rate(small_run, "slit_charge") - difference)[1:].max() < 1e-8 * peak


def test_flux_parts_sum_to_the_current(small_run, peak):
    total = small_run.gap_flux.sum("part")
    assert float(np.abs(total - small_run.trans_slit_current)[1:].max()) < 1e-8 * peak


def test_passed_charge_is_what_lies_behind(small_run):
    behind = np.cumsum(small_run.slit_charge.values[:, ::-1], axis=1)[:, ::-1]
    assert small_run.passed_charge.values == pytest.approx(behind, rel=1e-14, abs=0)


def test_ions_of_every_species_add_up(small_run):
    valence = small_run.species_valence
    assert small_run.slit_species_ions.sum("species").values == pytest.approx(small_run.slit_ions.values, rel=1e-12)
    for ions, charge in (("slit_species_ions", "slit_charge"), ("open_species_ions", "open_charge")):
        net = constants.e * (small_run[ions] * valence).sum("species").values
        size = float(small_run[ions].max()) * constants.e
        assert net == pytest.approx(small_run[charge].values, abs=1e-10 * size)


def test_electrode_and_ions_are_neutral_together(small_run):
    """What remains is the field that leaves through the reservoir, far outside the double layer."""
    ions = small_run.slit_charge.sum("slit") + small_run.open_charge
    largest = float(np.abs(small_run.electrode_charge).max())
    assert float(np.abs(small_run.electrode_charge + ions).max()) < 1e-3 * largest


def test_run_starts_from_the_uncharged_bulk(small_run):
    start = small_run.isel(time=0)
    for name in ("electrode_charge", "slit_charge", "passed_charge", "open_charge", "slit_potential", "free_energy"):
        assert np.abs(start[name].values).max() < 1e-12 * max(np.abs(small_run[name].values).max(), 1e-300), name


def test_steps_land_on_the_corners(small_run, small_drive):
    for corner in (*small_drive.corners, *small_drive.snapshots):
        assert np.abs(small_run.time.values - corner).min() < 1e-12 * corner


def test_positive_electrode_attracts_anions(small_run):
    charged = small_run.sel(time=small_run.charging_end, method="nearest")
    assert (charged.slit_charge < 0).all()
    assert float(charged.electrode_charge) > 0
    assert (charged.slit_potential > 0).all()


def test_a_resistor_between_slits_is_passive_while_charging(small_run):
    """The electrochemical potential falls along the current in every gap."""
    charging = small_run.isel(time=slice(5, int(np.argmax(small_run.electrode_potential.values)) + 1))
    upstream = np.column_stack([charging.mouth_conduction_potential, charging.slit_conduction_potential[:, :-1]])
    drop = upstream - charging.slit_conduction_potential.values
    assert (drop * charging.trans_slit_current.values > 0).all()


def test_reversed_polarity_mirrors_the_run(small_mesh, small_drive, small_settings, small_run):
    """A symmetric electrolyte at -phi_m gives the same numbers with cations and anions exchanged."""
    mirrored = solve(
        small_mesh, drive=replace(small_drive, amplitude=-small_drive.amplitude), settings=small_settings
    )
    np.testing.assert_allclose(mirrored.slit_charge, -small_run.slit_charge, rtol=1e-7, atol=1e-18)
    np.testing.assert_allclose(mirrored.electrode_current, -small_run.electrode_current, rtol=1e-6, atol=1e-8)
