"""The report's section on the current between two reservoirs."""

import math
from collections.abc import Iterator

from ionspice.pipeline.report.figures.permeation import draw_current_voltage
from ionspice.pipeline.report.figures.style import scale_for
from ionspice.pipeline.report.page import Picture, ReportSection, Table, percent, significant
from ionspice.pipeline.results.files import RunFiles
from ionspice.pipeline.results.permeation import CurrentVoltage, current_voltage, has_current_voltage, permselectivity


def permeation_sections(run: RunFiles) -> tuple[ReportSection, ...]:
    """Return the section, or none where there is one reservoir only."""
    if not has_current_voltage(run.case) or "reservoir_flux" not in run.fields:
        return ()
    curve = current_voltage(run.fields)
    picture = Picture(
        name="current_voltage",
        figure=draw_current_voltage(curve),
        alt="Current between the two reservoirs against their potential difference",
        caption="Current from the second reservoir to the first against the potential of the second, and the parts "
        "that the ions carry; current_voltage.csv has the numbers.",
    )
    table = Table(
        caption="What the current says of the membrane.",
        head=("What was measured", "This run"),
        rows=tuple(_rows(curve, run)),
    )
    return (ReportSection(name="permeation", title="Current and potential", pictures=(picture,), tables=(table,)),)


def _rows(curve: CurrentVoltage, run: RunFiles) -> Iterator[tuple[str, str]]:
    reversal = curve.reversal_potential
    yield (
        "Reversal potential, at which no current flows",
        "not passed" if math.isnan(reversal) else f"{significant(reversal * 1e3, 4)} mV",
    )
    first, *others = run.case.surroundings().electrolytes(run.case.electrolyte.build())
    selectivity = permselectivity(curve, first, others[0])
    if math.isfinite(selectivity):
        yield "Permselectivity t₊ − t₋, from the reversal potential", significant(selectivity, 3)
    both, ratio = curve.rectification
    if math.isfinite(ratio):
        yield (
            f"Rectification, current at {significant(both, 3)} V over that at −{significant(both, 3)} V",
            significant(ratio, 3),
        )
    for potential in sorted({float(curve.potential.min()), float(curve.potential.max())}):
        current = curve.current_at(potential)
        factor, unit = scale_for([current], curve.unit)
        shares = ", ".join(
            f"{name} {percent(share, 3)}"
            for name, share in zip(curve.species, curve.shares_at(potential), strict=True)
        )
        yield (
            f"Current at {significant(potential, 3)} V, and the ions' shares",
            (f"{significant(current * factor, 3)} {unit}; {shares}"),
        )
