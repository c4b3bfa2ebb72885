"""The `ionspice` command. It loads what a command needs when that command runs, so that `--help` is quick.

Exit status: 0 done, 1 a run failed, 2 bad input.
"""

import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ionspice.core import InputError, IonspiceError

if TYPE_CHECKING:
    from ionspice.pipeline.case import Case

app = typer.Typer(
    help="From ion-transport field simulations of 2D-material nanoslits to resistance laws and SPICE circuits.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

CaseFile = Annotated[Path, typer.Argument(metavar="CASE", help="case file (TOML, see docs/case-file.md)")]
Output = Annotated[Path, typer.Option("-o", "--output", metavar="DIR", help="folder for the results")]
RunFolder = Annotated[Path, typer.Argument(metavar="DIR", help="folder of a run")]
Layers = Annotated[int | None, typer.Option("--layers", help="number of sheets, default as in the case")]


def main() -> None:
    """Run the command line; failures become one message and an exit status, on all MPI ranks."""
    from ionspice.pipeline.parallel import rank_of, world

    try:
        app()
    except IonspiceError as error:
        if rank_of(world()) == 0:
            print(f"ionspice: {error}", file=sys.stderr)
        sys.exit(error.exit_status)
    except Exception:
        comm = world()
        if comm is None:
            raise
        # The other ranks may wait for this one for ever.
        traceback.print_exc()
        comm.Abort(1)


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"ionspice {version('ionspice')}")
        raise typer.Exit


@app.callback()
def _common(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="show the version")
    ] = False,
) -> None:
    pass


@app.command()
def run(
    case: CaseFile,
    output: Output,
    until: Annotated[str, typer.Option("--until", metavar="STAGE", help="the last stage wanted")] = "report",
) -> None:
    """Run every stage in turn: mesh, solve, discover, export, simulate, compare, report.

    A stage whose inputs did not change is not run again; after a failure the run goes on from what it kept.
    """
    from ionspice.pipeline.stages import REPORT, STAGES

    names = [stage.name for stage in STAGES]
    if until not in names:
        raise InputError(f"--until {until} is no stage; use one of {', '.join(names)}")
    _run(case, output, stages=names[: names.index(until) + 1])
    if until == "report":
        _say(f"report: {output / REPORT}")


@app.command()
def sweep(
    study: Annotated[Path, typer.Argument(metavar="STUDY", help="study file (TOML, see docs/campaigns.md)")],
    output: Output,
    jobs: Annotated[int | None, typer.Option("--jobs", help="cases at once, default as many as cores allow")] = None,
    case: Annotated[str | None, typer.Option("--case", metavar="NAME", help="run this case only")] = None,
    slurm: Annotated[bool, typer.Option("--slurm", help="write and submit a Slurm array, one task a case")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="with --slurm: write the script only")] = False,
) -> None:
    """Run a campaign: the cases of a study file, several at once, and collect them in campaign.nc.

    An interrupted campaign goes on where it stopped. A case that fails does not stop the others.
    """
    from ionspice.core import RunError
    from ionspice.pipeline.campaign import run_campaign
    from ionspice.pipeline.campaign_table import collect, write_campaign
    from ionspice.pipeline.console import reporter_for
    from ionspice.pipeline.slurm import submit, write_script
    from ionspice.pipeline.study_file import read_study_file

    plan = read_study_file(study)
    if case is not None and case not in plan.cases:
        raise InputError(f"--case {case} is not in {study}; use one of {', '.join(plan.cases)}")
    if slurm:
        script = write_script(plan, study, output)
        _say(str(script) if dry_run else submit(script))
        return
    chosen = plan.cases if case is None else {case: plan.cases[case]}
    outcome = run_campaign(chosen, output, until=plan.until, jobs=jobs, ranks=plan.ranks, reporter=reporter_for(0))
    if case is None:
        _say(str(write_campaign(collect(output, plan.varied, outcome), output)))
    failed = {name: reason for name, reason in outcome.items() if reason is not None}
    if failed:
        lines = "".join(f"\n  {name}: {reason}" for name, reason in failed.items())
        raise RunError(f"{len(failed)} of {len(outcome)} cases failed; the same command tries them again:{lines}")


