"""From a mesh file and a drive to observables.nc."""

import json
import logging
import math
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from ionspice.core import InputError, RunError
from ionspice.core.drives.current import GalvanostaticDrive
from ionspice.core.drives.potential import Drive, TriangularDrive
from ionspice.core.electrolyte import Electrolyte
from ionspice.core.observables import write_observables
from ionspice.core.run_files import CHECKPOINT, FIELDS_FOLDER, HALF_CHARGE_FIELDS, OBSERVABLES
from ionspice.fem.checkpoint import identity, read_checkpoint, write_checkpoint
from ionspice.fem.domain import read_domain
from ionspice.fem.fields import write_vtu_fields, write_vtx_fields
from ionspice.fem.galvanostatic import expected_ramp, march_current, start_current
from ionspice.fem.mpi import MPI, PETSc, dolfinx
from ionspice.fem.observables import Probe
from ionspice.fem.problem import FieldProblem
from ionspice.fem.record import Record, to_dataset
from ionspice.fem.resolution import resolution_warning
from ionspice.fem.sampling import CutProbe, ProfileProbe
from ionspice.fem.settings import Sampling, SolverSettings
from ionspice.fem.stepping import Counters, Past, Step, march, start

_LOGGER = logging.getLogger(__name__)

#: called with (elapsed, whole) simulated time [s] after every accepted step, on every rank
type Progress = Callable[[float, float], None]


