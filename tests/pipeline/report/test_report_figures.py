import re
import xml.etree.ElementTree as ElementTree
from dataclasses import replace

import matplotlib as mpl
import numpy as np
import pytest

from ionspice.core import InputError
from ionspice.core.observables import load_observables
from ionspice.meshes import StraightPore, write_mesh
from ionspice.pipeline.report.figures.cycle import Voltammogram, draw_flux_parts, draw_voltammograms
from ionspice.pipeline.report.figures.field import draw_geometry, draw_mesh_detail, draw_net_ions, draw_potential
from ionspice.pipeline.report.figures.law import draw_front, draw_law, draw_resistance_charge, draw_resistance_time
from ionspice.pipeline.report.figures.response import Response, draw_responses
from ionspice.pipeline.report.figures.style import INK, PAPER, inline_svg, scale_for, shown_slits, to_png, to_svg
from ionspice.pipeline.results.curves import element_curves
from ionspice.pipeline.results.field_files import read_field_map, read_strip


@pytest.fixture(scope="module")
def curves(solved_folder):
    fields = load_observables(solved_folder / "observables.nc")
    constant = {int(i): lambda charge: np.full_like(charge, 0.2) for i in fields["slit"].values}
    return element_curves(fields, "passed", "electrochemical", constant)


@pytest.mark.parametrize(
    ("largest", "unit", "factor", "label"),
    [
        (0.02, "A/m", 1e3, "mA m⁻¹"),
        (1.5e-6, "s", 1e6, "µs"),
        (999.0, "ohm m", 1.0, "Ω m"),
        (1000.0, "ohm m", 1e-3, "kΩ m"),
        (0.0, "V", 1.0, "V"),
    ],
)
def test_axis_gets_the_prefix_that_keeps_numbers_readable(largest, unit, factor, label):
    scale, scaled = scale_for([-largest, largest / 2, np.nan], unit)
    assert scale == pytest.approx(factor)
    assert scaled == label


def test_legend_names_first_and_last_slit_of_a_deep_stack():
    assert shown_slits(3) == [0, 1, 2]
    assert shown_slits(99)[0] == 0
    assert shown_slits(99)[-1] == 98
    assert len(shown_slits(99)) == 6


def test_strip_is_drawn_to_scale_with_every_slit_named(solved_folder):
    axes = draw_geometry(read_strip(solved_folder / "mesh.msh")).axes[0]
    words = {text.get_text() for text in axes.texts}
    assert {"open electrolyte", "slit 1", "slit 2"} <= words
    assert axes.get_aspect() == 1
    assert axes.get_xlabel() == "x / nm"


def test_sections_of_a_pore_are_named_above_its_wall(tmp_path):
    write_mesh(tmp_path / "pore.msh", StraightPore(cylindrical=True, sections=3))
    mesh = read_strip(tmp_path / "pore.msh")
    axes = draw_geometry(mesh, electrode="wall", part="section").axes[0]
    heights = {text.get_text(): text.get_position()[1] for text in axes.texts}
    assert {"wall (electrode)", "section 1", "section 2", "section 3"} <= heights.keys()
    assert heights["section 1"] > 0.75
    words = {text.get_text() for text in draw_mesh_detail(mesh, electrode="wall", part="section").axes[0].texts}
    assert words == {"open", "wall", "gap 1", "section 1"}


def test_mesh_detail_shows_the_gap_and_the_slit_behind_it(solved_folder):
    axes = draw_mesh_detail(read_strip(solved_folder / "mesh.msh")).axes[0]
    low, high = axes.get_xlim()
    assert low < 0 < 0.34 + 1.5 < high
    assert {"open", "sheet", "gap 1", "slit 1"} == {text.get_text() for text in axes.texts}


def test_maps_carry_units_and_cover_the_strip(solved_folder):
    field = read_field_map(solved_folder / "fields_half_charge.vtu")
    for figure, label in ((draw_potential(field), "mV"), (draw_net_ions(field), "mol L⁻¹")):
        assert label in figure.axes[1].get_xlabel()
        assert figure.axes[0].get_xlim()[0] == pytest.approx(field.points[:, 0].min())


