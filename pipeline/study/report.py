"""report.html of a reproduction: the claims with their verdicts, and figures in the study's arrangement.

A figure whose case failed is left out, and the page says why. With a Chromium on the path the page is printed to
report.pdf as well.
"""

import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
from markupsafe import Markup

from ionspice.circuits.simulation.driving import drive_circuits
from ionspice.core import InputError, IonspiceError, replacing
from ionspice.core.run_files import FIGURES, REPORT
from ionspice.pipeline.report.figures.cycle import Voltammogram, draw_flux_parts, draw_voltammograms
from ionspice.pipeline.report.figures.law import draw_law, draw_resistance_time
from ionspice.pipeline.report.page import Page, Picture, ReportSection, Table, percent, render, significant
from ionspice.pipeline.report.run_report import write_figures
from ionspice.pipeline.results.curves import model_error
from ionspice.pipeline.results.files import read_run
from ionspice.pipeline.study import circuits as study_circuits
from ionspice.pipeline.study.campaign_law_section import law_section
from ionspice.pipeline.study.claims import FILE_NAME, Claim, read_claims
from ionspice.pipeline.study.conditions import AXES, DEEP, DEFAULT
from ionspice.pipeline.study.figures import draw_extremes, draw_profiles, draw_trends
from ionspice.pipeline.study.files import StudyFiles, read_study

PDF = "report.pdf"
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")


def write_study_report(directory: Path) -> Path:
    """Write report.html, figures/ and, where a Chromium is found, report.pdf into a reproduction's folder.

    Raises:
        InputError: claims.json or all cases are missing or damaged, or the folder cannot be written.
    """
    directory = Path(directory)
    page = build_study_page(read_study(directory), read_claims(directory / FILE_NAME))
    figures = write_figures(page, directory / FIGURES)
    with replacing(directory / REPORT) as temporary:
        temporary.write_text(render(page, figures), encoding="utf-8")
    print_pdf(directory / REPORT, directory / PDF)
    return directory / REPORT


def build_study_page(study: StudyFiles, claims: list[Claim]) -> Page:
    """Return the report as data."""
    by_letter = {claim.id: claim for claim in claims}
    sections = (
        _claims_section(claims),
        _section("fluxes", "Ion transport over the cycle", _flux_pictures(study)),
        _section("law", "The law", [lambda: _law(study), lambda: _resistance_in_time(study)]),
        _section(
            "trends",
            "Resistance over the study's conditions",
            [
                lambda: _extremes(by_letter["G"]),
                lambda: _profiles(study),
                lambda: _trends(by_letter["I"], "gamma", "γ over that of the default case"),
                lambda: _trends(by_letter["I"], "Rc", "Rc over that of the default case"),
            ],
            tables=[lambda: _trend_table(by_letter["I"])],
        ),
        law_section(study),
        _section(
            "voltammograms",
            "Voltammograms",
            [
                lambda: _voltammograms(study, DEFAULT),
                lambda: _voltammograms(study, DEEP),
                lambda: study_circuits.loops_over_rates(study),
                lambda: study_circuits.loops_over_layers(study),
                lambda: study_circuits.peak_map_picture(by_letter["M"]),
            ],
            tables=[lambda: _error_table(by_letter["K"]), lambda: study_circuits.speed_table(study)],
        ),
        _section(
            "ions",
            "Ions in the slits",
            [
                lambda: study_circuits.current_map(study),
                lambda: study_circuits.ions_in_slits(study),
                lambda: study_circuits.slit_capacitances(study, by_letter["J"]),
            ],
        ),
        _detail_section(claims),
    )
    counts = ", ".join(
        f"{sum(claim.verdict == verdict for claim in claims)} {verdict}"
        for verdict in ("reproduced", "refuted", "depends", "untested")
        if any(claim.verdict == verdict for claim in claims)
    )
    return Page(
        title="Ion transport in nanoslits: a study reproduced, claim by claim",
        lead=f"{len(claims)} claims of the reference study (Zhan et al.) on {len(study.cases)} field runs: {counts}.",
        sections=sections,
        footer="Written by ionspice. Numbers: claims.json; fields and laws: cases/; figures also in figures/.",
    )


def print_pdf(page: Path, target: Path) -> Path | None:
    """Print a page by the first Chromium on the path; return None if there is none or it fails."""
    browser = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if browser is None:
        return None
    with tempfile.TemporaryDirectory() as profile, replacing(target) as temporary:
        command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer"]
        command += ["--disable-background-networking", "--no-first-run", f"--user-data-dir={profile}"]
        command += [f"--print-to-pdf={temporary}", page.resolve().as_uri()]
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=120)
        except (OSError, subprocess.SubprocessError):
            return None
    return target


