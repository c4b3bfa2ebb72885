import gzip

import numpy as np
import pytest

from ionspice.core import InputError

pytest.importorskip("ase", reason="needs the extra atomistic")
pytest.importorskip("MDAnalysis", reason="needs the extra atomistic")

from ionspice.electrolytes.analysis.reading import Source, read_trajectory

EDGE = 8.0
DUMP = Source(timestep=1e-3, type_map=("Al", "Cl"))
TILTED = np.array([[8.0, 0, 0], [2.0, 7.0, 0], [-1.5, 3.0, 9.0]])


@pytest.fixture
def liquid(walk):
    """Unwrapped positions of three Al and five Cl, far enough apart to be no molecules, and their types."""
    positions = walk(frames=30, atoms=8, step=0.4, edge=EDGE)
    return positions, np.tile([1, 1, 1, 2, 2, 2, 2, 2], (30, 1))


def columns_of(names, positions):
    return {name: positions[..., k] for k, name in enumerate(names)}


def drift_free(positions, masses=None):
    masses = np.array([26.9815385] * 3 + [35.45] * 5) if masses is None else masses
    centre = np.einsum("n,tnk->tk", masses / masses.sum(), positions)
    return positions - (centre - centre[0])[:, None]


def folded(positions, edge=EDGE):
    images = np.floor(positions / edge).astype(int)
    return positions - images * edge, images


@pytest.mark.parametrize("kind", ["xu", "x with flags", "x alone", "xs with flags", "xsu"])
def test_all_kinds_of_positions_give_the_same_way(liquid, write_dump, kind):
    positions, types = liquid
    inside, images = folded(positions)
    columns = {
        "xu": columns_of(("xu", "yu", "zu"), positions),
        "x with flags": columns_of(("x", "y", "z"), inside) | columns_of(("ix", "iy", "iz"), images),
        "x alone": columns_of(("x", "y", "z"), inside),
        "xs with flags": columns_of(("xs", "ys", "zs"), inside / EDGE) | columns_of(("ix", "iy", "iz"), images),
        "xsu": columns_of(("xsu", "ysu", "zsu"), positions / EDGE),
    }[kind]
    trajectory = read_trajectory(write_dump({"type": types} | columns, edge=EDGE), DUMP)
    moved = trajectory.positions - trajectory.positions[0]
    expected = drift_free(positions)
    assert np.abs(moved - (expected - expected[0])).max() < 1e-6
    np.testing.assert_allclose(trajectory.times, 0.1 * np.arange(30))
    assert trajectory.elements.tolist() == ["Al"] * 3 + ["Cl"] * 5


def test_the_mean_drift_is_removed_and_kept_on_request(liquid, write_dump):
    positions, types = liquid
    drifting = positions + 0.02 * np.arange(30)[:, None, None]
    path = write_dump({"type": types} | columns_of(("xu", "yu", "zu"), drifting), edge=EDGE)
    np.testing.assert_allclose(read_trajectory(path, DUMP).positions, drift_free(positions), atol=1e-9)
    kept = read_trajectory(path, Source(timestep=1e-3, type_map=("Al", "Cl"), keep_drift=True))
    np.testing.assert_allclose(kept.positions, drifting, atol=1e-9)


def test_a_tilted_box_is_unwrapped(liquid, write_dump):
    positions, types = liquid
    points = positions @ np.linalg.inv(TILTED)
    inside = (points % 1.0) @ TILTED
    path = write_dump({"type": types} | columns_of(("x", "y", "z"), inside), edge=TILTED)
    trajectory = read_trajectory(path, DUMP)
    np.testing.assert_allclose(trajectory.cells[0], TILTED, atol=1e-12)
    moved = trajectory.positions - trajectory.positions[0]
    assert np.abs(moved - (drift_free(positions) - drift_free(positions)[0])).max() < 1e-6


def test_atoms_may_stand_in_any_order(liquid, write_dump, rng):
    positions, types = liquid
    columns = {"type": types} | columns_of(("xu", "yu", "zu"), positions)
    plain = read_trajectory(write_dump(columns, edge=EDGE), DUMP)
    mixed = read_trajectory(write_dump(columns, edge=EDGE, order=rng.permutation(8), name="mixed.dump"), DUMP)
    np.testing.assert_array_equal(plain.positions, mixed.positions)


