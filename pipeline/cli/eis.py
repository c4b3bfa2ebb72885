"""`ionspice eis`: impedance spectra."""

from typing import Annotated

import typer

from ionspice.pipeline.cli.app import Layers, RunFolder, app, say
from ionspice.pipeline.cli.folder import circuit_folder, layers_wanted


@app.command()
def eis(
    directory: RunFolder,
    layers: Layers = None,
    bias: Annotated[float, typer.Option("--bias", metavar="V", help="potential of the electrode")] = 0.0,
) -> None:
    """Compute the impedance spectrum of the circuit at a bias and write impedance_<layers>.csv and .svg."""
    from ionspice.circuits import simulate_impedance, write_impedance_csv
    from ionspice.core import replacing
    from ionspice.pipeline.report.figures.impedance import draw_impedance
    from ionspice.pipeline.report.figures.style import to_svg
    from ionspice.pipeline.results.devices import read_device

    for number in layers_wanted(circuit_folder(directory), layers):
        target = directory / f"impedance_{number}.csv"
        spectrum = simulate_impedance(read_device(directory, layers=number), bias=bias)
        write_impedance_csv(target, spectrum)
        figure = draw_impedance(spectrum)
        with replacing(target.with_suffix(".svg")) as temporary:
            temporary.write_text(to_svg(figure), encoding="utf-8")
        say(f"{target}\n{target.with_suffix('.svg')}")
