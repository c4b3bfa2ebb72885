"""Charge curves from samples of charge over voltage, by least squares that start at the same places every time.

The amplitudes C_k follow from centres and widths by non-negative least squares, so the search runs over those alone
(variable projection); it starts at the best of all pairs of a coarse grid. Samples weigh as much as the voltage that
they stand for. Standard errors come from the residuals as if these were independent; neighbouring times are not, so
they are lower bounds.
"""

import itertools
from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import least_squares, nnls

from ionspice.circuits.model.charge import ChargeCurve, FloatArray, scaled_curve

#: of the starts: centres and widths over the window
_CENTRES, _WIDTHS = (0.0, 0.25, 0.5, 0.85), (0.12, 0.35, 1.0, 3.0)
#: u_k/s_k at most, so that no mode is blind to u = 0; s_k over the window, least and largest
_STEEPEST, _NARROWEST, _WIDEST = 5.0, 0.02, 10.0
_REFINED = 3  # of the starts
_CENTRAL = 1e-4  # u_k/s_k that is 0
#: a slit that was charged to less of the window, but to more than next to nothing, takes the rest from the others
_LEAST, _REACH = 0.05, 0.8
#: voltage of an element over the largest one from which on it tells something of the others
_LEAST_REACH = 1e-3
_BORROWED, _TRUST = 20, 0.1  # samples, and their weight for the voltage that they stand for
_TRACE = 1e-3  # of the window: a voltage of the other sign that a run did not mean to visit


#: of what samples reach: a window that ends there or before needs no other samples
_AHEAD = 1.25
type Visited = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ChargeSamples:
    """Charge over voltage, shape (samples,)."""

    #: V
    voltage: FloatArray
    #: C/m, or V
    charge: FloatArray
    #: 1
    weight: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ChargeFit:
    """q(u) = sum_k C_k f_k(u) (`charge`), or C u without modes."""

    #: C_k, F/m, or C alone; shape (modes,) or (1,)
    amplitude: FloatArray
    #: u_k, V, shape (modes,)
    centre: FloatArray
    #: s_k, V, likewise
    width: FloatArray
    #: of amplitudes, centres, widths, in this order, in the products of their units
    covariance: FloatArray
    #: window, V
    low: float
    #: V
    high: float
    #: which f_k
    odd: bool
    #: dq/du at u = 0, F/m
    capacitance: float
    #: F/m
    capacitance_error: float
    #: root mean square of the residual as a share of the largest charge, 1
    relative_rms: float

    @property
    def modes(self) -> int:
        """Number of modes."""
        return int(self.centre.size)

    @property
    def standard_error(self) -> FloatArray:
        """Of amplitudes, centres and widths, shape (1,) or (3 modes,)."""
        return np.sqrt(np.maximum(np.diag(self.covariance), 0.0))

    @property
    def curve(self) -> ChargeCurve:
        """q over `capacitance`; straight without modes or where nothing is held."""
        if not self.modes or not self.capacitance > 0:
            return ChargeCurve.linear(1)
        return scaled_curve(self.amplitude, self.centre, self.width, self.low, self.high, odd=self.odd)[1]


def samples_of(voltage: FloatArray, charge: FloatArray) -> ChargeSamples:
    """Return the samples of a run, which weigh as much as the voltage that passes until the next one."""
    return ChargeSamples(voltage=voltage, charge=charge, weight=np.abs(np.gradient(voltage)))


def pooled(parts: list[ChargeSamples]) -> ChargeSamples:
    """Return the samples of elements that differ by a factor as those of their mean.

    The factors are those of the charges up to the voltage that all of them saw. Elements that saw next to none,
    because charge did not come so deep, tell nothing and are left out.
    """
    reaches = np.array([float(np.abs(part.voltage).max()) for part in parts])
    telling = reaches >= _LEAST_REACH * reaches.max()
    parts, reach = [parts[k] for k in np.flatnonzero(telling)], float(reaches[telling].min())
    slopes = np.array([_slope(part, reach) for part in parts])
    scale = np.divide(slopes.mean(), slopes, out=np.ones_like(slopes), where=slopes != 0)
    return _concatenated(
        [replace(part, charge=part.charge * factor) for part, factor in zip(parts, scale, strict=True)]
    )


def _slope(samples: ChargeSamples, reach: float) -> float:
    weight = samples.weight * (np.abs(samples.voltage) <= reach * (1 + _TRACE))
    square = float((weight * samples.voltage**2).sum())
    return float((weight * samples.voltage * samples.charge).sum()) / square if square > 0 else 0.0


def _concatenated(parts: list[ChargeSamples]) -> ChargeSamples:
    columns = ("voltage", "charge", "weight")
    return ChargeSamples(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in columns})


