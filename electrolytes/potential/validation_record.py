"""validation.json: how a potential compares with its teacher on what it was not trained on."""

from dataclasses import asdict, dataclass, field
from pathlib import Path

from ionspice.core.json_files import read_json_as, write_json
from ionspice.electrolytes.transport.validation import validated

FORMAT = "ionspice-validation/1"
_REMEDY = "make it again with ionspice electrolyte validate"


@dataclass(frozen=True, slots=True, kw_only=True)
class CompositionCheck:
    """Errors on labelled frames of one composition: root mean squares."""

    name: str
    trained: bool  #: whether other frames of it were trained on
    temperature: float | None  #: mean of the frames' [K]; None where they do not say
    frames: int
    energy: float  #: [eV/atom]
    force: float  #: of a component [eV/angstrom]
    stress: float | None = None  #: of a component [GPa]; None where labels have none
    teacher: str  #: program and level of theory


@dataclass(frozen=True, slots=True, kw_only=True)
class RadialCheck:
    """Radial distributions of teacher and potential in one file."""

    composition: str
    pair: str  #: of elements, such as C-N
    file: str  #: from the folder of the liquid
    difference: float  #: root mean square difference of g(r) [1]


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidationRecord:
    """The content of validation.json."""

    compositions: tuple[CompositionCheck, ...]
    radial: tuple[RadialCheck, ...] = ()
    missing: dict[str, str] = field(default_factory=dict)  #: what could not be compared, and why


def write_validation(path: Path, record: ValidationRecord) -> None:
    """Write validation.json."""
    write_json(path, FORMAT, asdict(record))


def read_validation(path: Path) -> ValidationRecord:
    """Return what validation.json says.

    Raises:
        InputError: it is missing or damaged.
    """
    return read_json_as(path, FORMAT, lambda content: validated(ValidationRecord, content), remedy=_REMEDY)
