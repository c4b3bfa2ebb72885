import itertools

import numpy as np
import pytest

from ionspice.core import InputError

pytest.importorskip("MDAnalysis", reason="needs the extra atomistic")

from ionspice.electrolytes.analysis.radial import first_minimum, radial_distribution
from ionspice.electrolytes.analysis.trajectory import Trajectory


def still(positions, cell, elements):
    frames, atoms = positions.shape[:2]
    return Trajectory(
        times=np.arange(frames, dtype=float),
        positions=positions,
        cells=np.broadcast_to(cell, (frames, 3, 3)),
        elements=np.array(elements),
        masses=np.ones(atoms),
        molecules=np.arange(atoms),
    )


def fcc(cells, edge):
    corners = np.array(list(itertools.product(range(cells), repeat=3)))
    basis = np.array([[0, 0, 0], [0.5, 0.5, 0], [0.5, 0, 0.5], [0, 0.5, 0.5]])
    return edge * (corners[:, None] + basis).reshape(-1, 3)


def test_fcc_has_12_6_and_24_neighbours():
    positions = fcc(4, 4.0)
    crystal = still(positions[None], 16.0 * np.eye(3), ["Ar"] * len(positions))
    around = radial_distribution(crystal, crystal.of("Ar"), crystal.of("Ar"), cutoff=7.5)
    shells = [around.coordination_within(radius) for radius in (3.4, 4.4, 5.2)]
    np.testing.assert_allclose(shells, [12, 18, 42], atol=1e-12)


def test_an_ideal_gas_has_no_structure(rng):
    cell = np.array([[14.0, 0, 0], [3.0, 13.0, 0], [-2.0, 4.0, 15.0]])
    positions = rng.random((40, 400, 3)) @ cell
    gas = still(positions, cell, ["Ar"] * 200 + ["Kr"] * 200)
    for pair in (("Ar", "Ar"), ("Ar", "Kr")):
        around = radial_distribution(gas, gas.of(pair[0]), gas.of(pair[1]), cutoff=6.0, shells=12)
        assert np.abs(around.values[2:] - 1).max() < 0.03
        assert np.all(np.abs(around.values[2:] - 1) < 6 * around.errors[2:])
        others = 199 if pair[0] == pair[1] else 200
        expected = others * 4 / 3 * np.pi * 6.0**3 / np.linalg.det(cell)
        assert around.coordination[-1] == pytest.approx(expected, rel=0.01)


def test_it_agrees_with_mdanalysis(rng):
    mda = pytest.importorskip("MDAnalysis")
    from MDAnalysis.analysis.rdf import InterRDF

    positions = 10.0 * rng.random((5, 60, 3))
    liquid = still(positions, 10.0 * np.eye(3), ["Al"] * 20 + ["Cl"] * 40)
    ours = radial_distribution(liquid, liquid.of("Al"), liquid.of("Cl"), cutoff=5.0, shells=20)
    universe = mda.Universe.empty(60, trajectory=True)
    universe.load_new(positions.astype(np.float32), dimensions=[10, 10, 10, 90, 90, 90])
    theirs = InterRDF(universe.atoms[:20], universe.atoms[20:], nbins=20, range=(0.0, 5.0)).run()
    np.testing.assert_allclose(ours.values, theirs.results.rdf, atol=1e-6)


def test_the_first_shell_ends_at_the_minimum(rng):
    """A thermal crystal: shells at 2.83 and 4 angstrom, 12 and 6 atoms."""
    positions = fcc(4, 4.0) + 0.12 * rng.standard_normal((10, 256, 3))
    crystal = still(positions, 16.0 * np.eye(3), ["Ar"] * 256)
    around = radial_distribution(crystal, crystal.of("Ar"), crystal.of("Ar"), cutoff=7.5)
    end = first_minimum(around)
    assert 3.2 < end < 3.7
    assert around.coordination_within(end) == pytest.approx(12, abs=0.1)


def test_a_cutoff_beyond_half_the_cell_is_refused():
    crystal = still(fcc(2, 4.0)[None], 8.0 * np.eye(3), ["Ar"] * 32)
    with pytest.raises(InputError, match=r"cutoff = 5 angstrom .* 4.00"):
        radial_distribution(crystal, crystal.of("Ar"), crystal.of("Ar"), cutoff=5.0)
    with pytest.raises(InputError, match="no atom is Kr"):
        crystal.of("Kr")


def test_a_structureless_g_has_no_first_minimum():
    lonely = still(np.array([[[0.0, 0, 0], [1.0, 0, 0]]]), 10.0 * np.eye(3), ["Ar", "Ar"])
    around = radial_distribution(lonely, lonely.of("Ar"), lonely.of("Ar"), cutoff=0.5)
    with pytest.raises(InputError, match="no first minimum"):
        first_minimum(around)
