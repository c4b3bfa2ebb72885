"""[drive] of the case file: what the electrode is made to follow."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from ionspice.core import InputError
from ionspice.core.drives import (
    CaseDrive,
    GalvanostaticDrive,
    SineDrive,
    StepDrive,
    TriangularDrive,
    parse_protocol,
    read_drive,
)
from ionspice.core.drives.steps import parse_step
from ionspice.core.section import Section
from ionspice.pipeline.cases.limits import CYCLES, PROTOCOL, SECONDS, VOLTS
from ionspice.pipeline.cases.quantities import Frequency, LineCurrent, Potential, ScanRate, Time

_DRIVE = TriangularDrive()  # holds the defaults
_KEYS = {
    "triangular": ("amplitude", "lower", "half_cycle", "scan_rate", "cycles"),
    "step": ("amplitude", "duration"),
    "sine": ("amplitude", "frequency", "cycles"),
    "table": ("file",),
    "current": ("current", "upper", "lower", "cycles"),
    "protocol": ("steps",),
}
_NEEDED_KEYS = {
    "step": ("duration",),
    "sine": ("frequency",),
    "table": ("file",),
    "current": ("current", "upper"),
    "protocol": ("steps",),
}


def _split(value: Any) -> Any:
    """Return the steps of one text, as an option has them."""
    return [step.strip() for step in value.split(";") if step.strip()] if isinstance(value, str) else value


def _checked(text: str) -> str:
    parse_step(text)
    return text


type Steps = Annotated[tuple[Annotated[str, AfterValidator(_checked)], ...], BeforeValidator(_split), PROTOCOL]


class DriveSection(Section):
    """[drive]: the electrode potential against time."""

    kind: Literal["triangular", "step", "sine", "table", "current", "protocol"] = Field(
        default="triangular",
        description="triangular (cyclic voltammetry), step, sine, table, current (constant), or protocol",
    )
    amplitude: Annotated[Potential, VOLTS] = Field(
        default=_DRIVE.amplitude, description="phi_m at the first turning point, per electrode"
    )
    lower: Annotated[Potential, VOLTS] = Field(
        default=_DRIVE.lower, description="phi_m at the other turning point, 0 V or of opposite sign"
    )
    half_cycle: Annotated[Time | None, SECONDS] = Field(default=None, gt=0, description="duration of one ramp")
    scan_rate: ScanRate | None = Field(default=None, gt=0, description="slope, instead of half_cycle")
    cycles: Annotated[int, CYCLES] = Field(default=_DRIVE.cycles, ge=1, strict=True, description="number of cycles")
    duration: Annotated[Time | None, SECONDS] = Field(default=None, gt=0, description="how long a step is held")
    frequency: Frequency | None = Field(default=None, gt=0, description="of a sine")
    file: str = Field(default="", description="CSV of time [s] and phi_m [V] of a table, from the case file's folder")
    current: LineCurrent | None = Field(default=None, gt=0, description="constant current, of a pore in A instead")
    upper: Annotated[Potential | None, VOLTS] = Field(
        default=None, description="phi_m at which a constant current turns"
    )
    steps: Steps | None = Field(default=None, description="steps of a protocol in turn, in words")

    @model_validator(mode="before")
    @classmethod
    def _one_duration(cls, values: Any) -> Any:
        if isinstance(values, dict) and values.get("kind", "triangular") == "triangular":
            given = [key for key in ("half_cycle", "scan_rate") if values.get(key) is not None]
            if len(given) == 2:
                raise ValueError("half_cycle and scan_rate are both given; keep one of the two")
            if not given:
                return {**values, "half_cycle": f"{_DRIVE.half_cycle} s"}
        return values

    @property
    def ramps(self) -> int:
        """Least number of legs, each of which takes a ramp's steps."""
        return len(self.build().legs) if self.kind == "protocol" else 2 * self.cycles

    def build(self) -> CaseDrive:
        """Return the drive in SI.

        Raises:
            InputError: a key that is missing or of another kind, an unreadable table, or numbers out of range.
        """
        self.check_keys(self.kind, _KEYS)
        for key in _NEEDED_KEYS.get(self.kind, ()):
            if not getattr(self, key):
                raise InputError(f'{key} is missing for kind = "{self.kind}"; add it')
        values = self.model_dump(include=set(_KEYS[self.kind]))
        match self.kind:
            case "step":
                return StepDrive(**values)
            case "sine":
                return SineDrive(**values)
            case "current":
                return GalvanostaticDrive(**values)
            case "table":
                return read_drive(self.file)
            case "protocol":
                return parse_protocol(self.steps or ())
        return self._triangular()

    def _triangular(self) -> TriangularDrive:
        half_cycle = self.half_cycle
        if half_cycle is None:
            assert self.scan_rate is not None
            half_cycle = abs(self.amplitude - self.lower) / self.scan_rate
        return TriangularDrive(amplitude=self.amplitude, lower=self.lower, half_cycle=half_cycle, cycles=self.cycles)
