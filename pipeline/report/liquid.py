"""The figures of a liquid's folder, beside the tables that they draw."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from ionspice.core import replacing
from ionspice.core.reading import reading
from ionspice.core.stages import Stage, Workplace
from ionspice.electrolytes.properties import PropertyInputs, table_files
from ionspice.electrolytes.transport.tables import MSD, RADIAL, SPECIES, STRUCTURE, VDOS
from ionspice.pipeline.report.figures.liquid import (
    draw_displacements,
    draw_radial,
    draw_species,
    draw_structure,
    draw_vibrations,
)
from ionspice.pipeline.report.figures.style import to_svg

_DRAW: dict[str, Callable[[pd.DataFrame], Figure]] = {
    RADIAL: draw_radial,
    VDOS: draw_vibrations,
    MSD: draw_displacements,
    STRUCTURE: draw_structure,
    SPECIES: draw_species,
}


def figures_stage() -> Stage[PropertyInputs]:
    """Return the stage that draws every table of the runs."""
    return Stage(
        name="figures",
        act=_draw,
        reads=table_files,
        writes=lambda inputs: [str(Path(name).with_suffix(".svg")) for name in table_files(inputs)],
    )


def _draw(inputs: PropertyInputs, place: Workplace) -> None:
    names = table_files(inputs)
    for number, name in enumerate(names):
        place.advance(number, len(names))
        table, figure = place.directory / name, (place.directory / name).with_suffix(".svg")
        if not table.is_file():
            figure.unlink(missing_ok=True)
            continue
        with reading(table, remedy="make it again with ionspice electrolyte analyse"):
            svg = to_svg(_DRAW[table.name](pd.read_csv(table)))
        with replacing(figure) as temporary:
            temporary.write_text(svg, encoding="utf-8")
