"""`ionspice discover`: a law, of a run or of a table."""

from pathlib import Path
from typing import Annotated, Any

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
        str | None, typer.Option("--y", metavar="NAMES", help="with --data: the columns that formulas give, y,...")
    ] = None,
    units: Annotated[
        str | None,
        typer.Option("--units", metavar='"a=C/m,b=V*s"', help="with --data: units, where the header has none"),
    ] = None,
    seeds: Annotated[
        int | None, typer.Option("--seeds", min=1, help="searches whose laws are gathered and counted, default 3")
    ] = None,
    dropna: Annotated[
        bool, typer.Option("--dropna", help="with --x and --y: leave out rows that lack a value in these columns")
    ] = False,
    loss: Annotated[
        str | None,
        typer.Option(
            "--loss", metavar="NAME", help="with --data: squares, or huber, soft_l1 where rows are outliers"
        ),
    ] = None,
    functions: Annotated[
        str | None,
        typer.Option(
            "--functions", metavar="NAMES", help="with --data: operators that formulas use, add,mul,exp,..."
        ),
    ] = None,
    accuracy: Annotated[
        float | None,
        typer.Option(
            "--accuracy", min=0.0, help="with --data: error of the numbers over their standard deviation, default 0"
        ),
    ] = None,
    constraints: Annotated[
        str | None,
        typer.Option(
            "--constraints",
            metavar='"y >= 0; rising in a"',
            help="with --x and --y: bounds, rising, falling, convex, concave in a column, or a value at a point, "
            "y(0) = 1",
        ),
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
        if dropna or loss or functions or constraints or accuracy is not None:
            raise InputError(
                "--dropna, --loss, --functions, --constraints and --accuracy are for tables; set those of a run in "
                "its case file"
            )
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

    if dropna and x is None:
        raise InputError("--dropna needs --x and --y: a law needs every row of its series")
    if constraints is not None and x is None:
        raise InputError("--constraints needs --x and --y: a law rises from the origin as it is")
    search = _search_settings(loss, functions, accuracy)
    comm = world()
    with locked(directory, comm):
        if x is None or y is None:
            discover_table_law(
                data,
                directory,
                units=units,
                seeds=seeds,
                search=search,
                hall_of_fame=hall_of_fame,
                comm=comm,
                say=say,
            )
            print_law(directory)
        else:
            discover_formula(
                data,
                directory,
                x=_names(x),
                y=_names(y),
                units=units,
                seeds=seeds,
                dropna=dropna,
                constraints=constraints,
                search=search,
                comm=comm,
                say=say,
            )


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",")]


def _search_settings(loss: str | None, functions: str | None, accuracy: float | None) -> dict[str, Any]:
    """Return the settings of the search that are given."""
    given = {"loss": loss, "functions": None if functions is None else tuple(_names(functions)), "accuracy": accuracy}
    return {name: value for name, value in given.items() if value is not None}


def print_law(directory: Path) -> None:
    """Say which law was found and where it was written."""
    from ionspice.core.run_files import LAW
    from ionspice.discovery import read_law, to_infix

    law = read_law(directory / LAW)
    say(f"law: R = {to_infix(law.resistance)}")
    say(f"{directory / LAW}")
