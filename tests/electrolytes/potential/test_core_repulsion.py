import numpy as np
import pytest

from ionspice.electrolytes.potential.core_repulsion import core_energy, core_keys, write_core_table


def test_near_cores_are_bare_and_far_ones_are_screened():
    distance = np.array([1e-4, 2.0])
    bare = 14.399645 * 13 * 17 / distance
    near, far = core_energy(13, 17, distance) / bare
    assert near == pytest.approx(1, abs=5e-3)
    assert far < 0.01


def test_the_energy_of_two_silicon_atoms_is_as_published():
    # the universal function at r = a: the sum of its amplitudes and exponentials
    a = 0.46850 / (2 * 14**0.23)
    universal = 0.18175 * np.exp(-3.1998) + 0.50986 * np.exp(-0.94229)
    universal += 0.28022 * np.exp(-0.4029) + 0.02817 * np.exp(-0.20162)
    assert core_energy(14, 14, np.array([a]))[0] == pytest.approx(14.399645 * 196 / a * universal)


def test_the_table_has_a_column_for_each_pair_and_fades_at_the_cutoff(tmp_path):
    write_core_table(tmp_path / "core.txt", [6, 1, 17], 4.0)
    table = np.loadtxt(tmp_path / "core.txt")
    assert table.shape == (800, 1 + 6)
    assert np.allclose(np.diff(table[:, 0]), 0.005)
    assert np.allclose(table[-1], [4.0] + 6 * [0.0])
    assert np.allclose(table[100, 2], core_energy(6, 1, table[100:101, 0]))


def test_the_switch_leaves_every_label_alone():
    keys = core_keys("core.txt", 1.0)
    assert keys["sw_rmin"] < keys["sw_rmax"] < 1.0
