import html
import re
import shutil
import subprocess
from html.parser import HTMLParser

import numpy as np
import pytest
import xarray as xr

from ionspice.core import InputError
from ionspice.discovery import read_law
from ionspice.pipeline.report.page import percent, significant
from ionspice.pipeline.report.run_report import write_report
from ionspice.pipeline.results.comparison import read_comparison

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest.fixture(scope="module")
def page(run_folder):
    return (run_folder / "report.html").read_text(encoding="utf-8")


class Elements(HTMLParser):
    """Tags, attributes and text of a page."""

    def __init__(self, text):
        super().__init__()
        self.seen, self.words = [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.seen.append((tag, dict(attributes)))

    handle_startendtag = handle_starttag

    def handle_data(self, data):
        self.words.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())


@pytest.fixture
def solved_copy(solved_folder, tmp_path):
    return shutil.copytree(solved_folder, tmp_path / "run")


def test_page_needs_nothing_but_itself(page):
    elements = Elements(page)
    assert not {"script", "link", "iframe", "object"} & {tag for tag, _ in elements.seen}
    for tag, attributes in elements.seen:
        for name in ("src", "href", "xlink:href"):
            target = attributes.get(name) or "#"
            assert target.startswith(("#", "data:image/png;base64,")), (tag, name, target[:80])
    assert "@import" not in page
    assert not re.search(r"url\((?!#)", page)


def test_identifiers_are_unique_and_every_link_arrives(page):
    elements = Elements(page)
    identifiers = [attributes["id"] for _, attributes in elements.seen if "id" in attributes]
    assert len(identifiers) == len(set(identifiers))
    targets = {attributes["href"][1:] for tag, attributes in elements.seen if tag == "a"}
    assert {"summary", "geometry", "maps", "voltammograms", "law", "resistance", "transport", "origin"} <= targets
    assert targets <= set(identifiers)


def test_every_figure_has_a_caption_and_a_text_alternative(page, run_folder):
    elements = Elements(page)
    drawn = [attributes for tag, attributes in elements.seen if tag == "svg" and attributes.get("role") == "img"]
    assert all(attributes["aria-label"] for attributes in drawn)
    names = {
        attributes["id"].removeprefix("figure-")
        for tag, attributes in elements.seen
        if tag == "figure" and "id" in attributes
    }
    assert {"geometry", "mesh_detail", "potential", "net_ions_map", "voltammogram", "law", "front"} <= names
    assert {"resistance_charge", "resistance_time", "net_ions", "flux_open", "flux_gap", "flux_slit"} <= names
    assert len(drawn) == len(names)
    for name in names:
        assert (run_folder / "figures" / f"{name}.svg").stat().st_size > 1000
        assert (run_folder / "figures" / f"{name}.png").read_bytes().startswith(b"\x89PNG")


def test_deviations_of_the_circuits_are_those_of_the_files(page, run_folder, tiny_case):
    fields = xr.load_dataset(run_folder / "observables.nc", engine="h5netcdf")
    layers = tiny_case.geometry.layers
    circuit = xr.load_dataset(run_folder / "circuit.nc", group=f"layers_{layers}", engine="h5netcdf")
    time = np.linspace(0, float(fields["time"][-1]), 20001)
    current = np.interp(time, fields["time"], fields["electrode_current"])
    for model in ("NCM", "TLM"):
        predicted = np.interp(time, circuit["time"], circuit["electrode_current"].sel(model=model))
        rms = np.sqrt(np.mean((predicted - current) ** 2)) / np.abs(current).max()
        assert f"{model} {percent(rms)}" in Elements(page).text


def test_the_page_says_which_circuit_to_take(page):
    assert re.search(r"Take the (NCM|circuit with one rail per ion) \(rms deviation [\d.]+ %", Elements(page).text)


def test_circuits_of_both_node_potentials_stand_side_by_side(page, run_folder):
    rows = re.findall(r'<th scope="row">(electro\w+|electric)</th>(.*?)</tr>', page, re.DOTALL)
    compared = [row for row in read_comparison(run_folder / "comparison.json") if row.capacitance_terms is not None]
    assert {potential for potential, _ in rows} == {"electrochemical", "electric"}
    for row in compared:
        shown = percent(row.error) if row.error is not None else "no circuit"
        assert any(potential == row.potential and shown in cells for potential, cells in rows)
        assert row.error is not None or html.escape(row.reason) in page


