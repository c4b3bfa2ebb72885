"""What the cases of a campaign gave, as one table: campaign.nc."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ionspice.core import InputError
from ionspice.core.netcdf import read_netcdf, write_netcdf
from ionspice.core.observables import load_observables
from ionspice.core.quantities import to_base
from ionspice.core.run_files import CASE, COMPARISON, LAW, OBSERVABLES
from ionspice.pipeline.campaigns.campaign import case_folder
from ionspice.pipeline.results.rails import MODEL as RAILS

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

CAMPAIGN = "campaign.nc"
_UNITS = {"Rc": "ohm m", "gamma": "1", "Qmax": "C/m"}
_SCALARS = {"peak_current": "A/m", "final_charge": "C/m", "wall_time": "s"}
#: circuits of the case's own law and capacitances, by their name in comparison.json
_ERRORS = {
    "ncm_error": "NCM",
    "ncm_local_error": "NCM, local charge",
    "tlm_error": "TLM",
    "rails_error": RAILS,
}


def collect(
    directory: Path, varied: Mapping[str, Mapping[str, Any]], failures: Mapping[str, str | None]
) -> "xr.Dataset":
    """Return the results of a campaign.

    Args:
        directory: of the campaign.
        varied: by name of the case the values of its varied keys; quantities are text with units.
        failures: by name None or the reason of the failure.

    Returns:
        Dimensions `case` and `element` (1..; absent elements are NaN). The varied keys are coordinates in SI.
        Variables `Rc`, `gamma`, `Qmax` with `_standard_error`, `r_squared`, `resistance` (the law), `peak_current`
        and `final_charge` (largest |I| and |Q| of the electrode), `wall_time` of the field model, `failure`; with the
        stage `compare` also `ncm_error`, `ncm_local_error`, `tlm_error` and `rails_error` (one rail per ion), the
        rms deviation of the circuits' current from the field model's over its peak.
    """
    import xarray as xr

    names = list(varied)
    rows = [_read_case(case_folder(directory, name)) for name in names]
    elements = max((len(row.get("Rc", ())) for row in rows), default=0)
    data: dict[str, Any] = {}
    for key, unit in _UNITS.items():
        for suffix in ("", "_standard_error"):
            values = _padded([row.get(key + suffix, []) for row in rows], elements)
            data[key + suffix] = (("case", "element"), values, {"units": unit})
    data["r_squared"] = (("case", "element"), _padded([row.get("r_squared", []) for row in rows], elements))
    data["resistance"] = ("case", np.array([row.get("resistance", "") for row in rows], dtype=object))
    for key, unit in (_SCALARS | dict.fromkeys(_ERRORS, "1")).items():
        data[key] = ("case", np.array([row.get(key, np.nan) for row in rows], dtype=float), {"units": unit})
    data["failure"] = (
        "case",
        np.array(
            [failures.get(name) or row.get("damage", "") for name, row in zip(names, rows, strict=True)], dtype=object
        ),
    )
    coordinates: dict[str, Any] = {"case": names, "element": np.arange(1, elements + 1)}
    for key in dict.fromkeys(key for values in varied.values() for key in values):
        coordinates[key] = _coordinate([varied[name].get(key) for name in names])
    return xr.Dataset(data, coordinates)


def write_campaign(dataset: "xr.Dataset", directory: Path) -> Path:
    """Write campaign.nc and return its path."""
    path = directory / CAMPAIGN
    write_netcdf(path, {"/": dataset})
    return path


def to_frame(dataset: "xr.Dataset") -> "pd.DataFrame":
    """Return the pandas view: one row a case and element, the varied keys as columns."""
    return dataset.to_dataframe().reset_index()


def _read_case(folder: Path) -> dict[str, Any]:
    row: dict[str, Any] = {}
    potential = ""
    if (folder / OBSERVABLES).is_file():
        field = load_observables(folder / OBSERVABLES, ["electrode_current", "electrode_charge", "wall_time"])
        row["peak_current"] = float(np.abs(field["electrode_current"]).max())
        row["final_charge"] = float(np.abs(field["electrode_charge"]).max())
        row["wall_time"] = float(field.attrs["wall_time"])
    if (folder / LAW).is_file():
        from ionspice.discovery import read_law, to_infix

        try:
            law = read_law(folder / LAW)
        except InputError as error:
            return {**row, "damage": str(error)}
        place = np.array(law.elements) - 1
        row["resistance"] = to_infix(law.resistance)
        row["r_squared"] = _placed(law.r_squared, place)
        for key in _UNITS.keys() & law.parameters.keys():
            row[key] = _placed(law.parameters[key].value, place)
            row[f"{key}_standard_error"] = _placed(law.parameters[key].standard_error, place)
        potential = law.potential
    return row | _errors(folder, potential)


def _errors(folder: Path, potential: str) -> dict[str, float]:
    """Return the errors of the circuits that the case makes; none before the stage `compare`.

    Rails have neither a node potential of their own nor terms of q(u), and need no law.
    """
    from ionspice.pipeline.cases.case import read_case
    from ionspice.pipeline.results.comparison import read_comparison

    if not (folder / COMPARISON).is_file():
        return {}
    own = (potential, read_case(folder / CASE).circuit.capacitance_terms)
    rows = {
        row.model: row.error
        for row in read_comparison(folder / COMPARISON)
        if row.capacitance_terms is None or (row.potential, row.capacitance_terms) == own
    }
    found = {key: rows.get(model) for key, model in _ERRORS.items()}
    return {key: error for key, error in found.items() if error is not None}


def _placed(values: Sequence[float], place: np.ndarray) -> list[float]:
    row = np.full(int(place.max()) + 1, np.nan)
    row[place] = values
    return [float(value) for value in row]


def _padded(rows: list[list[float]], length: int) -> np.ndarray:
    return np.array([[*row, *[np.nan] * (length - len(row))] for row in rows], dtype=float).reshape(len(rows), length)


def _coordinate(values: list[Any]) -> tuple[Any, ...]:
    """Return a coordinate in SI base units if all values are quantities of one dimension, else the values as text."""
    try:
        numbers, units = zip(*(to_base(str(value)) for value in values), strict=True)
    except ValueError:
        return "case", np.array([str(value) for value in values], dtype=object)
    if len(set(units)) > 1:
        return "case", np.array([str(value) for value in values], dtype=object)
    return "case", np.array(numbers, dtype=float), {"units": units[0]}


def read_campaign(directory: Path) -> "xr.Dataset":
    """Read campaign.nc.

    Raises:
        InputError: the file is missing or damaged.
    """
    return read_netcdf(directory / CAMPAIGN, remedy="run `ionspice sweep` first")["/"]
