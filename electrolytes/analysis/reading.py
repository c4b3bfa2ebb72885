"""One reader for all trajectories."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from ionspice.core import InputError
from ionspice.electrolytes.analysis.arrays import Floats, Integers, Names
from ionspice.electrolytes.analysis.assembly import RawFrame, check_times, in_order, unwrapped_positions
from ionspice.electrolytes.analysis.elements import masses_of
from ionspice.electrolytes.analysis.identities import check_types, elements_of_dump, elements_of_universe
from ionspice.electrolytes.analysis.molecules import molecules_by_bonds
from ionspice.electrolytes.analysis.plausibility import check_density, check_speeds
from ionspice.electrolytes.analysis.readers import universe as library
from ionspice.electrolytes.analysis.readers.cp2k import cells_at, read_velocities
from ionspice.electrolytes.analysis.readers.lammps_data import read_data_file
from ionspice.electrolytes.analysis.readers.lammps_dump import Keep, read_dump
from ionspice.electrolytes.analysis.readers.xyz import ASE_VELOCITY, XyzFrame, read_xyz
from ionspice.electrolytes.analysis.trajectory import Trajectory, scaled, without_drift

_DUMPS = (".lammpstrj", ".dump", ".lammpsdump")
_XYZ = (".xyz", ".extxyz", ".exyz")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What a trajectory's file may not say itself; give what it lacks."""

    timestep: float | None = None  #: of the run [ps], for dumps of LAMMPS without times
    interval: float | None = None  #: from frame to frame [ps], for other files without times
    units: str | None = None  #: unit style of LAMMPS, metal or real
    type_map: Sequence[str] = ()  #: element of atom type 1, 2, ..., in the order of `pair_coeff * *`
    data_file: str | Path | None = None  #: of LAMMPS, to check types and take elements and molecules from
    topology: str | Path | None = None  #: for DCD, XTC and others: read by MDAnalysis
    cell: Sequence[float] | Floats | None = None  #: three lengths or three edges [angstrom]
    cell_file: str | Path | None = None  #: CP2K's PROJECT-1.cell
    velocity_file: str | Path | None = None  #: CP2K's PROJECT-vel-1.xyz
    unwrapped: bool = False  #: positions of a file other than a dump go through the cell's faces without a jump
    keep_drift: bool = False  #: leave the motion of the centre of mass in


def read_trajectory(
    path: str | Path,
    source: Source | None = None,
    *,
    start: int = 0,
    stop: int | None = None,
    every: int = 1,
) -> Trajectory:
    """Read a trajectory: LAMMPS dump, XYZ (plain, extended, CP2K), or what MDAnalysis reads.

    Args:
        path: of the file; its ending tells the kind (.lammpstrj or .dump, .xyz or .extxyz, each also .gz), others
            need a topology.
        source: what the file does not say.
        start: first frame, counted from 0.
        stop: frame behind the last.
        every: keep one frame of so many.

    Raises:
        InputError: for whatever is wrong with the file or does not fit what it is said to be.
    """
    source = source or Source()
    if start < 0 or (stop is not None and stop <= start) or every < 1:
        raise InputError(f"start = {start}, stop = {stop}, every = {every} keep no frame; count from 0 upwards")

    def keep(frames: Iterable[RawFrame]) -> list[RawFrame]:
        return list(islice(in_order(frames, str(path)), start, stop, every))

    suffix = Path(str(path).removesuffix(".gz")).suffix.lower()
    if source.topology is not None:
        frames, elements, molecules = _from_universe(path, source)
        kept = keep(frames)
    elif suffix in _DUMPS:
        kept, elements, molecules = _from_dump(path, source, keep)
    elif suffix in _XYZ:
        frames, elements, molecules = _from_xyz(path, source)
        kept = keep(frames)
    else:
        raise InputError(
            f"{path}: no trajectory by its name; end it with {', '.join(_DUMPS + _XYZ)}, or give a topology"
        )
    if not kept:
        raise InputError(f"{path}: no frame is left from {start} on; give a smaller start")
    return _assemble(kept, elements, molecules, str(path), source)


