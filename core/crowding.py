r"""How ions of finite size share the volume.

With the volume v_i of ion i, v_0 of a solvent site, k_i = v_i/v_0 and the occupied share Phi = sum_j v_j c_j,

    mu_i = kT ln c_i + z_i e phi - k_i kT ln(1 - Phi),

the derivative of a mixing energy whose solvent fills what the ions leave. For b_i = c_i (1 - Phi)^(-k_i), a Boltzmann
factor of mu_i, the odds y = Phi/(1 - Phi) of a place being taken solve

    y = sum_i v_i b_i (1 + y)^(1 - k_i).

Equal sizes, k_i = 1, give y = a^3 sum b explicitly. Otherwise Newton's method in ln y starts from a bound that is
exact for k_i = 1, few and many ions of one kind, and takes a fixed number of steps, so that it can stand in a form.
The functions use arithmetic only and serve numbers, arrays and UFL expressions alike.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ionspice.core import InputError

#: (largest k or 1/k, Newton steps): relative errors of y are then below 1e-11 for |mu_i - z_i e phi| up to 45 kT
_STEPS = ((3.4, 4), (8.0, 8))
#: beyond this ratio of volumes a fixed number of steps does not do
LARGEST_RATIO = _STEPS[-1][0] * (1 + 1e-9)


@dataclass(frozen=True, slots=True, kw_only=True)
class IonSizes:
    """Volumes that are not all equal; one entry per species, None for point ions."""

    volumes: Sequence[Any]  #: v_i times the unit of concentration
    ratios: Sequence[Any]  #: k_i = v_i / v_0
    bulk_boltzmann: Sequence[Any]  #: b_i in the bulk, c_i0 (1 - nu)^(-k_i)
    steps: int  #: of Newton's method, see `newton_steps`


def newton_steps(ratios: Sequence[float]) -> int:
    """Return how many steps the volume ratios k_i > 0 of all species need.

    Raises:
        InputError: a ratio below 1/8 or above 8.
    """
    extreme = largest_ratio(ratios)
    for limit, steps in _STEPS:
        if extreme <= limit * (1 + 1e-9):
            return steps
    raise InputError(
        f"an ion's volume is {extreme:.3g} times that of a solvent site or its {extreme:.3g}th part; ratios up to "
        f"{limit:g} can be solved: choose diameters from half to twice solvent_diameter"
    )


def largest_ratio(ratios: Sequence[float]) -> float:
    """Return the largest of volume ratios k_i > 0 or their inverses."""
    return max(max(k, 1 / k) for k in ratios)


def crowded_concentrations(boltzmann: Sequence[Any], sizes: IonSizes) -> list[Any]:
    """Return c_i of Boltzmann factors b_i so that sum v_i c_i = y/(1 + y) < 1, converged or not."""
    occupying = _occupying(sizes)
    y = _taken_odds([boltzmann[i] for i in occupying], sizes, occupying)
    shares = [b if k is None else b * (1 + y) ** (-k) for b, k in zip(boltzmann, sizes.ratios, strict=True)]
    taken = sum(sizes.volumes[i] * shares[i] for i in occupying)
    norm = y / (1 + y) / taken
    return [s if k is None else s * norm for s, k in zip(shares, sizes.ratios, strict=True)]


def steric_force(c: Sequence[Any], forces: Sequence[Any], sizes: IonSizes) -> Any:
    """Return -grad ln(1 - Phi), from the forces f_i = grad mu_i/kT - z_i grad phi.

    The gradient of c_i is c_i (f_i - k_i g) with g the result; sum v_i grad c_i = (1 - Phi) g gives g.
    """
    occupying = _occupying(sizes)
    filled = [sizes.volumes[i] * c[i] for i in occupying]
    push = sum(p * forces[i] for p, i in zip(filled, occupying, strict=True))
    return push / (1 - sum(filled) + sum(p * sizes.ratios[i] for p, i in zip(filled, occupying, strict=True)))


def _occupying(sizes: IonSizes) -> list[int]:
    return [i for i, ratio in enumerate(sizes.ratios) if ratio is not None]


def _taken_odds(boltzmann: Sequence[Any], sizes: IonSizes, occupying: Sequence[int]) -> Any:
    """Return y for the Boltzmann factors of the species that take up room."""
    ratios = [sizes.ratios[i] for i in occupying]
    demands = [sizes.volumes[i] * b for i, b in zip(occupying, boltzmann, strict=True)]
    y = sum(d / (1 + d) ** (1 - 1 / k) for d, k in zip(demands, ratios, strict=True))
    for _ in range(sizes.steps):
        terms = [d * (1 + y) ** (1 - k) for d, k in zip(demands, ratios, strict=True)]
        total = sum(terms)
        slope = 1 + sum(t * (k - 1) for t, k in zip(terms, ratios, strict=True)) / total * y / (1 + y)
        y = y * (total / y) ** (1 / slope)
    return y