@app.command()
def reproduce(
    output: Output,
    quick: Annotated[bool, typer.Option("--quick", help="coarse meshes and few points, a few minutes")] = False,
    jobs: Annotated[int | None, typer.Option("--jobs", help="cases at once, default as many as cores allow")] = None,
) -> None:
    """Test every claim of the reference study: field runs, laws, circuits, verdicts and a report.

    An interrupted run goes on where it stopped. A case that fails does not stop the others.
    """
    from rich.console import Console
    from rich.table import Table

    from ionspice.core import RunError
    from ionspice.pipeline.claims import FILE_NAME
    from ionspice.pipeline.console import reporter_for
    from ionspice.pipeline.study import reproduce as run_reproduction
    from ionspice.pipeline.study_report import write_study_report

    claims, failed = run_reproduction(output, quick=quick, jobs=jobs, reporter=reporter_for(0))
    table = Table(box=None, pad_edge=False)
    for header in ("", "verdict", "number", "of", "condition"):
        table.add_column(header, overflow="fold")
    for claim in claims:
        number = "" if claim.value is None else f"{claim.value:.4g}"
        table.add_row(claim.id, claim.verdict, number, claim.unit, claim.condition)
    Console().print(table)
    _say(str(output / FILE_NAME))
    _say(f"report: {write_study_report(output)}")
    if failed:
        lines = "".join(f"\n  {name}: {reason}" for name, reason in failed.items())
        raise RunError(f"{len(failed)} cases failed; the same command tries them again:{lines}")


@app.command()
def mesh(case: CaseFile, output: Output) -> None:
    """Write mesh.msh (gmsh 4.1 with named physical groups)."""
    _run(case, output, stages=["mesh"], always=["mesh"])


@app.command()
def solve(
    case: CaseFile,
    output: Output,
    restart: Annotated[bool, typer.Option("--restart", help="go on from the checkpoint in DIR")] = False,
) -> None:
    """Solve the field model and write observables.nc; also as: mpiexec -n N ionspice solve ..."""
    _run(case, output, stages=["mesh", "solve"], always=["solve"], restart=restart)


@app.command()
def discover(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="folder of a run, or for the law")] = Path(),
    data: Annotated[
        Path | None,
        typer.Option("--data", metavar="FILE.csv", help="a table instead: charge,voltage_integral or any columns"),
    ] = None,
    x: Annotated[
        str | None, typer.Option("--x", metavar="NAMES", help="with --data: columns that the formula uses, a,b,...")
    ] = None,
    y: Annotated[
        str | None, typer.Option("--y", metavar="NAME", help="with --data: the column that the formula gives")
    ] = None,
    units: Annotated[
        str | None,
        typer.Option("--units", metavar='"a=C/m,b=V*s"', help="with --data: units, where the header has none"),
    ] = None,
    seeds: Annotated[
        int | None, typer.Option("--seeds", min=1, help="searches that tell how stable the form is, default 1")
    ] = None,
    hall_of_fame: Annotated[
        Path | None,
        typer.Option("--hall-of-fame", metavar="FILE", help="keep the search's best in FILE, go on from it"),
    ] = None,
) -> None:
    """Find the resistance law and write law.json; also as: mpiexec -n N ionspice discover ...

    With --data the law of a table, or with --x and --y a formula for any columns (formula.json); front and fit are
    drawn in law_front.svg and law_front.png.
    """
    if data is None:
        if x or y or units:
            raise InputError("--x, --y and --units name columns of a table; give it with --data FILE.csv")
        from ionspice.pipeline.runner import case_of

        case = case_of(directory)
        if seeds is not None:
            case = case.model_copy(update={"discovery": case.discovery.model_copy(update={"seeds": seeds})})
        _run_case(case, directory, stages=["discover"], always=["discover"], hall_of_fame=hall_of_fame)
        _print_law(directory)
        return
    if (x is None) != (y is None):
        raise InputError("--x and --y belong together: the columns that a formula uses, and the one that it gives")
    from ionspice.pipeline.parallel import world
    from ionspice.pipeline.table_discovery import discover_formula, discover_table_law

    if x is None or y is None:
        discover_table_law(
            data, directory, units=units, seeds=seeds or 1, hall_of_fame=hall_of_fame, comm=world(), say=_say
        )
        _print_law(directory)
    else:
        names = [name.strip() for name in x.split(",")]
        discover_formula(data, directory, x=names, y=y.strip(), units=units, seeds=seeds or 1, comm=world(), say=_say)


