import itertools
from dataclasses import replace

import numpy as np
import pytest

from ionspice.core import InputError

pytest.importorskip("kinisi", reason="needs the extra atomistic")

from ionspice.electrolytes.analysis.diffusion import (
    arrhenius,
    diffusivity,
    diffusivity_of_atoms,
    diffusivity_of_molecules,
    in_infinite_box,
)
from ionspice.electrolytes.analysis.displacements import is_one, mean_squares, with_steady_variances
from ionspice.electrolytes.analysis.estimate import normal_estimate
from ionspice.electrolytes.analysis.slopes import slope_of
from ionspice.electrolytes.analysis.trajectory import Trajectory, without_drift

D = 4.0e-7  # [cm^2/s]
STEP = np.sqrt(2 * D * 1e4)  # of a coordinate in 1 ps [angstrom]


def assert_within(estimate, expected, sigmas=2.0):
    assert abs(estimate.value - expected) < sigmas * estimate.standard_error
    assert estimate.low < estimate.value < estimate.high


def liquid_of(positions, *, cells=None, molecules=None):
    frames, atoms = positions.shape[:2]
    return Trajectory(
        times=np.arange(frames, dtype=float),
        positions=positions,
        cells=np.broadcast_to(20.0 * np.eye(3), (frames, 3, 3)) if cells is None else cells,
        elements=np.array(["Al"] * atoms),
        masses=np.ones(atoms),
        molecules=np.arange(atoms) if molecules is None else molecules,
    )


def test_a_random_walk_has_its_diffusion_coefficient(walk):
    found = diffusivity(walk(frames=1000, atoms=100, step=STEP, edge=20.0), 1.0)
    assert_within(found.coefficient, D)
    assert found.coefficient.standard_error < 0.06 * D
    assert found.is_diffusive
    assert found.coefficient.unit == "cm^2/s"


def test_the_interval_is_as_wide_as_the_scatter(walk):
    found = [
        diffusivity(walk(frames=400, atoms=30, step=STEP, edge=20.0), 1.0, start=1.0).coefficient for _ in range(8)
    ]
    deviations = np.array([(estimate.value - D) / estimate.standard_error for estimate in found])
    assert 0.5 < np.sqrt(np.mean(deviations**2)) < 1.6


def test_drift_adds_nothing(walk):
    drifting = walk(frames=1000, atoms=100, step=STEP, edge=20.0) + 0.02 * np.arange(1000)[:, None, None]
    liquid = without_drift(liquid_of(drifting))
    found = diffusivity_of_atoms(liquid, liquid.of("Al"))
    # the centre of 100 atoms takes a hundredth of their diffusion with it
    assert_within(found.coefficient, 0.99 * D)
    kept = diffusivity(drifting, 1.0)
    assert kept.coefficient.value > 2 * D
    assert not kept.is_diffusive


def test_a_breathing_cell_adds_nothing(rng):
    """Atoms far from the first cell, whose lattice breathes by 1 %: as positions they jump by angstroms."""
    frames = 1000
    edges = 20.0 * (1 + 0.01 * rng.standard_normal(frames))
    steps = STEP * rng.standard_normal((frames, 100, 3)) / edges[:, None, None]
    points = np.cumsum(steps, axis=0) + 5 * rng.random((100, 3))
    liquid = liquid_of(points * edges[:, None, None], cells=edges[:, None, None] * np.eye(3))
    found = diffusivity_of_atoms(liquid, liquid.of("Al"))
    assert_within(found.coefficient, D)
    naive = diffusivity(liquid.positions, 1.0, start=1.0)
    assert naive.squares.values[0] > 10 * found.squares.values[0]


def test_ballistic_and_caged_motion_are_not_diffusive(walk, rng):
    flight = np.arange(200)[:, None, None] * rng.standard_normal((1, 50, 3))
    assert diffusivity(flight, 1.0).slope.value == pytest.approx(2.0, abs=0.01)
    cage = rng.standard_normal((200, 50, 3))
    found = diffusivity(cage, 1.0)
    assert found.slope.value == pytest.approx(0.0, abs=0.1)
    assert not found.is_diffusive