def test_times_velocities_molecules_and_elements_of_a_dump_are_used(liquid, write_dump):
    positions, _ = liquid
    frames = len(positions)
    velocities = np.full_like(positions, 1e-3)
    velocities[:, 0] *= -3
    columns = {
        "mol": np.tile([7, 7, 7, 7, 9, 9, 9, 9], (frames, 1)),
        "element": np.tile(["Al"] * 3 + ["Cl"] * 5, (frames, 1)),
        **columns_of(("xu", "yu", "zu"), positions),
        **columns_of(("vx", "vy", "vz"), velocities),
    }
    path = write_dump(columns, edge=EDGE, items="ITEM: UNITS\nreal\nITEM: TIME\n0.0\n")
    text = path.read_text().split("ITEM: TIME\n0.0\n")
    path.write_text("".join(part + (f"ITEM: TIME\n{k * 2.5}\n" if k < frames else "") for k, part in enumerate(text)))
    trajectory = read_trajectory(path)
    np.testing.assert_allclose(trajectory.times, 2.5e-3 * np.arange(frames))
    assert trajectory.velocities[0, 1, 0] - trajectory.velocities[0, 0, 0] == pytest.approx(4.0)
    assert trajectory.molecules.tolist() == [7] * 4 + [9] * 4
    with pytest.raises(InputError, match="units real, not metal"):
        read_trajectory(path, Source(units="metal"))


def test_frames_may_be_left_out(liquid, write_dump):
    positions, types = liquid
    path = write_dump({"type": types} | columns_of(("xu", "yu", "zu"), positions), edge=EDGE)
    trajectory = read_trajectory(path, DUMP, start=4, every=5)
    np.testing.assert_allclose(trajectory.times, 0.4 + 0.5 * np.arange(6))
    assert read_trajectory(path, DUMP, stop=3).times.size == 3
    for wrong in ({"start": -1}, {"every": 0}, {"start": 3, "stop": 3}):
        with pytest.raises(InputError, match="keep no frame"):
            read_trajectory(path, DUMP, **wrong)
    with pytest.raises(InputError, match="no frame is left from 30 on"):
        read_trajectory(path, DUMP, start=30)
    packed = path.with_suffix(".lammpstrj.gz")
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert read_trajectory(packed, DUMP).times.size == 30


def test_a_repeated_frame_counts_once(liquid, write_dump):
    positions, types = liquid
    rows = [0, 1, 2, 2, 3]
    columns = {"type": types[rows]} | columns_of(("xu", "yu", "zu"), positions[rows])
    path = write_dump(columns, edge=EDGE, steps=np.array(rows) * 100)
    np.testing.assert_allclose(read_trajectory(path, DUMP).times, [0, 0.1, 0.2, 0.3])


def test_a_last_frame_that_is_cut_off_is_left_out(liquid, write_dump, caplog):
    positions, types = liquid
    path = write_dump({"type": types} | columns_of(("xu", "yu", "zu"), positions), edge=EDGE)
    whole = read_trajectory(path, DUMP)
    text = path.read_text()
    for cut in (5, 40, 300):
        path.write_text(text[:-cut])
        trajectory = read_trajectory(path, DUMP)
        np.testing.assert_array_equal(trajectory.positions, whole.positions[:-1])
    assert "ends within frame 30" in caplog.text