@app.command()
def export(
    directory: RunFolder,
    dialect: Annotated[
        str, typer.Option("--dialect", help="ngspice, xyce, ltspice, verilog-a, kicad, ...; an unknown one lists all")
    ] = "ngspice",
    layers: Layers = None,
    area: Annotated[
        str | None, typer.Option("--area", metavar='"1 cm^2"', help="electrode area, default as in the case")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="default DIR/ncm_<layers>.<suffix>")
    ] = None,
) -> None:
    """Write the circuit as a device for a circuit simulator."""
    from ionspice.circuits import DIALECT_SUFFIXES
    from ionspice.pipeline.devices import export_device
    from ionspice.pipeline.runner import case_of
    from ionspice.pipeline.units import read_area

    if dialect not in DIALECT_SUFFIXES:
        raise InputError(f"--dialect {dialect} is unknown; use one of {', '.join(DIALECT_SUFFIXES)}")
    if output is not None and layers is None:
        raise InputError(f"-o {output} is one file; say which circuit with --layers")
    case = case_of(directory)
    square_metres = case.circuit.area if area is None else read_area(area, source="--area")
    for number in _layers(case, layers):
        suffix = DIALECT_SUFFIXES[dialect] if dialect == "ngspice" else f"{dialect}.{DIALECT_SUFFIXES[dialect]}"
        target = output or directory / f"ncm_{number}.{suffix}"
        for file in export_device(directory, case, dialect=dialect, layers=number, area=square_metres, path=target):
            _say(str(file))


@app.command()
def predict(
    directory: Annotated[Path, typer.Argument(metavar="CAMPAIGN", help="folder of `ionspice sweep`")],
    at: Annotated[
        list[str], typer.Option("--at", metavar='"KEY = VALUE"', help="once for every key that the campaign varied")
    ],
    layers: Annotated[int, typer.Option("--layers", metavar="N", help="number of sheets")],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="the device")],
    dialect: Annotated[str, typer.Option("--dialect", help="as of `ionspice export`")] = "ngspice",
    area: Annotated[str, typer.Option("--area", metavar='"1 cm^2"', help="electrode area")] = "1 cm^2",
) -> None:
    """Write a device for conditions between those of a campaign, without a field run."""
    from ionspice.circuits import print_device
    from ionspice.core import replacing
    from ionspice.pipeline.campaign_prediction import predict_device
    from ionspice.pipeline.units import read_area

    conditions = _pairs(at, "--at", "geometry.slit = 1.7 nm")
    circuit = predict_device(directory, conditions, layers=layers)
    text = print_device(circuit, dialect, area=read_area(area, source="--area"))
    with replacing(output) as temporary:
        temporary.write_text(text, encoding="utf-8")
    _say(str(output))


@app.command()
def simulate(
    directory: RunFolder,
    layers: Layers = None,
    gamma: Annotated[float | None, typer.Option("--gamma", help="in place of the law's, 0 to 1")] = None,
    rc_scale: Annotated[float, typer.Option("--rc-scale", help="factor on the law's Rc")] = 1.0,
    drive: Annotated[
        list[str] | None,
        typer.Option("--drive", metavar='"KEY = VALUE"', help="a key of [drive] in place of the case's, repeatable"),
    ] = None,
    samples: Annotated[
        int, typer.Option("--samples", min=0, help="circuits with random errors, for a 95 % band of the current")
    ] = 0,
) -> None:
    """Simulate NCM and TLM under the case's drive by PySpice; write circuit.nc, and per circuit a table and a figure.

    Without options circuit.nc is what `ionspice run` makes; with options it holds the circuits asked for. Other
    rates and windows: --drive "amplitude = 0.2 V" --drive "scan_rate = 1e5 V/s"; other experiments: --drive
    "kind = step", or "kind = current" (galvanostatic), with their keys.
    """
    from ionspice.pipeline.case import with_drive
    from ionspice.pipeline.devices import CIRCUIT, simulate_devices, write_tables
    from ionspice.pipeline.runner import case_of

    case = case_of(directory)
    if layers is None and gamma is None and rc_scale == 1 and not drive and not samples:
        _run_again(directory, "simulate")
    else:
        if drive:
            case = with_drive(case, _pairs(drive, "--drive", "amplitude = 0.2 V"), source="--drive")
        chosen = _layers(case, layers)
        simulate_devices(directory, case, layers=chosen, gamma=gamma, resistance_scale=rc_scale, samples=samples)
    for file in (directory / CIRCUIT, *write_tables(directory, case)):
        _say(str(file))


