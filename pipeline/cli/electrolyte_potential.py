"""`ionspice electrolyte train`, `refine` and `validate`: from labels to a potential, and how good it is."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ionspice.pipeline.cli.app import Output, say
from ionspice.pipeline.cli.electrolyte import StudyFile, electrolyte

if TYPE_CHECKING:
    from ionspice.electrolytes.potential.record import LabelErrors

#: of blocks of labels
_TITLES = {"training": "learnt", "held_out": "held out", "others": "others"}
Labels = Annotated[
    Path | None,
    typer.Option("--labels", help="labels to learn (extended XYZ with energy and forces), instead of the folder's"),
]


@electrolyte.command()
def train(study: StudyFile, output: Output, labels: Labels = None) -> None:
    """Train the models of a potential on labels, on cheap ones before where the study says so."""
    _bring_up_to_date(study, output, labels, ["potential"])
    _say_errors(output)


@electrolyte.command()
def refine(study: StudyFile, output: Output, labels: Labels = None) -> None:
    """Explore by the potential, label what it is in doubt of, and train on, for some rounds."""
    from ionspice.electrolytes.files import REFINING_RECORD
    from ionspice.electrolytes.potential.refining_record import read_refining, round_text

    _bring_up_to_date(study, output, labels, ["boxes", "refine", "potential"])
    for one in read_refining(output / REFINING_RECORD).rounds:
        for line in round_text(one):
            say(line)
    _say_errors(output)


@electrolyte.command()
def validate(study: StudyFile, output: Output, labels: Labels = None) -> None:
    """Compare the potential with its teacher on what was held out, and their radial distributions."""
    from ionspice.electrolytes.files import VALIDATION_RECORD
    from ionspice.electrolytes.potential.validation_record import read_validation

    _bring_up_to_date(study, output, labels, ["boxes", "potential"])
    _run(study, output, labels, ["validate"])
    record = read_validation(output / VALIDATION_RECORD)
    for one in record.compositions:
        known = "known mixture" if one.trained else "new mixture"
        errors = f"{one.energy:.2e} eV/atom, {one.force:.3g} eV/angstrom"
        stress = "" if one.stress is None else f", {one.stress:.2g} GPa"
        say(f"{one.name} ({known}): {one.frames} frames, {errors}{stress}")
    for radial in record.radial:
        say(f"{radial.composition}: g(r) of {radial.pair} differs by {radial.difference:.2g}")
    for what, reason in record.missing.items():
        say(f"{what}: not compared: {reason}")
    say(f"validation: {output / VALIDATION_RECORD}")


@electrolyte.command()
def judge(
    potential: Annotated[Path, typer.Argument(metavar="POTENTIAL", help="folder with potential.json and its models")],
    labels: Annotated[Path, typer.Option("--labels", help="labels (extended XYZ with energy and forces)")],
    *,
    write: Annotated[
        bool, typer.Option("--write", help="the labels are all of its own: write potential.json anew")
    ] = False,
    unseen: Annotated[
        list[str] | None,
        typer.Option("--unseen", help="with --write: composition that was never trained on; once for each"),
    ] = None,
) -> None:
    """Compare a potential with anybody's labels: its errors on what it learnt and on what was held out, or on others.

    With --write potential.json gets the hashes of the models as they are and of the labels, what these cover, and the
    errors; which labels are held out follows from held_out and seed in its settings.
    """
    from ionspice.electrolytes.potential.account import account, restate

    found = restate(potential, labels, unseen=unseen or ()) if write else account(potential, labels)
    say(f"labels: {'those' if found.own else 'not those'} that the potential's record names")
    for block, errors in found.errors.items():
        for name, one in errors.items():
            say(f"{_TITLES[block]}, {name}: {errors_text(one)}")


def _bring_up_to_date(study: Path, output: Path, labels: Path | None, stages: list[str]) -> None:
    from ionspice.electrolytes.learning import learning_stages

    own = [] if labels else ["frames", "label"]
    _run(study, output, labels, ["molecules", *own, *learning_stages(), *stages])


def _run(study: Path, output: Path, labels: Path | None, stages: list[str]) -> None:
    from ionspice.core.console import reporter_for
    from ionspice.electrolytes.stages import run_liquid
    from ionspice.electrolytes.study.file import read_liquid

    run_liquid(read_liquid(study), output, stages=stages, labels=labels, reporter=reporter_for(0))


def _say_errors(output: Path) -> None:
    from ionspice.electrolytes.files import POTENTIAL, POTENTIAL_RECORD
    from ionspice.electrolytes.potential.record import read_potential

    path = output / POTENTIAL / POTENTIAL_RECORD
    record = read_potential(path).record
    for block, errors in record.errors.items():
        for name, one in errors.items():
            say(f"{_TITLES[block]}, {name}: {errors_text(one)}")
    say(f"potential: {path}")


def errors_text(errors: "LabelErrors") -> str:
    """Return what errors say, on one line."""
    stress = "" if errors.stress is None else f", stress {errors.stress:.2g} GPa"
    return (
        f"{errors.frames} frames, energy {errors.energy:.2e} eV/atom, force {errors.force:.3g} of "
        f"{errors.force_size:.3g} eV/angstrom{stress}"
    )
