"""`ionspice eis`: impedance spectra."""

from typing import Annotated

import typer

from ionspice.core import InputError
from ionspice.pipeline.cli.app import Layers, RunFolder, app, say
from ionspice.pipeline.cli.folder import circuit_folder, layers_wanted

_FAR = 2.0  # V beyond which a bias of an electrolyte's double layer is taken for a slip
_FAR_IN_WINDOWS = 5.0  # the same of circuits that were learnt in wider windows


@app.command()
def eis(
    directory: RunFolder,
    layers: Layers = None,
    bias: Annotated[
        str, typer.Option("--bias", metavar='"110 mV"', help="potential of the electrode, a plain number is in V")
    ] = "0 V",
    area: Annotated[
        str | None,
        typer.Option("--area", metavar='"1 cm^2"', help="electrode area: impedances in ohm instead of ohm m"),
    ] = None,
) -> None:
    """Compute the impedance spectrum of the circuit at a bias and write impedance_<layers>.csv and .svg.

    Impedances are in ohm m, of a metre of depth, or in ohm with --area or where circuit.json is of a whole device.
    """
    from ionspice.circuits import impedance_of_area, simulate_impedance, write_impedance_csv
    from ionspice.core import replacing
    from ionspice.pipeline.cases.quantities import read_area, read_potential
    from ionspice.pipeline.report.figures.impedance import draw_impedance
    from ionspice.pipeline.report.figures.style import to_svg
    from ionspice.pipeline.results.devices import learnt_window, read_device, read_record, warn_beyond

    volts = read_potential(bias, source="--bias")
    square_metres = None if area is None else read_area(area, source="--area")
    wanted = layers_wanted(circuit_folder(directory), layers)
    record = read_record(directory)
    window = None if record.window is None else record.window.potential
    _check_bias(volts, bias, window)
    warn_beyond(learnt_window(record), (volts, volts))
    square_metres = record.extent.area if square_metres is None else square_metres
    for number in wanted:
        target = directory / f"impedance_{number}.csv"
        spectrum = simulate_impedance(read_device(directory, layers=number), bias=volts)
        if square_metres is not None:
            spectrum = impedance_of_area(spectrum, square_metres)
        write_impedance_csv(target, spectrum)
        figure = draw_impedance(spectrum)
        with replacing(target.with_suffix(".svg")) as temporary:
            temporary.write_text(to_svg(figure), encoding="utf-8")
        say(f"{target}\n{target.with_suffix('.svg')}")


def _check_bias(bias: float, text: str, window: tuple[float, float] | None) -> None:
    """Check that a bias is not far from anything that the circuit was learnt from.

    Raises:
        InputError: it is; most likely the number was meant in mV.
    """
    largest = max(map(abs, window)) if window else 0.0
    limit = max(_FAR, _FAR_IN_WINDOWS * largest)
    if abs(bias) <= limit:
        return
    learnt = f", learnt between {window[0]:.4g} and {window[1]:.4g} V" if window else ""
    raise InputError(
        f"--bias {text} is {bias:g} V, beyond the {limit:.4g} V up to which this circuit{learnt} can mean anything; "
        f'for millivolts write --bias "{bias:g} mV"'
    )
