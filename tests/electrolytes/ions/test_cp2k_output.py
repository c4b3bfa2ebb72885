from pathlib import Path

import pytest

from ionspice.core import RunError
from ionspice.electrolytes.ions.cp2k_output import check_end, read_charges, version_of

#: as CP2K 2023.1 prints them, the last ones at the end
OUTPUT = """\
 CP2K| version string:                                       CP2K version 2023.1
                     Mulliken Population Analysis

 #  Atom  Element  Kind  Atomic population                           Net charge
       1     Li       1          1.000000                              2.000000
       2     Cl       2          7.000000                             -2.000000
 # Total charge                              8.000000                 -0.000000

                     Mulliken Population Analysis

 #  Atom  Element  Kind  Atomic population                           Net charge
       1     Li       1          2.500000                              0.500000
       2     Cl       2          7.500000                             -0.500000
 # Total charge                             10.000000                 -0.000000

                           Hirshfeld Charges

  #Atom  Element  Kind  Ref Charge     Population                    Net charge
      1       Li     1       3.000          2.661                         0.339
      2       Cl     2       7.000          7.339                        -0.339

  Total Charge                                                           -0.000
  *** GEOMETRY OPTIMIZATION COMPLETED ***
  **** **** ******  **  PROGRAM ENDED AT                 2026-01-01 00:00:00.000
"""
PATH = Path("cp2k.out")


def test_the_last_charges_are_read_by_both_analyses():
    assert read_charges(OUTPUT, 2, PATH) == {"mulliken": (0.5, -0.5), "hirshfeld": (0.339, -0.339)}
    assert version_of(OUTPUT) == "CP2K 2023.1"


def test_tables_that_are_not_whole_are_refused():
    with pytest.raises(RunError, match="of 2 atoms where 3 belong"):
        read_charges(OUTPUT, 3, PATH)
    with pytest.raises(RunError, match="Hirshfeld Charges of 0 atoms"):
        read_charges(OUTPUT.replace("Hirshfeld", "Other"), 2, PATH)


def test_a_job_that_did_not_end_or_converge_is_refused():
    sign = "GEOMETRY OPTIMIZATION COMPLETED"
    check_end(OUTPUT, PATH, signs=[sign])
    with pytest.raises(RunError, match="did not end"):
        check_end(OUTPUT.replace("PROGRAM ENDED AT", ""), PATH)
    with pytest.raises(RunError, match="did not converge"):
        check_end(OUTPUT + "SCF run NOT converged", PATH)
    with pytest.raises(RunError, match="without 'GEOMETRY"):
        check_end(OUTPUT.replace(sign, ""), PATH, signs=[sign])
