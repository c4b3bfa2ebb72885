from importlib.util import find_spec

import pytest

pytest.importorskip("rdkit", reason="the extra atomistic is not installed")
pytest.importorskip("tblite", reason="the extra atomistic is not installed")
if find_spec("dpdispatcher") is None:  # importing it would write a log here
    pytest.skip("the extra atomistic is not installed", allow_module_level=True)
pytest.importorskip("packmol", reason="the extra atomistic is not installed")
from ase.io import read

from ionspice.core import InputError
from ionspice.electrolytes.files import FRAMES, LABELS
from ionspice.electrolytes.stages import run_liquid
from ionspice.electrolytes.study.file import parse_liquid


class Listener:
    def __init__(self):
        self.said = []

    def say(self, text):
        self.said.append(text)

    def stage(self, name):
        from contextlib import nullcontext

        self.said.append(f"{name} ...")
        return nullcontext(lambda done, whole: None)


def test_a_molten_salt_is_built_sampled_and_labelled_once(liquid_text, tmp_path):
    study = parse_liquid(liquid_text)
    names = ["molecules", "boxes", "frames", "label"]
    run_liquid(study, tmp_path, stages=names)
    frames, labels = read(tmp_path / FRAMES, index=":"), read(tmp_path / LABELS, index=":")
    assert len(frames) == len(labels) == 4
    assert len({frame.info["trajectory"] for frame in labels}) == 2
    assert all(abs(label.get_forces()).max() > 0 for label in labels)
    listener = Listener()
    run_liquid(study, tmp_path, stages=names, reporter=listener)
    assert listener.said == [f"{name}: up to date" for name in names]


def test_own_frames_are_labelled_instead(liquid_text, tmp_path):
    study = parse_liquid(
        liquid_text.replace('program = "tblite"', 'program = "ase"\ncalculator = "ase.calculators.lj:LennardJones"')
    )
    (tmp_path / "mine.xyz").write_text(
        '2\nLattice="9 0 0 0 9 0 0 0 9" Properties=species:S:1:pos:R:3 pbc="T T T"\nNa 0 0 0\nCl 1.3 0 0\n'
    )
    run_liquid(study, tmp_path / "out", stages=["molecules", "frames", "label"], frames=tmp_path / "mine.xyz")
    assert len(read(tmp_path / "out" / LABELS, index=":")) == 1


def test_frames_without_a_cell_are_refused(liquid_text, tmp_path):
    (tmp_path / "mine.xyz").write_text("1\n\nNa 0 0 0\n")
    with pytest.raises(InputError, match="frame 1 has no cell"):
        run_liquid(
            parse_liquid(liquid_text), tmp_path / "out", stages=["molecules", "frames"], frames=tmp_path / "mine.xyz"
        )
