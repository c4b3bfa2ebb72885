"""The files of a run: observables at the end, fields and checkpoints on the way."""

import time
from dataclasses import replace
from pathlib import Path

import xarray as xr

from ionspice.core import RunError
from ionspice.core.observables import write_observables
from ionspice.core.run_files import CHECKPOINT, FIELDS_FOLDER, HALF_CHARGE_FIELDS, OBSERVABLES
from ionspice.fem.checkpoint import identity, read_checkpoint, write_checkpoint
from ionspice.fem.fields import write_vtu_fields, write_vtx_fields
from ionspice.fem.problem import FieldProblem
from ionspice.fem.record import Record
from ionspice.fem.settings import FieldRun, Sampling
from ionspice.fem.states import Past, Step


class RunOutput:
    """The files of a run; does nothing without a directory. All methods are collective."""

    def __init__(self, problem: FieldProblem, mesh_path: Path, directory: Path | None, run: FieldRun) -> None:
        self._problem, self._directory = problem, directory
        # How often checkpoints are written does not change what is computed.
        settings = replace(run.settings, checkpoint_interval=0.0)
        sampling = [run.sampling] if run.sampling != Sampling() else []
        self._identity = identity(mesh_path, settings, run.electrolyte, run.drive, run.surroundings, *sampling)
        self._interval = run.settings.checkpoint_interval
        self._saved = time.monotonic()

    def resume(self) -> tuple[Past, Record]:
        """Return where the directory's checkpoint has stopped.

        Raises:
            InputError: there is none, or it belongs to another run.
        """
        assert self._directory is not None
        return read_checkpoint(self._directory / CHECKPOINT, self._problem, identity=self._identity)

    def after(self, step: Step, record: Record, *, stopped_by: str) -> None:
        """Write what is due after a step; rank 0's clock and signals decide for all.

        Raises:
            RunError: a signal, by its name, asks to stop.
        """
        if step.is_corner or step.is_snapshot:
            self._write_fields(step)
        due = time.monotonic() - self._saved > self._interval
        due, stopped_by = self._problem.comm.bcast((due, stopped_by), root=0)
        if stopped_by:
            remedy = "go on with `ionspice solve --restart` on any number of ranks"
            if self._directory is None:
                remedy = "give a directory to be able to go on"
            raise RunError(f"stopped by {stopped_by} at t = {step.time:.6g} s; {remedy}")
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
        if self._directory is None:
            return
        folder = self._directory / FIELDS_FOLDER
        if self._problem.comm.rank == 0:
            folder.mkdir(parents=True, exist_ok=True)
        self._problem.comm.Barrier()
        write_vtx_fields(folder / f"t_{step.time * 1e9:010.3f}_ns.bp", self._problem, step.time)
        if step.is_half_charge:
            write_vtu_fields(self._directory / HALF_CHARGE_FIELDS, self._problem)
