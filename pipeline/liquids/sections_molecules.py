"""The report's section on the isolated molecules: geometry, bond orders, charges."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from ionspice.core import InputError
from ionspice.pipeline.liquids.files import LiquidFiles
from ionspice.pipeline.report.figures.liquid_molecules import MoleculeDrawing, draw_molecules
from ionspice.pipeline.report.page import Picture, ReportSection, Table, collected_section, significant


def molecules_section(files: LiquidFiles) -> ReportSection:
    """Return the section on the isolated molecules."""
    return collected_section(
        "molecules",
        "The isolated molecules",
        [lambda: _picture(files)],
        [lambda: _bond_table(files), lambda: _charge_table(files)],
        paragraphs=(
            "Bond orders are Wiberg's of GFN2-xTB at its own geometry. Charges depend on the analysis by which "
            "electrons are shared out: they compare atoms, and are no property of the liquid.",
        ),
    )


def _picture(files: LiquidFiles) -> Picture:
    titles = {molecule.name: molecule.title for molecule in files.study.molecules}
    shown = {name: entry for name, entry in files.bonding.items() if len(entry["elements"]) > 1 and name in titles}
    if not shown:
        raise InputError("all ions are single atoms")
    refined = _refined(files)
    drawings = [
        MoleculeDrawing(
            title=titles[name],
            elements=tuple(entry["elements"]),
            positions=np.asarray(refined[name].positions if name in refined else files.geometries[name].positions),
            bonds=tuple((bond["atoms"][0], bond["atoms"][1], bond["order"]) for bond in entry["bonds"]),
            charges=refined[name].charges["hirshfeld"] if name in refined else tuple(entry["charges"]),
        )
        for name, entry in shown.items()
    ]
    by = (
        f"Hirshfeld's of {next(iter(refined.values())).program}, at its geometry"
        if len(refined) == len(shown)
        else "those of GFN2-xTB"
        if not refined
        else f"Hirshfeld's of CP2K for {', '.join(refined)}, else those of GFN2-xTB"
    )
    return Picture(
        name="molecules",
        figure=draw_molecules(drawings),
        alt="The isolated molecules with bond orders and charges",
        caption="The isolated molecules: in colour Wiberg bond orders (GFN2-xTB) of bonds without hydrogen, in black "
        f"charges / e, {by}.",
    )


def _refined(files: LiquidFiles) -> dict[str, Any]:
    try:
        return dict(files.ions)
    except InputError:
        return {}


def _bond_table(files: LiquidFiles) -> Table:
    refined = _refined(files)
    rows = [row for name, entry in files.bonding.items() for row in _bond_rows(name, entry, refined.get(name))]
    if not rows:
        raise InputError("there is no bond between two atoms that are not hydrogen")
    return Table(
        caption="Bonds between atoms other than hydrogen, those of like order together; lengths / Å"
        + ("." if refined else "; CP2K's lengths need ionspice electrolyte build --refine."),
        head=("Molecule", "bond", "number", "Wiberg order", "length, GFN2-xTB", "length, CP2K"),
        rows=tuple(rows),
        numeric=frozenset({2, 3, 4, 5}),
    )


def _bond_rows(name: str, entry: Any, refined: Any) -> Iterator[tuple[str, ...]]:
    groups: dict[tuple[str, int], list[Any]] = {}
    for bond in entry["bonds"]:
        if "H" not in bond["elements"]:
            groups.setdefault(("–".join(sorted(bond["elements"])), round(bond["order"] / 0.12)), []).append(bond)
    for (pair, _), bonds in groups.items():
        lengths = []
        if refined is not None:
            places = np.asarray(refined.positions)
            lengths = [float(np.linalg.norm(np.subtract(*places[list(bond["atoms"])]))) for bond in bonds]
        yield (
            name,
            pair,
            str(len(bonds)),
            significant(float(np.mean([bond["order"] for bond in bonds]))),
            significant(float(np.mean([bond["length"] for bond in bonds])), 4),
            significant(float(np.mean(lengths)), 4) if lengths else "–",
        )


def _charge_table(files: LiquidFiles) -> Table:
    refined = _refined(files)
    rows = [
        (name, f"{element}, {count} atoms" if count > 1 else element, *cells)
        for name, entry in files.bonding.items()
        for element, count, cells in _charges(entry, refined.get(name))
    ]
    return Table(
        caption="Charges / e, means over the atoms of an element.",
        head=("Molecule", "atoms", "GFN2-xTB, Mulliken", "CP2K, Mulliken", "CP2K, Hirshfeld"),
        rows=tuple(rows),
        numeric=frozenset({2, 3, 4}),
    )


def _charges(entry: Any, refined: Any) -> Iterator[tuple[str, int, tuple[str, ...]]]:
    elements = np.array(entry["elements"])
    sources = [entry["charges"], *([refined.charges["mulliken"], refined.charges["hirshfeld"]] if refined else [])]
    for element in dict.fromkeys(entry["elements"]):
        chosen = elements == element
        cells = [significant(float(np.asarray(charges)[chosen].mean()), 2) for charges in sources]
        yield element, int(chosen.sum()), (*cells, *["–"] * (3 - len(cells)))
