import numpy as np
import pandas as pd
import pytest

from ionspice.pipeline.report.figures.liquid import (
    draw_displacements,
    draw_radial,
    draw_species,
    draw_structure,
    draw_vibrations,
    title_of,
)
from ionspice.pipeline.report.figures.liquid_molecules import MoleculeDrawing, draw_molecules
from ionspice.pipeline.report.figures.liquid_potential import draw_learning
from ionspice.pipeline.report.figures.style import to_svg

X = np.linspace(0.1, 10, 50)


def test_species_are_written_as_chemists_do():
    assert title_of("AlCl4-") == "AlCl$_{4}$$^{−}$"
    assert title_of("C6H11N2") == "C$_{6}$H$_{11}$N$_{2}$"
    assert title_of("EMIm+") == "EMIm$^{+}$"


def test_the_highest_pairs_are_drawn_or_those_that_are_asked_for():
    pairs = ["A-B", "A-C", "B-C", "A-D", "B-D", "C-D", "C-E"]
    peaks = {f"g {pair} [1]": height * np.exp(-((X - 2) ** 2)) for height, pair in enumerate(pairs)}
    table = pd.DataFrame({"r [angstrom]": X, **peaks})
    legend = draw_radial(table).axes[0].get_legend()
    assert [text.get_text() for text in legend.get_texts()] == ["C−E", "C−D", "B−D", "A−D", "B−C", "A−C"]
    chosen = draw_radial(table, ["A-B"]).axes[0].get_legend()
    assert [text.get_text() for text in chosen.get_texts()] == ["A−B"]


@pytest.mark.parametrize(
    ("draw", "columns", "labels"),
    [
        (draw_vibrations, ["frequency [THz]", "all [1/THz]", "Al2Cl7 [1/THz]"], ["frequency / THz"]),
        (draw_displacements, ["lag [ps]", "Al [angstrom^2]", "Al error [angstrom^2]"], ["time / ps"]),
        (
            draw_structure,
            ["k [1/angstrom]", "S_qq [1]", "S_qq error [1]", "S_NN [1]", "S_NN error [1]"],
            ["k / Å⁻¹"],
        ),
        (
            draw_species,
            ["time [ps]", "AlCl4 [1]", "lasting conversions [1]", "all conversions [1]"],
            ["time / ps"],
        ),
    ],
)
def test_every_table_is_drawn_with_units_on_its_axes(draw, columns, labels):
    figure = draw(pd.DataFrame({name: X * (1 + place) for place, name in enumerate(columns)}))
    assert {axes.get_xlabel() for axes in figure.axes} - {""} == set(labels)
    assert to_svg(figure).startswith("<?xml")


def test_a_spectrum_ends_where_its_states_do():
    frequency = np.linspace(0, 250, 501)
    states = np.where(frequency < 95, 1.0, 1e-3)
    figure = draw_vibrations(pd.DataFrame({"frequency [THz]": frequency, "all [1/THz]": states, "H [1/THz]": states}))
    assert 95 < figure.axes[-1].get_xlim()[1] < 115


def test_every_point_of_a_learning_curve_is_seen():
    figure = draw_learning([15, 17], [0.105, 0.102], [0.008, 0.004])
    force, energy = figure.axes
    assert force.get_ylim() == pytest.approx((0, 0.1155))
    assert energy.get_ylim() == pytest.approx((0, 8.8))
    assert all(tick == round(tick) for tick in force.get_xticks())


def test_charges_stand_apart_from_bonds_and_from_each_other():
    square = MoleculeDrawing(
        title="C4",
        elements=("C",) * 4,
        positions=np.array([[0.0, 0, 0], [1.4, 0, 0], [1.4, 1.4, 0], [0, 1.4, 0]]),
        bonds=((0, 1, 1.0), (1, 2, 1.0), (2, 3, 1.0), (3, 0, 1.0)),
        charges=(0.1, 0.2, 0.3, 0.4),
    )
    texts = draw_molecules([square]).axes[0].texts
    places = np.array([text.get_position() for text in texts])
    gaps = np.linalg.norm(places[:, None] - places[None], axis=-1)[np.triu_indices(len(places), 1)]
    assert gaps.min() > 0.3
