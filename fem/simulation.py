"""From a mesh file and a drive to observables.nc."""

import json
import logging
import time
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import xarray as xr

from ionspice.core import InputError, RunError
from ionspice.core.drives import Drive, TriangularDrive, potential_range
from ionspice.core.drives.legs import first_time
from ionspice.core.electrolyte import Electrolyte
from ionspice.core.signals import deferred
from ionspice.fem.compiling import compiling
from ionspice.fem.cycling import has_become_periodic
from ionspice.fem.domain import read_domain
from ionspice.fem.mpi import MPI, PETSc, dolfinx
from ionspice.fem.observables import Probe
from ionspice.fem.output import RunOutput
from ionspice.fem.problem import FieldProblem
from ionspice.fem.record import Record, to_dataset
from ionspice.fem.resolution import resolution_warning
from ionspice.fem.sampling import Samplers
from ionspice.fem.settings import FieldRun, Sampling, SolverSettings
from ionspice.fem.states import Counters, Past, Step
from ionspice.fem.stepping import expected_duration, march, start
from ionspice.fem.surroundings import Surroundings

_LOGGER = logging.getLogger(__name__)
_ON_LIMIT = 1e-5  # of the swing: closer to a potential than this is on it

#: called with (elapsed, whole) simulated time [s] after every accepted step, on every rank
type Progress = Callable[[float, float], None]


def solve(
    mesh_path: str | Path,
    *,
    electrolyte: Electrolyte | None = None,
    drive: Drive | None = None,
    stern_layer: float = 0.0,
    surroundings: Surroundings | None = None,
    settings: SolverSettings | None = None,
    comm: Any = None,
    directory: str | Path | None = None,
    case_text: str = "",
    sampling: Sampling | None = None,
    restart: bool = False,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Solve the mPNP equations on a mesh over a whole drive; collective over the communicator.

    Args:
        mesh_path: .msh written by `ionspice.meshes`.
        electrolyte: default KCl 1 mol/L.
        drive: electrode potential over time; default the triangular 0 -> 0.11 V -> 0 in 1500 ns;
            or a constant current between two potentials, or any `LegSequence`.
        stern_layer: thickness lambda_S of the Stern layer [m], 0 for none.
        surroundings: Stern layer, fixed charges and solids, in the place of stern_layer alone.
        settings: numerical choices.
        comm: MPI communicator, default the world.
        directory: where observables.nc, fields and checkpoints are written; None writes nothing.
        case_text: the resolved case as TOML, kept as an attribute.
        sampling: cuts and profiles that are recorded beside the standard observables.
        restart: go on from the directory's checkpoint.
        progress: called after every accepted step.

    Returns:
        The observables (see docs/architecture.md), on every rank.

    Raises:
        InputError: bad mesh, directory or checkpoint, before anything is written.
        RunError: no convergence, or SIGTERM; the directory then holds a checkpoint.
    """
    begun = time.perf_counter()
    run = FieldRun(
        electrolyte=electrolyte or Electrolyte(),
        drive=drive or TriangularDrive(),
        surroundings=surroundings or Surroundings(stern_layer=stern_layer),
        settings=settings or SolverSettings(),
        sampling=sampling or Sampling(),
    )
    if restart and directory is None:
        raise InputError("restart needs the directory that holds the checkpoint")
    ranks = comm or MPI.COMM_WORLD
    with compiling(ranks):
        problem = _problem(Path(mesh_path), run, ranks)
        probe = Probe(problem, slit_mark=run.settings.slit_mark)
        samplers = Samplers(problem, run.sampling, slit_mark=run.settings.slit_mark)
    output = RunOutput(problem, Path(mesh_path), None if directory is None else Path(directory), run)
    past, record = output.resume() if restart else (start(problem, run.drive.start), Record())

    def measure(step: Step) -> dict[str, Any]:
        return probe.measure(step.ions, step.electrode_potential) | samplers.measure()

    costs = _march(problem, run, past, record, measure, output, progress)
    attributes = {"case": case_text, "wall_time": time.perf_counter() - begun} | _attributes(
        problem, run, record, costs
    )
    problem.newton.destroy()
    dataset = to_dataset(record, run.electrolyte, attributes, probe.slit_bulk_charge(), samplers.coordinates())
    output.finish(dataset)
    return dataset


def _problem(mesh_path: Path, run: FieldRun, comm: Any) -> FieldProblem:
    domain = read_domain(mesh_path, comm)
    run.surroundings.check_mesh(domain.boxes, domain.boundaries, source=str(mesh_path))
    potentials = potential_range(run.drive, both_signs=domain.has_counter)
    warning = resolution_warning(domain, run.electrolyte, potentials, run.surroundings)
    if warning and comm.rank == 0:
        _LOGGER.warning("%s: %s", mesh_path, warning)
    return FieldProblem(
        domain,
        run.electrolyte,
        surroundings=run.surroundings,
        degree=run.settings.degree,
        linear_solver=run.settings.linear_solver,
    )


def _march(
    problem: FieldProblem,
    run: FieldRun,
    past: Past,
    record: Record,
    measure: Callable[[Step], dict[str, Any]],
    output: RunOutput,
    progress: Progress | None,
) -> Counters:
    """Step to the end of the drive and fill the record; return what it has cost."""
    counters, whole = Counters(), expected_duration(problem, run.drive)
    with deferred() as stop:
        try:
            for step in march(problem, run.drive, run.settings, past, counters):
                record.append(step.time, step.order, past.leg, measure(step))
                if step.is_corner:
                    _skip_cycles(run, past, record)
                output.after(step, record, stopped_by=stop.name if stop.is_set() else "")
                if progress is not None:
                    progress(step.time, max(whole, step.time))
        except RunError:
            output.save(past, record)
            raise
    return counters


def _skip_cycles(run: FieldRun, past: Past, record: Record) -> None:
    """Go on behind cycles that have become periodic with the last step."""
    for cycling in run.drive.cyclings:
        if has_become_periodic(cycling, record.columns()):
            past.leg = cycling.behind


def _attributes(problem: FieldProblem, run: FieldRun, record: Record, counters: Counters) -> dict[str, Any]:
    domain, columns = problem.domain, record.columns()
    slack = _ON_LIMIT * run.drive.swing
    times, potentials, legs = (columns[name] for name in ("time", "electrode_potential", "legs_done"))
    return {
        "versions": json.dumps(_versions()),
        "ranks": problem.comm.size,
        "strip_width": domain.width * problem.scales.length,
        "layers": domain.slits + 1,
        "axisymmetric": int(domain.axisymmetric),
        "full_cell": int(domain.has_counter),
        "second_reservoir": int(domain.has_second_reservoir),
        "charging_end": first_time(run.drive.charged, times, potentials, legs, slack=slack),
        "unknowns": problem.unknowns,
        "temperature": run.electrolyte.temperature,
        "steps": counters.steps,
        "rejected_steps": counters.rejected,
        "newton_iterations": counters.iterations,
        "factorisations": problem.newton.factorisations,
    }


def _versions() -> dict[str, str]:
    petsc = ".".join(map(str, PETSc.Sys.getVersion()))
    try:
        own = version("ionspice")
    except PackageNotFoundError:
        own = "uninstalled"
    return {"ionspice": own, "dolfinx": dolfinx.__version__, "petsc": petsc, "mpi4py": version("mpi4py")}
