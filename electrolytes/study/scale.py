"""The same study at another size: small enough for minutes, or as large as reference studies.

Both are studies like any other, written to the folder with every key, so that the code is the same at any size.
"""

from collections.abc import Mapping, Sequence

from ionspice.electrolytes.study.compositions import BoxSection, CompositionSection
from ionspice.electrolytes.study.file import LiquidStudy
from ionspice.electrolytes.study.potential import PotentialSection
from ionspice.electrolytes.study.sampling import PretrainingSection
from ionspice.electrolytes.study.teacher import TeacherSection

#: compositions and temperatures that a quick study keeps
_QUICK_COMPOSITIONS, _QUICK_TEMPERATURES = 2, 2
#: of one trajectory of all compositions and temperatures, where potentials learn from nothing
_QUICK_FRAMES = 16
#: of every first-principles trajectory
_PAPER_FRAMES = 100
_QUICK_TEACHER = TeacherSection(program="tblite", method="GFN1-xTB")


def quick(study: LiquidStudy, *, least: bool = False) -> LiquidStudy:
    """Return a study that shows every stage on real tools in some minutes on two cores, and proves no physics.

    Args:
        study: the study at its own size.
        least: smaller still, for machines that test every change.
    """
    small = _small(study)[: 1 if least else _QUICK_COMPOSITIONS]
    names = tuple(one.name for one in small)
    temperatures = study.frames.temperatures[:_QUICK_TEMPERATURES]
    frames = study.frames.model_copy(
        update={
            "file": "",
            "compositions": names,
            "temperatures": temperatures,
            "trajectories": 3 if least else 2,
            "frames": _quick_frames(study, len(names) * len(temperatures), least=least),
            "equilibration": 4.0,
            "interval": 4.0,
            "shake": 0.03,
        }
    )
    potential = _quick_potential(study.potential, least=least)
    exploration = study.exploration.model_copy(
        update={
            "rounds": 1,
            "compositions": names[:1],
            # of two runs one is held out
            "temperatures": temperatures,
            "timestep": min(study.exploration.timestep, 0.5),
            "chunk": 10.0,
            "duration": 20.0 if least else 50.0 if potential.start else 300.0,
            "trusted": 0.05,
            "doubtful": 2.0,
            "frames": 4 if least or potential.start else 12,
            "steps": (50 if least else 150) if potential.start else (200 if least else 1500),
        }
    )
    return study.model_copy(
        update={
            "teacher": _QUICK_TEACHER,
            "compositions": tuple(small),
            "frames": frames,
            "pretraining": PretrainingSection(),
            "potential": potential,
            "exploration": exploration,
            "validation": study.validation.model_copy(update={"duration": min(study.validation.duration, 500.0)}),
            "production": _quick_production(study, small, least=least),
            "analysis": study.analysis.model_copy(update={"frames": 50, "persistence": 50.0}),
            "transfer": _quick_transfer(study, small[0].name),
            **_if_there(study, {"barriers": _quick_barriers(study, least=least)}),
            "jobs": study.jobs.model_copy(update={"at_once": max(2, study.jobs.at_once)}),
        }
    )


def paper(study: LiquidStudy) -> LiquidStudy:
    """Return a study whose first frames come of first-principles dynamics of its full boxes.

    Production and the rest stay as the study has them: small compositions, meant for a single machine, are left out.
    """
    small = set(study.frames.compositions)
    full = tuple(one for one in study.compositions if one.name not in small)
    if not full:
        return study
    learnt = tuple(one.name for one in full if not one.held_out)
    frames = study.frames.model_copy(
        update={
            "file": "",
            "compositions": learnt,
            # dynamics by CP2K itself are the teacher's; the other teachers sample by a method of their own
            "method": "teacher" if study.teacher.program == "cp2k" else study.frames.method,
            "largest": 2000,
            "trajectories": 1,
            "frames": _PAPER_FRAMES,
            "equilibration": 500.0,
            "interval": 50.0,
            "timestep": 0.5,
            "hydrogen_mass": 1.0,
            "bends": (),
        }
    )
    return study.model_copy(
        update={
            "compositions": full,
            "frames": frames,
            # thousands of the teacher's own frames need no cheap ones before them
            "pretraining": PretrainingSection(),
            "potential": study.potential.model_copy(
                update={"models": max(4, study.potential.models), "pretraining_steps": 0, "start": ""}
            ),
            "exploration": study.exploration.model_copy(update={"compositions": learnt}),
        }
    )