def _claims_section(claims: list[Claim]) -> ReportSection:
    return ReportSection(
        name="claims",
        title="Claims and verdicts",
        paragraphs=(
            "Reproduced: all parts of the claim hold in our runs. Refuted: none does. Depends: some do, and the "
            "condition says which. The conditions, the numbers behind and their files stand at the end of the page.",
        ),
        tables=(
            Table(
                caption="What the study says and what was found.",
                head=("", "The study", "Verdict", "Our number", "of"),
                rows=tuple(
                    (claim.id, claim.statement, _verdict(claim.verdict), _number(claim), claim.unit)
                    for claim in claims
                ),
                numeric=frozenset({3}),
            ),
        ),
    )


def _detail_section(claims: list[Claim]) -> ReportSection:
    return ReportSection(
        name="details",
        title="Conditions, numbers and files",
        tables=(
            Table(
                caption="Files are relative to the folder of this page.",
                head=("", "Condition", "Numbers", "Files"),
                rows=tuple((claim.id, claim.condition, claim.detail, _files(claim.evidence)) for claim in claims),
            ),
        ),
    )


def _verdict(verdict: str) -> Markup:
    return Markup('<strong class="verdict {0}">{0}</strong>').format(verdict)


def _number(claim: Claim) -> str:
    return "–" if claim.value is None else significant(claim.value, 4)


def _files(evidence: tuple[str, ...], shown: int = 4) -> str:
    more = len(evidence) - shown
    return ", ".join(evidence[:shown]) + (f" and {more} more (claims.json)" if more > 0 else "")


def _section(
    name: str,
    title: str,
    pictures: Iterable[Callable[[], Picture]],
    tables: Iterable[Callable[[], Table]] = (),
) -> ReportSection:
    """Return a section with what can be shown; the rest is said to be missing."""
    shown, listed, missing = [], [], []
    for draw in pictures:
        try:
            shown.append(draw())
        except (IonspiceError, KeyError) as error:
            missing.append(f"A figure is left out: {error}")
    for make in tables:
        try:
            listed.append(make())
        except (IonspiceError, KeyError) as error:
            missing.append(f"A table is left out: {error}")
    return ReportSection(name=name, title=title, pictures=tuple(shown), tables=tuple(listed), missing=tuple(missing))


def _flux_pictures(study: StudyFiles) -> list[Callable[[], Picture]]:
    return [lambda: _fluxes(study, "open_flux"), lambda: _fluxes(study, "slit_flux")]


