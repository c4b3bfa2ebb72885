r"""The correlation length: the charge structure factor against the linear response of the field model.

The field model's free energy is that of ideal ions, of the lattice that they share (`core.crowding`) and of their
field, whose permittivity operator eps (1 - l_c^2 lap) is Bazant's, Storey's and Kornyshev's. Its second derivatives
in the concentrations c_i, over kT, at the wave number k are

    H_ij = delta_ij/c_i + v_i v_j/(v_0 (1 - nu)) + z_i z_j e^2/(eps kT k^2 (1 + l_c^2 k^2)),

the second term being d(-k_i ln(1 - Phi))/dc_j with k_i = v_i/v_0, and fluctuations are its inverse: the charge's,
sum_ij z_i z_j (H^-1)_ij, is by the formula of Sherman and Morrison

    S_qq(k) = B/(1 + B kappa^2/(k^2 (1 + l_c^2 k^2))),      kappa^2 = sum_i z_i^2 e^2 c_i/(eps kT),
    B = 1 - (sum z_i c_i v_i)^2/((v_0 (1 - nu) + sum c_i v_i^2) sum z_i^2 c_i)

over sum z_i^2 c_i. Ions of one size have B = 1: crowding, which knows the number of ions only, leaves their charge
alone, and l_c = 0 is the result of Debye and Hueckel. Likewise S_NN = 1 - nu for one size at every k, from which
`ion_size` takes it.

The response rises to 1 and has no peak, while S_qq of a dense liquid overshoots, so only the flank in front of the
peak is fitted. Squares of amplitudes follow the gamma distribution, whose likelihood is used; least squares with
weights from the data would be drawn to low values. Source: Bazant, Storey, Kornyshev, Phys. Rev. Lett. 106, 046102
(2011), doi:10.1103/PhysRevLett.106.046102.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from ionspice.core import InputError
from ionspice.core.electrolyte import Electrolyte
from ionspice.electrolytes.analysis.arrays import Floats
from ionspice.electrolytes.analysis.estimate import IntervalEstimate, normal_estimate
from ionspice.electrolytes.transport.structure import StructureFactor

#: S_qq up to which the flank is fitted, and the fewest shells
_FLANK, _FEWEST = 0.5, 3
#: a shorter window, as a share, that tells how far the result hangs on the window
_SHORTER = 0.75
#: largest correlation length that is looked for [angstrom]
_LONGEST = 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrelationFit:
    """A correlation length and how well the model describes the structure factor."""

    length: IntervalEstimate  #: l_c, at least 0 [angstrom]
    square: IntervalEstimate  #: what was fitted: l_c^2, below 0 where noise makes it so [angstrom^2]
    largest: float  #: wave number up to which was fitted [1/angstrom]
    shells: int  #: that were fitted
    misfit: float  #: chi^2 per degree of freedom [1]
    permittivity: IntervalEstimate | None  #: factor on the given permittivity that a fit of both wants [1]


def charge_response(wave_numbers: Floats, screening: float, square: float, bare: float = 1.0) -> Floats:
    """Return S_qq of the field model.

    Args:
        wave_numbers: k, shape (any,) [1/angstrom].
        screening: kappa^2 [1/angstrom^2].
        square: l_c^2 [angstrom^2].
        bare: B, see `bare_response` [1].
    """
    stiffness = wave_numbers**2 * (1 + square * wave_numbers**2)
    response: Floats = bare * stiffness / (stiffness + bare * screening)
    return response


def bare_response(electrolyte: Electrolyte) -> float:
    """Return B, the charge's fluctuation without its field: 1 for ions of one size."""
    c = np.array([species.number_density for species in electrolyte.species])
    z = np.array([species.valence for species in electrolyte.species])
    v = np.array(electrolyte.volumes)
    if not v.any():
        return 1.0
    room = electrolyte.site_volume * (1 - electrolyte.packing_fraction) + float(c @ v**2)
    return 1 - float(z * c @ v) ** 2 / (room * float(c @ z**2))


def fit_correlation_length(
    structure: StructureFactor, screening: float, *, bare: float = 1.0, largest: float | None = None
) -> CorrelationFit:
    """Fit l_c to a charge structure factor.

    Args:
        structure: S_qq.
        screening: kappa^2 [1/angstrom^2], with the permittivity that the electrolyte is to have.
        bare: B, see `bare_response` [1].
        largest: wave number [1/angstrom]; None for where S_qq passes a half.

    Raises:
        InputError: too few wave numbers are left.
    """
    window = largest if largest is not None else _flank(structure)
    used = structure.below(window)
    if len(used.values) < _FEWEST:
        raise InputError(
            f"{len(used.values)} wave numbers below {window:.3g} 1/angstrom are too few for a correlation length (at "
            f"least {_FEWEST}); use a larger box"
        )
    square, error = _fit(used, screening, bare)
    shorter = structure.below(_SHORTER * window)
    if len(shorter.values) >= _FEWEST:
        other, other_error = _fit(shorter, screening, bare)
        # what the model cannot describe shows as a shift with the window
        if abs(other - square) > 2 * other_error:
            error = math.hypot(error, other - square)
    estimate = normal_estimate(square, error, "angstrom^2")
    return CorrelationFit(
        length=root_estimate(estimate),
        square=estimate,
        largest=float(window),
        shells=len(used.values),
        misfit=_misfit(used, charge_response(used.wave_numbers, screening, square, bare), 1),
        permittivity=_free_permittivity(used, screening, bare),
    )


