"""A number with its uncertainty."""

import math
from dataclasses import dataclass

from scipy import stats


@dataclass(frozen=True, slots=True, kw_only=True)
class IntervalEstimate:
    """What was measured, and how well it is known."""

    value: float  #: [unit]
    standard_error: float  #: [unit]
    low: float  #: lower end of the 95 % interval [unit]
    high: float  #: upper end of the 95 % interval [unit]
    unit: str  #: such as "cm^2/s"

    def scaled(self, factor: float, unit: str) -> "IntervalEstimate":
        """Return the estimate times a positive constant, in its unit."""
        return IntervalEstimate(
            value=self.value * factor,
            standard_error=self.standard_error * factor,
            low=self.low * factor,
            high=self.high * factor,
            unit=unit,
        )


def normal_estimate(value: float, standard_error: float, unit: str) -> IntervalEstimate:
    """Return an estimate whose error is normal: 1.96 standard errors to both sides."""
    reach = float(stats.norm.ppf(0.975)) * standard_error
    return IntervalEstimate(
        value=value, standard_error=standard_error, low=value - reach, high=value + reach, unit=unit
    )


def rate_estimate(events: int, exposure: float, unit: str) -> IntervalEstimate:
    """Return the rate of events of a Poisson process, with its exact interval.

    Args:
        events: that were counted.
        exposure: what they are divided by, such as ps times atoms.
        unit: of the rate, such as "1/(ps atom)".

    Source: Garwood, Biometrika 28, 437 (1936), doi:10.1093/biomet/28.3-4.437.
    """
    low = stats.chi2.ppf(0.025, 2 * events) / 2 if events else 0.0
    return IntervalEstimate(
        value=events / exposure,
        standard_error=math.sqrt(max(events, 1)) / exposure,
        low=float(low) / exposure,
        high=float(stats.chi2.ppf(0.975, 2 * events + 2)) / 2 / exposure,
        unit=unit,
    )


def lifetime_estimate(ends: int, exposure: float, unit: str = "ps") -> IntervalEstimate:
    """Return the mean lifetime of what ends at a constant rate: the time lived by all, over the ends that were seen.

    Lives that the trajectory's start or end cuts off count with the time they were seen. Without an end the value is
    infinite and the lower end of the interval remains.

    Args:
        ends: that were seen.
        exposure: time lived by all together [unit].
        unit: of the time.
    """
    rate = rate_estimate(ends, exposure, "")
    value = math.inf if ends == 0 else 1 / rate.value
    return IntervalEstimate(
        value=value,
        standard_error=math.inf if ends == 0 else value / math.sqrt(ends),
        low=1 / rate.high,
        high=math.inf if rate.low == 0 else 1 / rate.low,
        unit=unit,
    )