def test_constants_of_the_law_are_those_of_the_file(page, run_folder):
    law = read_law(run_folder / "law.json")
    gamma = np.mean([law.value("gamma", element) for element in law.elements if element > 1])
    assert f"γ, mean of the inner elements {significant(gamma, 3)}" in Elements(page).text
    for element in law.elements:
        assert f"{law.r_squared[law.elements.index(element)]:.6f}" in page


def test_every_key_of_the_case_is_labelled_study_or_chosen(page, tiny_case):
    section = page[page.index('<section id="origin">') : page.index('<section id="provenance">')]
    text = html.unescape(section).replace("<wbr>", "")
    for key in (
        "geometry.layers",
        "geometry.edge_gap",
        "electrolyte.ion_diameter",
        "drive.kind",
        "discovery.potential",
    ):
        row = re.search(rf'<th scope="row">{re.escape(key)}</th>.*?</tr>', text, re.DOTALL)
        assert row, key
        assert re.search("<td>(study|chosen)", row[0])
    assert "1.5 nm" in text


def test_versions_ranks_and_wall_times_are_given(page):
    text = Elements(page).text
    for word in ("1 MPI rank", "dolfinx", "Wall time / s", "ngspice, NCM", "observables.nc"):
        assert word in text


def test_same_files_give_the_same_page(run_folder, page, tmp_path):
    copy = shutil.copytree(run_folder, tmp_path / "run")
    assert write_report(copy).read_text(encoding="utf-8") == page


def test_fields_alone_give_a_report_that_names_what_is_missing(solved_copy):
    (solved_copy / "mesh.msh").unlink()
    text = Elements(write_report(solved_copy).read_text(encoding="utf-8")).text
    assert "No mesh to draw: mesh.msh is not there; run `ionspice mesh`." in text
    assert "No law: law.json is not there; run `ionspice discover`." in text
    assert "No circuit to compare with: circuit.nc is not there; run `ionspice simulate`." in text
    assert "Ions and fluxes" in text


def test_damaged_optional_files_leave_their_sections_with_the_reason(solved_copy):
    (solved_copy / "fields_half_charge.vtu").write_text("<VTKFile>")
    (solved_copy / "law.json").write_text('{"format": "ionspice-law/1", "expression": "__import__(1)"}')
    (solved_copy / "circuit.nc").write_text("no netCDF")
    text = Elements(write_report(solved_copy).read_text(encoding="utf-8")).text
    for missing, file in (
        ("fields to draw", "fields_half_charge.vtu"),
        ("law", "law.json"),
        ("circuit", "circuit.nc"),
    ):
        assert re.search(rf"No {missing}\b[^.]*: [^:]*{re.escape(file)}", text), missing


def test_folder_without_observables_names_the_remedy(tmp_path):
    with pytest.raises(InputError, match=r"observables\.nc: no such file; run `ionspice solve"):
        write_report(tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("damage", ["truncated", "text", "incomplete"])
def test_damaged_observables_are_one_clear_error(solved_copy, damage):
    path = solved_copy / "observables.nc"
    if damage == "truncated":
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    elif damage == "text":
        path.write_text("no netCDF")
    else:
        fields = xr.load_dataset(path, engine="h5netcdf").drop_vars("gap_flux")
        path.unlink()
        fields.to_netcdf(path, engine="h5netcdf")
    with pytest.raises(InputError, match=r"observables\.nc.*solve the case again"):
        write_report(solved_copy)
    assert not (solved_copy / "report.html").exists()


def test_unwritable_figures_leave_no_report(solved_copy):
    (solved_copy / "figures").write_text("in the way")
    with pytest.raises(InputError, match="figures"):
        write_report(solved_copy)
    assert not (solved_copy / "report.html").exists()


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on the path to lay the page out")
@pytest.mark.parametrize("width", [360, 1280])
def test_page_fits_phone_and_desktop(page, tmp_path, width):
    frame = f'<iframe style="width:{width}px;height:800px;border:0" srcdoc="{html.escape(page)}"></iframe>'
    measure = "<script>onload=()=>{document.title=frames[0].document.documentElement.scrollWidth}</script>"
    (tmp_path / "frame.html").write_text(f"<!DOCTYPE html><meta charset=utf-8>{frame}{measure}", encoding="utf-8")
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    flags += ["--disable-component-update", "--window-size=1400,900", f"--user-data-dir={tmp_path / 'profile'}"]
    command = [CHROMIUM, *flags, "--dump-dom", (tmp_path / "frame.html").as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    match = re.search(r"<title>(\d+)</title>", done.stdout)
    assert match, done.stderr[-500:]
    assert int(match[1]) <= width