def fit_curve(
    samples: ChargeSamples, modes: int, *, odd: bool, start: ChargeFit | None = None, visited: Visited | None = None
) -> ChargeFit:
    """Fit a curve of some modes to samples, near `start` where one is given.

    Without a capacitance that is positive the fit holds nothing: amplitudes 0 and the error that this makes.

    Args:
        samples: of one element or of several that are alike.
        modes: number of modes; 0 is a constant capacitance.
        odd: whether q(-u) = -q(u).
        start: a fit of similar samples, of which the window is kept and that the samples are completed with.
        visited: least and largest voltage of the whole run, V; the window reaches there if the samples come close.
    """
    reach = max(float(np.abs(samples.voltage).max()), 1e-12)
    low, high = (start.low, start.high) if start else _window(samples.voltage, reach, visited, odd=odd)
    if not modes:
        return _constant(samples, low, high)
    completed = _completed(samples, start) if start else samples
    problem = _CurveProblem.of(completed, max(high, -low), odd=odd)
    first = [problem.inside(start)] if start else problem.starts(modes)
    ends = [problem.refined(one) for one in first]
    best = min(ends, key=lambda end: end[0])[1]
    return _finished(samples, problem, best if start else _by_width(best), (low, high))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _CurveProblem:
    """Samples in units of the window and of the largest charge."""

    u: FloatArray
    q: FloatArray
    root: FloatArray
    window: float
    largest: float
    odd: bool

    @classmethod
    def of(cls, samples: ChargeSamples, window: float, *, odd: bool) -> "_CurveProblem":
        largest = float(np.abs(samples.charge).max()) or 1.0
        root = np.sqrt(samples.weight / samples.weight.mean())
        u, q = samples.voltage / window, samples.charge / largest
        return cls(u=u, q=q, root=root, window=window, largest=largest, odd=odd)

    def starts(self, modes: int) -> list[FloatArray]:
        """Return the best starts of the grid: u_k/s_k of all modes, then ln s_k."""
        signs = (1,) if self.odd else (1, -1)
        grid = [(c * sign / s, np.log(s)) for c in _CENTRES for s in _WIDTHS for sign in signs if c or sign > 0]
        grid = [one for one in grid if abs(one[0]) <= _STEEPEST]
        pairs = [np.array(pair).T.ravel() for pair in itertools.combinations(grid, min(modes, 2))]
        chosen = sorted(pairs, key=self.cost)[:_REFINED]
        for _ in range(2, modes):
            chosen = [min((_with_mode(one, mode) for mode in grid), key=self.cost) for one in chosen]
        return chosen

    def inside(self, fit: ChargeFit) -> FloatArray:
        steep = np.clip(fit.centre / fit.width, 0 if self.odd else -_STEEPEST, _STEEPEST)
        return np.concatenate([steep, np.log(np.clip(fit.width / self.window, _NARROWEST, _WIDEST))])

    def refined(self, start: FloatArray) -> tuple[float, FloatArray]:
        """Return cost and place of the nearest optimum."""
        modes = start.size // 2
        low = np.repeat([0.0 if self.odd else -_STEEPEST, np.log(_NARROWEST)], modes)
        high = np.repeat([_STEEPEST, np.log(_WIDEST)], modes)
        margin = 1e-9 * (high - low)
        begin = np.clip(start, low + margin, high - margin)
        found = least_squares(
            self.residual, begin, bounds=(low, high), x_scale="jac", ftol=1e-14, xtol=1e-14, gtol=1e-14, max_nfev=300
        )
        return float(found.cost), np.asarray(found.x)

    def residual(self, place: FloatArray) -> FloatArray:
        basis = self.basis(place)
        return (basis @ self.amplitude(place) - self.q) * self.root

    def cost(self, place: FloatArray) -> float:
        return float(np.sum(self.residual(place) ** 2))

    def amplitude(self, place: FloatArray) -> FloatArray:
        basis = self.basis(place) * self.root[:, None]
        scale = np.maximum(np.abs(basis).max(axis=0), 1e-300)
        found: FloatArray = nnls(basis / scale, self.q * self.root)[0] / scale
        return found

    def basis(self, place: FloatArray) -> FloatArray:
        steep, logarithm = place.reshape(2, -1)
        width = np.exp(logarithm)
        up = np.tanh(self.u[:, None] / width - steep)
        if self.odd:
            return np.asarray(width / 2 * (up + np.tanh(self.u[:, None] / width + steep)))
        return np.asarray(width * (up + np.tanh(steep)))


def _by_width(place: FloatArray) -> FloatArray:
    """Return the modes from the narrowest on, so that fits of similar runs have theirs in one order."""
    steep, logarithm = place.reshape(2, -1)
    order = np.argsort(logarithm)
    return np.concatenate([steep[order], logarithm[order]])


def _with_mode(place: FloatArray, mode: tuple[float, float]) -> FloatArray:
    steep, logarithm = place.reshape(2, -1)
    return np.concatenate([steep, [mode[0]], logarithm, [mode[1]]])


