import re

import numpy as np

from ionspice.electrolytes.labels.cp2k.input import cp2k_input
from ionspice.electrolytes.labels.cp2k.settings import Cp2kSettings


def test_the_level_of_theory_of_the_reference_study_is_the_default():
    text = cp2k_input(["Al", "Cl"], np.diag([10.0, 11.0, 12.0]), Cp2kSettings())
    for line in (
        "RUN_TYPE ENERGY_FORCE",
        "PRINT_LEVEL MEDIUM",  # dpdata finds nothing at a lower one
        "STRESS_TENSOR ANALYTICAL",
        "&XC_FUNCTIONAL PBE",
        "TYPE DFTD3(BJ)",
        "CUTOFF 400",
        "BASIS_SET DZVP-MOLOPT-SR-GTH",
        "PRECONDITIONER FULL_SINGLE_INVERSE",
        "B 0.0000000000 11.0000000000 0.0000000000",
    ):
        assert re.search(rf"^\s*{re.escape(line)}$", text, re.MULTILINE), line
    assert text.count("&KIND") == 2
    assert len(re.findall(r"EPS_SCF 1.000E-05", text)) == 2


def test_every_section_is_closed():
    open_sections = []
    for line in cp2k_input(["Li"], np.eye(3) * 9, Cp2kSettings()).splitlines():
        word = line.split()[0]
        if word == "&END":
            assert open_sections.pop() == line.split()[1]
        elif word.startswith("&"):
            open_sections.append(word[1:])
    assert open_sections == []


def test_dispersion_can_be_left_out():
    assert "VDW_POTENTIAL" not in cp2k_input(["Li"], np.eye(3) * 9, Cp2kSettings(dispersion="none"))
