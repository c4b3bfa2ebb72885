import numpy as np
import pytest

ase_units = pytest.importorskip("ase.units", reason="the extra atomistic is not installed")
from ionspice.core import RunError  # noqa: E402
from ionspice.electrolytes.labels.cp2k.output import read_cp2k  # noqa: E402

HEAD = " CP2K| version string:                                       CP2K version {version}\n"
SCF = """
  Leaving inner SCF loop after reaching    10 steps.
  outer SCF iter =    1 RMS gradient =   0.14E-04 energy =         -2.2
  *** SCF run converged in     6 steps ***
  outer SCF loop converged in   2 iterations or   16 steps
"""
OLD = """
 ENERGY| Total FORCE_EVAL ( QS ) energy [a.u.]:               -2.500000000000000

 ATOMIC FORCES in [a.u.]

 # Atom   Kind   Element          X              Y              Z
      1      1      Al          0.10000000    -0.20000000     0.30000000
      2      2      Cl         -0.10000000     0.20000000    -0.30000000
 SUM OF ATOMIC FORCES           0.00000000     0.00000000     0.00000000     0.00000000
"""
NEW = """
 ENERGY| Total FORCE_EVAL ( QS ) energy [hartree]             -2.500000000000000

 FORCES| Atomic forces [hartree/bohr]
 FORCES|   Atom     x               y               z               |f|
 FORCES|      1  1.00000000E-01 -2.00000000E-01  3.00000000E-01   3.74165739E-01
 FORCES|      2 -1.00000000E-01  2.00000000E-01 -3.00000000E-01   3.74165739E-01
 FORCES| Sum     0.00000000E+00  0.00000000E+00  0.00000000E+00
"""
STRESS = """
 STRESS| Analytical stress tensor [{unit}]
 STRESS|                        x                   y                   z
 STRESS|      x        {a}E+00   0.00000000000E+00   0.00000000000E+00
 STRESS|      y        0.00000000000E+00   {a}E+00   0.00000000000E+00
 STRESS|      z        0.00000000000E+00   0.00000000000E+00   {a}E+00
 STRESS| 1/3 Trace                                           {a}E+00
"""
GIGAPASCAL = STRESS.format(unit="GPa", a="1.00000000000")
END = "\n  **** **** ******  **  PROGRAM ENDED AT                 2026-11-26 03:51:00.102\n"
ELEMENTS = ["Al", "Cl"]


def output(version="2023.1", scf=SCF, forces=OLD, stress=GIGAPASCAL, end=END):
    return HEAD.format(version=version) + scf + forces + stress + end


@pytest.mark.parametrize(
    ("version", "forces", "stress"),
    [
        ("2023.1", OLD, GIGAPASCAL),
        ("2025.1", NEW, STRESS.format(unit="bar", a="10000.0000000")),
    ],
)
def test_both_layouts_give_the_same_label(tmp_path, version, forces, stress):
    path = tmp_path / "cp2k.out"
    path.write_text(output(version=version, forces=forces, stress=stress))
    answer = read_cp2k(path, ELEMENTS)
    assert answer.energy == pytest.approx(-2.5 * ase_units.Hartree)
    force = np.array([0.1, -0.2, 0.3]) * ase_units.Hartree / ase_units.Bohr
    assert np.allclose(answer.forces, [force, -force])
    assert np.allclose(answer.stress, -np.eye(3) * ase_units.GPa)
    assert (answer.scf_steps, answer.program) == (16, f"CP2K {version}")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (output(scf="\n  *** SCF run NOT converged ***\n"), "did not converge"),
        (output(scf=SCF + "\n  outer SCF loop FAILED to converge after   20 iterations or  200 steps\n"), "converge"),
        (output(scf=""), "did not converge"),
        (output(end=""), "CP2K did not end"),
        (output(forces=OLD.replace("      2      2      Cl", "      3      2      Cl")), "forces of 2 atoms where 2"),
        (output(forces=OLD.replace("     0.30000000\n", "********\n", 1)), "forces of 1 atoms where 2"),
        (output(forces=NEW.split(" FORCES| Atomic")[0]), "no forces"),
        (output(forces=OLD.replace("-2.500000000000000", "NaN")), "0 energies"),
        (output(stress=""), "no stress tensor"),
        (output()[:700], "did not end"),
    ],
)
def test_what_is_no_label_is_refused(tmp_path, text, words):
    path = tmp_path / "cp2k.out"
    path.write_text(text)
    with pytest.raises(RunError, match=words):
        read_cp2k(path, ELEMENTS)


def test_an_absent_output_is_one_error(tmp_path):
    with pytest.raises(RunError, match="CP2K left no output"):
        read_cp2k(tmp_path / "cp2k.out", ELEMENTS)
