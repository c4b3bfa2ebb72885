import json
import subprocess
import sys
from importlib.util import find_spec

import numpy as np
import pytest

pytest.importorskip("rdkit", reason="the extra atomistic is not installed")
pytest.importorskip("packmol", reason="the extra atomistic is not installed")
if find_spec("dpdispatcher") is None:  # importing it would write a log here
    pytest.skip("the extra atomistic is not installed", allow_module_level=True)
from ase.calculators.lj import LennardJones
from ase.io import read, write

from ionspice.core import InputError
from ionspice.electrolytes.dpgen import export_dpgen
from ionspice.electrolytes.stages import run_liquid
from ionspice.electrolytes.study.file import parse_liquid


@pytest.fixture
def exported(liquid_text, tmp_path):
    """Return the study, its folder with boxes and labels, and the folder of the export."""
    run_liquid(parse_liquid(liquid_text), tmp_path, stages=["molecules", "boxes"])
    box = read(next((tmp_path / "boxes").glob("*.extxyz")))
    box.calc = LennardJones(sigma=1.0, rc=2.0)
    box.get_stress()
    write(tmp_path / "labels.extxyz", [box], format="extxyz")
    study = parse_liquid(liquid_text.replace('program = "tblite"', 'program = "cp2k"'))
    export_dpgen(study, tmp_path, tmp_path / "dpgen")
    return study, tmp_path, tmp_path / "dpgen"


def test_param_json_names_data_boxes_and_rounds_that_are_there(exported):
    study, _, folder = exported
    param = json.loads((folder / "param.json").read_text())
    assert param["type_map"] == ["Na", "Cl"]
    assert param["fp_style"] == "cp2k"
    assert param["numb_models"] == study.potential.models
    assert len(param["model_devi_jobs"]) == study.exploration.rounds
    assert param["model_devi_jobs"][0]["nsteps"] == 10_000
    for name in param["init_data_sys"]:
        energies = np.load(folder / param["init_data_prefix"] / name / "set.000" / "energy.npy")
        assert energies.shape == (1,)
    for (name,) in param["sys_configs"]:
        assert (folder / param["sys_configs_prefix"] / name).read_text().splitlines()[5].split() == ["Na", "Cl"]


def test_machine_json_and_the_template_are_what_dpgen_expects(exported):
    _, _, folder = exported
    machine = json.loads((folder / "machine.json").read_text())
    for name in ("train", "model_devi", "fp"):
        assert set(machine[name]) == {"command", "machine", "resources"}
    template = (folder / "cp2k.inp").read_text()
    # dpgen puts the cell into the line with ABC and the atoms into coord.xyz
    assert template.count("ABC") == 1
    assert "COORD_FILE_NAME coord.xyz" in template
    assert "&FORCES ON" in template


CHECK = """
import json
from dpgen.generator.arginfo import run_jdata_arginfo, run_mdata_arginfo
for known, name in ((run_jdata_arginfo(), "param.json"), (run_mdata_arginfo(), "machine.json")):
    content = json.load(open(name))
    for key in ("fp_pp_path", "fp_pp_files"):  # which dpgen asks for and has not on its list
        content.pop(key, None)
    known.check_value(known.normalize_value(content, trim_pattern="_*"), strict=True)
"""


def test_dpgen_takes_both_files_by_its_own_check(exported):
    if find_spec("dpgen") is None:
        pytest.skip("dpgen is not installed; pip install --no-deps -r tests/electrolytes/third_party.txt")
    _, _, folder = exported
    done = subprocess.run([sys.executable, "-c", CHECK], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_teacher_that_dpgen_does_not_know_is_refused(exported, liquid_text, tmp_path):
    _, folder, _ = exported
    with pytest.raises(InputError, match="none that dpgen labels by"):
        export_dpgen(parse_liquid(liquid_text), folder, tmp_path / "other")


def test_an_export_without_labels_is_refused(exported, tmp_path):
    study, folder, _ = exported
    (folder / "labels.extxyz").unlink()
    with pytest.raises(InputError, match="ionspice electrolyte label"):
        export_dpgen(study, folder, tmp_path / "other")
