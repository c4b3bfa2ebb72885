"""A protocol, a list of steps as people write them, as a drive of legs.

Every step begins where the one before has left off. A repeat runs steps before it several times in all, and counts as
one step for repeats behind it. Charging lasts from the beginning as long as steps drive the potential further from
where it started, holds between them included.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from ionspice.core.drives.controls import (
    ConstantCurrent,
    CurrentBelow,
    Elapsed,
    End,
    Hold,
    LegsDone,
    PotentialReached,
    Ramp,
    Stay,
    Sweep,
)
from ionspice.core.drives.legs import Cycling, Drive, Leg, LegSequence
from ionspice.core.drives.steps import HoldFor, ProtocolStep, Repeat, RestFor, RunAt, StartAt, SweepTo, parse_step
from ionspice.core.errors import InputError

#: legs of a protocol with all its repeats
MOST_LEGS = 20_000
_UNKNOWN_SWING = 0.1  # V, where rests and holds at 0 V are all: reactions and reservoirs may then drive the cell


def parse_protocol(texts: Sequence[str]) -> LegSequence:
    """Return the drive that steps describe.

    Args:
        texts: the steps in turn, in the grammar of `steps`.

    Raises:
        InputError: steps that cannot be read, a line for each; or steps that do not fit together.
    """
    steps: list[ProtocolStep] = []
    mistakes = []
    for number, text in enumerate(texts, 1):
        try:
            steps.append(parse_step(text))
        except ValueError as error:
            mistakes.append(f'step {number} "{text}" {error}')
    if mistakes:
        raise InputError("\n".join(mistakes))
    start = steps[0].potential if steps and isinstance(steps[0], StartAt) else 0.0
    block = _joined(_blocks(steps))
    legs = tuple(_legs(block.steps, start))
    swing = max((abs(potential) for potential in _potentials(block.steps, start)), default=0.0)
    if not swing and any(not isinstance(leg.control, Sweep | Ramp) for leg in legs):
        swing = _UNKNOWN_SWING
    if not legs or not swing:
        raise InputError(
            "the steps drive nothing; give a rest, or a sweep, hold or current to a potential other than 0 V"
        )
    count = _charging_legs(legs, start)
    return LegSequence(
        legs=_marked(legs, start),
        swing=swing,
        charged=LegsDone(count or len(legs)),
        start=start,
        cyclings=block.cyclings,
    )


def check_charging(drive: Drive) -> None:
    """Check that a drive begins with charging an uncharged cell, as a law of the charge needs it.

    Raises:
        InputError: it does not.
    """
    if drive.start:
        raise InputError(
            f"the drive starts at {drive.start:g} V, and a law needs the charging of an empty cell; start at 0 V"
        )
    if isinstance(drive, LegSequence) and not _charging_legs(drive.legs, drive.start):
        raise InputError(
            "the drive does not begin with charging, which a law needs; let it begin with a sweep, a hold at a "
            "potential or a current"
        )


@dataclass(frozen=True, slots=True)
class _Block:
    """Steps without repeats, and which of them are cycles that end early."""

    steps: tuple[ProtocolStep, ...]
    cyclings: tuple[Cycling, ...] = ()


def _joined(blocks: Iterable[_Block]) -> _Block:
    """Return blocks one after the other as one."""
    steps: list[ProtocolStep] = []
    cyclings: list[Cycling] = []
    for block in blocks:
        cyclings += (replace(cycling, first=cycling.first + len(steps)) for cycling in block.cyclings)
        steps += block.steps
    return _Block(tuple(steps), tuple(cyclings))


def _blocks(steps: Sequence[ProtocolStep]) -> list[_Block]:
    """Return the steps with every repeat written out, those that a repeat repeats in one block.

    Raises:
        InputError: a start that is not the first step, a repeat of more steps than there are, or too many legs.
    """
    blocks: list[_Block] = []
    for number, step in enumerate(steps, 1):
        if isinstance(step, StartAt):
            if number > 1:
                raise InputError(
                    f"step {number} starts at {step.potential:g} V; let it be the first step, or sweep there"
                )
        elif isinstance(step, Repeat):
            count = len(blocks) if step.last is None else step.last
            if not 0 < count <= len(blocks):
                raise InputError(
                    f"step {number} repeats {count or 'the'} steps, and there are {len(blocks)} before it (a repeat "
                    "counts as one); move it or change the number"
                )
            blocks[-count:] = [_repeated(_joined(blocks[-count:]), step, number)]
        else:
            blocks.append(_Block((step,)))
    return blocks


def _repeated(block: _Block, repeat: Repeat, number: int) -> _Block:
    length = len(block.steps)
    if length * repeat.times > MOST_LEGS:
        raise InputError(
            f"step {number} repeats {length} steps {repeat.times} times, more than {MOST_LEGS} in all, each of which "
            "is computed and kept; lower the number"
        )
    whole = _joined([block] * repeat.times)
    if repeat.tolerance is None:
        return whole
    if block.cyclings:
        raise InputError(
            f"step {number} looks for a period of what ends when it is periodic; give one of them a number"
        )
    return _Block(whole.steps, (Cycling(0, length, repeat.times, repeat.tolerance),))


def _legs(steps: Iterable[ProtocolStep], start: float) -> Iterator[Leg]:
    """Yield a leg for every step; what begins where a current has ended is known only then."""
    potential, is_known = start, True
    for step in steps:
        match step:
            case SweepTo(target, rate):
                sweep = Leg(control=Sweep(target, rate, potential), ends=())
                yield (sweep.begun_at(potential) if is_known else None) or sweep
                potential, is_known = target, True
            case HoldFor(target, time, current):
                ends: tuple[End, ...] = (Elapsed(time), *(() if current is None else (CurrentBelow(current),)))
                potential, is_known = (potential, is_known) if target is None else (target, True)
                yield Leg(control=Hold(potential) if is_known else Stay(potential), ends=ends)
            case RestFor(time):
                yield Leg(control=ConstantCurrent(0.0), ends=(Elapsed(time),))
                is_known = False
            case RunAt(current, target, longest):
                limit = PotentialReached(target, rising=current > 0)
                ends = (limit, *(() if longest is None else (Elapsed(longest),)))
                yield Leg(control=ConstantCurrent(current), ends=ends)
                potential, is_known = target, False


def _potentials(steps: Iterable[ProtocolStep], start: float) -> Iterator[float]:
    """Yield all potentials that are named."""
    yield start
    for step in steps:
        if isinstance(step, SweepTo | RunAt) or (isinstance(step, HoldFor) and step.potential is not None):
            assert step.potential is not None
            yield step.potential


def _charging_legs(legs: Sequence[Leg], start: float) -> int:
    """Return how many legs at the beginning drive phi_m further from where it started; 0 if the first does not."""
    reached, side = start, 0.0
    for count, leg in enumerate(legs):
        match leg.control:
            case Ramp(stop=target) | Sweep(stop=target) | Hold(target) | Stay(target):
                pass
            case ConstantCurrent(current) if current:
                target = leg.limits[0].potential
            case _:
                return count
        direction = math.copysign(1.0, target - reached) if target != reached else side
        if not direction or (side and direction != side):
            return count
        reached, side = target, direction
    return len(legs)


def _marked(legs: tuple[Leg, ...], start: float) -> tuple[Leg, ...]:
    """Return the legs with a picture wanted in the middle of the first one, as `half charge` if it charges."""
    first, *others = legs
    mark = Elapsed(first.duration / 2)
    if isinstance(first.control, ConstantCurrent) and first.limits:
        limit = first.limits[0]
        return (replace(first, marks=(replace(limit, potential=(start + limit.potential) / 2),)), *others)
    return (replace(first, marks=(mark,)), *others) if first.duration > 0 else legs
