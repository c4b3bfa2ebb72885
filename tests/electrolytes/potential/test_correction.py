"""Cheap labels and what they lack: GFN1-xTB brought nearer to GFN2-xTB in molten NaCl, by tblite and DeePMD-kit."""

import numpy as np
import pytest

pytest.importorskip("tblite.ase", reason="the extra atomistic is not installed")
from ase.build import bulk
from ase.io import read, write

from ionspice.electrolytes.files import PRETRAINING_LABELS
from ionspice.electrolytes.labels.campaign import label_frames
from ionspice.electrolytes.labels.store import hash_of
from ionspice.electrolytes.potential.correction import corrected, learn_correction
from ionspice.electrolytes.potential.labels import Division
from ionspice.electrolytes.potential.pretraining import write_pretraining_labels
from ionspice.electrolytes.study.file import parse_liquid
from ionspice.electrolytes.study.teacher import TeacherSection

KEYS = """
[pretraining]
file = "frames.extxyz"
correction_steps = 500

[potential]
cutoff = "4.5 angstrom"
embedding = [8, 16]
fitting = [24, 24]
"""


def salt(seed):
    """Return frames of eight atoms that are shaken by 0.1 angstrom, in boxes of three densities."""
    generator, frames = np.random.default_rng(seed), []
    for number in range(12):
        frame = bulk("NaCl", "rocksalt", a=(5.5, 5.7, 5.9)[number % 3], cubic=True)
        frame.positions += generator.normal(0, 0.1, (len(frame), 3))
        frame.info.update(trajectory=f"{seed}-{number}", composition="small", temperature=900.0)
        frames.append(frame)
    return frames


def matched(frames, others):
    """Return the frames that both have (a method may not converge on one), in one order."""
    names = [{hash_of(frame, {}): frame for frame in some} for some in (frames, others)]
    both = sorted(names[0].keys() & names[1].keys())
    assert len(both) >= 8
    return [[some[name] for name in both] for some in names]


def force_error(frames, exact):
    frames, exact = matched(frames, exact)
    return np.sqrt(np.mean([(a.get_forces() - b.get_forces()) ** 2 for a, b in zip(frames, exact, strict=True)]))


@pytest.fixture(scope="module")
def learnt(tmp_path_factory, potential_venv):
    """A study, its folder, frames that a correction never saw with both labels, and the correction."""
    from tests.electrolytes.conftest import LIQUID

    folder = tmp_path_factory.mktemp("correction")
    write(folder / "frames.extxyz", salt(2))
    study = parse_liquid(LIQUID + KEYS, folder=folder)

    def label(frames, method):
        teacher = TeacherSection(program="tblite", method=method)
        return label_frames(frames, teacher, study.jobs, folder).frames

    teacher = label(salt(1) + salt(2), "GFN2-xTB")
    cheap = label(salt(2), "GFN1-xTB")
    known, new = ([frame for frame in teacher if frame.info["trajectory"][0] == seed] for seed in "12")
    correction = learn_correction(study, Division(training=known, held_out=new), ["Na", "Cl"], folder)
    return study, folder, new, cheap, correction


def test_a_correction_brings_cheap_labels_nearer_to_the_teacher(learnt):
    _, _, exact, cheap, correction = learnt
    better = corrected(cheap, correction)
    assert force_error(better, exact) < 0.7 * force_error(cheap, exact)
    assert correction.record.errors["held_out"]["all"].force == pytest.approx(force_error(better, exact), rel=0.05)
    offset = [
        a.get_potential_energy() - b.get_potential_energy() for a, b in zip(*matched(better, exact), strict=True)
    ]
    assert np.sqrt(np.mean(np.square(offset))) < 0.05 * len(exact[0])
    assert "stress" not in better[0].calc.results


def test_pretraining_takes_given_frames_with_cheap_labels_and_the_correction(learnt):
    study, folder, _, cheap, correction = learnt
    write_pretraining_labels(study, ["Na", "Cl"], folder, keep=False)
    plain = read(folder / PRETRAINING_LABELS, ":")
    assert force_error(plain, cheap) == pytest.approx(0, abs=1e-6)
    write_pretraining_labels(study, ["Na", "Cl"], folder, keep=False, correction=correction)
    assert force_error(read(folder / PRETRAINING_LABELS, ":"), corrected(cheap, correction)) < 1e-4
