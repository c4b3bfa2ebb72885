"""The case file: one TOML file that says what is computed.

Quantities are text with units there and SI floats here; every key has a default, and the empty file is KCl
1 mol/L in six layers 1.5 nm apart. Each section checks its own keys here and builds the parameter record of a
stage, whose checks (a neutral bulk, a packing fraction below 1, ...) are part of reading the file.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal, Self

import tomli_w
from pydantic import Field, model_validator

from ionspice.core import InputError
from ionspice.core.drives import GalvanostaticDrive, LegSequence, PotentialDrive
from ionspice.core.drives.legs import with_currents
from ionspice.core.observables import pore_depth
from ionspice.core.section import Section
from ionspice.core.toml_files import parse_toml, read_toml_text, validated
from ionspice.core.unit_types import UNITS_REQUIRED
from ionspice.discovery import LAW_SEARCH, DiscoverySettings
from ionspice.fem import Sampling, SolverSettings, Surroundings
from ionspice.meshes import MeshGrading, count_cells
from ionspice.pipeline.cases.drive import DriveSection
from ionspice.pipeline.cases.electrolyte import ElectrolyteSection
from ionspice.pipeline.cases.geometry import GeometrySection
from ionspice.pipeline.cases.limits import (
    CIRCUITS,
    GENERATIONS,
    ISLANDS,
    KINDS,
    MOST_STEPS,
    MOST_UNKNOWNS,
    POINTS,
    POPULATION,
    RECORDED,
    SEED,
    SEEDS,
    STEPS,
    SURFACES,
)
from ionspice.pipeline.cases.mesh import MeshSection, affordable, fitting_spacing
from ionspice.pipeline.cases.quantities import Area, Length, WallTime
from ionspice.pipeline.cases.surroundings import (
    ElectrodeSection,
    HomogeneousSection,
    LeakageSection,
    ReactionSection,
    SecondReservoirSection,
    SolidSection,
    SurfaceSection,
)

# The stages' own records hold the defaults.
_SOLVER, _SAMPLING = SolverSettings(), Sampling()
_DISCOVERY, _EVOLUTION = DiscoverySettings(), LAW_SEARCH.evolution
#: keys of [discovery] that belong to the search
_OF_SEARCH = {"seed", "islands", "population", "generations"}


class SolverSection(Section):
    """[solver]: numerics of the field model."""

    degree: Literal[1, 2] = Field(default=1, description="polynomial degree of the elements, 1 or 2")
    tolerance: float = Field(
        default=_SOLVER.tolerance,
        ge=1e-8,
        le=1,
        strict=True,
        description="local error of a time step in mu_i and e phi, in kT",
    )
    linear_solver: Literal["mumps", "schwarz"] = Field(
        default="mumps", description="mumps (direct), or schwarz (iterative, for what one machine cannot hold)"
    )
    steps_per_ramp: Annotated[int, STEPS] = Field(
        default=_SOLVER.steps_per_ramp, ge=2, strict=True, description="least number of steps in a ramp"
    )
    slit_mark: float = Field(
        default=_SOLVER.slit_mark, ge=0, le=1, strict=True, description="y/W where the potential of a slit is read"
    )
    checkpoint_interval: WallTime = Field(
        default=_SOLVER.checkpoint_interval, gt=0, description="wall time between checkpoints"
    )

    def build(self) -> SolverSettings:
        """Return the settings."""
        return SolverSettings(**self.model_dump())


class SamplingSection(Section):
    """[sampling]: what is recorded beside the standard observables."""

    cuts: Annotated[tuple[Length, ...], RECORDED] = Field(
        default=_SAMPLING.cuts, description="x of planes through which currents are recorded, displacement included"
    )
    profile_slits: Annotated[tuple[Annotated[int, Field(ge=1, strict=True)], ...], RECORDED] = Field(
        default=_SAMPLING.profile_slits, description="slits across which potential and ions are recorded"
    )
    profile_points: Annotated[int, POINTS] = Field(
        default=_SAMPLING.profile_points, ge=2, strict=True, description="points of a profile"
    )

    def build(self) -> Sampling:
        """Return the sampling in SI."""
        return Sampling(**self.model_dump())


class DiscoverySection(Section):
    """[discovery]: which law is looked for, and how."""

    seed: Annotated[int, SEED] = Field(
        default=LAW_SEARCH.seed, ge=0, strict=True, description="seed of the evolutionary search"
    )
    seeds: Annotated[int, SEEDS] = Field(
        default=_DISCOVERY.seeds,
        ge=1,
        strict=True,
        description="searches, with seeds from `seed` on, whose laws are gathered and counted",
    )
    charge: Literal["passed", "stored"] = Field(
        default=_DISCOVERY.charge, description="Q of an element: passed through its gap, or stored in its slit"
    )
    potential: Literal["electrochemical", "electric"] = Field(
        default=_DISCOVERY.potential, description="node potential of law and circuit; the study's is electric"
    )
    islands: Annotated[int, ISLANDS] = Field(
        default=_EVOLUTION.islands, ge=1, strict=True, description="populations that evolve side by side"
    )
    population: Annotated[int, POPULATION] = Field(
        default=_EVOLUTION.population, ge=10, strict=True, description="chromosomes of an island"
    )
    generations: Annotated[int, GENERATIONS] = Field(
        default=_EVOLUTION.generations, ge=1, strict=True, description="largest number of generations"
    )

    def build(self) -> DiscoverySettings:
        """Return the settings."""
        search = LAW_SEARCH.changed(**self.model_dump(include=_OF_SEARCH))
        return DiscoverySettings(search=search, **self.model_dump(exclude=_OF_SEARCH))


class CircuitSection(Section):
    """[circuit]: the circuits that are simulated."""

    layers: Annotated[tuple[Annotated[int, Field(ge=2, le=100_000, strict=True)], ...], CIRCUITS] = Field(
        default=(6, 20), min_length=1, description="numbers of sheets, one circuit each, beside the field model's own"
    )
    capacitance_terms: int = Field(
        default=2, ge=0, le=3, strict=True, description="saturating terms of q(v); 0 is a constant slit capacitance"
    )
    charge: Literal["auto", "law", "local"] = Field(
        default="auto",
        description="what the resistances read: the law's charge, the local one of the slits around a gap, or (auto) "
        "the law's at the field model's own number of layers and the local one at any other",
    )
    area: Area = Field(default=1e-4, gt=0, description="electrode area of exported devices")


class Case(Section):
    """What is computed; `Case()` is the default case. Lengths and all other quantities in SI."""

    geometry: GeometrySection = GeometrySection()
    electrolyte: ElectrolyteSection = ElectrolyteSection()
    electrode: ElectrodeSection = ElectrodeSection()
    second_reservoir: SecondReservoirSection = SecondReservoirSection()
    surfaces: Annotated[tuple[SurfaceSection, ...], SURFACES] = ()
    solids: Annotated[tuple[SolidSection, ...], SURFACES] = ()
    reactions: Annotated[tuple[ReactionSection, ...], KINDS] = ()
    leakages: Annotated[tuple[LeakageSection, ...], KINDS] = ()
    homogeneous_reactions: Annotated[tuple[HomogeneousSection, ...], KINDS] = ()
    drive: DriveSection = DriveSection()
    mesh: MeshSection = MeshSection()
    solver: SolverSection = SolverSection()
    sampling: SamplingSection = SamplingSection()
    discovery: DiscoverySection = DiscoverySection()
    circuit: CircuitSection = CircuitSection()

    @property
    def circuit_layers(self) -> tuple[int, ...]:
        """Numbers of sheets of the circuits: those of [circuit], and the field model's own to compare with it."""
        own = self.geometry.circuit_layers
        return tuple(sorted({*self.circuit.layers, own})) if own > 1 else (own,)

    def circuit_drive(self) -> PotentialDrive | GalvanostaticDrive | LegSequence:
        """Return the drive of circuits: currents are per metre of depth where the field's are of a pore."""
        drive = self.drive.build()
        if self.geometry.kind not in ("pore", "nanopore"):
            return drive
        depth = pore_depth(self.geometry.build().strip_width)
        if isinstance(drive, GalvanostaticDrive):
            return replace(drive, current=drive.current / depth)
        return with_currents(drive, 1 / depth) if isinstance(drive, LegSequence) else drive

    @model_validator(mode="after")
    def _surroundings_fit(self) -> Self:
        try:
            found = self.surroundings()
            found.check_species(self.electrolyte.build())
            if not self.mesh.file:
                found.check_mesh((), self.geometry.surfaces, source=f'[geometry] kind = "{self.geometry.kind}"')
        except InputError as error:
            raise ValueError(str(error)) from error
        return self

    def surroundings(self) -> Surroundings:
        """Return what bounds the electrolyte, in SI."""
        return Surroundings(
            stern_layer=self.electrode.stern_layer,
            surfaces=tuple(surface.build() for surface in self.surfaces),
            solids=tuple(solid.build() for solid in self.solids),
            reactions=tuple(reaction.build() for reaction in self.reactions),
            leakages=tuple(leakage.build() for leakage in self.leakages),
            homogeneous=tuple(reaction.build() for reaction in self.homogeneous_reactions),
            second_reservoir=self.second_reservoir.reservoir(driven=self.geometry.is_membrane),
        )

    @property
    def only_fields(self) -> str:
        """Why only the field model knows this case, and no law or circuit; empty if they do."""
        around = self.surroundings()
        if around.second_reservoir is not None:
            return "two reservoirs are known to the field model only"
        if not around.is_plain:
            return (
                "fixed charges, potentials of zero charge, solids, reactions and leakage through interfaces are "
                "known to the field model only"
            )
        if any(species.valence == 0 for species in self.electrolyte.species):
            return "neutral species are known to the field model only"
        if self.electrolyte.saturation > 0:
            return "permittivities that saturate are known to the field model only"
        if self.electrolyte.build().pointwise_excess() is not None:
            return "hard spheres and ions of very unequal size are known to the field model only"
        return ""

    @model_validator(mode="after")
    def _is_of_a_size_that_can_be_computed(self) -> Self:
        unknowns = self.unknowns()
        if unknowns is not None and unknowns > MOST_UNKNOWNS:
            raise ValueError(
                f"[geometry] and [mesh] give about {unknowns:.3g} unknowns, more than {MOST_UNKNOWNS:.3g}, which the "
                "solver cannot number; enlarge [mesh] wall_spacing or growth, or make the geometry smaller"
            )
        steps = self.drive.ramps * self.solver.steps_per_ramp
        if steps > MOST_STEPS:
            raise ValueError(
                f"[drive] {self._length_of_drive} and [solver] steps_per_ramp = {self.solver.steps_per_ramp} "
                f"give {steps:.3g} steps or more, more than {MOST_STEPS:.3g}, which a run keeps in memory; lower one"
            )
        return self

    @property
    def _length_of_drive(self) -> str:
        drive = self.drive
        return f"steps of {drive.ramps} legs" if drive.kind == "protocol" else f"cycles = {drive.cycles}"

    def unknowns(self, nodes: int | None = None) -> float | None:
        """Return about how many unknowns the field model has, with `nodes` of an own mesh; None without a count."""
        if not self.mesh.file:
            return self._unknowns_of(self.grading)
        return None if nodes is None else nodes * self._unknowns_per_node

    @property
    def grading(self) -> MeshGrading:
        """Cell sizes of the generated mesh; a wall spacing that [mesh] leaves open fits the double layer."""
        given = self.mesh.build()
        if self.mesh.wall_spacing is not None or self.mesh.file:
            return given
        electrolyte, drive = self.electrolyte.build(), self.drive.build()
        spacing = fitting_spacing(electrolyte, drive, self.surroundings(), both_signs=self.geometry.counter)
        return affordable(replace(given, wall_spacing=spacing), self._unknowns_of)

    def _unknowns_of(self, grading: MeshGrading) -> float:
        return count_cells(self.geometry.build(), grading) * self._unknowns_per_node

    @property
    def _unknowns_per_node(self) -> int:
        correlated = self.electrolyte.correlation_length > 0
        return self.solver.degree**2 * (len(self.electrolyte.species) + 1 + correlated)

    def to_toml(self) -> str:
        """Return the resolved case, every key with its unit; `parse_case` gives an equal case back."""
        return tomli_w.dumps(self.model_dump(mode="json", exclude_none=True))


