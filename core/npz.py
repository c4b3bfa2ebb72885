"""NumPy archives read without trusting them: no pickles, and no array larger than the file that holds it."""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib import format as npy

from ionspice.core.errors import InputError
from ionspice.core.reading import reading

_HEADER = 16_384  # bytes of a member that its header may take up


class DamagedArchiveError(InputError):
    """An archive that cannot be read."""


def read_npz(path: str | Path, *, remedy: str) -> dict[str, np.ndarray[Any, Any]]:
    """Return the arrays of an archive that `numpy.savez` wrote.

    Every member is checked against the file's size before memory is taken for it: a header can declare 16 GB in a
    file of 1 MB.

    Args:
        path: the archive.
        remedy: what to do about a bad one, for the message.

    Raises:
        DamagedArchiveError: the file is missing or damaged, holds objects, or is compressed.
    """
    try:
        with reading(path, remedy=remedy), zipfile.ZipFile(path) as archive:
            return dict(_arrays(archive))
    except InputError as error:
        raise DamagedArchiveError(str(error)) from error


def _arrays(archive: zipfile.ZipFile) -> Iterator[tuple[str, np.ndarray[Any, Any]]]:
    for member in archive.infolist():
        if member.compress_type != zipfile.ZIP_STORED or member.file_size != member.compress_size:
            raise ValueError(f"{member.filename} is compressed")
        content = archive.read(member)
        stream = io.BytesIO(content)
        version = npy.read_magic(stream)
        read_header = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}.get(version)
        if read_header is None:
            raise ValueError(f"{member.filename} is of version {version}")
        shape, fortran, dtype = read_header(stream, max_header_size=_HEADER)
        expected = dtype.itemsize * _product(shape)
        if dtype.hasobject or expected != len(content) - stream.tell():
            raise ValueError(f"{member.filename} does not hold the {expected} bytes that it declares")
        values = np.frombuffer(content, dtype=dtype, offset=stream.tell()) if expected else np.zeros(shape, dtype)
        yield member.filename.removesuffix(".npy"), values.reshape(shape, order="F" if fortran else "C").copy()


def _product(shape: tuple[int, ...]) -> int:
    product = 1  # of Python's integers, which do not overflow
    for size in shape:
        if size < 0:
            raise ValueError(f"shape {shape} has a negative size")
        product *= size
    return product