@app.command()
def eis(
    directory: RunFolder,
    layers: Layers = None,
    bias: Annotated[float, typer.Option("--bias", metavar="V", help="potential of the electrode")] = 0.0,
) -> None:
    """Compute the impedance spectrum of the circuit at a bias and write impedance_<layers>.csv and .svg."""
    from ionspice.circuits import simulate_impedance, write_impedance_csv
    from ionspice.core import replacing
    from ionspice.pipeline.devices import read_device
    from ionspice.pipeline.figures_impedance import draw_impedance
    from ionspice.pipeline.figures_style import to_svg
    from ionspice.pipeline.runner import case_of

    case = case_of(directory)
    for number in _layers(case, layers):
        circuit = read_device(
            directory, layers=number, terms=case.circuit.capacitance_terms, charge=case.circuit.charge
        )
        target = directory / f"impedance_{number}.csv"
        spectrum = simulate_impedance(circuit, bias=bias)
        write_impedance_csv(target, spectrum)
        figure = draw_impedance(spectrum)
        with replacing(target.with_suffix(".svg")) as temporary:
            temporary.write_text(to_svg(figure), encoding="utf-8")
        _say(f"{target}\n{target.with_suffix('.svg')}")


@app.command()
def report(directory: RunFolder) -> None:
    """Write report.html, self-contained, and figures/."""
    _run_again(directory, "report")
    from ionspice.pipeline.stages import REPORT

    _say(f"report: {directory / REPORT}")


@app.command()
def doctor() -> None:
    """Show what is installed, what is missing and how to add it; exit status 1 if something required is missing."""
    from rich.console import Console
    from rich.table import Table

    from ionspice.pipeline.doctor import examine

    findings = examine()
    table = Table(box=None, pad_edge=False)
    for header in ("", "what", "needed for", "found", "how to add it"):
        table.add_column(header, overflow="fold")
    for finding in findings:
        mark = "ok" if finding.found else "MISSING" if finding.required else "none"
        table.add_row(mark, finding.name, finding.needed_for, finding.found, "" if finding.found else finding.remedy)
    Console().print(table)
    if any(finding.missing for finding in findings):
        raise typer.Exit(1)


def _run(case_file: Path, output: Path, **choices: object) -> None:
    from ionspice.pipeline.case import read_case
    from ionspice.pipeline.parallel import on_first_rank, world

    case = on_first_rank(world(), lambda: read_case(case_file))
    _run_case(case, output, **choices)


def _run_case(case: "Case", output: Path, **choices: object) -> None:
    from ionspice.pipeline.console import reporter_for
    from ionspice.pipeline.parallel import rank_of, world
    from ionspice.pipeline.runner import run

    comm = world()
    run(case, output, comm=comm, reporter=reporter_for(rank_of(comm)), **choices)  # type: ignore[arg-type]


def _run_again(directory: Path, stage: str, **choices: object) -> None:
    """Run one stage of an existing folder with the folder's own case."""
    from ionspice.pipeline.runner import case_of

    _run_case(case_of(directory), directory, stages=[stage], always=[stage], **choices)


def _pairs(texts: list[str], option: str, example: str) -> dict[str, str]:
    """Return what was given as "KEY = VALUE"."""
    unreadable = [text for text in texts if "=" not in text]
    if unreadable:
        raise InputError(f'{option} {unreadable[0]!r} is not "KEY = VALUE"; write {option} "{example}"')
    pairs = [text.split("=", 1) for text in texts]
    return {key.strip(): value.strip() for key, value in pairs}


def _layers(case: "Case", layers: int | None) -> tuple[int, ...]:
    return case.circuit.layers if layers is None else (layers,)


def _print_law(directory: Path) -> None:
    from ionspice.discovery import read_law, to_infix
    from ionspice.pipeline.devices import LAW

    law = read_law(directory / LAW)
    _say(f"law: R = {to_infix(law.resistance)}")
    _say(f"{directory / LAW}")


def _say(text: str) -> None:
    from ionspice.pipeline.parallel import rank_of, world

    if rank_of(world()) == 0:
        typer.echo(text)


if __name__ == "__main__":
    main()
