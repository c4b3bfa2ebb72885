"""A study for dpgen (Y. Zhang et al., Comput. Phys. Commun. 253, 107206 (2020)): param.json, machine.json, its files.

    dpgen run param.json machine.json

dpgen's loop trains, explores and labels by itself; what it starts from are the labels and boxes of the folder.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ionspice.core import InputError, replacing
from ionspice.electrolytes.boxes.build import plans_of, read_box
from ionspice.electrolytes.environment.tools import dp_version
from ionspice.electrolytes.files import BOXES, LABELS
from ionspice.electrolytes.jobs.dispatch import machine_of, resources_of
from ionspice.electrolytes.labels.cp2k.input import COORDINATES, cp2k_input
from ionspice.electrolytes.labels.snapshots import read_frames
from ionspice.electrolytes.learning import type_map_of
from ionspice.electrolytes.potential.data_sets import write_data_sets
from ionspice.electrolytes.potential.training_input import TrainingPlan, neighbourhood_of, training_input
from ionspice.electrolytes.study.file import LiquidStudy
from ionspice.electrolytes.study.jobs import JobsSection

if TYPE_CHECKING:
    from ase import Atoms

PARAMETERS, MACHINE, TEMPLATE = "param.json", "machine.json", "cp2k.inp"
_DATA, _BOXES = "data", "boxes"
#: dpgen's own name of the coordinates beside CP2K's input
_THEIR_COORDINATES = "coord.xyz"


def export_dpgen(study: LiquidStudy, directory: Path, output: Path) -> Path:
    """Write param.json, machine.json and the files that they name into a folder; return the path of param.json.

    Args:
        study: what is refined.
        directory: folder of the liquid, with boxes and labels.
        output: the folder that is written.

    Raises:
        InputError: the teacher is not CP2K, or boxes or labels are not there.
    """
    settings = study.teacher.build()
    if settings is None:
        raise InputError(
            f'[teacher] program = "{study.teacher.program}" is none that dpgen labels by; export a study whose '
            "teacher is cp2k"
        )
    for name, command in ((BOXES, "build"), (LABELS, "label")):
        if not (directory / name).exists():
            raise InputError(f"{directory / name} is not there; make it with ionspice electrolyte {command}")
    type_map = type_map_of(directory)
    boxes = {
        plan.name: read_box(directory / BOXES / f"{plan.name}.extxyz")
        for plan in plans_of(one for one in study.compositions if not one.held_out)
    }
    labels = read_frames(directory / LABELS)
    _write_boxes(output / _BOXES, boxes, type_map)
    systems = write_data_sets(output / _DATA, labels, type_map)
    with replacing(output / TEMPLATE) as temporary:
        temporary.write_text(_template(type_map, cp2k_input(type_map, np.eye(3), settings)), encoding="utf-8")
    _write_json(output / PARAMETERS, _parameters(study, type_map, systems, list(boxes), labels))
    _write_json(output / MACHINE, _machine(study.jobs))
    return output / PARAMETERS


def _write_boxes(folder: Path, boxes: Mapping[str, "Atoms"], type_map: Sequence[str]) -> None:
    from ase.io import write

    for name, box in boxes.items():
        order = np.argsort([type_map.index(symbol) for symbol in box.symbols], kind="stable")
        with replacing(folder / f"{name}.POSCAR") as temporary:
            write(temporary, box[order], format="vasp", direct=True)


def _template(type_map: Sequence[str], text: str) -> str:
    """Return an input whose cell dpgen replaces: it looks for the keyword ABC."""
    lines = text.replace(COORDINATES, _THEIR_COORDINATES).splitlines()
    kept = [line for line in lines if line.split()[:1] not in (["B"], ["C"])]
    return "\n".join("      ABC 10.0 10.0 10.0" if line.split()[:1] == ["A"] else line for line in kept) + "\n"


def _parameters(
    study: LiquidStudy,
    type_map: Sequence[str],
    systems: Sequence[str],
    boxes: Sequence[str],
    labels: Sequence["Atoms"],
) -> dict[str, Any]:
    potential, exploration = study.potential, study.exploration
    plan = TrainingPlan(
        systems=(),  # dpgen fills them in
        steps=potential.steps,
        learning_rate=potential.learning_rate,
        virials=all("stress" in frame.calc.results for frame in labels),
        neighbourhood=neighbourhood_of(labels, type_map, potential.cutoff),
    )
    training = training_input(potential, plan, type_map, seed=potential.seed)
    return {
        "type_map": list(type_map),
        "mass_map": "auto",
        "init_data_prefix": _DATA,
        "init_data_sys": list(systems),
        "sys_format": "vasp/poscar",
        "sys_configs_prefix": _BOXES,
        "sys_configs": [[f"{name}.POSCAR"] for name in boxes],
        "numb_models": potential.models,
        "default_training_param": training,
        "model_devi_engine": "lammps",
        "model_devi_dt": exploration.timestep * 1e-3,
        "model_devi_skip": 0,
        "model_devi_f_trust_lo": exploration.trusted,
        "model_devi_f_trust_hi": exploration.doubtful,
        "model_devi_jobs": _explorations(study, len(boxes)),
        "fp_style": "cp2k",
        "shuffle_poscar": False,
        "fp_task_max": exploration.frames,
        "fp_task_min": 1,
        "fp_pp_path": ".",
        "fp_pp_files": [],
        "external_input_path": TEMPLATE,
    }


def _explorations(study: LiquidStudy, boxes: int) -> list[dict[str, Any]]:
    exploration = study.exploration
    ensemble = exploration.ensemble.lower()
    return [
        {
            "sys_idx": list(range(boxes)),
            "temps": list(exploration.temperatures),
            "press": [study.production.pressure] if ensemble == "npt" else [-1.0],
            "trj_freq": max(1, round(exploration.chunk / exploration.timestep)),
            "nsteps": round(exploration.duration / exploration.timestep),
            "ensemble": ensemble,
            "_idx": f"{number:02d}",
        }
        for number in range(max(1, exploration.rounds))
    ]


def _machine(jobs: JobsSection) -> dict[str, Any]:
    # dpgen's check of the file wants to know the kind of system there too
    resources = resources_of(jobs) | {"batch_type": jobs.batch}
    place = {"machine": machine_of(jobs) | {"remote_root": "./work"}, "resources": resources}
    commands = {"train": "dp", "model_devi": "lmp", "fp": f"{jobs.cp2k or 'cp2k.psmp'} -i input.inp"}
    return {
        "api_version": "1.0",
        "deepmd_version": dp_version() or "3.2.0",
        **{name: {"command": command, **place} for name, command in commands.items()},
    }


def _write_json(path: Path, content: Mapping[str, Any]) -> None:
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