def parse_case(text: str, *, source: str = "case", folder: Path | None = None) -> Case:
    """Return the case that TOML text describes.

    Args:
        text: the content of a case file.
        source: its name, for messages.
        folder: from which a relative `file` of [drive] or [electrolyte] is looked for; default the working folder.

    Raises:
        InputError: not TOML, or mistakes in keys and values, each on a line of its own.
    """
    values = parse_toml(text, source=source)
    for section in (values.get("drive"), values.get("electrolyte")) if folder is not None else ():
        if isinstance(section, dict) and isinstance(section.get("file"), str) and section["file"]:
            # Absolute, so that the resolved case means the same from any folder.
            section["file"] = str((folder / section["file"]).resolve())
    return validated(Case, values, source=source, context={UNITS_REQUIRED: True})


def with_drive(case: Case, changes: Mapping[str, str], *, source: str) -> Case:
    """Return the case with another drive.

    Args:
        case: the case.
        changes: text by key of [drive], such as {"amplitude": "0.2 V"}. With `kind` all other keys of the old drive
            are dropped, else only `half_cycle` or `scan_rate` when the other of the two is given.
        source: where the changes come from, for messages.

    Raises:
        InputError: an unknown key, a wrong unit, a value out of its range.
    """
    values = case.model_dump(mode="json", exclude_none=True)
    drive = {} if "kind" in changes else values["drive"]
    if {"half_cycle", "scan_rate"} & changes.keys():
        drive = {key: value for key, value in drive.items() if key not in ("half_cycle", "scan_rate")}
    given = {key: int(text) if text.isdecimal() else text for key, text in changes.items()}
    values["drive"] = drive | given
    changed = validated(Case, values, source=source, context={UNITS_REQUIRED: True})
    changed.drive.build()
    return changed


def read_case(path: str | Path) -> Case:
    """Read a case file; a relative `file` of [mesh], [drive] or [electrolyte] is looked for beside it.

    Raises:
        InputError: the file or its own mesh cannot be read, or see `parse_case`.
    """
    path = Path(path)
    case = parse_case(read_toml_text(path, "case file"), source=str(path), folder=path.parent)
    if not case.mesh.file:
        return case
    mesh_file = (path.parent / case.mesh.file).resolve()
    if not mesh_file.is_file():
        raise InputError(f'{path}: [mesh] file = "{case.mesh.file}": no such file {mesh_file}; correct it')
    # Absolute, so that the resolved case means the same from any folder.
    return case.model_copy(update={"mesh": case.mesh.model_copy(update={"file": str(mesh_file)})})