def flying_walk(rng, *, frames, atoms, memory):
    """Return paths whose steps remember their direction for so many frames: slopes above 1 until long after it."""
    kept = np.exp(-1 / memory)
    steps = np.sqrt(1 - kept**2) * rng.standard_normal((frames, atoms, 3))
    steps[0] /= np.sqrt(1 - kept**2)
    for before, step in itertools.pairwise(steps):
        step += kept * before
    return np.cumsum(steps, axis=0)


def test_a_run_that_still_flies_says_how_long_it_had_to_be(rng):
    short = diffusivity(flying_walk(rng, frames=100, atoms=24, memory=5), 1.0)
    assert 1.1 < short.slope.value < 1.5
    assert not short.is_diffusive
    assert 150 < short.needed < 800
    long = diffusivity(flying_walk(rng, frames=round(2 * short.needed), atoms=24, memory=5), 1.0)
    assert long.is_diffusive
    assert long.needed is None


def rattling_walk(rng, *, frames, atoms, step, cage):
    """Return paths of atoms that fly for three frames, rattle in a cage for tens, and leave it slowly."""
    rattle = np.zeros((frames, atoms, 3))
    for before, here in itertools.pairwise(rattle):
        here[:] = np.exp(-0.2) * before + np.sqrt(1 - np.exp(-0.4)) * rng.standard_normal((atoms, 3))
    memory = np.exp(-np.arange(20) / 3)
    smooth = np.apply_along_axis(lambda way: np.convolve(way, memory / np.linalg.norm(memory))[:frames], 0, rattle)
    return cage * smooth + np.cumsum(step * rng.standard_normal((frames, atoms, 3)), axis=0)


def test_the_way_from_flight_to_cage_is_not_diffusion(rng):
    """Its log slope falls from 2 to 0, through 1, long before the atoms leave the cage."""
    caged = diffusivity(rattling_walk(rng, frames=600, atoms=20, step=0.06, cage=0.5), 1.0)
    assert not caged.is_diffusive
    assert caged.needed > 1200
    free = diffusivity(rattling_walk(rng, frames=1000, atoms=80, step=0.4, cage=0.5), 1.0)
    assert free.is_diffusive
    assert free.start > 10
    assert_within(free.coefficient, 0.4**2 / 2 * 1e-4, sigmas=3)


def test_intervals_hold_the_truth_where_motion_begins_with_a_flight(rng):
    exact = (1 + np.exp(-1 / 3)) / (1 - np.exp(-1 / 3)) / 2 * 1e-4
    found = [diffusivity(flying_walk(rng, frames=600, atoms=6, memory=3), 1.0) for _ in range(12)]
    sure = [one.coefficient for one in found if one.is_diffusive]
    assert len(sure) >= 6
    assert sum(one.low <= exact <= one.high for one in sure) >= len(sure) - 2


@pytest.mark.parametrize(
    ("slope", "error", "diffusive"),
    [(1.08, 0.01, True), (1.12, 0.07, True), (1.12, 0.02, False), (1.25, 0.15, False), (1.0, 0.2, False)],
)
def test_a_wide_interval_proves_no_diffusion(slope, error, diffusive):
    assert is_one(normal_estimate(slope, error, "1")) is diffusive


def test_atoms_of_one_molecule_are_one_witness(walk, rng):
    centres = walk(frames=300, atoms=20, step=STEP, edge=20.0)
    molecules = np.repeat(np.arange(20), 5)
    atoms = centres[:, molecules] + 0.01 * rng.standard_normal((300, 100, 3))
    liquid = liquid_of(atoms, molecules=molecules)
    by_atoms = diffusivity_of_atoms(liquid, liquid.of("Al"), start=5.0)
    by_centres = diffusivity_of_molecules(liquid, liquid.of("Al"), start=5.0)
    assert_within(by_centres.coefficient, D, sigmas=3)
    assert by_atoms.coefficient.value == pytest.approx(by_centres.coefficient.value, rel=0.05)
    ratio = by_atoms.coefficient.standard_error / by_centres.coefficient.standard_error
    assert ratio == pytest.approx(1.0, rel=0.25)


def test_too_few_frames_or_lags_are_refused(walk):
    with pytest.raises(InputError, match="give at least 10"):
        diffusivity(walk(frames=5, atoms=10, step=STEP, edge=20.0), 1.0)
    with pytest.raises(InputError, match="fewer than 3 lags"):
        diffusivity(walk(frames=100, atoms=10, step=STEP, edge=20.0), 1.0, start=49.0)