def corrupt(text, kind):
    frames = text.split("ITEM: TIMESTEP\n")
    if kind == "gap":
        del frames[5]
    if kind == "backwards":
        frames[5], frames[6] = frames[6], frames[5]
    if kind == "lost line":
        frames[5] = "".join(frames[5].splitlines(keepends=True)[:-1])
    if kind == "nan":
        frames[5] = frames[5].rsplit(" ", 1)[0] + " nan\n"
    if kind == "twice":
        lines = frames[5].splitlines(keepends=True)
        frames[5] = "".join([*lines[:-1], lines[-2]])
    if kind == "stars":
        frames[5] = frames[5].rsplit(" ", 1)[0] + " *****\n"
    if kind == "count":
        frames[5] = frames[5].replace("ATOMS\n8\n", "ATOMS\n88\n")
    if kind == "image":
        frames[5] = frames[5].replace("\n1 1 ", "\n1 1e30 ")
    if kind == "flat":
        frames[5] = frames[5].replace(f"0.0 {EDGE:.17g}\n", "0.0 0.0\n", 1)
    if kind == "type":
        frames[5] = frames[5].replace("\n1 1 ", "\n1 2 ")
    return "ITEM: TIMESTEP\n".join(frames)


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("gap", "0.2 ps lie between frames 4 and 5 instead of 0.1"),
        ("backwards", "cut the frames that a restart wrote anew"),
        ("lost line", "next frame begins after 7 of 8 lines"),
        ("nan", "frame 5 .* not finite in row 8"),
        ("twice", "atom 7 stands twice"),
        ("stars", r"\*\*\*\*\*"),
        ("type", "types of atom 1 differ"),
        ("count", "next frame begins after 8 of 88 lines"),
        ("image", "too large"),
        ("flat", "frame 5 .* without volume"),
    ],
)
def test_a_damaged_dump_is_one_clear_error(liquid, write_dump, kind, message):
    positions, types = liquid
    path = write_dump({"type": types} | columns_of(("xu", "yu", "zu"), positions), edge=EDGE)
    path.write_text(corrupt(path.read_text(), kind))
    with pytest.raises(InputError, match=message):
        read_trajectory(path, DUMP)


def test_steps_too_long_to_follow_are_refused(write_dump, walk):
    positions = walk(frames=20, atoms=8, step=3.0, edge=EDGE)
    inside, images = folded(positions)
    types = np.ones((20, 8), dtype=int)
    wrapped = {"type": types} | columns_of(("x", "y", "z"), inside)
    with pytest.raises(InputError, match="write frames more often, or unwrapped"):
        read_trajectory(write_dump(wrapped, edge=EDGE), DUMP)
    flagged = read_trajectory(write_dump(wrapped | columns_of(("ix", "iy", "iz"), images), edge=EDGE), DUMP)
    np.testing.assert_allclose(flagged.positions, drift_free(positions, np.ones(8)), atol=1e-9)
    lost = wrapped | columns_of(("ix", "iy", "iz"), 0 * images)
    with pytest.raises(InputError, match="image flags ix iy iz are all 0"):
        read_trajectory(write_dump(lost, edge=EDGE), DUMP)


def data_file(tmp_path, masses, types):
    rows = "\n".join(f"{k + 1} {type_} 0 0 0" for k, type_ in enumerate(types))
    lines = "\n".join(f"{k + 1} {mass}" for k, mass in enumerate(masses))
    path = tmp_path / "run.data"
    path.write_text(
        f"made up\n\n8 atoms\n2 atom types\n\n0 8 xlo xhi\n\nMasses\n\n{lines}\n\nAtoms # atomic\n\n{rows}\n"
    )
    return path


def test_types_are_checked_against_the_data_file(liquid, write_dump, tmp_path):
    positions, types = liquid
    path = write_dump({"type": types} | columns_of(("xu", "yu", "zu"), positions), edge=EDGE)
    right = data_file(tmp_path, (26.98, 35.45), types[0])
    assert read_trajectory(path, Source(timestep=1e-3, data_file=right)).elements[3] == "Cl"
    with pytest.raises(InputError, match="atom 1 is Cl by the type map but Al by the data file"):
        read_trajectory(path, Source(timestep=1e-3, data_file=right, type_map=("Cl", "Al")))
    with pytest.raises(InputError, match=r"of type 1, in .* of type 2"):
        read_trajectory(path, Source(timestep=1e-3, data_file=data_file(tmp_path, (26.98, 35.45), types[0][::-1])))
    with pytest.raises(InputError, match=r"no element has the mass 5\.5"):
        read_trajectory(path, Source(timestep=1e-3, data_file=data_file(tmp_path, (5.5, 35.45), types[0])))


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (Source(timestep=1e-3), "does not name elements"),
        (Source(timestep=1e-3, type_map=("Al",)), "atom type 2"),
        (Source(timestep=1e-3, type_map=("Al", "Qq")), "'Qq' is no chemical element"),
        (Source(type_map=("Al", "Cl")), "no times"),
        (Source(timestep=1e-3, type_map=("Al", "Cl"), units="lj"), "units lj are not read"),
    ],
)
def test_what_a_dump_lacks_is_asked_for(liquid, write_dump, source, message):
    positions, types = liquid
    path = write_dump({"type": types} | columns_of(("xu", "yu", "zu"), positions), edge=EDGE)
    with pytest.raises(InputError, match=message):
        read_trajectory(path, source)


