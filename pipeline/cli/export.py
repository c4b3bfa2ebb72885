"""`ionspice export`: a device for a circuit simulator."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ionspice.core import InputError
from ionspice.pipeline.cli.app import Layers, RunFolder, app, say
from ionspice.pipeline.cli.folder import circuit_folder, layers_wanted, rails_folder

if TYPE_CHECKING:
    from ionspice.circuits import CellOfTwo
    from ionspice.pipeline.cases.case import Case


_SUFFIX_HELP = "default DIR/ncm_<layers>.<suffix>, with --ions ncm_ions_<layers>.<suffix>"


@app.command()
def export(
    directory: RunFolder,
    dialect: Annotated[
        str, typer.Option("--dialect", help="ngspice, xyce, ltspice, verilog-a, kicad, ...; an unknown one lists all")
    ] = "ngspice",
    layers: Layers = None,
    area: Annotated[
        str | None,
        typer.Option("--area", metavar='"1 cm^2"', help="electrode area, default the case's or the record's"),
    ] = None,
    sections: Annotated[
        str | None,
        typer.Option("--sections", metavar="auto|N", help="a coarse ladder for long stacks, its error in the header"),
    ] = None,
    name: Annotated[
        str | None, typer.Option("--name", help="of the subcircuit or module, default NCM<layers>")
    ] = None,
    full_cell: Annotated[
        bool, typer.Option("--full-cell", help="both electrodes in series, pins POS and NEG; --area is of each")
    ] = False,
    series_resistance: Annotated[
        str | None,
        typer.Option(
            "--series-resistance", metavar='"1 ohm cm^2"', help="of separator and contacts, with --full-cell"
        ),
    ] = None,
    noise: Annotated[
        bool, typer.Option("--noise", help="thermal noise of the resistances; ngspice, kicad (verilog-a always)")
    ] = False,
    ions: Annotated[bool, typer.Option("--ions", help="the circuit with one rail per ion, of rails.json")] = False,
    output: Annotated[Path | None, typer.Option("-o", "--output", metavar="FILE", help=_SUFFIX_HELP)] = None,
) -> None:
    """Write the circuit as a device for a circuit simulator."""
    from ionspice.circuits import DIALECT_SUFFIXES
    from ionspice.core.files import is_stream
    from ionspice.pipeline.cases.quantities import read_area

    if dialect not in DIALECT_SUFFIXES:
        raise InputError(f"--dialect {dialect} is unknown; use one of {', '.join(DIALECT_SUFFIXES)}")
    if output is not None and layers is None:
        raise InputError(f"-o {output} is one file; say which circuit with --layers")
    if name is not None and layers is None:
        raise InputError(f"--name {name} is one device; say which circuit with --layers")
    options = {
        "name": name,
        "sections": None if sections is None else _sections(sections),
        "cell": _cell(series_resistance, full_cell=full_cell),
        "noise": noise or None,
    }
    given = {key: value for key, value in options.items() if value is not None}
    if ions and given:
        raise InputError("--name, --sections, --full-cell and --noise are for the ladder; leave them out, or --ions")
    case = rails_folder(directory) if ions else circuit_folder(directory)
    square_metres = case.circuit.area if case and area is None else None
    if area is not None:
        square_metres = read_area(area, source="--area")
    write = _rails if ions else partial(_ladder, given)
    for number in layers_wanted(case, layers, directory):
        suffix = DIALECT_SUFFIXES[dialect] if dialect == "ngspice" else f"{dialect}.{DIALECT_SUFFIXES[dialect]}"
        target = output or directory / f"ncm_{'ions_' * ions}{number}.{suffix}"
        for file in write(directory, case, number, square_metres, dialect, target):
            if not is_stream(file):
                say(str(file))


def _sections(text: str) -> int | str:
    """Return a number of sections, or "auto".

    Raises:
        InputError: neither of both.
    """
    if text == "auto":
        return text
    if not text.isdecimal() or int(text) < 2:
        raise InputError(f"--sections {text}: give auto or a whole number from 2 on")
    return int(text)


def _cell(series_resistance: str | None, *, full_cell: bool) -> "CellOfTwo | None":
    """Return what lies between the electrodes of a full cell, None for a half cell.

    Raises:
        InputError: a resistance that is none or that a half cell does not have.
    """
    from ionspice.circuits import CellOfTwo
    from ionspice.core.quantities import Dimension

    if not full_cell:
        if series_resistance is not None:
            raise InputError(f"--series-resistance {series_resistance} lies between two electrodes; add --full-cell")
        return None
    if series_resistance is None:
        return CellOfTwo()
    dimension = Dimension(name="a resistance of an area", si="ohm*m^2", written="ohm*cm^2", example='"1 ohm*cm^2"')
    try:
        return CellOfTwo(series_resistance=dimension.parse(series_resistance))
    except ValueError as error:
        raise InputError(f'--series-resistance "{series_resistance}" {error}') from error


def _ladder(
    options: Mapping[str, Any],
    directory: Path,
    case: "Case | None",
    layers: int,
    area: float | None,
    dialect: str,
    path: Path,
) -> tuple[Path, ...]:
    from ionspice.pipeline.results.comparison import comparison_errors
    from ionspice.pipeline.results.devices import export_device
    from ionspice.pipeline.results.fits import fit_errors
    from ionspice.pipeline.runs.runner import is_stage_up_to_date

    errors = fit_errors(directory) if case is None else []
    errors += comparison_errors(directory) if case and is_stage_up_to_date(case, directory, "compare") else []
    return export_device(
        directory, case, dialect=dialect, layers=layers, area=area, path=path, errors=errors, **options
    )


def _rails(
    directory: Path, case: "Case | None", layers: int, area: float | None, dialect: str, path: Path
) -> tuple[Path, ...]:
    from ionspice.pipeline.results.rails import export_rails

    return export_rails(directory, layers, area, case=case, dialect=dialect, path=path)
