"""Conductances of the gaps ion by ion, from the series of a field run."""

import numpy as np

from ionspice.circuits.ions.series import IonSeries
from ionspice.circuits.ions.solution import IonSolution
from ionspice.discovery.laws.conductance import GapConductances

#: rows whose potential difference is below this share of its largest one are as noisy as they are small
_LEAST_DIFFERENCE = 0.1
#: and those whose current is below this share of the gap's largest ion current
_LEAST_CURRENT = 0.01
_LEAST_ROWS = 8


def gap_conductances(series: IonSeries, solution: IonSolution) -> tuple[GapConductances, ...]:
    """Return g = G_s W^2/(D_s n_s0) over n = n_s/n_s0 of every inner gap.

    The number beside a gap is the harmonic mean of both slits', because an ion crosses one half slit after the other.

    Args:
        series: of the field run.
        solution: its ions.

    Returns:
        Gaps in which at least one ion moved far enough; empty where there is no inner gap.
    """
    found = []
    for right in range(1, series.slits):
        largest = np.abs(series.gap_flow[:, right]).max()
        ions = [_ion(series, solution, right, s, largest * _LEAST_CURRENT) for s in range(solution.species)]
        seen = [ion for ion in ions if ion is not None]
        if seen:
            numbers, conductances = zip(*seen, strict=True)
            found.append(GapConductances(gap=right + 1, numbers=numbers, conductances=conductances))
    return tuple(found)


def _ion(
    series: IonSeries, solution: IonSolution, right: int, s: int, least_current: float
) -> tuple[np.ndarray, np.ndarray] | None:
    """Return n and g of one ion in the gap before slit `right`, counted from 0; None where it hardly moved."""
    before, behind = (series.slit_ions[:, slit, s] for slit in (right - 1, right))
    difference = series.slit_potential[:, right - 1, s] - series.slit_potential[:, right, s]
    flow = series.gap_flow[:, right, s]
    kept = (np.abs(difference) > _LEAST_DIFFERENCE * np.abs(difference).max()) & (np.abs(flow) > least_current)
    kept &= difference * flow > 0
    if kept.sum() < _LEAST_ROWS:
        return None
    rest = series.slit_ions[0, 0, s]
    number = 2 / (1 / before[kept] + 1 / behind[kept]) / rest
    conductance = flow[kept] / difference[kept] * series.strip_width**2 / (solution.diffusivity[s] * rest)
    return number, conductance