def test_units_that_cannot_be_are_refused(liquid, write_dump):
    positions, types = liquid
    columns = {"type": types} | columns_of(("xu", "yu", "zu"), positions / 10)
    with pytest.raises(InputError, match="not nm"):
        read_trajectory(write_dump(columns, edge=EDGE / 10), DUMP)
    velocities = np.full_like(positions, 1e-3)
    velocities[:, 0] *= -3
    columns = {"type": types} | columns_of(("xu", "yu", "zu"), positions) | columns_of(("vx", "vy", "vz"), velocities)
    with pytest.raises(InputError, match="name the unit style"):
        read_trajectory(write_dump(columns, edge=EDGE), DUMP)


@pytest.mark.parametrize("text", ["", "hello\n", "ITEM: TIMESTEP\n0\n", "ITEM: TIMESTEP\nx\nITEM: NUMBER OF ATOMS\n"])
def test_what_is_no_dump_is_refused(tmp_path, text):
    path = tmp_path / "a.dump"
    path.write_text(text)
    with pytest.raises(InputError):
        read_trajectory(path, DUMP)
    with pytest.raises(InputError, match="no trajectory by its name"):
        read_trajectory(tmp_path / "a.txt", DUMP)
    with pytest.raises(InputError, match="cannot read"):
        read_trajectory(tmp_path / "none.dump", DUMP)


def write_xyz(path, positions, comments):
    symbols = ["Al"] * 3 + ["Cl"] * 5
    with path.open("w") as file:
        for frame, comment in zip(positions, comments, strict=True):
            file.write(f"8\n{comment}\n")
            for symbol, row in zip(symbols, frame, strict=True):
                file.write(f"{symbol} {row[0]:.10f} {row[1]:.10f} {row[2]:.10f}\n")
    return path


def test_files_of_cp2k_are_read_with_their_cell_and_velocities(liquid, tmp_path):
    positions, _ = liquid
    comments = [f" i = {k}, time = {k * 0.5:.3f}, E = -1.0" for k in range(30)]
    path = write_xyz(tmp_path / "run-pos-1.xyz", positions, comments)
    velocities = 1e-4 * np.ones_like(positions)
    velocities[:, 1] *= -2
    speeds = write_xyz(tmp_path / "run-vel-1.xyz", velocities, comments)
    rows = [f"{k} {k * 0.5:.3f} 8 0 0 0 8 0 0 0 8 512" for k in range(30)]
    (tmp_path / "run-1.cell").write_text("#   Step   Time [fs]   Ax ... Volume\n" + "\n".join(rows) + "\n")
    trajectory = read_trajectory(path, Source(cell_file=tmp_path / "run-1.cell", velocity_file=speeds))
    np.testing.assert_allclose(trajectory.positions, drift_free(positions), atol=1e-8)
    np.testing.assert_allclose(trajectory.times, 5e-4 * np.arange(30))
    gap = trajectory.velocities[0, 0, 0] - trajectory.velocities[0, 1, 0]
    assert gap == pytest.approx(3e-4 * 0.529177 / 2.4188843e-5, rel=1e-6)
    (tmp_path / "run-1.cell").write_text("\n".join(rows[:20]) + "\n")
    with pytest.raises(InputError, match="no cell at"):
        read_trajectory(path, Source(cell_file=tmp_path / "run-1.cell"))


def test_xyz_files_are_read_with_what_they_say(liquid, tmp_path):
    positions, _ = liquid
    plain = write_xyz(tmp_path / "a.xyz", folded(positions)[0], ["made up"] * 30)
    trajectory = read_trajectory(plain, Source(interval=0.1, cell=(EDGE, EDGE, EDGE)))
    moved = trajectory.positions - trajectory.positions[0]
    np.testing.assert_allclose(moved, drift_free(positions) - drift_free(positions)[0], atol=1e-8)
    lattice = 'Lattice="8.0 0.0 0.0 0.0 8.0 0.0 0.0 0.0 8.0" Properties=species:S:1:pos:R:3 time_ps={}'
    extended = write_xyz(tmp_path / "b.extxyz", folded(positions)[0], [lattice.format(0.1 * k) for k in range(30)])
    np.testing.assert_allclose(read_trajectory(extended).positions, trajectory.positions, atol=1e-9)
    with pytest.raises(InputError, match="no times"):
        read_trajectory(plain, Source(cell=(EDGE,) * 3))
    with pytest.raises(InputError, match="no cell"):
        read_trajectory(plain, Source(interval=0.1))
    plain.write_text(plain.read_text()[:-20])
    assert read_trajectory(plain, Source(interval=0.1, cell=(EDGE,) * 3)).times.size == 29


