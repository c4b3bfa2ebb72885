"""The stages, in their order: what each reads and writes in the folder of a run, and what it does.

    case -> mesh -> solve -> discover -> export, simulate, compare -> report

Heavy libraries are imported by the stage that needs them, so that the others run without.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ionspice.core import InputError, replacing
from ionspice.pipeline.case import Case
from ionspice.pipeline.console import Advance
from ionspice.pipeline.devices import CIRCUIT, LAW, OBSERVABLES, export_device, simulate_devices

CASE_FILE = "case.toml"
MESH = "mesh.msh"
HALF_CHARGE_FIELDS = "fields_half_charge.vtu"
CHECKPOINT = "checkpoint.npz"
COMPARISON = "comparison.json"
REPORT = "report.html"


def library_name(layers: int) -> str:
    """Return the name of the ngspice library of a stack."""
    return f"ncm_{layers}.lib"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What a stage is given."""

    case: Case
    directory: Path
    comm: Any = None  #: MPI communicator of a collective stage; None for one process
    restart: bool = False  #: the user wants `solve` to go on from its checkpoint
    resume: bool = False  #: an unfinished run of the same inputs left a checkpoint
    hall_of_fame: Path | None = None  #: file that the search for a law goes on from and keeps
    advance: Advance = lambda done, whole: None  #: moves the progress bar


def check_inputs(case: Case) -> None:
    """Check the user's files that a case names, before a run writes anything.

    Raises:
        InputError: an own mesh that cannot be read, lacks groups, or has another number of layers.
    """
    if case.mesh.file:
        with TemporaryDirectory() as folder:
            _convert_own_mesh(case.mesh.file, Path(folder) / MESH, case.geometry.layers)


def _mesh(job: Job) -> None:
    from ionspice.meshes import write_mesh

    case, path = job.case, job.directory / MESH
    if case.mesh.file:
        _convert_own_mesh(case.mesh.file, path, case.geometry.layers)
    else:
        write_mesh(path, case.geometry.build(), case.mesh.build())


def _convert_own_mesh(source: str, path: Path, layers: int) -> None:
    from ionspice.meshes import convert_mesh, read_mesh
    from ionspice.meshes.groups import count_slits

    with replacing(path) as temporary:
        convert_mesh(source, temporary)
        regions = [name for name, (_, dimension) in read_mesh(temporary).field_data.items() if dimension == 2]
        found = count_slits(regions, source=source) + 1
        if found != layers:
            raise InputError(
                f"[geometry] layers = {layers}, but the own mesh {source} has {found} layers; make them equal"
            )


def _solve(job: Job) -> None:
    try:
        _solve_fields(job, restart=job.restart or job.resume)
    except InputError:
        if job.restart or not job.resume:
            raise
        # A checkpoint that cannot be read only costs computing again.
        _solve_fields(job, restart=False)


def _solve_fields(job: Job, *, restart: bool) -> None:
    from ionspice.fem import solve

    solve(
        job.directory / MESH,
        electrolyte=job.case.electrolyte.build(),
        drive=job.case.drive.build(),
        stern_layer=job.case.electrode.stern_layer,
        settings=job.case.solver.build(),
        sampling=job.case.sampling.build(),
        comm=job.comm,
        directory=job.directory,
        case_text=job.case.to_toml(),
        restart=restart,
        progress=job.advance,
    )


def _discover(job: Job) -> None:
    from ionspice.discovery import DiscoverySettings, read_observables
    from ionspice.pipeline.laws import find_law

    kind = job.case.geometry.kind
    if kind != "stack":
        raise InputError(
            f'[geometry] kind = "{kind}": a law needs the row of slits of a stack; for other geometries use '
            "`ionspice mesh` and `ionspice solve`"
        )
    settings = DiscoverySettings(**job.case.discovery.model_dump())
    find_law(
        lambda: read_observables(job.directory / OBSERVABLES, settings.charge, settings.potential),
        settings,
        job.directory / LAW,
        comm=job.comm,
        hall_of_fame=job.hall_of_fame,
    )


def _export(job: Job) -> None:
    section = job.case.circuit
    for layers in section.layers:
        path = job.directory / library_name(layers)
        export_device(job.directory, job.case, dialect="ngspice", layers=layers, area=section.area, path=path)


def _simulate(job: Job) -> None:
    simulate_devices(job.directory, job.case, layers=job.case.circuit.layers)


def _compare(job: Job) -> None:
    from ionspice.pipeline.comparison import compare, write_comparison

    write_comparison(job.directory / COMPARISON, compare(job.directory, job.case))


def _report(job: Job) -> None:
    from ionspice.pipeline.report import write_report

    write_report(job.directory)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What a stage depends on, makes and does."""

    name: str
    act: Callable[[Job], None]
    #: sections of the case
    sections: tuple[str, ...] = ()
    #: keys of those sections that change how it runs but not what it makes
    except_keys: dict[str, set[str]] = field(default_factory=dict)
    #: files of the folder that it reads; those that are absent count as absent
    reads: tuple[str, ...] = ()
    #: files of the folder that it writes
    writes: Callable[[Case], tuple[str, ...]]
    #: whether all MPI ranks take part, instead of the first one alone
    collective: bool = False


STAGES = (
    Stage(
        name="mesh",
        act=_mesh,
        sections=("geometry", "mesh"),
        writes=lambda case: (MESH,),
    ),
    Stage(
        name="solve",
        act=_solve,
        sections=("electrolyte", "electrode", "drive", "solver", "sampling"),
        except_keys={"solver": {"checkpoint_interval"}},
        reads=(MESH,),
        writes=lambda case: (OBSERVABLES, HALF_CHARGE_FIELDS),
        collective=True,
    ),
    Stage(
        name="discover",
        act=_discover,
        sections=("discovery",),
        reads=(OBSERVABLES,),
        writes=lambda case: (LAW,),
        collective=True,
    ),
    Stage(
        name="export",
        act=_export,
        sections=("circuit",),
        reads=(OBSERVABLES, LAW),
        writes=lambda case: tuple(library_name(layers) for layers in case.circuit.layers),
    ),
    Stage(
        name="simulate",
        act=_simulate,
        sections=("circuit", "drive"),
        reads=(OBSERVABLES, LAW),
        writes=lambda case: (CIRCUIT,),
    ),
    Stage(
        name="compare",
        act=_compare,
        sections=("circuit", "drive", "discovery"),
        reads=(OBSERVABLES, LAW),
        writes=lambda case: (COMPARISON,),
    ),
    Stage(
        name="report",
        act=_report,
        sections=tuple(Case.model_fields),
        reads=(MESH, OBSERVABLES, HALF_CHARGE_FIELDS, LAW, CIRCUIT, COMPARISON),
        writes=lambda case: (REPORT,),
    ),
)
