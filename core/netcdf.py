"""netCDF files of ionspice: written with checksums, and never opened before the bytes are known to be whole.

HDF5 aborts the process on some damaged files and reads wrong numbers from others. So every file ends with a seal of
ours, behind the end that HDF5 knows: the SHA-256 of all bytes before it. A reader compares manifest and seal before
HDF5 sees the file; one that has neither (made by another program) is first opened in a process of its own. Within the
file every array of numbers has netCDF's own checksum (Fletcher 32), for programs that know nothing of the seal.
"""

import hashlib
import io
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ionspice.core.errors import InputError
from ionspice.core.files import replacing
from ionspice.core.integrity import checked_file, recorded
from ionspice.core.reading import reading

if TYPE_CHECKING:
    import xarray as xr

_MARK = b"\nionspice-sha256:"
_SEAL = len(_MARK) + 64 + 1
_PATIENCE = 60  # s that the other process may take to open a file
_PROBE = """
import sys, h5py
def look(name, item):
    if isinstance(item, h5py.Dataset):
        item[...]
    for key in item.attrs: item.attrs[key]
with h5py.File(sys.argv[1], "r") as file:
    look("", file)
    file.visititems(look)
"""


def write_netcdf(path: str | Path, groups: "Mapping[str, xr.Dataset]") -> None:
    """Write datasets as groups of one netCDF-4 file, whole or not at all, with checksums.

    Args:
        path: the file.
        groups: datasets by the name of their group; "/" is the root.

    Raises:
        InputError: the folder cannot be written.
        RunError: the disk is full.
    """
    import h5netcdf  # slow to import, and not every command writes fields
    from xarray.backends import H5NetCDFStore

    # In memory, because HDF5 crashes where the disk is full.
    content = io.BytesIO()
    with h5netcdf.File(content, "w") as file:
        for group, dataset in groups.items():
            store = H5NetCDFStore(file, group=None if group == "/" else group, mode="a")
            dataset.dump_to_store(store, encoding=_checksums(dataset))
    with replacing(path) as temporary:
        temporary.write_bytes(sealed(content.getvalue()))


def read_netcdf(path: str | Path, *, remedy: str) -> "dict[str, xr.Dataset]":
    """Return the datasets of a netCDF file by group, in memory; "/" is the root.

    Args:
        path: the file.
        remedy: how to make it again, for the message.

    Raises:
        InputError: the file is missing or damaged.
    """
    import xarray as xr  # slow to import, and not every command reads fields

    path = Path(path)
    check_netcdf(path, remedy=remedy)
    with reading(path, remedy=remedy):
        found = xr.open_groups(path, engine="h5netcdf")
        try:
            return {name: group.load() for name, group in found.items()}
        finally:
            for group in found.values():
                group.close()


def sealed(content: bytes) -> bytes:
    """Return the bytes of a file with our seal behind them."""
    return content + _MARK + hashlib.sha256(content).hexdigest().encode() + b"\n"


def check_netcdf(path: Path, *, remedy: str) -> None:
    """Check that the bytes of a netCDF file are those that were written, without opening it here.

    Raises:
        InputError: the file is missing, damaged, or cannot be opened.
    """
    with reading(path, remedy=remedy):
        is_whole = _seal_of(path)
        checked_file(path, remedy=remedy)
    if is_whole is False:
        raise _damaged(path, "its bytes are not those that were written (SHA-256)", remedy)
    if is_whole is None and path.name not in recorded(path.parent):
        _open_elsewhere(path, remedy)


def _seal_of(path: Path) -> bool | None:
    """Return whether the seal at a file's end is right, None where there is no seal."""
    with path.open("rb") as stream:
        size = os.fstat(stream.fileno()).st_size
        if size <= _SEAL:
            return None
        stream.seek(size - _SEAL)
        seal = stream.read()
        if not seal.startswith(_MARK):
            return None
        stream.seek(0)
        digest, left = hashlib.sha256(), size - _SEAL
        while left:
            block = stream.read(min(left, 1 << 20))
            if not block:
                return False
            digest.update(block)
            left -= len(block)
    return seal[len(_MARK) : -1] == digest.hexdigest().encode()


def _open_elsewhere(path: Path, remedy: str) -> None:
    """Read a file of unknown origin in a process of its own, which HDF5 may end."""
    try:
        done = subprocess.run(
            [sys.executable, "-c", _PROBE, str(path)], capture_output=True, timeout=_PATIENCE, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise _damaged(path, f"HDF5 did not come to an end within {_PATIENCE} s", remedy) from error
    if done.returncode < 0:
        raise _damaged(path, "HDF5 crashes on it", remedy)
    if done.returncode:
        lines = done.stderr.decode(errors="replace").strip().splitlines()
        raise _damaged(path, lines[-1] if lines else "HDF5 cannot read it", remedy)


def _damaged(path: Path, reason: str, remedy: str) -> InputError:
    return InputError(f"cannot read {path}: {reason}; {remedy}")


def _checksums(dataset: "xr.Dataset") -> dict[str, dict[str, Any]]:
    """Return the encoding that gives every array of numbers a checksum; HDF5 has none for scalars and texts."""
    return {
        str(name): {"fletcher32": True}
        for name, values in dataset.variables.items()
        if values.dtype.kind in "fiub" and values.ndim and values.size
    }