def test_a_protocol_is_drawn_over_time_at_the_scale_of_what_lasts():
    time = np.array([0.0, 1e-9, 2e-9, 1e-5, 6e-5])
    current = np.array([0.0, 5e9, 2e4, 1e4, -1e4])
    response = Response(model="NCM", time=time, potential=1e4 * time, current_density=current)
    above, below = draw_responses((response, replace(response, model="TLM")), "protocol").axes
    assert [len(above.lines), below.get_xlabel(), below.get_ylabel()] == [2, "time / µs", "current density / A cm⁻²"]
    assert below.get_ylim()[1] < 2.5


def test_voltammogram_has_a_line_per_model_in_amperes_per_square_centimetre():
    curve = Voltammogram(model="NCM", potential=np.array([0.0, 0.1]), current_density=np.array([0.0, 3e6]))
    axes = draw_voltammograms((curve,)).axes[0]
    line = next(line for line in axes.lines if line.get_label() == "NCM")
    assert axes.get_ylabel() == "current density / A cm⁻²"
    assert line.get_ydata()[1] == pytest.approx(300.0)


def test_flux_figure_draws_the_sum_of_its_parts():
    time = np.linspace(0, 1e-6, 5)
    parts = {"diffusion": time * 1e3, "migration": 2 * time * 1e3, "steric": -time * 1e3}
    axes = draw_flux_parts(time, parts, 0.5e-6).axes[0]
    total = next(line for line in axes.lines if line.get_label() == "sum")
    np.testing.assert_allclose(total.get_ydata(), 2 * time * 1e3 * 1e3)


def test_resistance_figures_show_the_law_and_the_field_ratio(curves):
    for figure in (draw_resistance_charge(curves), draw_resistance_time(curves, curves[0].time[-1] / 2)):
        axes = figure.axes[0]
        lines = [line for line in axes.lines if len(line.get_xdata()) > 2]
        assert len(lines) == 2 * len(curves)
        assert axes.get_ylabel() == "resistance R / mΩ m"


def test_residuals_of_a_constant_resistance_show_the_bend_of_the_data(curves):
    residuals = draw_law(curves).axes[1].lines
    assert max(np.abs(line.get_ydata()).max() for line in residuals) > 1.0  # per cent


def test_front_marks_the_chosen_law():
    axes = draw_front([1, 5, 9], [0.1, 1e-3, 9e-4], 1).axes[0]
    assert [text.get_text() for text in axes.texts] == ["chosen"]
    assert axes.get_yscale() == "log"
    assert not draw_front([1, 5], [0.1, 1e-3], None).axes[0].texts


def test_drawing_leaves_the_global_style_alone(curves):
    before = dict(mpl.rcParams)
    to_png(draw_law(curves))
    assert dict(mpl.rcParams) == before


def test_inline_figure_follows_the_page_and_refers_only_to_itself(curves):
    document = to_svg(draw_resistance_charge(curves))
    element = inline_svg(document, "first", "R against Q & more")
    root = ElementTree.fromstring(element)
    identifiers = [node.get("id") for node in root.iter() if node.get("id")]
    assert len(identifiers) == len(set(identifiers))
    assert all(identifier.startswith("first-") for identifier in identifiers)
    references = re.findall(r'(?:href="|url\()#?([^")]*)', element)
    assert references
    assert set(references) <= set(identifiers)
    assert INK in document
    assert PAPER in document
    assert INK not in element
    assert PAPER not in element
    assert root.get("aria-label") == "R against Q & more"
    assert root.get("width") is None


def test_mesh_without_groups_is_refused(tmp_path, solved_folder):
    with pytest.raises(InputError, match="missing"):
        read_field_map(solved_folder / "mesh.msh")
    text = (solved_folder / "mesh.msh").read_text(errors="replace")
    broken = tmp_path / "mesh.msh"
    broken.write_text(text[: len(text) // 3])
    with pytest.raises(InputError):
        read_strip(broken)
