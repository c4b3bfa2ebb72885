import numpy as np
import pytest

pytest.importorskip("ase", reason="the extra atomistic is not installed")

from ionspice.electrolytes.potential.data_sets import write_data_sets


@pytest.mark.parametrize(
    ("type_map", "types", "order"), [("Na Cl", "0 0 1 1", [1, 2, 0, 3]), ("Cl Na", "0 0 1 1", [0, 3, 1, 2])]
)
def test_atoms_are_sorted_by_type_with_their_forces(labelled, tmp_path, type_map, types, order):
    frame = labelled(symbols="ClNaNaCl", stress=np.array([1.0, 2.0, 3.0, 0.0, 0.0, 0.5]))
    write_data_sets(tmp_path, [frame], type_map.split())
    (folder,) = tmp_path.iterdir()
    assert (folder / "type.raw").read_text().split() == ["0", "0", "1", "1"]
    assert (folder / "type_map.raw").read_text().split() == type_map.split()
    content = {path.stem: np.load(path) for path in (folder / "set.000").iterdir()}
    assert np.allclose(content["coord"].reshape(4, 3), frame.positions[order])
    assert np.allclose(content["force"].reshape(4, 3), frame.get_forces()[order])
    assert content["energy"].tolist() == [-8.0]
    assert np.allclose(content["virial"].reshape(3, 3), -216 * frame.get_stress(voigt=False))


def test_frames_of_one_formula_are_one_system_whatever_their_order(labelled, tmp_path):
    frames = [labelled(symbols="NaCl"), labelled(symbols="ClNa"), labelled(symbols="NaClNaCl")]
    assert write_data_sets(tmp_path, frames, ["Na", "Cl"]) == ["Na1Cl1", "Na2Cl2"]
    assert np.load(tmp_path / "Na1Cl1" / "set.000" / "coord.npy").shape == (2, 6)
    assert not (tmp_path / "Na1Cl1" / "set.000" / "virial.npy").exists()


def test_dpdata_reads_the_same(labelled, tmp_path):
    dpdata = pytest.importorskip("dpdata", reason="the extra atomistic is not installed")
    frame = labelled(symbols="ClNaNaCl")
    write_data_sets(tmp_path, [frame], ["Na", "Cl"])
    system = dpdata.LabeledSystem(str(tmp_path / "Na2Cl2"), fmt="deepmd/npy")
    assert system["atom_names"] == ["Na", "Cl"]
    assert np.allclose(system["forces"][0], frame.get_forces()[[1, 2, 0, 3]])
