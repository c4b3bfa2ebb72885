"""`ionspice electrolyte analyse` and `transfer`: from trajectories to transport.json and electrolyte.toml."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ionspice.core import InputError
from ionspice.pipeline.cli.app import Output, pairs, say
from ionspice.pipeline.cli.electrolyte import StudyFile, electrolyte

if TYPE_CHECKING:
    from ionspice.electrolytes.properties import PropertyInputs
    from ionspice.electrolytes.transport.record import RunTransport


@electrolyte.command()
def analyse(
    output: Output,
    study: Annotated[Path | None, typer.Argument(metavar="[STUDY]", help="study file of a liquid (TOML)")] = None,
    trajectory: Annotated[
        Path | None, typer.Option("--trajectory", help="anybody's trajectory, instead of the runs of the folder")
    ] = None,
    temperature: Annotated[str, typer.Option("--temperature", help='of the trajectory, such as "300 K"')] = "",
    charge: Annotated[
        list[str] | None, typer.Option("--charge", help='of its molecules, such as "AlCl4 = -1"; once for each')
    ] = None,
    ensemble: Annotated[str, typer.Option("--ensemble", help="of the trajectory: NVE, NVT or NPT")] = "NVT",
    velocities: Annotated[Path | None, typer.Option("--velocities", help="its velocities, if apart")] = None,
    topology: Annotated[
        Path | None, typer.Option("--topology", help="file with its atoms, for DCD, XTC and others")
    ] = None,
    data: Annotated[Path | None, typer.Option("--data", help="LAMMPS's data file of the run")] = None,
    type_map: Annotated[str, typer.Option("--type-map", help='elements by atom type, such as "C N H Al Cl"')] = "",
    timestep: Annotated[str, typer.Option("--timestep", help='of the run, such as "0.5 fs"')] = "",
    interval: Annotated[str, typer.Option("--interval", help='between frames, such as "50 fs"')] = "",
    cell: Annotated[str, typer.Option("--cell", help='three edges, such as "20 20 20 angstrom"')] = "",
    bond: Annotated[
        str, typer.Option("--bond", help='by which species are told: "Al-Cl, 2.6 angstrom, 3.2 angstrom"')
    ] = "",
) -> None:
    """Measure diffusion, conductivity, structure, vibrations and species of the runs in the folder.

    With --trajectory any file that LAMMPS, CP2K, ASE or another program wrote is measured, without a study.
    """
    if (study is None) == (trajectory is None):
        raise InputError("analyse needs a study or --trajectory FILE, one of the two; give it, or take one away")
    if trajectory is None:
        assert study is not None  # or it was refused
        inputs = _of_study(study, output)
    else:
        given = {"velocities": velocities, "topology": topology, "data_file": data, "ensemble": ensemble}
        texts = {"temperature": temperature, "timestep": timestep, "interval": interval, "cell": cell}
        inputs = _of_trajectory(trajectory, given, texts, type_map.split(), charge or [], bond)
    _analyse(inputs, output)


@electrolyte.command()
def transfer(study: StudyFile, output: Output) -> None:
    """Make electrolyte.toml, which a case reads, of transport.json and the study's [transfer]."""
    from ionspice.core.console import reporter_for
    from ionspice.core.stages import run_chain
    from ionspice.electrolytes.files import ELECTROLYTE
    from ionspice.electrolytes.properties import transfer_inputs, transfer_stage
    from ionspice.electrolytes.study.file import read_liquid

    run_chain([transfer_stage()], transfer_inputs(read_liquid(study)), output, reporter=reporter_for(0))
    say(f"electrolyte: {output / ELECTROLYTE}")


def _of_study(study: Path, output: Path) -> "PropertyInputs":
    from ionspice.electrolytes.files import DYNAMICS
    from ionspice.electrolytes.properties import inputs_of
    from ionspice.electrolytes.study.file import read_liquid
    from ionspice.electrolytes.transport.runs import find_runs

    runs = find_runs(output)
    if not runs:
        raise InputError(
            f"{output / DYNAMICS} has no run (a folder with run.json); make one with ionspice electrolyte dynamics, "
            "or give --trajectory FILE"
        )
    return inputs_of(read_liquid(study), output, runs)


