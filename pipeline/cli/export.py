"""`ionspice export`: a device for a circuit simulator."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ionspice.core import InputError
from ionspice.pipeline.cli.app import Layers, RunFolder, app, say
from ionspice.pipeline.cli.folder import circuit_folder, layers_wanted, rails_folder

if TYPE_CHECKING:
    from ionspice.pipeline.cases.case import Case
    from ionspice.pipeline.results.device_size import DeviceSize


@dataclass(frozen=True, slots=True, kw_only=True)
class _Export:
    """One device that is asked for."""

    directory: Path  #: of the run
    case: "Case | None"  #: of the run, if it has one
    layers: int  #: number of sheets
    size: "DeviceSize"
    dialect: str
    path: Path  #: of the file
    options: Mapping[str, Any]  #: others that were given


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
    capacitance: Annotated[
        str | None,
        typer.Option("--capacitance", metavar='"100 F"', help="in place of --area: charge over voltage at --voltage"),
    ] = None,
    voltage: Annotated[
        str | None,
        typer.Option("--voltage", metavar='"2.7 V"', help="largest of the device, default that of the learnt window"),
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
            "--series-resistance",
            metavar='"0.5 mohm"',
            help='of separator and contacts, with --full-cell; of an area too: "1 ohm cm^2"',
        ),
    ] = None,
    noise: Annotated[
        bool, typer.Option("--noise", help="thermal noise of the resistances; ngspice, kicad (verilog-a always)")
    ] = False,
    bias: Annotated[
        str | None,
        typer.Option(
            "--small-signal", metavar='"0.5 V"', help="constant elements, of small signals about a potential"
        ),
    ] = None,
    ions: Annotated[bool, typer.Option("--ions", help="the circuit with one rail per ion, of rails.json")] = False,
    output: Annotated[Path | None, typer.Option("-o", "--output", metavar="FILE", help=_SUFFIX_HELP)] = None,
) -> None:
    """Write the circuit as a device for a circuit simulator."""
    from ionspice.circuits import DIALECT_SUFFIXES
    from ionspice.core.files import is_stream
    from ionspice.pipeline.cases.quantities import read_potential

    if dialect not in DIALECT_SUFFIXES:
        raise InputError(f"--dialect {dialect} is unknown; use one of {', '.join(DIALECT_SUFFIXES)}")
    if output is not None and layers is None:
        raise InputError(f"-o {output} is one file; say which circuit with --layers")
    if name is not None and layers is None:
        raise InputError(f"--name {name} is one device; say which circuit with --layers")
    options = {
        "name": name,
        "sections": None if sections is None else _sections(sections),
        "noise": noise or None,
        "bias": None if bias is None else read_potential(bias, source="--small-signal"),
    }
    given = {key: value for key, value in options.items() if value is not None}
    of_ladder = (noise, bias, full_cell, series_resistance, capacitance, voltage)
    if ions and any(option not in (None, False) for option in of_ladder):
        raise InputError(
            "--full-cell, --capacitance, --voltage, --small-signal and --noise are for the ladder; leave them "
            "out, or --ions"
        )
    case = rails_folder(directory) if ions else circuit_folder(directory)
    size = _size(area, capacitance, voltage, series_resistance, full_cell=full_cell)
    if case and size.area is None and size.capacitance is None:
        size = replace(size, area=case.circuit.area)
    write = _rails if ions else _ladder
    for number in layers_wanted(case, layers, directory):
        suffix = DIALECT_SUFFIXES[dialect] if dialect == "ngspice" else f"{dialect}.{DIALECT_SUFFIXES[dialect]}"
        target = output or directory / f"ncm_{'ions_' * ions}{number}.{suffix}"
        wanted = _Export(
            directory=directory, case=case, layers=number, size=size, dialect=dialect, path=target, options=given
        )
        for file in write(wanted):
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


def _size(
    area: str | None, capacitance: str | None, voltage: str | None, series_resistance: str | None, *, full_cell: bool
) -> "DeviceSize":
    """Return the size that options ask for.

    Raises:
        InputError: one that is no such quantity, or that does not fit the others.
    """
    from ionspice.pipeline.cases.quantities import (
        read_area,
        read_capacitance,
        read_potential,
        read_series_resistance,
    )
    from ionspice.pipeline.results.device_size import DeviceSize

    whole, of_area = None, None
    if series_resistance is not None:
        whole, of_area = read_series_resistance(series_resistance, source="--series-resistance")
    return DeviceSize(
        area=None if area is None else read_area(area, source="--area"),
        capacitance=None if capacitance is None else read_capacitance(capacitance, source="--capacitance"),
        voltage=None if voltage is None else read_potential(voltage, source="--voltage"),
        full_cell=full_cell,
        series_resistance=of_area or 0.0,
        whole_resistance=whole,
    )


def _ladder(wanted: _Export) -> tuple[Path, ...]:
    from ionspice.pipeline.results.comparison import comparison_errors
    from ionspice.pipeline.results.devices import export_device
    from ionspice.pipeline.results.fits import fit_errors
    from ionspice.pipeline.runs.runner import is_stage_up_to_date

    directory, case = wanted.directory, wanted.case
    errors = fit_errors(directory) if case is None else []
    errors += comparison_errors(directory) if case and is_stage_up_to_date(case, directory, "compare") else []
    return export_device(
        directory,
        case,
        dialect=wanted.dialect,
        layers=wanted.layers,
        size=wanted.size,
        path=wanted.path,
        errors=errors,
        **wanted.options,
    )


def _rails(wanted: _Export) -> tuple[Path, ...]:
    from ionspice.pipeline.results.rails import export_rails

    return export_rails(
        wanted.directory,
        wanted.layers,
        wanted.size.area,
        case=wanted.case,
        dialect=wanted.dialect,
        path=wanted.path,
        **wanted.options,
    )