def solve(
    mesh_path: str | Path,
    *,
    electrolyte: Electrolyte | None = None,
    drive: Drive | GalvanostaticDrive | None = None,
    stern_layer: float = 0.0,
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
            or a constant current between two potentials.
        stern_layer: thickness lambda_S of the Stern layer [m], 0 for none.
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
    electrolyte, drive = electrolyte or Electrolyte(), drive or TriangularDrive()
    settings, comm = settings or SolverSettings(), comm or MPI.COMM_WORLD
    if stern_layer < 0:
        raise InputError(f"stern_layer = {stern_layer} m must not be negative (0 for none)")
    if restart and directory is None:
        raise InputError("restart needs the directory that holds the checkpoint")
    mesh_path = Path(mesh_path)
    domain = read_domain(mesh_path, comm)
    warning = resolution_warning(domain, electrolyte)
    if warning and comm.rank == 0:
        _LOGGER.warning("%s: %s", mesh_path, warning)
    problem = FieldProblem(
        domain,
        electrolyte,
        stern_layer=stern_layer,
        degree=settings.degree,
        linear_solver=settings.linear_solver,
    )
    probe = Probe(problem, slit_mark=settings.slit_mark)
    sampling = sampling or Sampling()
    samplers = _Samplers(problem, sampling, slit_mark=settings.slit_mark)
    parameters = (electrolyte, drive, stern_layer, *([sampling] if sampling != Sampling() else []))
    # At constant current there is a single snapshot, whenever it comes.
    half_charge = math.inf if isinstance(drive, GalvanostaticDrive) else drive.snapshots[0]
    output = _Output(problem, mesh_path, directory, settings, parameters, half_charge=half_charge)
    past, record = output.resume() if restart else (_start(problem, drive), Record())
    counters = Counters()
    with _terminated_politely() as terminated:
        try:
            for step in _march(problem, drive, settings, past, record, counters):
                measured = probe.measure(step.ions, step.electrode_potential) | samplers.measure()
                record.append(step.time, step.order, measured)
                output.after(step, record, terminated=terminated.is_set())
                if progress is not None:
                    progress(step.time, _whole(problem, drive, step.time))
        except RunError:
            output.save(past, record)
            raise
    attributes = {
        "case": case_text,
        "versions": json.dumps(_versions()),
        "ranks": comm.size,
        "wall_time": time.perf_counter() - begun,
        "strip_width": domain.width * problem.scales.length,
        "layers": domain.slits + 1,
        "axisymmetric": int(domain.axisymmetric),
        "full_cell": int(domain.has_counter),
        "charging_end": _charging_end(drive, record),
        "unknowns": problem.unknowns,
        "temperature": electrolyte.temperature,
        "steps": counters.steps,
        "rejected_steps": counters.rejected,
        "newton_iterations": counters.iterations,
        "factorisations": problem.newton.factorisations,
    }
    problem.newton.destroy()
    dataset = to_dataset(record, electrolyte, attributes, probe.slit_bulk_charge(), samplers.coordinates())
    output.finish(dataset)
    return dataset


def _start(problem: FieldProblem, drive: Drive | GalvanostaticDrive) -> Past:
    return start_current(problem) if isinstance(drive, GalvanostaticDrive) else start(problem, drive)


def _march(
    problem: FieldProblem,
    drive: Drive | GalvanostaticDrive,
    settings: SolverSettings,
    past: Past,
    record: Record,
    counters: Counters,
) -> Iterator[Step]:
    if not isinstance(drive, GalvanostaticDrive):
        return march(problem, drive, settings, past, counters)
    return march_current(problem, drive, settings, past, counters, turns=record.ramps - (past.since_corner > 0))


def _whole(problem: FieldProblem, drive: Drive | GalvanostaticDrive, time: float) -> float:
    """Return the duration of the run [s]; at constant current an estimate, never below the present time."""
    if not isinstance(drive, GalvanostaticDrive):
        return drive.corners[-1]
    return max(time, 2 * drive.cycles * expected_ramp(problem, drive))


def _charging_end(drive: Drive | GalvanostaticDrive, record: Record) -> float:
    if not isinstance(drive, GalvanostaticDrive):
        return drive.charging_end
    columns = record.columns()
    return float(columns["time"][int(np.argmax(columns["electrode_potential"] >= drive.upper * (1 - 1e-5)))])


class _Samplers:
    """The probes that a `Sampling` asks for; none by default."""

    def __init__(self, problem: FieldProblem, sampling: Sampling, *, slit_mark: float) -> None:
        self._sampling = sampling
        self._cuts = CutProbe(problem, sampling.cuts) if sampling.cuts else None
        self._profiles = ProfileProbe(problem, sampling, slit_mark=slit_mark) if sampling.profile_slits else None

    def measure(self) -> dict[str, Any]:
        measured: dict[str, Any] = {}
        for probe in (self._cuts, self._profiles):
            measured |= probe.measure() if probe is not None else {}
        return measured

    def coordinates(self) -> dict[str, Any]:
        """Return the coordinates of cuts and profiles as xarray takes them."""
        found: dict[str, Any] = {}
        if self._cuts is not None:
            found["cut"] = ("cut", list(self._sampling.cuts), {"units": "m", "long_name": "x of the plane"})
        if self._profiles is not None:
            meaning = {"units": "m", "long_name": "distance from the slit's first face (from a pore's axis)"}
            found["profile_slit"] = ("profile_slit", list(self._sampling.profile_slits), {"units": "1"})
            found["profile_position"] = (("profile_slit", "point"), self._profiles.positions, meaning)
        return found


class _Output:
    """The files of a run; does nothing without a directory."""

    def __init__(
        self,
        problem: FieldProblem,
        mesh_path: Path,
        directory: str | Path | None,
        settings: SolverSettings,
        parameters: tuple[object, ...],
        *,
        half_charge: float,
    ) -> None:
        self._problem = problem
        self._mesh_path = mesh_path
        self._directory = None if directory is None else Path(directory)
        # How often checkpoints are written does not change what is computed.
        self._identity = identity(mesh_path, replace(settings, checkpoint_interval=0.0), *parameters)
        self._interval = settings.checkpoint_interval
        self._saved = time.monotonic()
        self._half_charge = half_charge

    def resume(self) -> tuple[Past, Record]:
        assert self._directory is not None
        return read_checkpoint(self._directory / CHECKPOINT, self._problem, identity=self._identity)

    def after(self, step: Step, record: Record, *, terminated: bool) -> None:
        """Write what is due after a step; rank 0's clock and signals decide for all."""
        if self._directory is not None and (step.is_corner or step.is_snapshot):
            self._write_fields(step)
        due = time.monotonic() - self._saved > self._interval
        due, terminated = self._problem.comm.bcast((due, terminated), root=0)
        if terminated:
            remedy = "go on with `ionspice solve --restart` on any number of ranks"
            if self._directory is None:
                remedy = "give a directory to be able to go on"
            raise RunError(f"stopped by SIGTERM at t = {step.time:.6g} s; {remedy}")
        if due:
            self.save(step.past, record)

    def save(self, past: Past, record: Record) -> None:
        """Write a checkpoint now."""
        if self._directory is None:
            return
        write_checkpoint(self._directory / CHECKPOINT, self._problem, past, record, identity=self._identity)
        self._saved = time.monotonic()

    def finish(self, dataset: xr.Dataset) -> None:
        """Write the observables and drop the checkpoint."""
        if self._directory is None:
            return
        if self._problem.comm.rank == 0:
            write_observables(self._directory / OBSERVABLES, dataset)
            (self._directory / CHECKPOINT).unlink(missing_ok=True)
        self._problem.comm.Barrier()

    def _write_fields(self, step: Step) -> None:
        assert self._directory is not None
        folder = self._directory / FIELDS_FOLDER
        if self._problem.comm.rank == 0:
            folder.mkdir(parents=True, exist_ok=True)
        self._problem.comm.Barrier()
        write_vtx_fields(folder / f"t_{step.time * 1e9:010.3f}_ns.bp", self._problem, step.time)
        if step.is_snapshot and step.time <= self._half_charge * (1 + 1e-9):
            write_vtu_fields(self._directory / HALF_CHARGE_FIELDS, self._problem, self._mesh_path)


@contextmanager
def _terminated_politely() -> Iterator[threading.Event]:
    """Yield an event that SIGTERM sets, as a cluster sends before it takes a node away."""
    event = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield event
        return
    previous = signal.signal(signal.SIGTERM, lambda *_: event.set())
    try:
        yield event
    finally:
        signal.signal(signal.SIGTERM, previous)


def _versions() -> dict[str, str]:
    petsc = ".".join(map(str, PETSc.Sys.getVersion()))
    try:
        own = version("ionspice")
    except PackageNotFoundError:
        own = "uninstalled"
    return {"ionspice": own, "dolfinx": dolfinx.__version__, "petsc": petsc, "mpi4py": version("mpi4py")}
