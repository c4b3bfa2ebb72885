"""`ionspice predict`: a device between the cases of a campaign."""

from pathlib import Path
from typing import Annotated

import typer

from ionspice.pipeline.cli.app import app, pairs, say


@app.command()
def predict(
    directory: Annotated[Path, typer.Argument(metavar="CAMPAIGN", help="folder of `ionspice sweep`")],
    at: Annotated[
        list[str], typer.Option("--at", metavar='"KEY = VALUE"', help="once for every key that the campaign varied")
    ],
    output: Annotated[
        Path,
        typer.Option("-o", "--output", metavar="FILE", help="the device, or circuit.json with its record"),
    ],
    layers: Annotated[
        int | None, typer.Option("--layers", metavar="N", help="number of sheets, which a record does not need")
    ] = None,
    dialect: Annotated[str, typer.Option("--dialect", help="as of `ionspice export`")] = "ngspice",
    area: Annotated[str, typer.Option("--area", metavar='"1 cm^2"', help="electrode area")] = "1 cm^2",
) -> None:
    """Write a device for conditions between those of a campaign, without a field run."""
    from ionspice.circuits import circuit_of, print_device, write_circuit_record
    from ionspice.core import replacing
    from ionspice.pipeline.campaigns.prediction import predict_record
    from ionspice.pipeline.cases.quantities import read_area

    record = predict_record(directory, pairs(at, "--at", "geometry.slit = 1.7 nm"))
    if output.suffix == ".json":
        write_circuit_record(output, record)
    else:
        text = print_device(circuit_of(record, layers), dialect, area=read_area(area, source="--area"))
        with replacing(output) as temporary:
            temporary.write_text(text, encoding="utf-8")
    say(str(output))
