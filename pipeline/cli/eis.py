"""`ionspice eis`: impedance spectra."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ionspice.core import InputError
from ionspice.pipeline.cli.app import Layers, RunFolder, app, say
from ionspice.pipeline.cli.folder import circuit_folder, layers_wanted, rails_folder

if TYPE_CHECKING:
    import xarray as xr

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
    ions: Annotated[bool, typer.Option("--ions", help="the circuit with one rail per ion, of rails.json")] = False,
) -> None:
    """Compute the impedance spectrum of the circuit at a bias and write impedance_<layers>.csv and .svg.

    With --ions impedance_ions_<layers>. Impedances are in ohm m, of a metre of depth, or in ohm with --area or where
    circuit.json is of a whole device.
    """
    from ionspice.circuits import impedance_of_area, write_impedance_csv
    from ionspice.core import replacing
    from ionspice.pipeline.cases.quantities import read_area, read_potential
    from ionspice.pipeline.report.figures.impedance import draw_impedance
    from ionspice.pipeline.report.figures.style import to_svg

    volts = read_potential(bias, source="--bias")
    square_metres = None if area is None else read_area(area, source="--area")
    wanted = layers_wanted(rails_folder(directory) if ions else circuit_folder(directory), layers, directory)
    spectra, extent = (_of_rails if ions else _of_ladder)(directory, wanted, volts, bias)
    square_metres = extent if square_metres is None else square_metres
    for number, spectrum in spectra.items():
        target = directory / f"impedance_{'ions_' * ions}{number}.csv"
        shown = spectrum if square_metres is None else impedance_of_area(spectrum, square_metres)
        write_impedance_csv(target, shown)
        figure = draw_impedance(shown)
        with replacing(target.with_suffix(".svg")) as temporary:
            temporary.write_text(to_svg(figure), encoding="utf-8")
        say(f"{target}\n{target.with_suffix('.svg')}")


def _of_ladder(
    directory: Path, layers: Iterable[int], bias: float, text: str
) -> tuple["dict[int, xr.Dataset]", float | None]:
    """Return spectra of circuit.json and the area of the device that it is of, if it is of one."""
    from ionspice.circuits import simulate_impedance
    from ionspice.pipeline.results.devices import learnt_window, read_device, read_record, warn_beyond

    record = read_record(directory)
    _check_bias(bias, text, None if record.window is None else record.window.potential)
    warn_beyond(learnt_window(record), (bias, bias))
    spectra = {number: simulate_impedance(read_device(directory, layers=number), bias=bias) for number in layers}
    return spectra, record.extent.area


def _of_rails(
    directory: Path, layers: Iterable[int], bias: float, text: str
) -> tuple["dict[int, xr.Dataset]", float | None]:
    """Return spectra of rails.json, which is of no device."""
    from ionspice.circuits.ions import rail_spectrum
    from ionspice.circuits.ions.record import rails_of, read_rails
    from ionspice.core.run_files import RAILS
    from ionspice.pipeline.results.rails import warn_beyond_rails

    record = read_rails(directory / RAILS)
    _check_bias(bias, text, record.window)
    warn_beyond_rails(record, (bias, bias))
    reach = max(abs(bias), *map(abs, record.window))
    return {number: rail_spectrum(rails_of(record, number, window=reach), bias) for number in layers}, None


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