def root_estimate(square: IntervalEstimate) -> IntervalEstimate:
    """Return the root of an estimate that may reach below 0, with the interval's ends taken likewise."""
    low, high = math.sqrt(max(square.low, 0.0)), math.sqrt(max(square.high, 0.0))
    return IntervalEstimate(
        value=math.sqrt(max(square.value, 0.0)),
        standard_error=(high - low) / (2 * 1.96),
        low=low,
        high=high,
        unit="angstrom",
    )


def _flank(structure: StructureFactor) -> float:
    """Return the wave number at which S_qq passes a half, smoothed over three shells; at least four."""
    smooth = np.convolve(np.pad(structure.values, 1, mode="edge"), np.ones(3) / 3, "valid")
    above = np.flatnonzero(smooth > _FLANK)
    last = int(above[0]) if above.size else len(smooth) - 1
    return float(structure.wave_numbers[min(max(last, _FEWEST), len(smooth) - 1)])


def _fit(used: StructureFactor, screening: float, bare: float) -> tuple[float, float]:
    """Return l_c^2 and its standard error [angstrom^2]."""
    k = used.wave_numbers

    def model(parameters: Floats) -> Floats:
        return charge_response(k, screening, parameters[0], bare)

    low = -0.9 / float(k[-1]) ** 2
    value, covariance = _most_likely(used, model, np.array([_guess(used, screening, bare)]), [(low, _LONGEST**2)])
    return float(value[0]), math.sqrt(covariance[0, 0])


def _free_permittivity(used: StructureFactor, screening: float, bare: float) -> IntervalEstimate | None:
    """Return the factor on the permittivity that fits best together with l_c, None where there are too few shells."""
    if len(used.values) <= _FEWEST:
        return None
    k = used.wave_numbers

    def model(parameters: Floats) -> Floats:
        return charge_response(k, screening * math.exp(-parameters[1]), parameters[0], bare)

    low = -0.9 / float(k[-1]) ** 2
    start = np.array([_guess(used, screening, bare), 0.0])
    value, covariance = _most_likely(used, model, start, [(low, _LONGEST**2), (-4.0, 4.0)])
    factor, share = math.exp(value[1]), math.sqrt(covariance[1, 1])
    return IntervalEstimate(
        value=factor,
        standard_error=factor * share,
        low=factor * math.exp(-1.96 * share),
        high=factor * math.exp(1.96 * share),
        unit="1",
    )


def _guess(used: StructureFactor, screening: float, bare: float) -> float:
    """Return l_c^2 of the last shell alone, within what is looked for."""
    k, value = float(used.wave_numbers[-1]), min(float(used.values[-1]), 0.95 * bare)
    stiffness = bare * screening * value / (bare - value)
    return float(np.clip((stiffness / k**2 - 1) / k**2, -0.8 / k**2, _LONGEST**2 / 2))


def _most_likely(
    used: StructureFactor,
    model: Callable[[Floats], Floats],
    start: Floats,
    bounds: list[tuple[float, float]],
) -> tuple[Floats, Floats]:
    """Return the parameters of the highest gamma likelihood and their covariance, wider where the model misfits."""
    samples = used.samples
    scale = np.maximum(np.abs(start), 1e-2)

    def cost(scaled: Floats) -> float:
        expected = model(scaled * scale)
        return float(samples @ (used.values / expected + np.log(expected)))

    limits = [(low / s, high / s) for (low, high), s in zip(bounds, scale, strict=True)]
    result = minimize(cost, start / scale, method="L-BFGS-B", bounds=limits, options={"ftol": 1e-14, "gtol": 1e-10})
    best: Floats = result.x * scale
    information = _information(model, best, samples)
    spread = max(1.0, _misfit(used, model(best), len(best)))
    return best, np.linalg.pinv(information) * spread


def _information(model: Callable[[Floats], Floats], best: Floats, samples: Floats) -> Floats:
    """Return Fisher's information, shape (parameters, parameters), by central differences."""
    slopes = []
    for place in range(len(best)):
        step = np.zeros(len(best))
        step[place] = 1e-4 * max(abs(best[place]), 1e-2)
        slopes.append((np.log(model(best + step)) - np.log(model(best - step))) / (2 * step[place]))
    matrix = np.array(slopes)
    information: Floats = (matrix * samples) @ matrix.T
    return information


def _misfit(used: StructureFactor, expected: Floats, parameters: int) -> float:
    freedom = max(1, len(used.values) - parameters)
    return float(used.samples @ (used.values / expected - 1) ** 2) / freedom
