import numpy as np
import pytest


@pytest.fixture
def labelled():
    """Make labelled frames of a salt: labelled(trajectory, composition, energy) with forces that tell the atoms."""
    ase = pytest.importorskip("ase", reason="the extra atomistic is not installed")
    from ase.calculators.singlepoint import SinglePointCalculator

    def make(trajectory="0", composition="salt", energy=-8.0, symbols="ClNaNaCl", stress=None):
        count = len(ase.Atoms(symbols))
        generator = np.random.default_rng(count)
        frame = ase.Atoms(symbols, positions=generator.uniform(0, 6, (count, 3)), cell=[6, 6, 6], pbc=True)
        frame.info.update(trajectory=trajectory, composition=composition, temperature=900.0)
        results = {"energy": energy, "forces": np.arange(3.0 * count).reshape(count, 3)}
        frame.calc = SinglePointCalculator(frame, **results, **({} if stress is None else {"stress": stress}))
        return frame

    return make
