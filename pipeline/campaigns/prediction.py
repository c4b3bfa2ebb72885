"""Circuits for conditions that no field run was made for, between those of a campaign.

Every finished case of the campaign gives a row of parameters: the study's law of the local charge (decision 0008),
fitted to its charging ramp, and its capacitances. `ionspice.circuits.model.prediction` interpolates between the rows.
"""

from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from ionspice.core import InputError
from ionspice.core.files import sha256_of
from ionspice.core.quantities import convert, split_quantity
from ionspice.core.run_files import OBSERVABLES
from ionspice.pipeline.campaigns.campaign import case_folder
from ionspice.pipeline.campaigns.table import CAMPAIGN, read_campaign

if TYPE_CHECKING:
    import xarray as xr

    from ionspice.circuits import CircuitRecord

_TERMS = 2  # of q(v); 0 is a constant


def prediction_table(directory: Path) -> "xr.Dataset":
    """Return the parameters of a campaign's cases over its varied keys.

    Args:
        directory: of the campaign, with campaign.nc.

    Returns:
        The table of `ionspice.circuits.predict_circuit`: a dimension in SI for every key that takes more than one
        value; NaN where a combination was not run or failed.

    Raises:
        InputError: no campaign, no finished case, or a varied key that is no quantity.
    """
    import xarray as xr

    from ionspice.circuits import charging_ramp, extract_capacitances, learn_local_record, read_field, table_row

    campaign = read_campaign(directory)
    keys = [str(key) for key, values in campaign.coords.items() if values.dims == ("case",) and key != "case"]
    varied = [key for key in keys if len(set(campaign[key].values.tolist())) > 1]
    text = [key for key in varied if campaign[key].dtype.kind not in "if"]
    if text:
        raise InputError(f"{', '.join(text)} of {directory} is no quantity; only numbers can be interpolated")
    rows = []
    for name in campaign["case"].values:
        case = campaign.sel(case=name)
        path = case_folder(directory, str(name)) / OBSERVABLES
        if str(case["failure"].item()) or not path.is_file():
            continue
        ramp = charging_ramp(read_field(path))
        row = table_row(learn_local_record(extract_capacitances(ramp, order=_TERMS), ramp))
        rows.append(row.expand_dims({key: [float(case[key])] for key in varied}))
    if not rows:
        raise InputError(f"no case of {directory} has finished; run `ionspice sweep` again")
    table = rows[0] if not varied else xr.combine_by_coords(rows)
    assert isinstance(table, xr.Dataset)  # of datasets
    return table.assign_coords({key: table[key].assign_attrs(campaign[key].attrs) for key in varied})


def predict_record(directory: Path, at: Mapping[str, str]) -> "CircuitRecord":
    """Return the record of circuits at conditions within a campaign.

    Args:
        directory: of the campaign.
        at: quantity as text with its unit for every varied key, as in a study file.

    Raises:
        InputError: see `prediction_table`; a key is missing or unknown, a unit is wrong, or a value lies outside.
    """
    from ionspice.circuits import Provenance, predict_record

    table = prediction_table(directory)
    where = {key: _value(key, text, table) for key, text in at.items()}
    origin = Provenance(
        case=", ".join([directory.resolve().name, *(f"{key} = {text}" for key, text in at.items())]),
        version=version("ionspice"),
        files={CAMPAIGN: sha256_of(directory / CAMPAIGN)},
    )
    return predict_record(table, **where).model_copy(update={"provenance": origin})


def _value(key: str, text: str, table: "xr.Dataset") -> float:
    if key not in table.coords:
        known = ", ".join(str(name) for name in table.coords) or "nothing"
        raise InputError(f"{key} = {text} was not varied in this campaign; it varies {known}")
    unit = table[key].attrs.get("units", "1")
    try:
        return float(convert(*split_quantity(text), unit))
    except ValueError as error:
        raise InputError(f"{key} = {text} {error}; write a number with a unit that converts to {unit}") from error