def _window(voltage: FloatArray, reach: float, visited: Visited | None, *, odd: bool) -> Visited:
    far = visited or (0.0, 0.0)
    if odd:
        whole = float(np.clip(max(-far[0], far[1]), reach, _AHEAD * reach))
        return -whole, whole
    ends = (float(voltage.min()), float(voltage.max()))
    low, high = (end if abs(end) > _TRACE * reach else 0.0 for end in ends)
    low, high = min(low, 0.0), max(high, 0.0)
    return max(min(low, far[0]), _AHEAD * low), min(max(high, far[1]), _AHEAD * high)


def _completed(samples: ChargeSamples, other: ChargeFit) -> ChargeSamples:
    """Return samples with those of another fit beyond their reach, scaled so that both meet there."""
    curve, parts = other.curve, [samples]
    for end in (other.low, other.high):
        far = int(np.argmax(samples.voltage * np.sign(end)))
        reach = float(samples.voltage[far])
        if end == 0 or not _LEAST < reach / end < _REACH:
            continue
        places = np.linspace(reach, end, _BORROWED + 1)[1:]
        scale = float(samples.charge[far]) / float(curve.volts(np.array([reach]))[0])
        each = _TRUST * abs(end - reach) / _BORROWED
        charge = scale * curve.volts(places[:, None])[:, 0]
        parts.append(ChargeSamples(voltage=places, charge=charge, weight=np.full(_BORROWED, each)))
    return _concatenated(parts)


def _constant(samples: ChargeSamples, low: float, high: float) -> ChargeFit:
    u, q, weight = samples.voltage, samples.charge, samples.weight
    total = float((weight * u * u).sum())
    slope = max(float((weight * u * q).sum()) / total, 0.0)
    square = float((weight * (q - slope * u) ** 2).sum() / weight.sum())
    variance = square * weight.sum() / max(1, u.size - 1) / total
    return ChargeFit(
        amplitude=np.array([slope]),
        centre=np.zeros(0),
        width=np.zeros(0),
        covariance=np.array([[variance]]),
        low=low,
        high=high,
        odd=True,
        capacitance=slope,
        capacitance_error=float(np.sqrt(variance)),
        relative_rms=float(np.sqrt(square) / (np.abs(q).max() or 1.0)),
    )


def _finished(
    samples: ChargeSamples, problem: _CurveProblem, place: FloatArray, window: tuple[float, float]
) -> ChargeFit:
    """Return the fit in SI with its errors, from the samples without what they were completed with."""
    count, largest = samples.charge.size, problem.largest
    own = float(np.abs(samples.charge).max()) or 1.0
    steep, logarithm = place.reshape(2, -1)
    steep = np.where(np.abs(steep) < _CENTRAL, 0.0, steep)
    place = np.concatenate([steep, logarithm])
    amplitude = problem.amplitude(place)
    width = np.exp(logarithm)
    jacobian = _jacobian(problem, amplitude, steep * width, width)[:count]
    residual = problem.residual(place)[:count]
    variance = float(residual @ residual) / max(1, count - 3 * width.size)
    scaled = np.linalg.pinv(jacobian.T @ jacobian, rcond=1e-14, hermitian=True) * variance
    units = np.repeat([largest / problem.window, problem.window, problem.window], width.size)
    sech2 = 1 / np.cosh(steep) ** 2
    tanh = np.tanh(steep)
    inner = 2 * amplitude * sech2 * tanh / width
    slope = np.concatenate([sech2, -inner, inner * steep])  # of C(0)
    error = float(np.sqrt(max(slope @ scaled @ slope, 0.0))) * largest / problem.window
    return ChargeFit(
        amplitude=amplitude * largest / problem.window,
        centre=steep * width * problem.window,
        width=width * problem.window,
        covariance=scaled * np.outer(units, units),
        low=window[0],
        high=window[1],
        odd=problem.odd,
        capacitance=float(amplitude @ sech2) * largest / problem.window,
        capacitance_error=error,
        relative_rms=float(np.sqrt(np.mean(residual**2))) * largest / own,
    )


def _jacobian(problem: _CurveProblem, amplitude: FloatArray, centre: FloatArray, width: FloatArray) -> FloatArray:
    """Return the derivatives of the weighted q by C_k, u_k, s_k."""
    sign = 1.0 if problem.odd else 0.0
    share = 0.5 if problem.odd else 1.0
    ups = (problem.u[:, None] - centre) / width
    others = (sign * problem.u[:, None] + centre) / width
    up, other = 1 / np.cosh(ups) ** 2, 1 / np.cosh(others) ** 2
    by_amplitude = share * width * (np.tanh(ups) + np.tanh(others))
    by_centre = share * amplitude * (other - up)
    by_width = share * amplitude * (np.tanh(ups) + np.tanh(others) - ups * up - others * other)
    return np.asarray(np.hstack([by_amplitude, by_centre, by_width]) * problem.root[:, None])
