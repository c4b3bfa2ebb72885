"""How large a run will be, before it begins.

Measured with MUMPS on one core of a common server (2026): 2.7 kB of memory for each unknown beside 0.3 GB of
libraries, and 0.6 (idle) to 1.4 (busy) microseconds for each unknown and Newton iteration, from 1e4 to 2e6 unknowns.
Legs of the default case take 67 steps, of stacks at 1 V 130; the number grows as tolerance**(-1/3) for a method of
second order. Right within a factor of three.
"""

from dataclasses import dataclass

from ionspice.core.console import spoken_duration
from ionspice.pipeline.cases.case import Case

_LIBRARIES = 0.3e9  # bytes
_BYTES = 2.7e3  # of an unknown
_SECONDS = 8e-7  # of an unknown and iteration
_ITERATIONS = 4.5  # of a step
_STEPS = 100  # of a leg at the default tolerance,
_TOLERANCE = 2e-4  # which is this
_LARGE = 200_000  # unknowns
_LONG = 60.0  # s


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEstimate:
    """What a field run will take, on one core."""

    unknowns: float
    memory: float  #: [bytes]
    steps: float
    time: float  #: [s]

    @property
    def is_large(self) -> bool:
        """Whether a run is so large or long that it says so before it begins."""
        return self.unknowns > _LARGE or self.time > _LONG

    def __str__(self) -> str:
        """Return it in one line."""
        return (
            f"about {self.unknowns:.2g} unknowns and {self.steps:.2g} steps: {self.memory / 1e9:.2g} GB of memory, "
            f"about {spoken_duration(self.time)} on one core"
        )


def estimate(case: Case, nodes: int | None = None) -> RunEstimate | None:
    """Return what the field run of a case will take; None where an own mesh has an unknown number of nodes."""
    unknowns = case.unknowns(nodes)
    if unknowns is None:
        return None
    refined = _STEPS * (_TOLERANCE / case.solver.tolerance) ** (1 / 3)
    steps = len(case.drive.build().legs) * max(case.solver.steps_per_ramp, refined)
    return RunEstimate(
        unknowns=unknowns,
        memory=_LIBRARIES + _BYTES * unknowns,
        steps=steps,
        time=_SECONDS * unknowns * _ITERATIONS * steps,
    )
