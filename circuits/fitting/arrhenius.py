"""How the resistance of one device follows the temperature, from fits at several of them.

    R(T) = R_0 exp[E/k (1/T - 1/T_0)]

by weighted least squares of ln R over 1/T. tc1 and tc2 of exported parts are the terms of R/R_0 in powers of T - T_0.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.constants import R as GAS_CONSTANT
from scipy.stats import norm

from ionspice.core import InputError

_LEAST_ERROR = 1e-3  # of a resistance: no fit knows its own model better
_NEAREST = 1.0  # K, between the coldest and the warmest fit


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrhenius:
    """Activation of a resistance."""

    #: K
    reference: float
    #: at the reference, over the unit of what was fitted
    resistance: float
    #: J/mol, with its standard error
    energy: float
    energy_error: float
    #: rms of what is left of ln R, 1; 0 of two temperatures
    residual: float

    @property
    def energy_interval(self) -> tuple[float, float]:
        """Return the energies that hold 95 %, J/mol."""
        half = float(norm.ppf(0.975)) * self.energy_error
        return self.energy - half, self.energy + half

    @property
    def coefficients(self) -> tuple[float, float]:
        """Return tc1, 1/K, and tc2, 1/K^2, at the reference."""
        kelvin, t = self.energy / GAS_CONSTANT, self.reference
        return -kelvin / t**2, kelvin**2 / (2 * t**4) + kelvin / t**3


def arrhenius(
    temperature: Sequence[float],
    resistance: Sequence[float],
    relative_error: Sequence[float | None],
    reference: float,
) -> Arrhenius:
    """Return the activation of a resistance.

    Args:
        temperature: of the fits, K, shape (fits,).
        resistance: that they found, any unit, likewise.
        relative_error: standard errors over the resistances, 1; None where a fit does not know. Where one does not,
            all count alike.
        reference: T_0, K.

    Raises:
        InputError: fewer than two temperatures, or temperatures or resistances that are not positive.
    """
    kelvin, ohm = np.asarray(temperature, dtype=float), np.asarray(resistance, dtype=float)
    if not (np.concatenate([kelvin, ohm, [reference]]) > 0).all():
        raise InputError("temperatures in K and resistances of an Arrhenius law must be positive")
    if kelvin.size < 2 or np.ptp(kelvin) < _NEAREST:
        raise InputError(
            f"fits at {kelvin.size} temperatures within {_NEAREST:g} K tell no activation energy; add others"
        )
    known = [error for error in relative_error if error is not None]
    complete = len(known) == kelvin.size
    error = np.maximum(known if complete else np.ones(kelvin.size), _LEAST_ERROR)
    design = np.stack([np.ones_like(kelvin), (1 / kelvin - 1 / reference) / GAS_CONSTANT], axis=1)
    scaled = design / error[:, None]
    covariance = np.linalg.inv(scaled.T @ scaled)
    constant, energy = covariance @ scaled.T @ (np.log(ohm) / error)
    left = np.log(ohm) - design @ np.array([constant, energy])
    freedom = kelvin.size - 2
    # what the errors do not explain widens the interval; without errors it is all that is known of them
    scatter = float(np.sqrt((left / error) @ (left / error) / freedom)) if freedom else float("nan")
    factor = (max(1.0, scatter) if freedom else 1.0) if complete else scatter
    return Arrhenius(
        reference=reference,
        resistance=float(np.exp(constant)),
        energy=float(energy),
        energy_error=float(np.sqrt(covariance[1, 1])) * factor,
        residual=float(np.sqrt(np.mean(left**2))),
    )