def test_the_last_digits_of_positions_change_no_digit_that_counts(walk):
    paths = walk(frames=200, atoms=10, step=STEP, edge=20.0)
    plain = diffusivity(paths, 1.0).coefficient
    rounded = diffusivity(np.round(paths, 9), 1.0).coefficient
    for name in ("value", "standard_error", "low", "high"):
        assert getattr(rounded, name) == pytest.approx(getattr(plain, name), rel=1e-6)


def test_the_posterior_is_the_one_that_kinisi_samples(walk):
    """A slope whose error is as large as itself, so that the posterior is cut off at 0."""
    import scipp
    from kinisi.diffusion import Diffusion

    squares = with_steady_variances(mean_squares(walk(frames=30, atoms=1, step=STEP, edge=20.0), 1.0))
    found = slope_of(squares, squares.lags[0], "angstrom^2/ps")
    lags = {"dims": ["time interval"]}
    data = scipp.DataArray(
        data=scipp.array(values=squares.values, variances=squares.variances, unit="angstrom^2", **lags),
        coords={
            "time interval": scipp.array(values=squares.lags, unit="ps", **lags),
            "n_samples": scipp.array(values=squares.samples, **lags),
        },
    )
    chain = Diffusion(scipp.DataGroup({"da": data, "dimensionality": scipp.scalar(3.0)}))
    state = np.random.RandomState(1)
    chain.bayesian_regression(scipp.scalar(0.5, unit="ps"), n_samples=2000, progress=False, random_state=state)
    sampled = chain.gradient.values
    assert found.value == pytest.approx(sampled.mean(), abs=0.15 * sampled.std())
    assert found.standard_error == pytest.approx(sampled.std(), rel=0.1)
    ends = np.percentile(sampled, [2.5, 97.5])
    assert [found.low, found.high] == pytest.approx(ends, abs=0.25 * sampled.std())


def test_kinisi_leaves_the_global_random_numbers_alone(walk):
    np.random.seed(1)  # noqa: NPY002
    expected = np.random.random()  # noqa: NPY002
    np.random.seed(1)  # noqa: NPY002
    diffusivity(walk(frames=50, atoms=10, step=STEP, edge=20.0), 1.0)
    assert np.random.random() == expected  # noqa: NPY002


def test_the_drag_of_the_images_is_the_one_of_yeh_and_hummer():
    """kT/(6 pi eta L) by hand for water's viscosity in a cell of 2 nm at 300 K."""
    measured = normal_estimate(2.0e-5, 1e-7, "cm^2/s")
    corrected = in_infinite_box(measured, temperature=300.0, viscosity=0.85e-3, volume=20.0**3)
    expected = 2.837297 * 1.380649e-23 * 300 / (6 * np.pi * 0.85e-3 * 2e-9) * 1e4
    assert corrected.value - measured.value == pytest.approx(expected)
    assert corrected.high - corrected.low == pytest.approx(measured.high - measured.low)


def test_an_activation_energy_is_found_with_its_interval(rng):
    temperatures = [450.0, 500.0, 550.0, 600.0]
    exact = [1e-3 * np.exp(-0.2 / (8.617333e-5 * t)) for t in temperatures]
    noisy = [normal_estimate(d * (1 + 0.05 * rng.standard_normal()), 0.05 * d, "cm^2/s") for d in exact]
    line = arrhenius(temperatures, noisy)
    assert_within(line.energy, 0.2, sigmas=2.5)
    assert line.energy.unit == "eV"
    at_300 = line.at(300.0)
    assert at_300.low < 1e-3 * np.exp(-0.2 / (8.617333e-5 * 300)) < at_300.high
    sharp = arrhenius(temperatures, [normal_estimate(d, 1e-3 * d, "cm^2/s") for d in exact])
    assert sharp.energy.value == pytest.approx(0.2, rel=1e-6)
    assert sharp.at(300.0).value == pytest.approx(1e-3 * np.exp(-0.2 / (8.617333e-5 * 300)), rel=1e-5)
    with pytest.raises(InputError, match="two temperatures"):
        arrhenius([300.0], noisy[:1])
    with pytest.raises(InputError, match="nothing moved"):
        arrhenius([300.0, 400.0], [noisy[0], replace(noisy[1], value=0.0)])
