"""`ionspice electrolyte dynamics` and `barrier`: trajectories by the potential, and barriers of reactions."""

from ionspice.pipeline.cli.app import Output, say
from ionspice.pipeline.cli.electrolyte import StudyFile, electrolyte


@electrolyte.command()
def dynamics(study: StudyFile, output: Output) -> None:
    """Run the mixtures of [production] by the potential; goes on from the last restart file.

    A run is stopped, with the reason, when the potential's models disagree or its energy falls as nothing real does.
    """
    from ionspice.core.console import reporter_for
    from ionspice.electrolytes.files import DYNAMICS
    from ionspice.electrolytes.stages import run_liquid
    from ionspice.electrolytes.study.file import read_liquid
    from ionspice.electrolytes.transport.runs import find_runs

    stages = ["molecules", "production-boxes", "dynamics"]
    run_liquid(read_liquid(study), output, stages=stages, reporter=reporter_for(0))
    for run in find_runs(output):
        say(f"{run.name}: {run.composition}, {run.temperature:g} K, {run.ensemble}")
        for note in run.notes:
            say(f"  doubtful: {note}")
    say(f"trajectories: {output / DYNAMICS}")


@electrolyte.command()
def barrier(study: StudyFile, output: Output) -> None:
    """Find the barriers of the study's [[barriers]] by the potential, with the teacher's energies on the way."""
    from ionspice.core.console import reporter_for
    from ionspice.core.json_files import read_any_json
    from ionspice.electrolytes.files import BARRIER
    from ionspice.electrolytes.stages import run_liquid
    from ionspice.electrolytes.study.file import read_liquid

    run_liquid(read_liquid(study), output, stages=["molecules", "barrier"], reporter=reporter_for(0))
    for path in read_any_json(output / BARRIER, remedy="run again")["paths"]:
        state = "" if path["converged"] else f" (a force of {path['residual_force']:.3g} eV/angstrom is left)"
        say(f"{path['reaction']}, {path['by']}: {path['barrier']:.3f} eV{state}")
    say(f"barriers: {output / BARRIER}")
