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
    layers: Annotated[int, typer.Option("--layers", metavar="N", help="number of sheets")],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="the device")],
    dialect: Annotated[str, typer.Option("--dialect", help="as of `ionspice export`")] = "ngspice",
    area: Annotated[str, typer.Option("--area", metavar='"1 cm^2"', help="electrode area")] = "1 cm^2",
) -> None:
    """Write a device for conditions between those of a campaign, without a field run."""
    from ionspice.circuits import print_device
    from ionspice.core import replacing
    from ionspice.pipeline.campaigns.prediction import predict_device
    from ionspice.pipeline.cases.quantities import read_area

    conditions = pairs(at, "--at", "geometry.slit = 1.7 nm")
    circuit = predict_device(directory, conditions, layers=layers)
    text = print_device(circuit, dialect, area=read_area(area, source="--area"))
    with replacing(output) as temporary:
        temporary.write_text(text, encoding="utf-8")
    say(str(output))
