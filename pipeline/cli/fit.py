"""`ionspice fit`: a circuit of a measured device."""

from pathlib import Path
from typing import Annotated

import typer

from ionspice.core import InputError
from ionspice.pipeline.cli.app import Output, app, say


@app.command()
def fit(
    data: Annotated[
        list[Path],
        typer.Argument(
            metavar="DATA...",
            help="files of voltammograms, charge-discharge curves and impedance of one device, or folders of such: "
            "Gamry, BioLogic, CH Instruments, ZPlot, VersaStudio, Autolab, CSV with units",
        ),
    ],
    output: Output,
    layers: Annotated[int, typer.Option("--layers", min=2, help="sheets of the ladder")] = 21,
    charge: Annotated[
        str, typer.Option("--charge", help="what resistances read: passed, local, stored, or auto for the best")
    ] = "auto",
    area: Annotated[
        str | None, typer.Option("--area", metavar='"1 cm^2"', help="of the electrode, default what the files say")
    ] = None,
    reference: Annotated[
        str, typer.Option("--reference", metavar='"0 V"', help="potential at which the device is uncharged")
    ] = "0 V",
    temperature: Annotated[
        str | None, typer.Option("--temperature", metavar='"25 degC"', help="of the measurements, in K or degC")
    ] = None,
    prior: Annotated[
        Path | None, typer.Option("--prior", metavar="CIRCUIT", help="circuit.json whose Rc and gamma are expected")
    ] = None,
    other: Annotated[
        list[Path] | None,
        typer.Option("--other", metavar="DIR", help="fit of this device at another temperature, repeatable"),
    ] = None,
    hold_out: Annotated[bool, typer.Option(help="leave every file out once, to see how it is predicted")] = True,
) -> None:
    """Fit circuits to measurements of a device and write circuit.json, fit.json and report.html.

    Nano-circuitry model, transmission line, RC and R-CPE are compared: does the device need a resistance that depends
    on its charge? `ionspice export`, `simulate` and `eis` go on from the folder.
    """
    from ionspice.circuits.fitting.device_fit import FitSettings
    from ionspice.pipeline.cases.quantities import read_area, read_potential
    from ionspice.pipeline.runs.device_fit import fit_files

    readings = {"auto": ("passed", "local"), "passed": ("passed",), "local": ("local",), "stored": ("stored",)}
    if charge not in readings:
        raise InputError(f"--charge {charge} is not a choice; use one of {', '.join(readings)}")
    fit_files(
        data,
        output,
        FitSettings(
            layers=layers,
            readings=readings[charge],  # type: ignore[arg-type]  # a choice
            reference=read_potential(reference, source="--reference"),
            hold_out=hold_out,
        ),
        area=None if area is None else read_area(area, source="--area"),
        temperature=None if temperature is None else _kelvin(temperature),
        prior=prior,
        others=other or (),
        say=say,
    )


def _kelvin(text: str) -> float:
    """Return a temperature in K of text in K or degrees Celsius.

    Raises:
        InputError: it is no such text.
    """
    number, _, unit = text.strip().partition(" ")
    offset = {"K": 0.0, "degC": 273.15, "°C": 273.15, "C": 273.15}.get(unit.strip())
    try:
        value = float(number) + (offset if offset is not None else float("nan"))
    except ValueError:
        value = float("nan")
    if not value > 0:
        raise InputError(f'--temperature "{text}" is no temperature above 0 K; write it like "298.15 K" or "25 degC"')
    return value
