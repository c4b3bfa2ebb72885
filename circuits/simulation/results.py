"""circuit.nc: one netCDF-4 group for each number of layers, and tables for other programs."""

import re
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import xarray as xr

from ionspice.core import InputError, replacing
from ionspice.core.netcdf import read_netcdf, write_netcdf

_PREFIX = "layers_"
_NAME = re.compile(rf"/?{_PREFIX}[0-9]{{1,6}}")


def write_circuit(path: str | Path, runs: Mapping[int, xr.Dataset]) -> None:
    """Write the runs, keyed by number of layers, as groups `layers_6`, `layers_20`, ... of one file.

    Raises:
        InputError: there are no runs, or the folder cannot be written.
    """
    if not runs:
        raise InputError("there is no circuit run to write; simulate at least one number of layers")
    write_netcdf(path, {f"{_PREFIX}{layers}": run for layers, run in sorted(runs.items())})


def read_circuit(path: str | Path) -> dict[int, xr.Dataset]:
    """Return the runs of circuit.nc, loaded, keyed by number of layers.

    Raises:
        InputError: the file is missing, damaged, or holds no run.
    """
    groups = read_netcdf(path, remedy="write it again with `ionspice simulate`")
    runs = {int(name.rpartition(_PREFIX)[2]): group for name, group in groups.items() if _NAME.fullmatch(name)}
    if not runs:
        raise InputError(f"{path} holds no group {_PREFIX}<n>; write it again with `ionspice simulate`")
    return runs


def of_device(run: xr.Dataset) -> xr.Dataset:
    """Return a run with the units of a whole device, for circuits whose strip is as wide as the device has area.

    Args:
        run: as of `simulate`, per metre of depth of such a strip, which is the device.
    """
    device = run.copy()
    for variable in device.data_vars.values():
        if str(variable.attrs.get("units", "")).endswith("/m"):
            told = str(variable.attrs.get("long_name", "")).removesuffix(" per metre of depth")
            variable.attrs.update(units=variable.attrs["units"].removesuffix("/m"), long_name=told)
    return device


def write_csv(path: str | Path, run: xr.Dataset) -> None:
    """Write time, electrode potential and electrode current of each model as columns with their units.

    Bands of the current follow theirs; at constant current every model has a column of its potential.

    Raises:
        InputError: the folder cannot be written.
    """
    names = ["electrode_potential", *sorted(str(n) for n in run.data_vars if str(n).startswith("electrode_current"))]
    table = pd.DataFrame(index=pd.Index(run["time"].to_numpy(), name="time [s]"))
    for name in names:
        unit = run[name].attrs["units"]
        if "model" in run[name].dims:
            for model in run["model"].to_numpy():
                table[f"{name}_{model} [{unit}]"] = run[name].sel(model=model).to_numpy()
        else:
            table[f"{name} [{unit}]"] = run[name].to_numpy()
    with replacing(path) as temporary:
        table.to_csv(temporary)