def _assemble(
    frames: Sequence[RawFrame], elements: Names, molecules: Integers | None, name: str, source: Source
) -> Trajectory:
    times = np.array([frame.time for frame in frames])
    check_times(times, name)
    positions = unwrapped_positions(frames, name)
    cells = np.array([frame.cell for frame in frames])
    if molecules is None:
        molecules = molecules_by_bonds(elements, scaled(positions[:1], cells[:1])[0], cells[0])
    velocities = [frame.velocities for frame in frames if frame.velocities is not None]
    masses = masses_of(list(elements))
    check_density(len(elements), cells[0], name)
    for frame_velocities in velocities[:1]:
        check_speeds(frame_velocities, masses, name)
    trajectory = Trajectory(
        times=times,
        positions=positions,
        cells=cells,
        velocities=np.array(velocities) if len(velocities) == len(frames) else None,
        elements=elements,
        masses=masses,
        molecules=molecules,
    )
    return trajectory if source.keep_drift else without_drift(trajectory)


def _from_dump(path: str | Path, source: Source, keep: Keep) -> tuple[list[RawFrame], Names, Integers | None]:
    atoms, frames = read_dump(path, timestep=source.timestep, units=source.units, keep=keep)
    data = None if source.data_file is None else read_data_file(source.data_file)
    molecules = atoms.molecules
    if data is not None:
        check_types(atoms, data, str(path))
        if molecules is None and data.molecules:
            molecules = np.array([data.molecules[atom] for atom in atoms.ids.tolist()])
    return frames, elements_of_dump(atoms, data, source.type_map, str(path)), molecules


def _from_xyz(path: str | Path, source: Source) -> tuple[list[RawFrame], Names, Integers | None]:
    frames = list(read_xyz(path))
    if not frames:
        raise InputError(f"{path} has no whole frame; give an XYZ file")
    for count, frame in enumerate(frames):
        if not np.array_equal(frame.elements, frames[0].elements):
            raise InputError(f"{path}: the atoms of frame {count + 1} are not those of the first; keep their order")
    times = _times(frames, source, path)
    cells = _cells(frames, times, source, path)
    velocities = _velocities(frames, times, source)
    raw = [
        RawFrame(
            time=float(times[k]),
            positions=frame.values,
            cell=cells[k],
            unwrapped=source.unwrapped,
            velocities=None if velocities is None else velocities[k],
        )
        for k, frame in enumerate(frames)
    ]
    molecules = frames[0].molecules
    return raw, frames[0].elements, None if molecules is None else molecules.astype(np.int64)


def _times(frames: Sequence[XyzFrame], source: Source, path: str | Path) -> Floats:
    if source.interval is not None:
        return np.array([count * source.interval for count in range(len(frames))])
    times = [frame.time for frame in frames if frame.time is not None]
    if len(times) != len(frames):
        if len(frames) == 1:
            return np.zeros(1)
        raise InputError(f"{path} has no times; give the interval between its frames [ps]")
    return np.array(times)


def _cells(frames: Sequence[XyzFrame], times: Floats, source: Source, path: str | Path) -> Floats:
    if source.cell_file is not None:
        return cells_at(times, source.cell_file)
    given = _given_cell(source)
    if given is not None:
        return np.repeat(given[None], len(frames), axis=0)
    cells = [frame.cell for frame in frames if frame.cell is not None]
    if len(cells) != len(frames):
        raise InputError(f"{path} has no cell; give its edges [angstrom], or CP2K's PROJECT-1.cell")
    return np.array(cells)


def _given_cell(source: Source) -> Floats | None:
    if source.cell is None:
        return None
    cell = np.asarray(source.cell, dtype=np.float64)
    if cell.shape not in ((3,), (3, 3)):
        raise InputError(f"the cell has the shape {cell.shape}; give three lengths or three edges [angstrom]")
    return np.diag(cell).astype(np.float64) if cell.ndim == 1 else cell


def _velocities(frames: Sequence[XyzFrame], times: Floats, source: Source) -> Floats | None:
    if source.velocity_file is None:
        momenta = [frame.momenta for frame in frames if frame.momenta is not None]
        masses = masses_of(frames[0].elements.tolist())[:, None]
        return np.array(momenta) / masses * ASE_VELOCITY if len(momenta) == len(frames) else None
    known, velocities = read_velocities(source.velocity_file)
    if known.shape != times.shape or not np.allclose(known, times, atol=2e-6):
        raise InputError(
            f"{source.velocity_file} has {len(known)} frames at other times than the {len(times)} of the positions; "
            "give the file of the same run, printed as often"
        )
    return velocities


def _from_universe(path: str | Path, source: Source) -> tuple[list[RawFrame], Names, Integers | None]:
    assert source.topology is not None
    universe, frames = library.read_universe(
        path, source.topology, interval=source.interval, unwrapped=source.unwrapped, cell=_given_cell(source)
    )
    elements = elements_of_universe(universe, source.type_map, str(source.topology))
    return frames, elements, library.molecules_in(universe)
