"""What passes between the time loop and those who look on: past states, accepted steps, costs."""

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ionspice.core.drives import Drive, Leg, Ramp
from ionspice.fem.problem import FieldProblem

#: past states: three for the formula and its error, and two more for a better guess
MOST_STATES = 5


@dataclass(slots=True)
class Past:
    """The accepted states that the next step builds on, newest first, and the place in the drive."""

    times: list[float]  #: dimensionless
    potentials: list[float]  #: phi_m [V]
    states: list[NDArray[np.float64]]  #: u, this rank's unknowns with ghosts
    ions: list[NDArray[np.float64]]  #: M(u), owned unknowns
    reacted: list[float] = field(default_factory=lambda: [0.0])  #: charge that reactions have taken, dimensionless
    wanted_step: float = 0.0  #: dimensionless step that the error control asks for
    since_corner: int = 0  #: steps taken since the last corner
    leg: int = 0  #: number of the drive's leg that the next step belongs to
    leg_begin: float = 0.0  #: when it began, dimensionless

    def push(
        self,
        time: float,
        potential: float,
        state: NDArray[np.float64],
        ions: NDArray[np.float64],
        reacted: float = 0.0,
    ) -> None:
        """Put a new state in front and drop the oldest."""
        kept = MOST_STATES - 1
        self.times = [time, *self.times[:kept]]
        self.potentials = [potential, *self.potentials[:kept]]
        self.states = [state, *self.states[:kept]]
        self.ions = [ions, *self.ions[:kept]]
        self.reacted = [reacted, *self.reacted[:kept]]
        self.since_corner += 1

    def begin_leg(self, number: int) -> None:
        """Go on to a leg; keep the newest state only, for older ones lie on the other side of a corner."""
        for past in (self.times, self.potentials, self.states, self.ions, self.reacted):
            del past[1:]
        self.since_corner = 0
        self.leg = number
        self.leg_begin = self.times[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """An accepted step; the problem's u holds its state until the next one is asked for."""

    time: float  #: [s]
    electrode_potential: float  #: [V]
    order: int  #: of the BDF formula, 0 at the start
    ions: NDArray[np.float64]  #: M(u), owned unknowns
    is_corner: bool = False  #: a leg of the drive ends here
    is_snapshot: bool = False  #: a picture is wanted here
    is_half_charge: bool = False  #: it is the first picture
    past: Past = field(repr=False)  #: what a checkpoint has to keep


@dataclass(slots=True)
class Counters:
    """What the run has cost."""

    steps: int = 0
    rejected: int = 0
    iterations: int = 0


@dataclass(frozen=True, slots=True)
class Yardstick:
    """What is small and what is long in a leg of a run; dimensionless."""

    swing: float  #: largest |phi_m| [kT/e]
    charge: float  #: what a dilute double layer takes up at that potential
    duration: float  #: of the leg, as expected
    ramp: float  #: in which the leg's slope would take phi_m through the swing, the run's duration at most; without
    #: a slope the leg's own

    @classmethod
    def of(cls, problem: FieldProblem, drive: Drive, leg: Leg) -> "Yardstick":
        """Return the yardstick of a leg of a drive in a problem; collective."""
        scales, swing = problem.scales, drive.swing / problem.scales.potential
        charge = swing * problem.electrode_extent() * scales.length / problem.electrolyte.debye_length
        duration, *whole = (
            one.expected_duration(charge * scales.electrode_charge) / scales.time for one in (leg, *drive.legs)
        )
        change = abs(leg.control.stop - leg.control.start) if isinstance(leg.control, Ramp) else 0.0
        ramp = min(duration * (drive.swing / change), math.fsum(whole)) if change else duration
        return cls(swing, charge, duration, ramp)
