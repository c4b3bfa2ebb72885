"""The runs of a liquid's folder: dynamics/<run>/run.json says what a run was, beside its trajectories."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import ConfigDict, Field

from ionspice.core.json_files import read_json_as
from ionspice.electrolytes.files import DYNAMICS
from ionspice.electrolytes.transport.validation import validated

_FORMAT = "ionspice-dynamics/1"
_REMEDY = "make it again with ionspice electrolyte dynamics"

type Positive = Annotated[float, Field(gt=0)]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunDescription:
    """What was run, and where its trajectories are."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid", allow_inf_nan=False)

    name: str
    composition: str
    temperature: Positive  #: [K]
    ensemble: Literal["NVE", "NVT", "NPT"] = "NVT"
    positions: Path  #: trajectory of unwrapped positions
    velocities: Path | None = None  #: trajectory of velocities, of frames 5 fs apart or less
    timestep: Positive | None = None  #: of the run, for dumps without times [ps]
    type_map: tuple[str, ...] = ()  #: elements by atom type
    data_file: Path | None = None  #: of LAMMPS, to check types
    topology: Path | None = None  #: for trajectories that MDAnalysis reads
    cell: tuple[Positive, Positive, Positive] | None = None  #: edges, for files without [angstrom]
    interval: Positive | None = None  #: between frames, for files without times [ps]
    skip: Annotated[float, Field(ge=0)] = 0.0  #: time at the start that is left out [ps]
    seed: int | None = None  #: of places and velocities
    potential: tuple[str, ...] = ()  #: SHA-256 of its models; the first one moved the atoms
    deviation: dict[Literal["mean", "largest"], float] | None = None  #: of the models' forces [eV/angstrom]
    energy_drift: float | None = None  #: of the energy that integrator and thermostat conserve [eV/atom/ps]
    notes: tuple[str, ...] = ()  #: what the potential was not trained for

    @property
    def files(self) -> list[Path]:
        """All files that are read."""
        return [path for path in (self.positions, self.velocities, self.data_file, self.topology) if path is not None]


def find_runs(directory: Path) -> list[RunDescription]:
    """Return the runs of a folder, by name.

    Raises:
        InputError: a description is damaged.
    """
    return [read_run(path) for path in sorted((directory / DYNAMICS).glob("*/run.json"))]


def read_run(path: Path) -> RunDescription:
    """Read run.json of `format` "ionspice-dynamics/1", whose keys are those of `RunDescription`; paths are from it.

    Raises:
        InputError: the file is missing or damaged.
    """

    def make(content: dict[str, object]) -> RunDescription:
        content = {"name": path.parent.name} | content
        for key in ("positions", "velocities", "data_file", "topology"):
            if content.get(key):
                content[key] = path.parent / str(content[key])
        return validated(RunDescription, content)

    return read_json_as(path, _FORMAT, make, remedy=_REMEDY)
