"""The curves of a run as tables, a unit in the heading of every column: radial.csv, vdos.csv, msd.csv and others."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from ionspice.core import replacing
from ionspice.electrolytes.analysis.arrays import Floats, Integers
from ionspice.electrolytes.transport.subject import Curves

RADIAL, VDOS, MSD, STRUCTURE, SPECIES = "radial.csv", "vdos.csv", "msd.csv", "structure.csv", "species.csv"
TABLES = (RADIAL, VDOS, MSD, STRUCTURE, SPECIES)

type Columns = Mapping[str, Floats | Integers]


def write_tables(folder: Path, curves: Curves) -> None:
    """Write the tables of a run; one of which it tells nothing is removed."""
    columns = {
        RADIAL: _radial(curves),
        VDOS: _vdos(curves),
        MSD: _msd(curves),
        STRUCTURE: _structure(curves),
        SPECIES: _species(curves),
    }
    for name, table in columns.items():
        if table:
            with replacing(folder / name) as temporary:
                pd.DataFrame(dict(table)).to_csv(temporary, index=False, float_format="%.6g")
        else:
            (folder / name).unlink(missing_ok=True)


def _radial(curves: Curves) -> Columns:
    columns: dict[str, Floats | Integers] = {}
    for pair, radial in curves.radial.items():
        columns.setdefault("r [angstrom]", radial.radii)
        columns[f"g {pair} [1]"] = radial.values
        columns[f"g {pair} error [1]"] = radial.errors
        columns[f"n {pair} [1]"] = radial.coordination
    return columns


def _vdos(curves: Curves) -> Columns:
    columns: dict[str, Floats | Integers] = {}
    for name, spectrum in curves.spectra.items():
        columns.setdefault("frequency [THz]", spectrum.frequencies)
        columns[f"{name} [1/THz]"] = spectrum.values
        columns[f"{name} error [1/THz]"] = spectrum.errors
    return columns


def _msd(curves: Curves) -> Columns:
    columns: dict[str, Floats | Integers] = {}
    for name, squares in curves.squares.items():
        unit = "e^2 angstrom^2" if name == "charge" else "angstrom^2"
        columns.setdefault("lag [ps]", squares.lags)
        columns[f"{name} [{unit}]"] = squares.values
        columns[f"{name} error [{unit}]"] = squares.variances**0.5
    return columns


def _structure(curves: Curves) -> Columns:
    if curves.structure is None:
        return {}
    charge, number = curves.structure.charge, curves.structure.number
    return {
        "k [1/angstrom]": charge.wave_numbers,
        "vectors [1]": charge.vectors,
        "S_qq [1]": charge.values,
        "S_qq error [1]": charge.errors,
        "S_NN [1]": number.values,
        "S_NN error [1]": number.errors,
    }


def _species(curves: Curves) -> Columns:
    if curves.conversions is None:
        return {}
    columns: dict[str, Floats | Integers] = {"time [ps]": curves.times}
    columns.update({f"{formula} [1]": counts for formula, counts in curves.counts.items()})
    columns["lasting conversions [1]"] = curves.conversions.cumulative
    columns["all conversions [1]"] = curves.conversions.cumulative_of_all
    return columns