def _fluxes(study: StudyFiles, variable: str) -> Picture:
    fields = study.field(DEFAULT)
    flux = fields[variable] if variable == "open_flux" else fields[variable].isel(slit=fields.sizes["slit"] // 2)
    place = "open electrolyte in front of the first sheet" if variable == "open_flux" else "middle of the middle slit"
    return Picture(
        name=variable,
        figure=draw_flux_parts(
            fields["time"].values,
            {str(part): flux.sel(part=part).values for part in flux["part"].values},
            float(fields.attrs["charging_end"]),
        ),
        alt=f"Parts of the net-ion current in the {place}",
        caption=f"Parts of the net-ion current in the {place}, default case (cases/{DEFAULT}/observables.nc). "
        + (
            "Migration runs against diffusion (the study's figure 1c)."
            if variable == "open_flux"
            else "Diffusion and migration point the same way (figure 1f)."
        ),
    )


def _law(study: StudyFiles) -> Picture:
    run = read_run(study.path(DEFAULT))
    return Picture(
        name="law",
        figure=draw_law(run.curves),
        alt="Integral of the potential difference against the charge passed, and the law",
        caption="Integrals (points) and the discovered law (lines) of the default case; below the residuals "
        "(figure 2a; cases/default/law.json).",
    )


def _resistance_in_time(study: StudyFiles) -> Picture:
    run = read_run(study.path(DEFAULT))
    return Picture(
        name="resistance_time",
        figure=draw_resistance_time(run.curves, float(run.fields.attrs["charging_end"])),
        alt="Resistance of every gap over the cycle",
        caption="Resistance over the cycle: the law at the charge of the moment (lines) and the fields' own ratio "
        "(points); it is largest at the start of charging and smallest when discharging starts (figure 2b).",
    )


def _extremes(claim: Claim) -> Picture:
    readings = {name: claim.values[name] for name in ("electrochemical", "electric")}
    return Picture(
        name="extremes",
        figure=draw_extremes(claim.values["slit"], readings),
        alt="Largest and smallest resistance against the slit width",
        caption="Largest and smallest resistance of the inner gaps against the slit width, from the "
        "electrochemical and the electric node potential (figure 2c; claim G).",
    )


def _profiles(study: StudyFiles) -> Picture:
    profiles = {}
    for name in (DEFAULT, "slit-5nm"):
        fields = study.field(name).isel(profile_slit=0)
        width = study.cases[name].geometry.slit
        turn = int(np.searchsorted(fields["time"].values, float(fields.attrs["charging_end"]) * (1 - 1e-9)))
        early = int(np.searchsorted(fields["time"].values, 0.1 * float(fields.attrs["charging_end"])))
        position = np.asarray(fields["profile_position"].values, dtype=float)
        position = (position - position.min()) / np.ptp(position)
        for step, word in ((early, "R near its maximum"), (turn, "R near its minimum")):
            ions = np.abs(fields["profile_net_ions"].isel(time=step).values)
            profiles[f"d = {width * 1e9:g} nm, {word}"] = (position, ions)
    return Picture(
        name="profiles",
        figure=draw_profiles(profiles),
        alt="Net ions across slits of two widths, early and at the end of charging",
        caption="Net ions across the first sampled slit early in the ramp and at its end: in the narrow slit the "
        "double layers overlap and the middle fills too (figure 2d).",
    )


def _trends(claim: Claim, constant: str, label: str) -> Picture:
    curves = {}
    for axis in AXES:
        curve = claim.values["curves"]["electrochemical"][axis.name]
        if len(curve["x"]) < 2:
            continue
        values, found = np.array(curve["x"], dtype=float), np.array(curve[constant], dtype=float)
        own = int(np.argmin(np.abs(values / _default_value(axis.name) - 1)))
        curves[axis.symbol] = (values / values[own], found / found[own])
    return Picture(
        name=f"trends_{constant}",
        figure=draw_trends(curves, label),
        alt=f"{constant} over the study's conditions, relative to the default case",
        caption=f"{constant} of the inner gaps when one condition changes, all relative to the default case; steep "
        "lines are strong dependences (figures S8 to S10; claim I).",
    )


def _default_value(name: str) -> float:
    from ionspice.pipeline.cases.case import Case
    from ionspice.pipeline.study.conditions import axis_of, axis_value

    return axis_value(Case(), axis_of(name))


def _trend_table(claim: Claim) -> Table:
    words = {-1: "falls", 0: "no change", 1: "grows"}
    return Table(
        caption="Trends: the study's direction, and d ln(constant)/d ln(condition) in our runs.",
        head=("Constant", "with growing", "the study", "electrochemical", "electric"),
        rows=tuple(
            (
                row["constant"],
                row["axis"].replace("_", " "),
                words[row["study"]],
                *(
                    f"{significant(row['slope'][reading], 2)} ({'holds' if row['holds'][reading] else 'does not'})"
                    for reading in ("electrochemical", "electric")
                ),
            )
            for row in claim.values["trends"]
        ),
    )


def _voltammograms(study: StudyFiles, name: str) -> Picture:
    from ionspice.circuits import build_circuit, charging_ramp, extract_capacitances, transmission_line

    source, fields = study.field(DEFAULT), study.field(name)
    law, layers = study.law(DEFAULT), int(fields.attrs["layers"])
    ramp = charging_ramp(source)
    capacitances = extract_capacitances(ramp, order=study.cases[DEFAULT].circuit.capacitance_terms)
    ncm = build_circuit(law, capacitances, ramp, layers)
    models = {
        "NCM": ncm,
        "TLM": transmission_line(ncm),
        "NCM, local charge": build_circuit(law, capacitances, ramp, layers, "local"),
    }
    run = drive_circuits(models, study.cases[name].drive.build())
    width, own = float(fields.attrs["strip_width"]), fields["electrode_current"].values
    curves = [Voltammogram(model="mPNP", potential=fields["electrode_potential"].values, current_density=own / width)]
    errors = []
    for model in models:
        current = run["electrode_current"].sel(model=model).values
        potential = run["electrode_potential"].values
        curves.append(Voltammogram(model=model, potential=potential, current_density=current / width))
        error = model_error(fields["electrode_current"], run["electrode_current"].sel(model=model))
        errors.append(f"{model} {percent(error.rms)}")
    return Picture(
        name=f"voltammogram_{layers}_layers",
        figure=draw_voltammograms(tuple(curves)),
        alt=f"Voltammograms of the field model and the circuits, {layers} layers",
        caption=f"{layers} layers: field model (mPNP, grey) and circuits with law and capacitances of the 6-layer "
        "run, nothing fitted to a voltammogram. Rms deviation, of the peak: "
        f"{', '.join(errors)} (figures 3c, 3d).",
    )


def _error_table(claim: Claim) -> Table:
    found = {
        (title, row["potential"], row["capacitance_terms"], row["model"]): row["error"]
        for key, title in (("layers_6", "6 layers"), ("layers_20_from_6", "20 layers, law of 6"))
        for row in claim.values.get(key) or ()
    }
    if not found:
        raise InputError("claim K has no comparisons")
    models = list(dict.fromkeys(model for *_, model in found))

    def cell(key: tuple[str, str, int, str]) -> str:
        error = found.get(key)
        return "–" if error is None else percent(error)

    return Table(
        caption="Rms deviation of the circuits' current from the field model's, as a share of its peak.",
        head=("Field run", "node potential", "capacitance", *models),
        rows=tuple(
            (
                title,
                potential,
                f"q(v), {terms} terms" if terms else "constant",
                *(cell((title, potential, terms, model)) for model in models),
            )
            for title, potential, terms in dict.fromkeys(key[:3] for key in found)
        ),
        numeric=frozenset(range(3, 3 + len(models))),
    )
