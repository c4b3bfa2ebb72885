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
        pytest.skip(f"{package} is not installed")
    path = Path(found.origin).parent.joinpath("tests", *parts)
    if not path.exists():
        pytest.skip(f"{package} is installed without its test data")
    return path


@pytest.fixture(scope="module")
def battery():
    """LiPF6 in butyronitrile and fluoroethylene carbonate (solvation-analysis), wrapped; types by its data file."""
    folder = data_of("solvation_analysis", "data", "bn_fec_data")
    source = Source(topology=folder / "bn_fec.data", interval=500.0, keep_drift=True)
    return folder, source


def test_lithium_has_the_neighbours_that_solvation_analysis_counts(battery):
    """4.33 nitrogen of butyronitrile within 2.615 angstrom, a first shell of 4 of them at 260 of 490 ions."""
    folder, source = battery
    run = read_trajectory(folder / "bn_fec_short_unwrap.dcd", Source(**as_keywords(source), unwrapped=True))
    lithium, nitrogen = run.of("Li"), run.of("N")
    assert (int(lithium.sum()), int(nitrogen.sum())) == (49, 363)
    history = bond_history(run, lithium, nitrogen, made=2.61468, broken=2.61468)
    counts = coordination_numbers(history)
    assert counts.mean() == pytest.approx(4.33, abs=0.05)
    around = radial_distribution(run, lithium, nitrogen, cutoff=8.0)
    assert around.coordination_within(2.61468) == pytest.approx(4.33, abs=0.05)
    assert first_minimum(around) == pytest.approx(2.8, abs=0.4)
    fluorine = run.of("F")
    assert int(fluorine.sum()) == 6 * 49 + 237


def as_keywords(source):
    return {name: getattr(source, name) for name in ("topology", "interval", "keep_drift")}


def test_the_mean_squares_of_lithium_are_those_of_kinisi():
    """Li6PS5Cl-like LiPS, 200 frames in a tilted cell, read through the faces; the framework is held still.

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
