"""Coarse ladders for macroscopic electrodes of 10^4 to 10^6 sheets.

A section stands for m consecutive slits: its capacitors lie at one node in the middle of the section's resistors,
so that half of its own resistance lies on either side (the midpoint rule for de Levie's line). Sections hold one
slit at the mouth and grow geometrically inwards, because the potential varies fastest at the mouth; the depth
that a drive of duration T reaches is about sqrt(T/(Rc C)) slits.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ionspice.circuits.model.charge import FloatArray
from ionspice.circuits.model.ladder import NanoCircuit, local_charges
from ionspice.core import InputError

#: single slits at the mouth, which fast drives charge alone, and the share of the sections that they may be
_SINGLE, _SHARE = 8, 4


def section_sizes(slits: int, sections: int) -> NDArray[np.int64]:
    """Return sizes that sum to `slits`, not more than `sections` of them: single slits, then growing by one ratio.

    Raises:
        InputError: fewer than 2 sections.
    """
    if sections < 2:
        raise InputError(f"sections = {sections}; a coarse ladder needs at least 2")
    if slits <= sections:
        return np.ones(slits, dtype=np.int64)
    single = min(_SINGLE, sections // _SHARE)
    return np.concatenate([np.ones(single, dtype=np.int64), _growing(slits - single, sections - single)])


def _growing(slits: int, sections: int) -> NDArray[np.int64]:
    """Return sizes that sum to `slits`, start at 1 and grow by one ratio."""
    low, high = 1.0, 2.0
    for _ in range(200):
        ratio = (low + high) / 2
        total = (ratio**sections - 1) / (ratio - 1) if ratio > 1 else sections
        low, high = (ratio, high) if total < slits else (low, ratio)
    edges = np.round(np.cumsum(high ** np.arange(sections)) / np.sum(high ** np.arange(sections)) * slits)
    edges = np.maximum(edges, np.arange(1, sections + 1))
    return np.asarray(np.diff(edges.astype(np.int64), prepend=0), dtype=np.int64)


def coarsened(circuit: NanoCircuit, sizes: NDArray[np.int64]) -> NanoCircuit:
    """Return a ladder with one slit for each section of the given sizes.

    Raises:
        InputError: sizes that do not sum to the circuit's slits.
    """
    if sizes.sum() != circuit.slits or (sizes < 1).any():
        raise InputError(f"sections of {sizes.sum()} slits do not fit a circuit of {circuit.slits}")
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    resistance = _between_middles(circuit.resistance_zero, sizes, starts)
    capacitance = np.add.reduceat(circuit.slit_capacitance, starts)
    middle = starts + sizes // 2
    # the charge passed at a section's front edge is the one that its resistor sees on the mean
    scale = circuit.charge_max[starts] if circuit.charge == "passed" else np.add.reduceat(circuit.charge_max, starts)
    if circuit.charge == "local":
        scale = local_charges(scale)
    return replace(
        circuit,
        resistance_zero=resistance,
        gamma=circuit.gamma[middle],
        charge_max=scale,
        slit_capacitance=capacitance,
        slit_curve=circuit.slit_curve.at(middle),
        shape=tuple(circuit.shape[i] for i in middle),
        sizes=np.add.reduceat(circuit.sizes, starts),
    )


def gaps_between(sizes: FloatArray) -> FloatArray:
    """Return how many gaps lie between the middle of a section and the one before, shape (sections,)."""
    return np.asarray((sizes + 1) / 2 + np.append(0.0, (sizes[:-1] - 1) / 2))


def _between_middles(resistance: FloatArray, sizes: NDArray[np.int64], starts: NDArray[np.int64]) -> FloatArray:
    """Return the resistance from the middle of each section's capacitors to the one before.

    The capacitors of a section of m slits lie behind its 1st ... m-th resistor; seen from its front their mean
    place is behind (m + 1)/2 of them.
    """
    means = np.add.reduceat(resistance, starts) / sizes
    inside = means * (sizes + 1) / 2
    behind = means * (sizes - 1) / 2
    return np.asarray(inside + np.concatenate([[0.0], behind[:-1]]))