def _of_trajectory(
    trajectory: Path,
    given: dict[str, Any],
    texts: dict[str, str],
    type_map: list[str],
    charges: list[str],
    bond: str,
) -> "PropertyInputs":
    from ionspice.electrolytes.properties import PropertyInputs
    from ionspice.electrolytes.study.analysis import AnalysisSection
    from ionspice.electrolytes.study.transfer import TransferSection
    from ionspice.electrolytes.study.units import Distance, Duration, Kelvin
    from ionspice.electrolytes.transport.runs import RunDescription

    if given["ensemble"] not in ("NVE", "NVT", "NPT"):
        raise InputError(f'--ensemble "{given["ensemble"]}" is not a choice; use NVE, NVT or NPT')
    if not texts["temperature"]:
        raise InputError('--trajectory needs its temperature; give --temperature "300 K"')
    # fs to ps
    times = {key: _quantity(Duration, texts[key], key) * 1e-3 for key in ("timestep", "interval") if texts[key]}
    name = Path(trajectory.name.removesuffix(".gz")).stem
    run = RunDescription(
        name=name,
        composition=name,
        temperature=_quantity(Kelvin, texts["temperature"], "temperature"),
        positions=trajectory,
        type_map=tuple(type_map),
        cell=_edges(texts["cell"], Distance) if texts["cell"] else None,
        timestep=times.get("timestep"),
        interval=times.get("interval"),
        **given,
    )
    return PropertyInputs(
        runs=(run,),
        charges=_charges(charges),
        names={},
        analysis=AnalysisSection(bonds=_bond(bond, Distance) if bond else None),
        transfer=TransferSection(),
    )


def _charges(texts: list[str]) -> dict[str, int]:
    given = pairs(texts, "--charge", "AlCl4 = -1")
    try:
        return {formula: int(charge) for formula, charge in given.items()}
    except ValueError as error:
        raise InputError(f"--charge: {error}; write whole charges such as 1 or -1") from error


def _quantity(kind: Any, text: str, option: str) -> float:
    try:
        value = float(kind.__value__.__metadata__[0].parse(text))
    except ValueError as error:
        raise InputError(f'--{option} "{text}" {error}') from error
    if not value > 0:
        raise InputError(f'--{option} "{text}" must be greater than 0; give a larger value')
    return value


def _edges(text: str, distance: Any) -> tuple[float, float, float]:
    *numbers, unit = text.split()
    if len(numbers) != 3:
        raise InputError(f'--cell "{text}" must be three numbers and a unit; write --cell "20 20 20 angstrom"')
    a, b, c = (_quantity(distance, f"{number} {unit}", "cell") for number in numbers)
    return a, b, c


def _bond(text: str, distance: Any) -> Any:
    from ionspice.electrolytes.study.analysis import BondSection

    parts = [part.strip() for part in text.split(",")]
    elements = parts[0].split("-")
    if len(parts) != 3 or len(elements) != 2:
        raise InputError(f'--bond "{text}" is not understood; write --bond "Al-Cl, 2.6 angstrom, 3.2 angstrom"')
    made, broken = (_quantity(distance, part, "bond") for part in parts[1:])
    try:
        return BondSection(centre=elements[0], ligand=elements[1], made=made, broken=broken)
    except ValueError as error:
        raise InputError(f'--bond "{text}" is not right: {error}; correct it') from error


def _analyse(inputs: "PropertyInputs", output: Path) -> None:
    from ionspice.core.console import reporter_for
    from ionspice.core.stages import run_chain
    from ionspice.electrolytes.files import TRANSPORT
    from ionspice.electrolytes.properties import property_chain
    from ionspice.electrolytes.transport.record import read_transport
    from ionspice.pipeline.report.liquid import figures_stage

    output.mkdir(parents=True, exist_ok=True)
    chain = (*property_chain(inputs, transfer=False), figures_stage())
    run_chain(chain, inputs, output, reporter=reporter_for(0))
    for run in read_transport(output / TRANSPORT).runs:
        for line in _summary(run):
            say(line)
    say(f"transport: {output / TRANSPORT}")


def _summary(run: "RunTransport") -> list[str]:
    from ionspice.electrolytes.transport.record import shortfall

    motions = {one.name: one.diffusion for one in run.species} or run.elements
    lines = [f"{run.name}: {run.atoms} atoms, {run.length:g} ps at {run.temperature:g} K"]
    for name, motion in motions.items():
        value, guess = motion.coefficient, "" if motion.diffusive else f" (a guess, {shortfall(motion)})"
        lines.append(f"  D of {name}: {value.value:.3g} ({value.low:.3g} to {value.high:.3g}) cm^2/s{guess}")
    if run.conductivity is not None:
        value = run.conductivity.helfand
        haven = run.conductivity.haven.value
        guess = "" if run.conductivity.diffusive else f" (a guess, {shortfall(run.conductivity)})"
        lines.append(
            f"  conductivity: {value.value:.3g} ({value.low:.3g} to {value.high:.3g}) mS/cm, Haven ratio "
            f"{haven:.3g}{guess}"
        )
    return lines + [f"  {what}: not measured: {reason}" for what, reason in run.missing.items()]