def _small(study: LiquidStudy) -> list[CompositionSection]:
    """Return the compositions that frames are sampled of, each with its densest box alone.

    Where none is named, they are shrunk to about as many molecules as a quick label allows.
    """
    chosen = [one for one in study.compositions if one.name in study.frames.compositions]
    chosen = chosen or [one for one in study.compositions if not one.held_out]
    return [one.model_copy(update={"boxes": (_middle(one.boxes),)}) for one in chosen]


def _middle(boxes: Sequence[BoxSection]) -> BoxSection:
    return boxes[len(boxes) // 2]


def _quick_frames(study: LiquidStudy, places: int, *, least: bool) -> int:
    """Return the frames of a trajectory: more where potentials learn from nothing.

    Args:
        study: of the liquid.
        places: compositions times temperatures.
        least: whether as few as can be.
    """
    return 3 if least or study.potential.start else max(3, _QUICK_FRAMES // places)


def _quick_potential(section: PotentialSection, *, least: bool) -> PotentialSection:
    """Return [potential] of few steps: of small networks, or of those that it goes on from."""
    few = {"models": 2, "final_learning_rate": 1e-5, "pretraining_steps": 0, "held_out": 0.2}
    own: dict[str, object]
    if section.start:
        own = {"steps": 100 if least else 300, "tuning_rate": 3e-4}
    # few steps need a rate that stays high; a later one would have no steps left to learn by
    elif least:
        own = {"embedding": (8, 16), "fitting": (32, 32), "steps": 1500, "learning_rate": 1e-2, "tuning_rate": 1e-3}
    else:
        own = {"embedding": (16, 32), "fitting": (64, 64), "steps": 8000, "learning_rate": 5e-3, "tuning_rate": 1e-3}
        own |= {"final_learning_rate": 5e-5}
    return section.model_copy(update=few | own)


def _quick_production(study: LiquidStudy, small: Sequence[CompositionSection], *, least: bool) -> object:
    temperature = study.transfer.temperature
    box = small[0].boxes[0].model_copy(update={"temperatures": (temperature,), "ensemble": "NVT"})
    return study.production.model_copy(
        update={
            "compositions": (small[0].model_copy(update={"boxes": (box,)}),),
            "timestep": min(study.production.timestep, 0.5),
            "equilibration": 50.0,
            "duration": 1000.0 if least else 2500.0,
            "positions_every": 5.0,
            "velocities_duration": 0.0 if least else 2100.0,
            "thermostat": "langevin",
            **_if_there(study.production, {"doubtful": 10.0}),
        }
    )


def _quick_barriers(study: LiquidStudy, *, least: bool) -> tuple[object, ...]:
    """Return the first reaction, with few images and steps; the least study has none."""
    few = {"images": 5, "steps": 150, "force": 0.8}
    return tuple(one.model_copy(update=few) for one in getattr(study, "barriers", ())[:1] if not least)


def _quick_transfer(study: LiquidStudy, composition: str) -> object:
    """Return [transfer] of the quick run, which is too short for most of it."""
    return study.transfer.model_copy(update={"composition": composition, "guesses": True})


def _if_there(section: object, values: Mapping[str, object]) -> dict[str, object]:
    """Return values of keys that a section has."""
    return {key: value for key, value in values.items() if hasattr(section, key)}
