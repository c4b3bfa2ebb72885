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

The response rises to 1 and has no peak, while S_qq of a dense liquid overshoots: 1 + l_c^2 k^2 is the beginning of a
series in k^2, and l_c^2 its first coefficient. So the flank in front of the peak is fitted with as many terms as
chi^2 asks for and one more, without which the first would still hold what is left of the others; where four do not
do, up to smaller k. Squares of amplitudes follow the gamma distribution, whose likelihood is used; least squares with
weights from the data would be drawn to low values. Ions of 0.5 nm at 4.3 mol/L in eps_r = 12 (repulsive cores and
Coulomb's law, simulated) give l_c = 0.12 +- 0.05 nm and, with the permittivity free, eps_r = 12.5 +- 1.7 back.

Source: Bazant, Storey, Kornyshev, Phys. Rev. Lett. 106, 046102 (2011), doi:10.1103/PhysRevLett.106.046102.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.stats import chi2

from ionspice.core import InputError
from ionspice.core.electrolyte import Electrolyte
from ionspice.electrolytes.analysis.arrays import Floats
from ionspice.electrolytes.analysis.estimate import IntervalEstimate, normal_estimate
from ionspice.electrolytes.transport.structure import StructureFactor

#: S_qq up to which the flank is fitted at most, and the fewest shells
_FLANK, _FEWEST = 0.5, 3
#: most terms of the series
_MOST_TERMS = 4
#: probability of a chi^2 below which a fit is not believed
_IMPROBABLE = 0.01
#: largest correlation length that is looked for [angstrom]
_LONGEST = 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrelationFit:
    """A correlation length and how well the model describes the structure factor."""

    length: IntervalEstimate  #: l_c, at least 0 [angstrom]
    square: IntervalEstimate  #: what was fitted: l_c^2, below 0 where noise makes it so [angstrom^2]
    largest: float  #: wave number up to which was fitted [1/angstrom]
    shells: int  #: that were fitted
    terms: int  #: of the series in k^2 behind the 1, the first being l_c^2 k^2
    misfit: float  #: chi^2 per degree of freedom [1]
    permittivity: IntervalEstimate  #: factor on the given permittivity that a fit of both wants [1]


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
    window = structure.below(largest if largest is not None else _flank(structure))
    if len(window.values) < _FEWEST:
        raise InputError(
            f"{len(window.values)} wave numbers are too few for a correlation length (at least {_FEWEST}); use a "
            "larger box or window"
        )
    found, free = (_believable(window, _Model(screening, bare, free_permittivity=free)) for free in (False, True))
    estimate = normal_estimate(found.values[0], found.errors[0], "angstrom^2")
    return CorrelationFit(
        length=root_estimate(estimate),
        square=estimate,
        largest=float(found.used.wave_numbers[-1]),
        shells=len(found.used.values),
        terms=found.terms,
        misfit=found.misfit,
        permittivity=_factor(free.values[-1], free.errors[-1]),
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


@dataclass(frozen=True, slots=True)
class _Model:
    """The response with 1 + a k^2 + b k^4 + ... in the place of 1 + l_c^2 k^2."""

    screening: float  #: kappa^2 [1/angstrom^2]
    bare: float  #: B [1]
    free_permittivity: bool  #: whether the last parameter is ln of a factor on the permittivity

    def __call__(self, wave_numbers: Floats, parameters: Floats) -> Floats:
        factor, coefficients = 1.0, parameters
        if self.free_permittivity:
            factor, coefficients = math.exp(parameters[-1]), parameters[:-1]
        series = np.polynomial.polynomial.polyval(wave_numbers**2, np.concatenate([[1.0], coefficients]))
        # the search may try coefficients at which the model would be no liquid
        stiffness = wave_numbers**2 * np.maximum(series, 1e-6)
        response: Floats = self.bare * stiffness / (stiffness + self.bare * self.screening / factor)
        return response


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fit:
    """Parameters of a model: coefficients of the series, and ln of the permittivity's factor where that is free."""

    used: StructureFactor
    terms: int
    values: list[float]
    errors: list[float]  #: standard errors
    misfit: float  #: chi^2 per degree of freedom

    @property
    def believable(self) -> bool:
        """Whether chi^2 is not improbable."""
        freedom = len(self.used.values) - len(self.values)
        return freedom > 0 and float(chi2.sf(self.misfit * freedom, freedom)) > _IMPROBABLE


def _believable(window: StructureFactor, model: _Model) -> _Fit:
    """Return a fit with one term more than the data ask for, of the longest part of a window for which that is few.

    Where there is none, of the shortest part.
    """
    for shells in range(len(window.values), _FEWEST, -1):
        used = window.below(float(window.wave_numbers[shells - 1]))
        for terms in range(1, _MOST_TERMS):
            if _fit(used, model, terms).believable:
                return _fit(used, model, min(terms + 1, shells - _FEWEST + 1))
    return _fit(window.below(float(window.wave_numbers[_FEWEST - 1])), model, 1)


def _fit(used: StructureFactor, model: _Model, terms: int) -> _Fit:
    """Return the parameters of the highest gamma likelihood, their errors wider where the model misfits."""
    k, samples, low = used.wave_numbers, used.samples, -0.9 / float(used.wave_numbers[-1]) ** 2
    size = _guess(used, model.screening, model.bare)
    scale = max(abs(size), 1 / model.screening) ** np.arange(1.0, terms + 1)
    start = np.eye(terms)[0] * size
    bounds = [(low, _LONGEST**2), *((-(_LONGEST ** (2 * n)), _LONGEST ** (2 * n)) for n in range(2, terms + 1))]
    if model.free_permittivity:
        scale, start, bounds = np.append(scale, 1.0), np.append(start, 0.0), [*bounds, (-4.0, 4.0)]

    def expected(scaled: Floats) -> Floats:
        return model(k, scaled * scale)

    def cost(scaled: Floats) -> float:
        return float(samples @ (used.values / expected(scaled) + np.log(expected(scaled))))

    limits = [(one / s, other / s) for (one, other), s in zip(bounds, scale, strict=True)]
    result = minimize(cost, start / scale, method="L-BFGS-B", bounds=limits, options={"ftol": 1e-14, "gtol": 1e-10})
    misfit = _misfit(used, expected(result.x), len(scale))
    covariance = np.linalg.pinv(_information(expected, result.x, samples)) * max(1.0, misfit)
    return _Fit(
        used=used,
        terms=terms,
        values=(result.x * scale).tolist(),
        errors=(np.sqrt(np.diag(covariance)) * scale).tolist(),
        misfit=misfit,
    )


def _factor(logarithm: float, share: float) -> IntervalEstimate:
    factor = math.exp(logarithm)
    return IntervalEstimate(
        value=factor,
        standard_error=factor * share,
        low=factor * math.exp(-1.96 * share),
        high=factor * math.exp(min(1.96 * share, 100.0)),
        unit="1",
    )


def _guess(used: StructureFactor, screening: float, bare: float) -> float:
    """Return l_c^2 of the last shell alone, within what is looked for."""
    k, value = float(used.wave_numbers[-1]), min(float(used.values[-1]), 0.95 * bare)
    stiffness = bare * screening * value / (bare - value)
    return float(np.clip((stiffness / k**2 - 1) / k**2, -0.8 / k**2, _LONGEST**2 / 2))


def _information(expected: Callable[[Floats], Floats], best: Floats, samples: Floats) -> Floats:
    """Return Fisher's information of scaled parameters, shape (parameters, parameters), by central differences."""
    steps = 1e-4 * np.eye(len(best))
    slopes = [(np.log(expected(best + step)) - np.log(expected(best - step))) / 2e-4 for step in steps]
    matrix = np.array(slopes)
    information: Floats = (matrix * samples) @ matrix.T
    return information


def _misfit(used: StructureFactor, expected: Floats, parameters: int) -> float:
    freedom = max(1, len(used.values) - parameters)
    return float(used.samples @ (used.values / expected - 1) ** 2) / freedom
