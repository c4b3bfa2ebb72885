import numpy as np
import pytest

pytest.importorskip("ase", reason="the extra atomistic is not installed")
from ase import units
from ase.build import bulk
from ase.calculators.singlepoint import SinglePointCalculator

from ionspice.electrolytes.potential.calculator import Evaluation
from ionspice.electrolytes.potential.judging import Judgement

SHIFT = 0.5 * units.GPa


def labelled(**results):
    frame = bulk("Cu", cubic=True)
    forces = np.ones((4, 3))
    frame.calc = SinglePointCalculator(frame, energy=-4.0, forces=forces, **results)
    return frame


def found(number):
    """Energies 0.04 eV above, forces 0.2 eV/angstrom beyond, stresses half a GPa on the diagonal above the labels."""
    return Evaluation(
        energies=np.full(number, -3.96),
        forces=(np.full((4, 3), 1.2),) * number,
        stresses=np.broadcast_to(SHIFT * np.eye(3), (number, 3, 3)),
        deviation=np.full(number, 0.1),
    )


def test_errors_are_root_mean_squares_of_components():
    errors = Judgement(frames=[labelled(stress=np.zeros(6))] * 2, found=found(2)).errors()
    assert errors.energy == pytest.approx(0.01)
    assert errors.force == pytest.approx(0.2)
    assert errors.stress == pytest.approx(0.5 / np.sqrt(3), rel=1e-5)


def test_labels_without_stress_count_for_nothing_there():
    assert Judgement(frames=[labelled()], found=found(1)).errors().stress is None
    mixed = Judgement(frames=[labelled(), labelled(stress=np.zeros(6))], found=found(2)).errors()
    assert mixed.stress == pytest.approx(0.5 / np.sqrt(3), rel=1e-5)
