"""The steps of a protocol as people write them, "Sweep to 0.6 V at 20 mV/s": one grammar.

    Start at POTENTIAL
    Sweep to POTENTIAL at RATE
    Hold [at POTENTIAL] for TIME [or until CURRENT]
    Rest for TIME
    Charge | Discharge at CURRENT until POTENTIAL [or for TIME]
    Repeat [the last N steps] N times
    Repeat [the last N steps] until periodic [within SHARE] [or N times]

Words are of either case. Conditions that end a step may stand in either order, "for" and "until", joined by "or".
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from ionspice.core.quantities import Dimension

_POTENTIAL = Dimension(name="a potential", si="V", written="V", example='"0.6 V"')
_RATE = Dimension(name="a scan rate", si="V/s", written="V/s", example='"20 mV/s"')
_TIME = Dimension(name="a time", si="s", written="s", example='"10 s"')
_CURRENT = Dimension(name="a current per depth", si="A/m", written="A/m", example='"1 uA/m"')
_SHARE = Dimension(name="a share", si="", written="%", example='"0.1 %"')

_KEYWORDS = frozenset({"to", "at", "for", "until", "or", "times", "within", "the"})
_FORMS = {
    "start": "Start at 0.2 V",
    "sweep": "Sweep to 0.6 V at 20 mV/s",
    "hold": "Hold at 0.6 V for 10 s or until 1 uA/m",
    "rest": "Rest for 1 min",
    "charge": "Charge at 0.05 A/m until 0.6 V",
    "discharge": "Discharge at 0.05 A/m until 0 V",
    "repeat": "Repeat 5 times",
}
_LONGEST_TEXT = 200
_MOST_VOLTS = 10.0  # beyond it exp(z e phi/kT) leaves the range of numbers
_LONGEST = 1e6  # s: ions of nanometres are at rest long before
#: cycles of one repeat
MOST_CYCLES = 10_000
_PERIODIC, _PATIENCE = 1e-3, 100  # how nearly periodic, after how many cycles at most, unless the step says


@dataclass(frozen=True, slots=True)
class StartAt:
    """Equilibrium at a potential before the first step."""

    potential: float  #: phi_m [V]


@dataclass(frozen=True, slots=True)
class SweepTo:
    """A straight line to a potential."""

    potential: float  #: phi_m at the end [V]
    rate: float  #: magnitude of the slope [V/s]


@dataclass(frozen=True, slots=True)
class HoldFor:
    """A potential that stays."""

    potential: float | None  #: phi_m [V]; None: what it has become
    time: float  #: after which it ends at the latest [s]
    current: float | None  #: magnitude below which it ends as well [A/m]


@dataclass(frozen=True, slots=True)
class RestFor:
    """Open circuit."""

    time: float  #: [s]


@dataclass(frozen=True, slots=True)
class RunAt:
    """A constant current up or down to a potential."""

    current: float  #: signed, positive into the electrode [A/m]
    potential: float  #: phi_m at the end [V]
    time: float | None  #: after which it ends as well [s]


@dataclass(frozen=True, slots=True)
class Repeat:
    """Steps before are run several times in all."""

    last: int | None  #: how many of the steps before; None: all
    times: int  #: how often they are run in all, or at most
    tolerance: float | None  #: change of a cycle's end, over what the cycle moves, below which they end; None: never


type ProtocolStep = StartAt | SweepTo | HoldFor | RestFor | RunAt | Repeat


def parse_step(text: str) -> ProtocolStep:
    """Return what a line of a protocol says.

    Raises:
        ValueError: it says nothing that is known, or a value is out of its range; with place and remedy.
    """
    if len(text) > _LONGEST_TEXT:
        raise ValueError(f"has {len(text)} characters, more than {_LONGEST_TEXT}; write one step")
    words = _Words(text)
    kind = words.next().lower()
    parsers: dict[str, Callable[[_Words], ProtocolStep]] = {
        "start": _start,
        "sweep": _sweep,
        "hold": _hold,
        "rest": _rest,
        "repeat": _repeat,
    }
    if kind in ("charge", "discharge"):
        step: ProtocolStep = _run(words, 1.0 if kind == "charge" else -1.0)
    elif kind in parsers:
        step = parsers[kind](words)
    else:
        known = ", ".join(word.capitalize() for word in _FORMS)
        raise ValueError(f"begins with none of {known}; write a step like {_FORMS['sweep']!r}")
    words.end()
    return step


def _start(words: "_Words") -> StartAt:
    words.expect("at")
    return StartAt(words.potential())


def _sweep(words: "_Words") -> SweepTo:
    words.expect("to")
    potential = words.potential()
    words.expect("at")
    return SweepTo(potential, words.positive(_RATE))


def _hold(words: "_Words") -> HoldFor:
    potential = words.potential() if words.take("at") else None
    time, current = _ends(words, _CURRENT)
    if time is None:
        raise words.mistake("has no time, and a hold need not fall below a current; add 'for 10 s'")
    return HoldFor(potential, time, current)


def _rest(words: "_Words") -> RestFor:
    words.expect("for")
    return RestFor(words.time())


def _run(words: "_Words", sign: float) -> RunAt:
    words.expect("at")
    current = words.positive(_CURRENT)
    time, potential = _ends(words, _POTENTIAL)
    if potential is None:
        raise words.mistake("has no potential that it must not pass; add 'until 0.6 V'")
    return RunAt(sign * current, potential, time)


def _repeat(words: "_Words") -> Repeat:
    last = None
    if words.take("the"):
        words.expect("last")
        last = words.count("steps")
    if not words.take("until"):
        return Repeat(last, words.count("times"), None)
    words.expect("periodic")
    tolerance = words.positive(_SHARE) if words.take("within") else _PERIODIC
    times = words.count("times") if words.take("or") else _PATIENCE
    return Repeat(last, times, tolerance)


def _ends(words: "_Words", dimension: Dimension) -> tuple[float | None, float | None]:
    """Return the time and the quantity that end a step, in either order."""
    time: float | None = None
    limit: float | None = None
    while True:
        if time is None and words.take("for"):
            time = words.time()
        elif limit is None and words.take("until"):
            limit = words.potential() if dimension is _POTENTIAL else words.positive(dimension)
        else:
            raise words.mistake("has no end condition here; write 'for' and a time or 'until' and a limit, once each")
        if not words.take("or"):
            return time, limit


class _Words:
    """The words of a step, read from left to right."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._words = list(re.finditer(r"\S+", text))
        self._at = 0

    def next(self) -> str:
        """Return the next word and go on; the empty text at the end."""
        if self._at == len(self._words):
            return ""
        self._at += 1
        return self._words[self._at - 1].group()

    def take(self, word: str) -> bool:
        """Go past a word if it comes next."""
        if self._peek() != word:
            return False
        self._at += 1
        return True

    def expect(self, word: str) -> None:
        """Go past a word.

        Raises:
            ValueError: something else comes next.
        """
        if not self.take(word):
            raise self.mistake(f"lacks the word {word!r}")

    def end(self) -> None:
        """Check that nothing is left.

        Raises:
            ValueError: there is.
        """
        if self._at < len(self._words):
            raise self.mistake(f"goes on with {self._words[self._at].group()!r}")

    def potential(self) -> float:
        """Return a potential [V]."""
        return self._quantity(_POTENTIAL, lambda value: abs(value) <= _MOST_VOLTS, f"within {_MOST_VOLTS:g} V")

    def time(self) -> float:
        """Return a time [s]."""
        within = f"greater than 0 s and at most {_LONGEST:g} s"
        return self._quantity(_TIME, lambda value: 0 < value <= _LONGEST, within)

    def positive(self, dimension: Dimension) -> float:
        """Return a quantity that is greater than 0 [SI]."""
        return self._quantity(dimension, lambda value: value > 0, "greater than 0")

    def count(self, what: str) -> int:
        """Return the whole number in front of a word that says what is counted."""
        begin = self._position()
        text = self.next()
        if not (text.isascii() and text.isdecimal() and len(text) < 9 and 1 <= int(text) <= MOST_CYCLES):
            raise ValueError(
                f"has {text!r} at character {begin} for a number of {what}; give a whole number from 1 to "
                f"{MOST_CYCLES}"
            )
        self.expect(what)
        return int(text)

    def mistake(self, what: str) -> ValueError:
        """Return an error at the next word."""
        form = _FORMS[self._words[0].group().lower()]
        return ValueError(f"{what} at character {self._position()}; write it like {form!r}")

    def _peek(self) -> str:
        return self._words[self._at].group().lower() if self._at < len(self._words) else ""

    def _position(self) -> int:
        return self._words[self._at].start() + 1 if self._at < len(self._words) else len(self._text) + 1

    def _quantity(self, dimension: Dimension, holds: Callable[[float], bool], rule: str) -> float:
        begin, parts = self._position(), []
        while self._peek() and self._peek() not in _KEYWORDS:
            parts.append(self.next())
        text = " ".join(parts)
        if not text:
            raise self.mistake(f"lacks {dimension.name}")
        try:
            value = dimension.parse(text)
        except ValueError as error:
            raise ValueError(f"has {text!r} at character {begin}, which {error}") from error
        if not holds(value):
            raise ValueError(f"has {text!r} at character {begin}, which must be {rule}; change it")
        return value
