"""`ionspice export`: a device for a circuit simulator."""

from pathlib import Path
from typing import Annotated

import typer

from ionspice.core import InputError
from ionspice.pipeline.cli.app import Layers, RunFolder, app, say
from ionspice.pipeline.cli.folder import circuit_folder, layers_wanted


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
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="default DIR/ncm_<layers>.<suffix>")
    ] = None,
) -> None:
    """Write the circuit as a device for a circuit simulator."""
    from ionspice.circuits import DIALECT_SUFFIXES
    from ionspice.core.files import is_stream
    from ionspice.pipeline.cases.quantities import read_area
    from ionspice.pipeline.results.comparison import comparison_errors
    from ionspice.pipeline.results.devices import export_device
    from ionspice.pipeline.runs.runner import is_stage_up_to_date

    if dialect not in DIALECT_SUFFIXES:
        raise InputError(f"--dialect {dialect} is unknown; use one of {', '.join(DIALECT_SUFFIXES)}")
    if output is not None and layers is None:
        raise InputError(f"-o {output} is one file; say which circuit with --layers")
    case = circuit_folder(directory)
    square_metres = case.circuit.area if case and area is None else None
    if area is not None:
        square_metres = read_area(area, source="--area")
    errors = comparison_errors(directory) if case and is_stage_up_to_date(case, directory, "compare") else []
    for number in layers_wanted(case, layers):
        suffix = DIALECT_SUFFIXES[dialect] if dialect == "ngspice" else f"{dialect}.{DIALECT_SUFFIXES[dialect]}"
        target = output or directory / f"ncm_{number}.{suffix}"
        files = export_device(
            directory, case, dialect=dialect, layers=number, area=square_metres, path=target, errors=errors
        )
        for file in files:
            if not is_stream(file):
                say(str(file))
