"""The paths of one reaction: by the potential, and by the teacher on the same images or on a path of its own."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ionspice.core import RunError
from ionspice.electrolytes.barriers.end_states import (
    check_end_states,
    handed_over,
    packed_pair,
    pair_of,
    read_end_states,
)
from ionspice.electrolytes.barriers.path import (
    ReactionPath,
    between,
    minimum_energy_path,
    path_of_labels,
    relaxed,
)
from ionspice.electrolytes.labels.ase_teachers import label_by_calculator, label_by_tblite
from ionspice.electrolytes.labels.campaign import label_frames
from ionspice.electrolytes.potential.calculator import DeepPotential
from ionspice.electrolytes.study.barriers import BarrierSection
from ionspice.electrolytes.study.jobs import JobsSection
from ionspice.electrolytes.study.teacher import TeacherSection

if TYPE_CHECKING:
    from ase import Atoms

POTENTIAL_NAME = "potential"


def reaction_paths(
    section: BarrierSection,
    geometries: Mapping[str, "Atoms"],
    models: Sequence[Path],
    teacher: TeacherSection,
    jobs: JobsSection,
    directory: Path,
) -> Iterator[ReactionPath]:
    """Yield the paths of a reaction, that of the potential first.

    Args:
        section: the reaction.
        geometries: of the molecules, by name.
        models: of the potential, the first of which makes the path; none: the teacher makes it alone.
        teacher: what is asked behind.
        jobs: where the teacher runs.
        directory: folder of the liquid, which keeps the teacher's labels.

    Raises:
        RunError: an end state does not relax or does not stay, or the teacher has no answer.
    """
    name = name_of(teacher)
    path = None
    if models:
        path = _path_of_potential(section, geometries, models)
        yield path
    if section.path == "teacher" or path is None:
        calculator = _labelling(teacher, jobs, directory)
        if path is None:
            yield _path(section, geometries, calculator, name)
            return
        ends = [relaxed(image, calculator, force=section.force, steps=section.steps) for image in _ends(path)]
        images = [ends[0], *path.images[1:-1], ends[1]]
        yield minimum_energy_path(images, calculator, name, force=section.force, steps=section.steps)
    elif section.teacher:
        labelled = label_frames([_bare(image) for image in path.images], teacher, jobs, directory)
        if labelled.refused:
            raise RunError(f"{name} refuses images of {section.name}: {'; '.join(labelled.refused.values())[:300]}")
        for given, own in zip(path.images, labelled.frames, strict=True):
            own.set_constraint(given.constraints)
        yield path_of_labels(labelled.frames, f"{name} on the images of the potential")


def name_of(teacher: TeacherSection) -> str:
    """Return how records call a level of theory."""
    if teacher.program == "cp2k":
        dispersion = "" if teacher.dispersion == "none" else f"-{teacher.dispersion}"
        return f"CP2K {teacher.functional}{dispersion}/{teacher.basis}"
    return teacher.method if teacher.program == "tblite" else teacher.calculator


def _path_of_potential(
    section: BarrierSection, geometries: Mapping[str, "Atoms"], models: Sequence[Path]
) -> ReactionPath:
    """Return the path of the first model, with how far all models are apart on it."""
    with DeepPotential(models[:1]) as potential:
        path = _path(section, geometries, potential.calculator(), POTENTIAL_NAME)
    if len(models) == 1:
        return path
    with DeepPotential(models) as potential:
        found = potential.evaluate(path.images)
    return replace(path, deviation=float(found.deviation.max()))


def _path(section: BarrierSection, geometries: Mapping[str, "Atoms"], calculator: Any, by: str) -> ReactionPath:
    """Return the path between end states that are relaxed by the same calculator."""
    force, steps = section.force, section.steps
    if section.start:
        start, end = (relaxed(state, calculator, force=force, steps=steps) for state in read_end_states(section))
    else:
        pair = pair_of(section, geometries[section.donor], geometries[section.acceptor])
        start = relaxed(packed_pair(section, pair, geometries), calculator, force=force, steps=steps)
        end = relaxed(handed_over(start, pair), calculator, force=force, steps=steps)
        check_end_states(start, end, pair)
    return minimum_energy_path(between(start, end, section.images), calculator, by, force=force, steps=steps)


def _ends(path: ReactionPath) -> tuple["Atoms", "Atoms"]:
    return path.images[0], path.images[-1]


def _bare(image: "Atoms") -> "Atoms":
    """Return an image that a label's file can hold: atoms and cell."""
    bare = image.copy()
    bare.set_constraint()
    return bare


def _labelling(teacher: TeacherSection, jobs: JobsSection, directory: Path) -> Any:
    """Return a calculator of ASE by a teacher; answers of CP2K are kept as labels, so that none is computed twice."""
    from ase.calculators.calculator import Calculator, all_changes

    def answer(frame: "Atoms") -> tuple[float, Any]:
        if teacher.program == "cp2k":
            (label,) = label_frames([frame], teacher, jobs, directory).frames
            return float(label.get_potential_energy()), label.get_forces()
        if teacher.program == "tblite":
            found = label_by_tblite(frame, method=teacher.method)
        else:
            found = label_by_calculator(frame, calculator=teacher.calculator, arguments=teacher.arguments)
        return found.energy, found.forces

    class TeacherCalculator(Calculator):  # type: ignore[misc]
        implemented_properties = ("energy", "free_energy", "forces")

        def calculate(
            self, atoms: Any = None, properties: Any = ("energy",), system_changes: Any = all_changes
        ) -> None:
            super().calculate(atoms, properties, system_changes)
            energy, forces = answer(_bare(atoms))
            self.results = {"energy": energy, "free_energy": energy, "forces": forces}

    return TeacherCalculator()
