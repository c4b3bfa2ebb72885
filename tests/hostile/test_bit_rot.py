"""A flipped bit in a result is never read as another number."""

import json
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

from ionspice.core import IonspiceError, sha256_of
from ionspice.core.manifest import StageRecord, write_record

sys.path.insert(0, str(Path(__file__).parent))
from targets import targets

FLIPS = 50
RESULTS = ["observables.nc", "circuit.nc", "campaign.nc", "law", "circuit", "comparison", "claims", "measures"]
RESULTS += ["msh", "vtu", "rails", "conductance", "campaign law", "plan"]


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """A folder with every result, on record as left by a stage, and the readers by name."""
    folder = tmp_path_factory.mktemp("results")
    readers = {name: target for name, target in targets(folder).items() if name in RESULTS}
    for target in readers.values():
        (folder / target.file).write_bytes(target.content)
    outputs = {target.file: sha256_of(folder / target.file) for target in readers.values()}
    write_record(folder, "solve", StageRecord(fingerprint="a", finished=True, outputs=outputs))
    return folder, readers


@pytest.mark.parametrize("name", RESULTS)
def test_no_flipped_bit_in_a_result_is_accepted(results, tmp_path, name):
    folder, readers = results
    target = readers[name]
    work = shutil.copytree(folder, tmp_path / "run")
    target.read(work / target.file)
    rng = np.random.default_rng(50)
    refused = 0
    for place in rng.integers(0, 8 * len(target.content), size=FLIPS).tolist():
        damaged = bytearray(target.content)
        damaged[place // 8] ^= 1 << place % 8
        (work / target.file).write_bytes(damaged)
        with pytest.raises(IonspiceError, match=target.file):
            target.read(work / target.file)
        refused += 1
    print(f"{target.file}: {refused} of {FLIPS} flipped bits refused")


def test_no_flipped_bit_in_a_checkpoint_is_accepted_with_other_numbers(tmp_path):
    target = targets(tmp_path)["checkpoint"]
    path = tmp_path / target.file
    path.write_bytes(target.content)
    whole = target.read(path)
    for place in np.random.default_rng(51).integers(0, 8 * len(target.content), size=10 * FLIPS).tolist():
        damaged = bytearray(target.content)
        damaged[place // 8] ^= 1 << place % 8
        path.write_bytes(damaged)
        try:
            found = target.read(path)
        except IonspiceError:
            continue
        assert all(np.array_equal(found[key], whole[key]) for key in whole)


def test_no_flipped_bit_in_the_manifest_lets_another_number_pass(results, tmp_path):
    folder, readers = results
    work = shutil.copytree(folder, tmp_path / "run")
    manifest = (work / "manifest.json").read_bytes()
    law = json.loads((work / "law.json").read_text())
    for place in np.random.default_rng(52).integers(0, 8 * len(manifest), size=FLIPS).tolist():
        damaged = bytearray(manifest)
        damaged[place // 8] ^= 1 << place % 8
        (work / "manifest.json").write_bytes(damaged)
        try:
            readers["law"].read(work / "law.json")
        except IonspiceError:
            continue
        assert json.loads((work / "law.json").read_text()) == law
