"""Rails of single slits and cylindrical pores in sections: Bessel functions, cross-sections, transmission lines."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import special

from ionspice.circuits.ions import (
    PoreGeometry,
    equilibrium,
    half_cell,
    predict_rails,
    simulate_rails,
    simulate_rails_in_ngspice,
    slit_cells,
)
from ionspice.circuits.ions.plane import conduction, plane, plane_ions
from ionspice.circuits.model.waveform import triangular
from tests.circuits.ions.ions_cases import SOLUTIONS, solution

NM = 1e-9
SLIT = PoreGeometry(slit_width=1.5 * NM, section_length=2 * NM, entrance=0.4 * NM, wall=5 * NM, open_length=10 * NM)
CYLINDER = replace(SLIT, cylindrical=True)


@pytest.mark.parametrize("radius", [0.3 * NM, 1.5 * NM])
@pytest.mark.parametrize("stern_layer", [0.0, 0.2 * NM])
def test_linear_charge_of_a_cylinder_is_exact(radius, stern_layer):
    ions, u = solution(), 1e-3
    cells = slit_cells(ions, 2 * radius, nodes=128, window=u, stern_layer=stern_layer, cylindrical=True)
    charge = -equilibrium(cells, ions, -u * ions.valence).ions @ ions.valence / 2
    kappa = 1 / ions.debye_length
    ratio = special.iv(1, kappa * radius) / special.iv(0, kappa * radius)
    exact = ions.strength * ions.debye_length * u * ratio / (1 + stern_layer * kappa * ratio)
    assert charge == pytest.approx(exact, rel=2e-3)


def test_uncharged_cylinder_holds_its_volume():
    ions = solution()
    cells = slit_cells(ions, 2 * NM, cylindrical=True)
    assert cells.length == pytest.approx(1 * NM)  # 2 pi R^2 over 2 pi R
    assert equilibrium(cells, ions, np.zeros(2)).ions == pytest.approx(ions.bulk * 1 * NM)


@pytest.mark.parametrize("name", ["equal sizes", "2:1", "unequal sizes"])
def test_body_of_revolution_holds_the_ions_of_its_cross_sections(name):
    ions, radius = SOLUTIONS[name], 0.75 * NM
    a = -4.0 * ions.valence + np.array([0.0, 0.5])
    sides = [(0.0, 0.0, 0.0, radius), (2 * NM, 2 * NM, 0.0, radius), (0.0, 2 * NM, 0.0, 0.0)]
    body = plane([(0.0, 2 * NM, 0.0, radius)], sides, spacing=0.01 * NM, growth=1.15, radius=radius)
    c, _ = plane_ions(body, ions, a)
    line = equilibrium(slit_cells(ions, 2 * radius, nodes=64, cylindrical=True), ions, a)
    # over pi R: the circumference 2 pi R, of which the cells hold half on either side
    np.testing.assert_allclose(body.area @ c, 2 * NM * line.ions, rtol=5e-3)


def test_body_of_revolution_conducts_like_its_cross_section():
    body = plane([(0.0, 3 * NM, 1 * NM, 2 * NM)], [], spacing=0.1 * NM, growth=1.3, radius=4 * NM)
    x, y = body.position.T
    _, along = conduction(body, np.ones(x.size), x == x.min(), x == x.max())
    _, across = conduction(body, np.ones(x.size), y == y.min(), y == y.max())
    assert along * np.pi * 4 * NM == pytest.approx(np.pi * (4 - 1) * NM**2 / (3 * NM))
    assert across * np.pi * 4 * NM == pytest.approx(2 * np.pi * 3 * NM / np.log(2), rel=2e-3)
    assert body.wall.sum() / NM * np.pi * 4 == pytest.approx(2 * np.pi * (3 * (1 + 2) + (4 - 1)))


@pytest.mark.parametrize("pore", [SLIT, CYLINDER])
def test_sections_are_those_of_a_transmission_line(pore):
    ions = solution()
    found = predict_rails(pore, ions, window=0.1)
    area = 0.75 * NM if not pore.cylindrical else np.pi * (0.75 * NM) ** 2 / (np.pi * 5.75 * NM)
    chain = half_cell(found, ions, layers=6, window=0.1)
    rest = simulate_rails(chain, triangular(1e-6, 1e-6))
    assert rest.ions[0, -1] == pytest.approx(ions.bulk * area * pore.section_length)
    assert found.hop_length == pytest.approx(pore.section_length)
    assert found.mouth_plate == pytest.approx(pore.face, rel=0.05)


def test_a_cylinder_runs_in_ngspice_as_in_scipy():
    ions = solution()
    chain = half_cell(predict_rails(CYLINDER, ions, window=0.2), ions, layers=5, window=0.2, nodes=6)
    drive = triangular(0.2, 200e-9)
    spice, scipy = simulate_rails_in_ngspice(chain, drive), simulate_rails(chain, drive)
    difference = np.interp(scipy.time, spice.time, spice.current) - scipy.current
    assert np.sqrt(np.mean(difference**2)) < 0.005 * np.abs(scipy.current).max()
