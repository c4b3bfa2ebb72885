import numpy as np
import pytest

from ionspice.core import InputError
from ionspice.electrolytes.transport.ions import IonFrame
from ionspice.electrolytes.transport.structure import ion_structure, wave_vectors


def frames_of(rng, count, ions, charges):
    return [IonFrame(points=rng.random((ions, 3)), charges=charges) for _ in range(count)]


def test_independent_ions_have_structure_one(rng):
    charges = np.tile([1.0, -1.0], 40)
    structure = ion_structure(frames_of(rng, 200, 80, charges), np.diag([20.0] * 3)[None])
    for part in (structure.charge, structure.number):
        pulls = (part.values - 1) / part.errors
        assert abs(float(np.average(part.values, weights=part.vectors)) - 1) < 0.01
        assert float(np.mean(np.abs(pulls) < 2.5)) > 0.9
        # every frame is a story of its own
        assert part.samples[0] / part.vectors[0] == pytest.approx(200, rel=0.25)


def test_a_direct_sum_says_the_same(rng):
    cell = np.array([[9.0, 0, 0], [2.0, 8.0, 0], [-1.0, 1.5, 7.0]])
    charges = np.array([1.0, -1.0, 2.0, -2.0])
    frame = IonFrame(points=rng.random((4, 3)), charges=charges)
    structure = ion_structure([frame], cell[None], largest=3.0)
    whole, lengths = wave_vectors(cell, 3.0)
    k = 2 * np.pi * whole @ np.linalg.inv(cell).T
    amplitudes = np.exp(-1j * (frame.points @ cell) @ k.T)
    exact = np.abs(charges @ amplitudes) ** 2 / 10
    assert np.linalg.norm(k, axis=1) == pytest.approx(lengths)
    assert structure.charge.values @ structure.charge.vectors == pytest.approx(exact.sum())
    assert structure.charge.values[0] == pytest.approx(exact[0])


def test_every_wave_vector_of_a_cube_is_there_once():
    whole, lengths = wave_vectors(np.diag([2 * np.pi] * 3), 2.0)
    assert len(whole) == 16  # half of 6 + 12 + 8 + 6
    assert lengths[:3] == pytest.approx([1, 1, 1])
    assert {tuple(n) for n in whole.tolist()} & {tuple(-n) for n in whole} == set()


def test_bound_pairs_screen_each_other(rng):
    """Ions in pairs at a fixed distance d: S_qq = 1 - sin(kd)/(kd)."""
    frames = []
    for _ in range(400):
        centre, way = rng.random((50, 3)) * 30, rng.standard_normal((50, 3))
        way *= 0.5 / np.linalg.norm(way, axis=1)[:, None]
        points = np.concatenate([centre + way, centre - way]) / 30
        frames.append(IonFrame(points=points, charges=np.repeat([1.0, -1.0], 50)))
    charge = ion_structure(frames, np.diag([30.0] * 3)[None]).charge
    exact = 1 - np.sinc(charge.wave_numbers / np.pi)
    assert charge.values[:20] == pytest.approx(exact[:20], rel=0.2)


def test_a_box_without_small_wave_numbers_is_refused(rng):
    with pytest.raises(InputError, match="no wave number below 2 1/angstrom"):
        ion_structure(frames_of(rng, 1, 2, np.array([1.0, -1.0])), np.diag([3.0] * 3)[None])
    with pytest.raises(InputError, match="no frame has ions"):
        ion_structure([], np.diag([3.0] * 3)[None])
