"""Deep potentials of liquid argon, trained in seconds on a Lennard-Jones potential."""

import json
import subprocess
from pathlib import Path

import numpy as np
from ase.build import bulk
from ase.calculators.lj import LennardJones
from ase.io import read

from ionspice.electrolytes.environment.tools import potential_program
from ionspice.electrolytes.lammps.plan import RunPlan
from ionspice.electrolytes.lammps.program import lammps_program
from ionspice.electrolytes.lammps.run import Interaction, run_dynamics
from ionspice.electrolytes.lammps.script import POSITIONS
from ionspice.electrolytes.potential.calculator import tensorflow_environment

_EPSILON, _SIGMA, _CUTOFF = 0.0103, 3.4, 5.5


def train_argon(folder: Path, *, frames: int, steps: int, seeds: tuple[int, ...] = (1, 2)) -> list[Path]:
    """Return models trained on so many frames of hot and warm argon."""
    _write_data(folder / "data" / "set.000", _frames(folder, frames))
    (folder / "data" / "type.raw").write_text("0\n" * 32)
    (folder / "data" / "type_map.raw").write_text("Ar\n")
    return [_train(folder, seed, steps) for seed in seeds]


def _frames(folder: Path, count: int) -> list:
    pair = Interaction(
        commands=(f"pair_style lj/cut {_CUTOFF}", f"pair_coeff * * {_EPSILON} {_SIGMA}"), type_map=("Ar",)
    )
    found = []
    for number, (edge, temperature) in enumerate([(5.5, 120.0), (5.9, 200.0), (5.7, 800.0), (5.4, 400.0)]):
        plan = RunPlan(
            temperature=temperature,
            timestep=2e-3,
            steps=20 * -(-count // 4),
            equilibration=500,
            positions_every=20,
            thermostat="langevin",
            deviation=1.0,
        )
        place = folder / f"md-{number}"
        run_dynamics(place, bulk("Ar", cubic=True, a=edge) * 2, plan, pair, lammps_program())
        found += read(place / POSITIONS, index=f":{-(-count // 4)}", format="lammps-dump-text")
    return found[:count]


def _write_data(folder: Path, frames: list) -> None:
    folder.mkdir(parents=True)
    columns = {"coord": [], "box": [], "energy": [], "force": []}
    for frame in frames:
        frame.set_chemical_symbols(["Ar"] * len(frame))
        frame.calc = LennardJones(sigma=_SIGMA, epsilon=_EPSILON, rc=_CUTOFF, ro=0.8 * _CUTOFF, smooth=True)
        columns["coord"].append(frame.positions.ravel())
        columns["box"].append(frame.cell.array.ravel())
        columns["energy"].append(frame.get_potential_energy())
        columns["force"].append(frame.get_forces().ravel())
    for name, values in columns.items():
        np.save(folder / f"{name}.npy", np.array(values))


def _train(folder: Path, seed: int, steps: int) -> Path:
    place = folder / f"model-{seed}"
    place.mkdir()
    descriptor = {
        "type": "se_e2_a",
        "sel": [80],
        "rcut": _CUTOFF,
        "rcut_smth": 2.0,
        "neuron": [4, 8],
        "axis_neuron": 4,
    }
    content = {
        "model": {
            "type_map": ["Ar"],
            "descriptor": descriptor | {"seed": seed, "precision": "float32"},
            "fitting_net": {"neuron": [16, 16], "seed": seed, "precision": "float32"},
        },
        "learning_rate": {"type": "exp", "start_lr": 5e-3, "stop_lr": 1e-5, "decay_steps": max(1, steps // 40)},
        "loss": {
            "start_pref_e": 0.1,
            "limit_pref_e": 1,
            "start_pref_f": 1000,
            "limit_pref_f": 10,
            "start_pref_v": 0,
            "limit_pref_v": 0,
        },
        "training": {
            "training_data": {"systems": ["../data"], "batch_size": 1},
            "numb_steps": steps,
            "seed": seed,
            "disp_freq": steps,
            "save_freq": steps,
        },
    }
    (place / "input.json").write_text(json.dumps(content))
    for arguments in (["train", "input.json"], ["freeze", "-o", "model.pb"]):
        command = [str(potential_program("dp")), "--tf", *arguments]
        with open(place / "dp.log", "ab") as log:
            subprocess.run(command, cwd=place, check=True, env=tensorflow_environment(1), stdout=log, stderr=log)
    return place / "model.pb"
