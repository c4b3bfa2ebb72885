import numpy as np
import pytest

from ionspice.core import InputError

pytest.importorskip("kinisi", reason="needs the extra atomistic")

from ionspice.electrolytes.analysis.conductivity import (
    IonKind,
    haven_ratio,
    helfand,
    nernst_einstein,
)
from ionspice.electrolytes.analysis.diffusion import diffusivity
from ionspice.electrolytes.analysis.estimate import normal_estimate

D = 4.0e-7  # [cm^2/s]
STEP = np.sqrt(2 * D * 1e4)
PAIRS = 50
CELL = {"volume": 24.0**3, "temperature": 300.0}
CHARGES = np.repeat([1.0, -1.0], PAIRS)
# e^2/(V kT) times 2 N D, in mS/cm
EXPECTED = 1.602176634e-19**2 * 2 * PAIRS * D * 1e-4 / (24e-10**3 * 1.380649e-23 * 300) * 10


def ions(walk, motion):
    cations = walk(frames=2000, atoms=PAIRS, step=STEP, edge=24.0)
    if motion == "independent":
        anions = walk(frames=2000, atoms=PAIRS, step=STEP, edge=24.0)
    else:
        anions = cations + 1.0 if motion == "paired" else 24.0 - cations
    return np.concatenate([cations, anions], axis=1)


def test_independent_ions_have_the_conductivity_of_nernst_and_einstein(walk):
    paths = ions(walk, "independent")
    kinds = [
        IonKind(name=name, charge=charge, count=PAIRS, coefficient=diffusivity(part, 1.0).coefficient)
        for name, charge, part in (("K+", 1, paths[:, :PAIRS]), ("Cl-", -1, paths[:, PAIRS:]))
    ]
    independent = nernst_einstein(kinds, **CELL)
    assert abs(independent.value - EXPECTED) < 2.5 * independent.standard_error
    assert independent.value == pytest.approx(EXPECTED, rel=0.1)
    collective = helfand(paths, CHARGES, 1.0, **CELL).value
    assert abs(collective.value - EXPECTED) < 2 * collective.standard_error
    assert collective.unit == independent.unit == "mS/cm"
    haven = haven_ratio(independent, collective)
    assert haven.low < 1 < haven.high


def test_pairs_do_not_conduct(walk):
    found = helfand(ions(walk, "paired"), CHARGES, 1.0, **CELL).value
    assert found.value < 1e-6 * EXPECTED
    assert haven_ratio(normal_estimate(EXPECTED, 0.1, "mS/cm"), found).high == np.inf


def test_opposite_motion_conducts_twice_as_much(walk):
    found = helfand(ions(walk, "opposite"), CHARGES, 1.0, **CELL).value
    assert abs(found.value - 2 * EXPECTED) < 2 * found.standard_error
    assert found.standard_error < 0.5 * found.value


def test_the_collective_interval_is_as_wide_as_the_scatter(rng):
    """A dipole that walks: the interval of one particle's path must hold, for there is but one."""
    deviations = []
    for _ in range(10):
        path = np.cumsum(rng.standard_normal((1000, 1, 3)), axis=0)
        paths = np.concatenate([path, -path], axis=1) / 2
        found = helfand(paths, np.array([1.0, -1.0]), 1.0, volume=1.0, temperature=1.0, start=1.0).value
        exact = 3.0 / 6 * 1.602176634e-19**2 * 1e-8 / (1e-30 * 1.380649e-23) * 10
        deviations.append((found.value - exact) / found.standard_error)
    assert 0.4 < np.sqrt(np.mean(np.square(deviations))) < 1.8


def test_charges_must_cancel_and_fit(walk):
    paths = ions(walk, "paired")
    with pytest.raises(InputError, match=r"add up to \+1 e"):
        helfand(paths, np.concatenate([[2.0], CHARGES[1:]]), 1.0, **CELL)
    with pytest.raises(InputError, match="3 charges were given for 100 paths"):
        helfand(paths, np.zeros(3), 1.0, **CELL)
    kind = IonKind(name="K+", charge=1, count=3, coefficient=normal_estimate(D, 1e-8, "cm^2/s"))
    with pytest.raises(InputError, match=r"the charge \+3 e"):
        nernst_einstein([kind], **CELL)
