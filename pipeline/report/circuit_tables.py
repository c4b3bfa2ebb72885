"""Tables and figures of simulated circuits, for `ionspice simulate`."""

from pathlib import Path

from ionspice.circuits import read_circuit, write_csv
from ionspice.core import replacing
from ionspice.core.run_files import CIRCUIT_RUNS
from ionspice.pipeline.cases.case import Case
from ionspice.pipeline.report.figures.response import draw_responses, responses
from ionspice.pipeline.report.figures.style import to_svg


def write_tables(directory: Path, case: Case, source: str = CIRCUIT_RUNS) -> tuple[Path, ...]:
    """Write <stem>_<layers>.csv and .svg for every circuit of circuit.nc, or of another file of runs.

    Returns:
        The files.

    Raises:
        InputError: the file of runs is missing or damaged, or the folder cannot be written.
    """
    written = []
    for layers, run in read_circuit(directory / source).items():
        table, figure = (directory / f"{Path(source).stem}_{layers}.{suffix}" for suffix in ("csv", "svg"))
        write_csv(table, run)
        with replacing(figure) as temporary:
            curves = responses(run, float(run.attrs["strip_width"]))
            temporary.write_text(to_svg(draw_responses(curves, case.drive.kind)), encoding="utf-8")
        written += [table, figure]
    return tuple(written)
