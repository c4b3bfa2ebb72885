"""transport.json, what the runs of a liquid tell: diffusion, conductivity, density, structure, with intervals."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ionspice.core import InputError
from ionspice.core.json_files import numbers, read_json_as, write_json
from ionspice.electrolytes.analysis.estimate import IntervalEstimate
from ionspice.electrolytes.transport.structure import StructureFactor
from ionspice.electrolytes.transport.validation import validated

FORMAT = "ionspice-transport/1"
_REMEDY = "make it again with ionspice electrolyte analyse"


@dataclass(frozen=True, slots=True, kw_only=True)
class Diffusion:
    """A diffusion coefficient of a run."""

    coefficient: IntervalEstimate  #: [cm^2/s]
    log_slope: IntervalEstimate  #: of the mean squared displacement: 1 where motion is diffusive
    diffusive: bool  #: whether it is; else the run was too short, and the coefficient is a guess
    needed: float | None = None  #: length of a run that would be diffusive [ps], about; None of one that is


def shortfall(motion: "Diffusion | ConductivityRecord") -> str:
    """Return what a run lacks to tell a slope of displacements, in words; empty where it lacks nothing."""
    if motion.diffusive:
        return ""
    return "not diffusive yet" + (f": needs {motion.needed:g} ps" if motion.needed else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeciesTransport:
    """Molecules of one formula in a run, as they were in its first frame."""

    name: str  #: as reports write it
    formula: str  #: elements by the alphabet
    charge: int  #: z [e]
    count: int  #: in the cell
    diffusion: Diffusion  #: of their centres of mass


@dataclass(frozen=True, slots=True, kw_only=True)
class ConductivityRecord:
    """The conductivity of a run in two ways."""

    nernst_einstein: IntervalEstimate  #: of independent ions [mS/cm]
    helfand: IntervalEstimate  #: of all charges together [mS/cm]
    haven: IntervalEstimate  #: the first over the second [1]
    diffusive: bool  #: whether the charges' displacement is
    needed: float | None = None  #: length of a run of which it would be [ps], about; None where it is


@dataclass(frozen=True, slots=True, kw_only=True)
class StructureTable:
    """A structure factor as a file has it; see `structure.StructureFactor`."""

    wave_numbers: tuple[float, ...]  #: [1/angstrom]
    vectors: tuple[int, ...]
    values: tuple[float, ...]  #: [1]
    errors: tuple[float, ...]  #: [1]
    frames: int

    @classmethod
    def of(cls, structure: StructureFactor) -> "StructureTable":
        """Return the table of a structure factor."""
        return cls(
            wave_numbers=tuple(structure.wave_numbers.tolist()),
            vectors=tuple(structure.vectors.tolist()),
            values=tuple(structure.values.tolist()),
            errors=tuple(structure.errors.tolist()),
            frames=structure.frames,
        )

    def structure(self) -> StructureFactor:
        """Return the structure factor."""
        return StructureFactor(
            wave_numbers=np.array(self.wave_numbers),
            vectors=np.array(self.vectors, dtype=np.int64),
            values=np.array(self.values),
            errors=np.array(self.errors),
            frames=self.frames,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversionRecord:
    """Conversions between species in a run."""

    lasting: int  #: counted
    transient: int  #: counted
    lasting_rate: IntervalEstimate  #: [1/(ps centre)]
    transient_rate: IntervalEstimate  #: [1/(ps centre)]
    reactions: dict[str, int]  #: lasting ones by their equation


@dataclass(frozen=True, slots=True, kw_only=True)
class RunTransport:
    """What one run tells."""

    name: str
    composition: str
    temperature: float  #: [K]
    ensemble: str  #: NVE, NVT or NPT
    atoms: int
    frames: int
    length: float  #: [ps]
    interval: float  #: from frame to frame, 0 for a single one [ps]
    seed: int | None = None  #: of the run's places and velocities
    volume: IntervalEstimate  #: of the cell [angstrom^3]
    density: IntervalEstimate  #: [g/cm^3]
    species: tuple[SpeciesTransport, ...] = ()
    elements: dict[str, Diffusion] = field(default_factory=dict)
    conductivity: ConductivityRecord | None = None
    compressibility: IntervalEstimate | None = None  #: kappa_T of a run at constant pressure [1/Pa]
    charge_structure: StructureTable | None = None  #: S_qq
    number_structure: StructureTable | None = None  #: S_NN
    conversions: ConversionRecord | None = None
    missing: dict[str, str] = field(default_factory=dict)  #: what the run cannot tell, and why

    @property
    def ions(self) -> tuple[SpeciesTransport, ...]:
        """The charged species."""
        return tuple(species for species in self.species if species.charge)


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivationRecord:
    """D = D0 exp(-E/kT) of one species in one composition."""

    composition: str
    species: str  #: name of a species, or an element
    energy: IntervalEstimate  #: E [eV]
    prefactor: float  #: D0 [cm^2/s]
    temperatures: tuple[float, ...]  #: that were used [K]


@dataclass(frozen=True, slots=True, kw_only=True)
class TransportRecord:
    """All runs of a liquid."""

    runs: tuple[RunTransport, ...]
    activation: tuple[ActivationRecord, ...] = ()

    def of(self, composition: str = "") -> tuple[RunTransport, ...]:
        """Return the runs of a composition, default that of the first run, by temperature.

        Raises:
            InputError: there is none.
        """
        name = composition or (self.runs[0].composition if self.runs else "")
        found = tuple(run for run in self.runs if run.composition == name)
        if not found:
            known = ", ".join(dict.fromkeys(run.composition for run in self.runs))
            raise InputError(f"no run of composition {name!r} was analysed; there are {known or 'none'}")
        return tuple(sorted(found, key=lambda run: run.temperature))


def write_transport(path: str | Path, record: TransportRecord) -> None:
    """Write transport.json."""
    write_json(path, FORMAT, _without_none(asdict(record)))


def read_transport(path: str | Path) -> TransportRecord:
    """Read transport.json.

    Raises:
        InputError: the file is missing or damaged.
    """
    return read_json_as(path, FORMAT, lambda content: _as(TransportRecord, content), remedy=_REMEDY)


def write_run(path: str | Path, run: RunTransport) -> None:
    """Write what one run tells, a part of transport.json."""
    write_json(path, "ionspice-run-transport/1", _without_none(asdict(run)))


def read_runs(paths: Iterable[Path]) -> tuple[RunTransport, ...]:
    """Read what runs tell.

    Raises:
        InputError: a file is missing or damaged.
    """
    return tuple(
        read_json_as(path, "ionspice-run-transport/1", lambda content: _as(RunTransport, content), remedy=_REMEDY)
        for path in paths
    )


def _as[T](kind: type[T], content: Mapping[str, Any]) -> T:
    return validated(kind, numbers(content))


def _without_none(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_none(entry) for key, entry in value.items() if entry is not None}
    if isinstance(value, list | tuple):
        return [_without_none(entry) for entry in value]
    return value
