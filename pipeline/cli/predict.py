"""`ionspice predict`: a circuit without a field run, of a case or between the cases of a campaign."""

from pathlib import Path
from typing import Annotated

import typer

from ionspice.pipeline.cli.app import app, pairs, say


@app.command()
def predict(
    source: Annotated[
        Path, typer.Argument(metavar="CASE|CAMPAIGN", help="a case file, or the folder of `ionspice sweep`")
    ],
    output: Annotated[
        Path,
        typer.Option(
            "-o", "--output", help="folder for a case; for a campaign the device, or circuit.json with its record"
        ),
    ],
    at: Annotated[
        list[str] | None,
        typer.Option("--at", metavar='"KEY = VALUE"', help="once for every key that the campaign varied"),
    ] = None,
    layers: Annotated[
        int | None, typer.Option("--layers", metavar="N", help="number of sheets, which a record does not need")
    ] = None,
    dialect: Annotated[str, typer.Option("--dialect", help="as of `ionspice export`")] = "ngspice",
    area: Annotated[str, typer.Option("--area", metavar='"1 cm^2"', help="electrode area")] = "1 cm^2",
) -> None:
    """Predict a circuit without a field run.

    Of a case, from its geometry and electrolyte alone: one rail per ion (rails.json, ngspice libraries, and the
    answer to the case's drive as table and figure). Of a campaign: a device for conditions between its cases.
    """
    if source.is_file():
        _predict_case(source, output, layers)
        return
    from ionspice.circuits import circuit_of, print_files, record_origin, write_circuit_record
    from ionspice.core import replacing
    from ionspice.core.files import is_stream
    from ionspice.pipeline.campaigns.prediction import predict_record
    from ionspice.pipeline.cases.quantities import read_area

    record = predict_record(source, pairs(at or [], "--at", "geometry.slit = 1.7 nm"))
    files = {output: ""}
    if output.suffix == ".json":
        write_circuit_record(output, record)
    else:
        square_metres = read_area(area, source="--area")
        files = print_files(circuit_of(record, layers), output, dialect, square_metres, origin=record_origin(record))
    for path, text in files.items():
        if text:
            with replacing(path) as temporary:
                temporary.write_text(text, encoding="utf-8")
        if not is_stream(path):
            say(str(path))


def _predict_case(case_file: Path, directory: Path, layers: int | None) -> None:
    from ionspice.circuits.ions.record import write_rails
    from ionspice.core.run_files import RAIL_RUNS, RAILS
    from ionspice.pipeline.cases.case import read_case
    from ionspice.pipeline.cli.folder import layers_wanted
    from ionspice.pipeline.report.circuit_tables import write_tables
    from ionspice.pipeline.results.rails import export_rails, predict_rails_of, simulate_rails_of

    case = read_case(case_file)
    record = predict_rails_of(case)
    numbers = layers_wanted(case, layers)
    write_rails(directory / RAILS, record)
    say(str(directory / RAILS))
    for number in numbers:
        for file in export_rails(directory, number, case.circuit.area, source=case_file.name):
            say(str(file))
    simulate_rails_of(directory, case, numbers)
    for file in write_tables(directory, case, RAIL_RUNS):
        say(str(file))
