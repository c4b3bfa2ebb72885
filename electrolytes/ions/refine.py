"""Refine the molecules of a liquid by CP2K, by jobs; what is finished is kept."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from ionspice.core import RunError
from ionspice.core.console import Advance
from ionspice.electrolytes.environment.tools import cp2k_version
from ionspice.electrolytes.files import ION_STORE
from ionspice.electrolytes.ions.cp2k_input import for_molecule
from ionspice.electrolytes.ions.store import MODES, MODES_FORMAT, REFINED, REFINED_FORMAT, is_done
from ionspice.electrolytes.jobs.dispatch import Task, place_of, run_tasks, shares, task_of
from ionspice.electrolytes.labels.cp2k.settings import Cp2kSettings
from ionspice.electrolytes.labels.store import REFUSAL, hash_of, refusal, write_frame
from ionspice.electrolytes.study.jobs import JobsSection

if TYPE_CHECKING:
    from ase import Atoms


def refine_molecules(
    geometries: Mapping[str, "Atoms"],
    charges: Mapping[str, int],
    level: Cp2kSettings,
    jobs: JobsSection,
    directory: Path,
    *,
    vibrations: bool = False,
    advance: Advance = lambda done, whole: None,
) -> dict[str, Path]:
    """Return the folders with the refined molecules, by name; single atoms have nothing to refine.

    Args:
        geometries: where they start, by name.
        charges: of the molecules [e], by name.
        level: level of theory, of no charge.
        jobs: where.
        directory: folder of the liquid.
        vibrations: whether normal modes are wanted too.
        advance: moves the progress bar.

    Raises:
        RunError: CP2K is not there, or a molecule could not be refined; the others are kept.
    """
    molecules = {name: geometry for name, geometry in geometries.items() if len(geometry) > 1}
    settings = {name: for_molecule(level, charges[name]) for name in molecules}
    store = (directory / ION_STORE).resolve()
    folders = {name: store / hash_of(molecule, asdict(settings[name])) for name, molecule in molecules.items()}
    left = {name for name, folder in folders.items() if not is_refined(folder, vibrations=vibrations)}
    if left and not cp2k_version(jobs.cp2k):
        raise RunError("CP2K is not on this machine; ionspice electrolyte setup installs it")
    for name in left:
        folders[name].mkdir(parents=True, exist_ok=True)
        (folders[name] / REFUSAL).unlink(missing_ok=True)
        write_frame(folders[name], molecules[name])
    ended: set[str] = set()

    def look() -> None:
        ended.update(n for n in left if is_refined(folders[n], vibrations=vibrations) or refusal(folders[n]))
        advance(len(folders) - len(left - ended), len(folders))

    place = place_of(directory, "ions", [sorted(map(str, folders.values())), vibrations])
    # the small ones first: each is kept as soon as it is there
    names = sorted(left, key=lambda name: (len(molecules[name]), name))
    wanted = {str(folders[name]): settings[name] for name in names}
    run_tasks(_tasks(wanted, jobs, vibrations=vibrations), jobs, place, look=look)
    _check(folders, vibrations=vibrations)
    return folders


def is_refined(folder: Path, *, vibrations: bool) -> bool:
    """Return whether a folder has all that is wanted of a molecule."""
    return is_done(folder / REFINED, REFINED_FORMAT) and (not vibrations or is_done(folder / MODES, MODES_FORMAT))


def _tasks(settings: Mapping[str, Cp2kSettings], jobs: JobsSection, *, vibrations: bool) -> list[Task]:
    """Return the jobs that refine molecules, whose settings are given by folder."""
    one_each = jobs.model_copy(update={"frames_per_job": 1})
    common = {"vibrations": vibrations, "threads": jobs.threads, "cp2k": jobs.cp2k}
    return [
        task_of(
            "ionspice.electrolytes.ions.work",
            f"{number:04d}",
            {**common, "settings": {folder: asdict(settings[folder]) for folder in share}},
            jobs,
        )
        for number, share in enumerate(shares(list(settings), one_each))
    ]


def _check(folders: Mapping[str, Path], *, vibrations: bool) -> None:
    """Check that every molecule is refined.

    Raises:
        RunError: one is not.
    """
    reasons = {
        name: refusal(folder) or "its job ended before it"
        for name, folder in folders.items()
        if not is_refined(folder, vibrations=vibrations)
    }
    if reasons:
        raise RunError("; ".join(f"{name}: {reason}" for name, reason in reasons.items())[:800])
