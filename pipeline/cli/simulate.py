"""`ionspice simulate`: circuits of a run under a drive."""

from typing import Annotated

import typer

from ionspice.pipeline.cli.app import Layers, RunFolder, app, pairs, say
from ionspice.pipeline.cli.folder import circuit_folder, layers_wanted, run_again


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
    "kind = step", or "kind = current" (galvanostatic), with their keys. A folder without a case takes the default
    case's drive.
    """
    from ionspice.core.run_files import CIRCUIT_RUNS
    from ionspice.pipeline.cases.case import Case, with_drive
    from ionspice.pipeline.report.circuit_tables import write_tables
    from ionspice.pipeline.results.devices import simulate_devices

    known = circuit_folder(directory)
    case = known or Case()
    if known and layers is None and gamma is None and rc_scale == 1 and not drive and not samples:
        run_again(directory, "simulate")
    else:
        if drive:
            case = with_drive(case, pairs(drive, "--drive", "amplitude = 0.2 V"), source="--drive")
        chosen = layers_wanted(known, layers)
        simulate_devices(directory, case, layers=chosen, gamma=gamma, resistance_scale=rc_scale, samples=samples)
    for file in (directory / CIRCUIT_RUNS, *write_tables(directory, case)):
        say(str(file))
