"""`ionspice discover`: a law, of a run or of a table."""

from pathlib import Path
from typing import Annotated

import typer

from ionspice.core import InputError
from ionspice.pipeline.cli.app import app, say
from ionspice.pipeline.cli.folder import run_case


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
        from ionspice.pipeline.runs.runner import case_of

        case = case_of(directory)
        if seeds is not None:
            case = case.model_copy(update={"discovery": case.discovery.model_copy(update={"seeds": seeds})})
        run_case(case, directory, stages=["discover"], always=["discover"], hall_of_fame=hall_of_fame)
        print_law(directory)
        return
    if (x is None) != (y is None):
        raise InputError("--x and --y belong together: the columns that a formula uses, and the one that it gives")
    from ionspice.core.locks import locked
    from ionspice.core.mpi import world
    from ionspice.pipeline.runs.table_discovery import discover_formula, discover_table_law

    comm = world()
    with locked(directory, comm):
        if x is None or y is None:
            discover_table_law(
                data, directory, units=units, seeds=seeds or 1, hall_of_fame=hall_of_fame, comm=comm, say=say
            )
            print_law(directory)
        else:
            names = [name.strip() for name in x.split(",")]
            discover_formula(data, directory, x=names, y=y.strip(), units=units, seeds=seeds or 1, comm=comm, say=say)


def print_law(directory: Path) -> None:
    """Say which law was found and where it was written."""
    from ionspice.core.run_files import LAW
    from ionspice.discovery import read_law, to_infix

    law = read_law(directory / LAW)
    say(f"law: R = {to_infix(law.resistance)}")
    say(f"{directory / LAW}")
