"""input.json of DeePMD-kit, from the study's [potential] and what the labels say of their neighbourhoods."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ionspice.electrolytes.potential.core_repulsion import core_keys
from ionspice.electrolytes.study.potential import PotentialSection

if TYPE_CHECKING:
    from ase import Atoms

#: room for denser places than those of the labels
_ROOM = 1.25
#: numbers of neighbours are rounded up to a multiple of this, as DeePMD-kit does
_ROUND = 4
#: share of the batches that are of new frames, which are few beside those that are known
_FRESH = 0.5
#: columns of the embedding that make the descriptor
_AXES = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbourhood:
    """What the descriptor must have room for."""

    most: tuple[int, ...]  #: most neighbours of each type within the cutoff
    least_distance: float  #: of any pair [angstrom]

    @property
    def selection(self) -> tuple[int, ...]:
        """Neighbours of each type that the descriptor takes, `sel` of DeePMD-kit."""
        return tuple(_ROUND * math.ceil(max(1, _ROOM * most) / _ROUND) for most in self.most)


def neighbourhood_of(frames: Iterable["Atoms"], type_map: Sequence[str], cutoff: float) -> Neighbourhood:
    """Return the neighbourhoods of frames within a cutoff [angstrom]."""
    from ase.neighborlist import neighbor_list

    most, least = np.zeros(len(type_map), dtype=int), cutoff
    for frame in frames:
        first, second, distance = neighbor_list("ijd", frame, cutoff)
        least = min(least, float(distance.min(initial=cutoff)))
        for kind, element in enumerate(type_map):
            counts = np.bincount(first[frame.symbols[second] == element], minlength=1)
            most[kind] = max(most[kind], int(counts.max()))
    return Neighbourhood(most=tuple(most.tolist()), least_distance=round(least, 6))


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingPlan:
    """One training of all models."""

    systems: tuple[str, ...]  #: folders of data sets, from where training runs
    fresh: int = 0  #: how many of the systems, the last ones, are new to the models that it begins from
    steps: int
    learning_rate: float  #: at the start
    virials: bool  #: whether there are any
    neighbourhood: Neighbourhood  #: of all labels that the models ever see
    core_table: str = ""  #: path of the table of core repulsion, from where training runs; empty: none


def training_input(
    section: PotentialSection, plan: TrainingPlan, type_map: Sequence[str], *, seed: int
) -> dict[str, Any]:
    """Return input.json of one model.

    Args:
        section: what the user wants.
        plan: the training.
        type_map: elements by type.
        seed: of this model's weights and batches.
    """
    model: dict[str, Any] = {
        "type_map": list(type_map),
        "descriptor": _descriptor(section, plan, seed),
        "fitting_net": {
            "neuron": list(section.fitting),
            "resnet_dt": True,
            "precision": "float32",
            "seed": seed + 1,
        },
    }
    if plan.core_table:
        model |= core_keys(plan.core_table, plan.neighbourhood.least_distance)
    return {
        "model": model,
        "learning_rate": {
            "type": "exp",
            "start_lr": plan.learning_rate,
            "stop_lr": min(section.final_learning_rate, plan.learning_rate),
            "decay_steps": min(5000, max(1, plan.steps // 100)),
        },
        # forces teach first: a frame has 3 N of them, and one energy
        "loss": {
            "type": "ener",
            "start_pref_e": 0.02,
            "limit_pref_e": 1,
            "start_pref_f": 1000,
            "limit_pref_f": 1,
            "start_pref_v": 0.02 if plan.virials else 0,
            "limit_pref_v": 1 if plan.virials else 0,
        },
        "training": {
            "training_data": {
                "systems": list(plan.systems),
                "batch_size": "auto",
                "auto_prob": _probability(plan),
            },
            "numb_steps": plan.steps,
            "seed": seed + 2,
            "disp_file": "lcurve.out",
            "disp_freq": max(1, min(1000, plan.steps // 100)),
            "save_freq": max(1, min(2000, plan.steps // 20)),
            "max_ckpt_keep": 2,
        },
    }


def _probability(plan: TrainingPlan) -> str:
    """Return how often systems are drawn: by their frames, but new ones no less than those that are known."""
    known, every = len(plan.systems) - plan.fresh, len(plan.systems)
    if known in (0, every):
        return "prob_sys_size"
    return f"prob_sys_size;0:{known}:{1 - _FRESH};{known}:{every}:{_FRESH}"


def _descriptor(section: PotentialSection, plan: TrainingPlan, seed: int) -> dict[str, Any]:
    selection: list[int] | int = list(plan.neighbourhood.selection)
    own: dict[str, Any] = {"type_one_side": True, "axis_neuron": min(_AXES, section.embedding[-1])}
    if section.descriptor.startswith("se_atten"):
        selection = sum(plan.neighbourhood.selection)
    if section.descriptor in ("se_e2_r", "se_e3"):
        own.pop("axis_neuron")
    if section.descriptor == "se_e3":
        own.pop("type_one_side")
    return {
        "type": section.descriptor,
        "rcut": section.cutoff,
        "rcut_smth": section.smooth_from,
        "sel": selection,
        "neuron": list(section.embedding),
        "resnet_dt": False,
        "precision": "float32",
        "seed": seed,
    } | own
