"""Membranes from a case: generated and own meshes, the curve in its file and in the report, mistakes."""

import csv

import numpy as np
import pytest

from ionspice.core import InputError
from ionspice.meshes import Channel, MeshGrading, write_mesh
from ionspice.pipeline import parse_case, read_case, run
from ionspice.pipeline.report.sections.shape import shape_of
from ionspice.pipeline.results.permeation import CurrentVoltage, permselectivity

CONE = """
[geometry]
kind = "nanopore"
radius = "3 nm"
far_radius = "1 nm"
length = "20 nm"
sections = 2
wall = "2 nm"
open_length = "5 nm"
[[surfaces]]
name = "wall_1"
charge = "-0.05 C/m^2"
[second_reservoir]
concentrations = { "K+" = "0.1 mol/L", "Cl-" = "0.1 mol/L" }
[drive]
kind = "protocol"
steps = ["Sweep to 0.1 V at 20 kV/s", "Sweep to -0.1 V at 20 kV/s", "Rest for 10 us"]
[mesh]
wall_spacing = "0.15 nm"
growth = 1.8
[solver]
tolerance = 0.01
steps_per_ramp = 20
"""


def rows(folder):
    with (folder / "current_voltage.csv").open(newline="") as file:
        heads, *lines = csv.reader(file)
    return heads, np.array(lines, dtype=float)


def test_a_cone_between_two_reservoirs_gives_a_curve_and_a_report(tmp_path):
    heads, curve = rows(run(parse_case(CONE), tmp_path / "run"))
    assert heads == ["potential [V]", "current [A]", "current of K+ [A]", "current of Cl- [A]"]
    assert curve[-1, 0] > 0.01  # cations go from 1 mol/L to 0.1 mol/L and leave the second side charged
    assert abs(curve[-1, 1]) < 1e-9 * np.abs(curve[:, 1]).max()
    page = (tmp_path / "run/report.html").read_text()
    for words in (
        "two reservoirs are known to the field model only",
        "Reversal potential",
        "Rectification",
        "Permselect",
    ):
        assert words in page
    assert (tmp_path / "run/figures/current_voltage.svg").is_file()


SHEETS = """
[geometry]
kind = "membrane"
layers = 3
open_length = "5 nm"
[second_reservoir]
concentrations = { "Na+" = "0.3 mol/L", "Cl-" = "0.3 mol/L" }
[electrolyte]
ion_diameter = "0 nm"
species = [
    { name = "Na+", valence = 1, diffusivity = "1.33e-9 m^2/s", concentration = "1 mol/L" },
    { name = "Cl-", valence = -1, diffusivity = "2.03e-9 m^2/s", concentration = "1 mol/L" },
]
[drive]
kind = "protocol"
steps = ["Sweep to 0.05 V at 50 kV/s", "Rest for 10 us"]
[mesh]
wall_spacing = "0.15 nm"
growth = 1.8
[solver]
tolerance = 0.005
steps_per_ramp = 20
"""


def test_a_membrane_of_uncharged_sheets_is_at_hendersons_potential(tmp_path):
    """Salt diffuses around the sheets, however it has to wind, and nothing but its ions' mobilities counts."""
    case = parse_case(SHEETS)
    heads, curve = rows(run(case, tmp_path / "run", stages=["mesh", "solve"]))
    assert heads[1] == "current [A/m]"
    exact = (1.33 - 2.03) / (1.33 + 2.03) * case.electrolyte.build().thermal_voltage * np.log(1 / 0.3)
    assert curve[-1, 0] == pytest.approx(exact, rel=1e-2)
    assert case.circuit_layers == (3, 6, 20)
    shape = shape_of(case.geometry, layers=3, own_mesh=False)
    assert (shape.title, shape.part) == ("a membrane of sheets between two reservoirs", "slit")


def test_an_own_mesh_of_a_cone_gives_the_same(tmp_path):
    cone = Channel(
        half_width=3e-9, far_half_width=1e-9, cylindrical=True, length=20e-9, sections=2, wall=2e-9, open_length=5e-9
    )
    write_mesh(tmp_path / "cone.msh", cone, MeshGrading(wall_spacing=0.15e-9, growth=1.8))
    (tmp_path / "case.toml").write_text(CONE.replace("[mesh]", '[mesh]\nfile = "cone.msh"'))
    _, own = rows(run(read_case(tmp_path / "case.toml"), tmp_path / "own", stages=["mesh", "solve"]))
    _, generated = rows(run(parse_case(CONE), tmp_path / "run", stages=["mesh", "solve"]))
    assert own == pytest.approx(generated, rel=1e-6, abs=1e-16)


def test_numbers_of_a_curve():
    potential = np.array([0.0, 0.1, 0.0, -0.1])
    current = np.array([-1.0, 1.0, -1.0, -4.0])
    parts = np.column_stack([0.75 * current, 0.25 * current])
    curve = CurrentVoltage(
        potential=potential, current=current, species_current=parts, species=("K+", "Cl-"), unit="A/m"
    )
    assert curve.reversal_potential == pytest.approx(0.05)
    assert curve.rectification == pytest.approx((0.1, 0.25))
    assert curve.shares_at(0.1) == pytest.approx([0.75, 0.25])
    case = parse_case(CONE.replace("[mesh]", '[electrolyte]\nion_diameter = "0 nm"\n[mesh]'))
    first, second = case.surroundings().electrolytes(case.electrolyte.build())
    ideal = CurrentVoltage(
        potential=np.array([0.0, first.thermal_voltage * np.log(10)]),
        current=np.array([1.0, 0.0]),
        species_current=np.ones((2, 2)),
        species=("K+", "Cl-"),
        unit="A/m",
    )
    assert permselectivity(ideal, first, second) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (CONE.replace("wall_1", "electrode"), "surface electrode is no boundary|electrode: charge"),
        (CONE.replace('"K+" = "0.1 mol/L", ', ""), "second reservoir: bulk charge"),
        ('[second_reservoir]\npotential = "0.1 V"', "there is no boundary reservoir_2"),
        ('[geometry]\nkind = "channel"\ncounter = true', "a membrane has none"),
        ('[geometry]\nkind = "channel"\n[electrode]\nstern_layer = "1 nm"', "are an electrode's"),
        ('[geometry]\nkind = "channel"\n[second_reservoir]\npotential = "1 V"', "the drive gives it"),
        ('[geometry]\nkind = "channel"\nfar_radius = "1 nm"', "far_radius has no effect"),
    ],
)
def test_mistakes_are_named(text, message):
    with pytest.raises(InputError, match=message):
        parse_case(text)
