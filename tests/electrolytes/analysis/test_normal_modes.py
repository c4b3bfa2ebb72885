import numpy as np
import pytest

from ionspice.core import InputError

pytest.importorskip("ase", reason="needs the extra atomistic")

from ionspice.electrolytes.analysis.normal_modes import lines_of_ase, mode_lines, read_molden

MOLDEN = """ [Molden Format]
 [FREQ]
      1000.000000
     -2000.000000
 [FR-COORD]
 H   0.0 0.0 0.0
 Cl  0.0 0.0 2.4
 [FR-NORM-COORD]
 vibration      1
   0.0 0.0 1.0
   0.0 0.0 0.0
 vibration      2
   0.0 0.0 0.0
   1.0 0.0 0.0
"""


def test_modes_of_a_molden_file_become_lines(tmp_path):
    path = tmp_path / "a.mol"
    path.write_text(MOLDEN)
    first, second = mode_lines(*read_molden(path))
    assert first.frequency == pytest.approx(29.9792458)
    assert first.shares == {"H": 1.0, "Cl": 0.0}
    assert second.frequency == pytest.approx(-59.9584916)
    assert second.shares == {"H": 0.0, "Cl": 1.0}
    path.write_text("nothing")
    with pytest.raises(InputError, match="VIBRATIONAL_ANALYSIS"):
        read_molden(path)


def test_a_molecule_of_two_vibrates_once():
    """Two atoms on a Morse spring: one line, its share by the inverse of the masses."""
    from ase import Atoms
    from ase.calculators.morse import MorsePotential
    from ase.vibrations.data import VibrationsData

    stiffness = 2 * 36.0  # [eV/angstrom^2]: Morse's depth 1 eV, rho0 6, at 1 angstrom
    molecule = Atoms("HCl", positions=[[0, 0, 0], [0, 0, 1.0]], calculator=MorsePotential())
    hessian = np.zeros((2, 3, 2, 3))
    hessian[0, 2, 0, 2] = hessian[1, 2, 1, 2] = stiffness
    hessian[0, 2, 1, 2] = hessian[1, 2, 0, 2] = -stiffness
    (line,) = lines_of_ase(VibrationsData(molecule, hessian))
    reduced = 1.008 * 35.45 / (1.008 + 35.45)
    expected = np.sqrt(stiffness * 16.02176634 / (reduced * 1.66053907e-27)) / (2 * np.pi) * 1e-12
    assert line.frequency == pytest.approx(expected, rel=1e-4)
    assert line.shares["H"] == pytest.approx(35.45 / (1.008 + 35.45), rel=1e-6)


def test_shapes_that_do_not_fit_are_refused():
    with pytest.raises(InputError, match="one vector per mode and atom"):
        mode_lines(np.ones(2), np.ones((2, 3, 3)), ["H", "Cl"])
    with pytest.raises(InputError, match="moves no atom"):
        mode_lines(np.ones(1), np.zeros((1, 2, 3)), ["H", "Cl"])
