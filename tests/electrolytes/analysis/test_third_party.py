"""Trajectories that others made and measured, where their packages are installed."""

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("MDAnalysis", reason="needs the extra atomistic")

from ionspice.electrolytes.analysis.bonds import bond_history, coordination_numbers
from ionspice.electrolytes.analysis.radial import first_minimum, radial_distribution
from ionspice.electrolytes.analysis.reading import Source, read_trajectory


def data_of(package, *parts):
    found = find_spec(package)
    if found is None or found.origin is None:
        pytest.skip(f"{package} is not installed; pip install --no-deps -r tests/electrolytes/third_party.txt")
    path = Path(found.origin).parent.joinpath("tests", *parts)
    if not path.exists():
        pytest.skip(f"{package} is installed without its test data")
    return path


@pytest.fixture(scope="module")
def battery():
    """Return readers of LiPF6 in butyronitrile and fluoroethylene carbonate, by LAMMPS, of solvation-analysis."""
    folder = data_of("solvation_analysis", "data", "bn_fec_data")

    def read(name, *, unwrapped):
        topology = folder / "bn_fec.data"
        source = Source(topology=topology, interval=500.0, keep_drift=True, unwrapped=unwrapped)
        return read_trajectory(folder / name, source)

    return read


def test_lithium_has_the_neighbours_that_solvation_analysis_counts(battery):
    """4.33 of butyronitrile within 2.615 angstrom; 260 of 490 shells have four of them."""
    run = battery("bn_fec_short_unwrap.dcd", unwrapped=True)
    lithium, nitrogen = run.of("Li"), run.of("N")
    assert (int(lithium.sum()), int(nitrogen.sum()), int(run.of("F").sum())) == (49, 363, 6 * 49 + 237)
    counts = coordination_numbers(bond_history(run, lithium, nitrogen, made=2.61468, broken=2.61468))
    assert counts.mean() == pytest.approx(4.33, abs=0.05)
    # by atoms here, by molecules there, of which a few bind by another atom
    assert (counts == 4).sum() == pytest.approx(260, abs=5)
    around = radial_distribution(run, lithium, nitrogen, cutoff=8.0)
    assert around.coordination_within(2.61468) == pytest.approx(4.33, abs=0.05)
    assert first_minimum(around) == pytest.approx(2.8, abs=0.4)


def test_ways_through_the_faces_are_those_that_lammps_unwrapped(battery):
    unwrapped = battery("bn_fec_short_unwrap.dcd", unwrapped=True)
    wrapped = battery("bn_fec_short_wrap.dcd", unwrapped=True)
    followed = battery("bn_fec_short_wrap.dcd", unwrapped=False)
    assert np.abs(np.diff(wrapped.positions, axis=0)).max() > 40
    moved = [run.positions - run.positions[0] for run in (followed, unwrapped)]
    # DCD keeps single precision
    assert np.abs(moved[0] - moved[1]).max() < 5e-5


def test_the_mean_squares_of_lithium_are_those_of_kinisi():
    """LiPS, 200 frames in a tilted cell, read through the faces; the framework is held still.

    The reference has in its mean of every lag once more the displacement since the first frame, a frame too short.
    """
    inputs = data_of("kinisi", "inputs")
    known = np.load(inputs / "LiPS_msd.npy")
    run = read_trajectory(inputs / "LiPS.exyz", Source(interval=0.1))
    lithium = run.of("Li")
    framework = run.positions[:, ~lithium].mean(axis=1)
    paths = run.positions[:, lithium] - framework[:, None]
    since_start = np.sum((paths - paths[0]) ** 2, axis=2).mean(axis=1)
    for lag in (1, 2, 10, 100, 199):
        windows = np.sum((paths[lag:] - paths[:-lag]) ** 2, axis=2).mean()
        count = len(paths) - lag
        expected = (count * windows + since_start[lag - 1]) / (count + 1)
        assert known[lag - 1] == pytest.approx(expected, rel=1e-6)
