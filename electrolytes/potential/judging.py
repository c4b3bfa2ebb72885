"""How wrong a potential is on labelled frames, and what of the liquid labels cover."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ionspice.electrolytes.potential.calculator import DeepPotential, Evaluation
from ionspice.electrolytes.potential.labels import Division, composition_of, labels_digest, trajectory_of
from ionspice.electrolytes.potential.record import LabelErrors, TrainingWindow

if TYPE_CHECKING:
    from ase import Atoms

ALL = "all"
#: most frames for training that errors are measured on
_JUDGED = 400
#: g/cm^3 of one u/angstrom^3, and GPa of one eV/angstrom^3
_DENSITY, _GPA = 1.66053907, 160.21766


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """A potential's answers beside the labels of the same frames."""

    frames: Sequence["Atoms"]  #: with labels
    found: Evaluation

    @property
    def energy_errors(self) -> NDArray[np.float64]:
        """Errors of the energy [eV/atom], shape (frames,)."""
        labels = np.array([frame.get_potential_energy() for frame in self.frames])
        return np.asarray((self.found.energies - labels) / np.array([len(frame) for frame in self.frames]))

    @property
    def force_errors(self) -> list[NDArray[np.float64]]:
        """Errors of the forces [eV/angstrom], of each frame, shape (atoms, 3)."""
        return [found - frame.get_forces() for frame, found in zip(self.frames, self.found.forces, strict=True)]

    @property
    def stress_errors(self) -> list[NDArray[np.float64]]:
        """Errors of the stress [GPa], shape (3, 3), of each frame whose label has one."""
        return [
            (found - frame.get_stress(voigt=False)) * _GPA
            for frame, found in zip(self.frames, self.found.stresses, strict=True)
            if "stress" in frame.calc.results
        ]

    @property
    def largest_force_errors(self) -> NDArray[np.float64]:
        """Largest error of the force on an atom [eV/angstrom], shape (frames,)."""
        return np.array([np.linalg.norm(errors, axis=1).max() for errors in self.force_errors])

    def errors(self) -> LabelErrors:
        """Return root mean squares over all frames; there must be one."""
        deviation = float(np.mean(self.found.deviation))
        return LabelErrors(
            frames=len(self.frames),
            energy=_rms([self.energy_errors]),
            force=_rms(self.force_errors),
            force_size=_rms([frame.get_forces() for frame in self.frames]),
            deviation=deviation if np.isfinite(deviation) else None,
            stress=_rms(stress_errors) if (stress_errors := self.stress_errors) else None,
        )

    def of(self, numbers: Sequence[int]) -> "Judgement":
        """Return the judgement of some frames."""
        found = self.found
        chosen = list(numbers)
        return Judgement(
            frames=[self.frames[number] for number in chosen],
            found=Evaluation(
                energies=found.energies[chosen],
                forces=tuple(found.forces[number] for number in chosen),
                stresses=found.stresses[chosen],
                deviation=found.deviation[chosen],
            ),
        )

    def by_composition(self) -> dict[str, LabelErrors]:
        """Return errors of all frames and of each composition; empty where there are no frames."""
        if not self.frames:
            return {}
        numbers: dict[str, list[int]] = {}
        for number, frame in enumerate(self.frames):
            numbers.setdefault(composition_of(frame), []).append(number)
        return {ALL: self.errors()} | {name: self.of(numbers[name]).errors() for name in sorted(numbers)}


def judge(potential: DeepPotential, frames: Sequence["Atoms"]) -> Judgement:
    """Return the answers of an open potential beside the labels of frames."""
    return Judgement(frames=frames, found=potential.evaluate(frames))


def errors_of(models: Sequence[Path], division: Division, *, threads: int = 1) -> dict[str, dict[str, LabelErrors]]:
    """Return errors of models on what they learnt, "training", and on what was "held_out", each by composition."""
    with DeepPotential(models, threads=threads) as potential:
        return {
            "training": judge(potential, _some(division.training)).by_composition(),
            "held_out": judge(potential, division.held_out).by_composition(),
        }


def _some(frames: Sequence["Atoms"]) -> list["Atoms"]:
    """Return frames evenly out of many: what was learnt is judged by as many as its error needs."""
    places = np.linspace(0, len(frames) - 1, min(len(frames), _JUDGED))
    return [frames[round(place)] for place in places]


def window_of(division: Division) -> TrainingWindow:
    """Return what the frames for training cover."""
    frames = division.training
    compositions: dict[str, int] = {}
    for frame in frames:
        name = composition_of(frame)
        compositions[name] = compositions.get(name, 0) + 1
    temperatures = [float(frame.info["temperature"]) for frame in frames if "temperature" in frame.info]
    densities = [density_of(frame) for frame in frames]
    return TrainingWindow(
        frames=len(frames),
        trajectories=len({trajectory_of(frame) for frame in frames}),
        compositions=compositions,
        temperature=(min(temperatures), max(temperatures)) if temperatures else None,
        density=(min(densities), max(densities)),
        labels_sha256=labels_digest([*frames, *division.held_out]),
    )


def density_of(frame: "Atoms") -> float:
    """Return the mass density of a frame [g/cm^3]."""
    return float(frame.get_masses().sum() / frame.get_volume() * _DENSITY)


def _rms(values: Sequence[NDArray[np.float64]]) -> float:
    return float(np.sqrt(np.mean(np.concatenate([value.ravel() for value in values]) ** 2)))
