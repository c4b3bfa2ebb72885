"""What CP2K writes beside its positions: PROJECT-1.cell and PROJECT-vel-1.xyz."""

from pathlib import Path

import numpy as np
from scipy import constants

from ionspice.core import InputError
from ionspice.core.reading import reading
from ionspice.electrolytes.analysis.arrays import Floats
from ionspice.electrolytes.analysis.readers.xyz import read_xyz

#: the unit of CP2K's velocities, bohr per atomic unit of time, in angstrom/ps
VELOCITY_UNIT = constants.value("atomic unit of length") * 1e10 / (constants.value("atomic unit of time") * 1e12)


def read_cell_file(path: str | Path) -> tuple[Floats, Floats]:
    """Return times [ps] and cells [angstrom] of a .cell file, shapes (frames,) and (frames, 3, 3).

    Its columns are step, time [fs], the nine components of the edges, the volume.

    Raises:
        InputError: the file cannot be read.
    """
    with reading(path, remedy="give CP2K's PROJECT-1.cell"):
        rows = np.loadtxt(path, ndmin=2)
        if rows.shape[1] not in (11, 12):
            raise InputError(f"{path} has {rows.shape[1]} columns instead of 12; give CP2K's PROJECT-1.cell")
        return rows[:, 1] * 1e-3, rows[:, 2:11].reshape(-1, 3, 3)


def cells_at(times: Floats, path: str | Path) -> Floats:
    """Return the cells [angstrom] of a .cell file at times [ps], shape (frames, 3, 3).

    Raises:
        InputError: a time is not in the file.
    """
    known, cells = read_cell_file(path)
    place = np.abs(known[None, :] - times[:, None]).argmin(axis=1)
    # the files give a thousandth of a femtosecond
    away = np.abs(known[place] - times)
    if away.max() > 2e-6:
        raise InputError(
            f"{path} has no cell at {times[away.argmax()]:g} ps; print the cell as often as the positions "
            "(MOTION/PRINT/CELL) and give the file of the same run"
        )
    return cells[place]


def read_velocities(path: str | Path) -> tuple[Floats, Floats]:
    """Return times [ps] and velocities [angstrom/ps] of a -vel-1.xyz file, shapes (frames,) and (frames, atoms, 3).

    Raises:
        InputError: the file cannot be read, or has no times.
    """
    frames = list(read_xyz(path))
    times = [frame.time for frame in frames if frame.time is not None]
    if not frames or len(times) != len(frames):
        raise InputError(f"{path} has no frames with times; give CP2K's PROJECT-vel-1.xyz")
    return np.array(times), np.array([frame.values for frame in frames]) * VELOCITY_UNIT
