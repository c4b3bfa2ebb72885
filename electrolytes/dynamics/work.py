"""The program that runs the dynamics of some folders, one after the other; several run side by side as jobs.

    python -m ionspice.electrolytes.dynamics.work work.json

A run that is whole is not run again; one that was stopped does not stop the others.
"""

import json
import logging
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ionspice.core import IonspiceError, replacing
from ionspice.core.json_files import write_json
from ionspice.core.signals import StoppedError
from ionspice.electrolytes.boxes.build import read_box
from ionspice.electrolytes.dynamics.order import FAILED, RUN, Order, is_done, read_order
from ionspice.electrolytes.labels.watching import is_alive
from ionspice.electrolytes.lammps.plan import RunPlan
from ionspice.electrolytes.lammps.program import lammps_program
from ionspice.electrolytes.lammps.progress import Look, read_looks
from ionspice.electrolytes.lammps.run import deep_potential, run_dynamics
from ionspice.electrolytes.lammps.script import DATA, POSITIONS, VELOCITIES

_LOGGER = logging.getLogger(__name__)
_FORMAT = "ionspice-dynamics/1"


def work(task: Mapping[str, Any]) -> None:
    """Run the `folders` of a task, with its `threads`, `ranks`, `lammps` (command) and `watch` (process)."""
    program = lammps_program(task["lammps"], ranks=task["ranks"], threads=task["threads"])
    for folder in map(Path, task["folders"]):
        if not is_alive(task["watch"]):
            return
        order = read_order(folder)
        if is_done(folder, order):
            continue
        try:
            interaction = deep_potential(
                [Path(model) for model in order.models], order.type_map, look_every=order.plan.look_every
            )
            outcome = run_dynamics(
                folder, read_box(Path(order.box)), order.plan, interaction, program, watch=task["watch"]
            )
            if not outcome.reason:
                write_run(folder, order)
                continue
            reason = f"stopped at {outcome.step * order.plan.timestep:.4g} ps (step {outcome.step}): {outcome.reason}"
        except StoppedError:
            return
        except IonspiceError as error:
            reason = str(error)
        _LOGGER.warning("%s: %s", folder.name, reason)
        with replacing(folder / FAILED) as temporary:
            temporary.write_text(reason + "\n", encoding="utf-8")


def write_run(folder: Path, order: Order) -> None:
    """Write run.json, which says what was run."""
    plan, looks = order.plan, read_looks(folder)
    recorded = [look for look in looks if look.step >= plan.equilibration]
    deviations = [look.deviation for look in recorded] if len(order.models) > 1 else []
    content = {
        "composition": order.composition,
        "temperature": plan.temperature,
        "ensemble": plan.ensemble,
        "positions": POSITIONS,
        "velocities": VELOCITIES if plan.velocities_steps else None,
        "data_file": DATA,
        "type_map": order.type_map,
        "timestep": plan.timestep,
        "seed": plan.seed,
        "potential": order.models_sha256,
        "deviation": {"mean": np.mean(deviations), "largest": max(deviations)} if deviations else None,
        "energy_drift": energy_drift(recorded, plan),
        "notes": order.notes,
    }
    write_json(folder / RUN, _FORMAT, content)


def energy_drift(looks: list[Look], plan: RunPlan) -> float | None:
    """Return how fast the conserved energy drifts [eV/atom/ps]; None where there is none, or too few looks."""
    has_none = plan.thermostat == "langevin" and plan.ensemble != "NVE"
    if has_none or len({look.step for look in looks}) < 3:
        return None
    times = [look.step * plan.timestep for look in looks]
    return float(np.polyfit(times, [look.conserved for look in looks], 1)[0])


if __name__ == "__main__":
    work(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