def test_a_breathing_box_is_followed(rng, write_dump):
    """Atoms on a fixed path in scaled coordinates, through a box that breathes by 3 %."""
    frames = 40
    edges = EDGE * (1 + 0.03 * np.sin(np.arange(frames)))
    points = rng.random((8, 3)) + np.cumsum(0.05 * rng.standard_normal((frames, 8, 3)), axis=0)
    types = np.ones((frames, 8), dtype=int)
    length = edges[:, None, None]
    unwrapped = {"type": types} | columns_of(("xu", "yu", "zu"), points * length)
    wrapped = {"type": types} | columns_of(("x", "y", "z"), (points % 1) * length)
    first = read_trajectory(write_dump(unwrapped, edge=edges), DUMP)
    second = read_trajectory(write_dump(wrapped, edge=edges), DUMP)
    moved = [trajectory.scaled_positions - trajectory.scaled_positions[0] for trajectory in (first, second)]
    assert np.abs(moved[0] - moved[1]).max() < 1e-6


def test_files_of_ase_are_read_with_their_velocities(liquid, tmp_path):
    from ase import Atoms, units
    from ase.io import write

    positions, _ = liquid
    frames = [Atoms("Al3Cl5", positions=frame, cell=TILTED, pbc=True) for frame in positions]
    for atoms in frames:
        atoms.set_velocities(np.array([[1.0, 2, 3]] + [[0.0, 0, 0]] * 7) / (1000 * units.fs))
    write(tmp_path / "run.extxyz", frames)
    trajectory = read_trajectory(tmp_path / "run.extxyz", Source(interval=0.1, keep_drift=True))
    np.testing.assert_allclose(trajectory.velocities[:, 0], np.broadcast_to([1.0, 2, 3], (30, 3)), rtol=1e-6)
    np.testing.assert_allclose(trajectory.cells[7], TILTED)
    np.testing.assert_allclose(trajectory.positions, positions, atol=1e-7)


def test_whatever_mdanalysis_reads_is_read(liquid, tmp_path):
    import MDAnalysis

    positions, _ = liquid
    universe = MDAnalysis.Universe.empty(8, n_residues=2, atom_resindex=[0] * 4 + [1] * 4, trajectory=True)
    universe.add_TopologyAttr("resids", [1, 2])
    universe.add_TopologyAttr("names", ["AL"] * 3 + ["CL"] * 5)
    universe.add_TopologyAttr("elements", ["Al"] * 3 + ["Cl"] * 5)
    universe.load_new(folded(positions)[0].astype(np.float32), dimensions=[EDGE] * 3 + [90] * 3, dt=0.1)
    universe.atoms.write(tmp_path / "run.pdb")
    for name in ("run.xtc", "run.dcd"):
        universe.atoms.write(tmp_path / name, frames="all")
        source = Source(topology=tmp_path / "run.pdb", interval=0.1)
        trajectory = read_trajectory(tmp_path / name, source)
        moved = trajectory.positions - trajectory.positions[0]
        # XTC keeps a hundredth of an angstrom
        np.testing.assert_allclose(moved, drift_free(positions) - drift_free(positions)[0], atol=0.02)
        assert trajectory.elements.tolist() == ["Al"] * 3 + ["Cl"] * 5
        assert trajectory.molecules.tolist() == [0] * 4 + [1] * 4
    with pytest.raises(InputError, match="that belong together"):
        read_trajectory(tmp_path / "run.dcd", Source(topology=data_file(tmp_path, (26.98, 35.45), [1] * 3)))
    assert read_trajectory(tmp_path / "run.dcd", source, every=3).times.tolist() == pytest.approx(
        [0.3 * k for k in range(10)]
    )
    swapped = Source(topology=tmp_path / "run.pdb", interval=0.1, type_map=("Cl", "Al"))
    with pytest.raises(InputError, match="put the type map in order"):
        read_trajectory(tmp_path / "run.xtc", swapped)
