"""`ionspice simulate`: circuits of a run under a drive."""

import hashlib
import re
from collections.abc import Mapping
from typing import Annotated

import typer

from ionspice.core import replacing
from ionspice.core.run_files import WHAT_IF
from ionspice.pipeline.cli.app import Layers, RunFolder, app, pairs, say
from ionspice.pipeline.cli.folder import circuit_folder, layers_wanted, run_again


@app.command()
def simulate(
    directory: RunFolder,
    layers: Layers = None,
    gamma: Annotated[float | None, typer.Option("--gamma", help="in place of the law's, 0 to 1")] = None,
    rc_scale: Annotated[float, typer.Option("--rc-scale", help="factor on the law's Rc")] = 1.0,
    drive: Annotated[
        list[str] | None,
        typer.Option("--drive", metavar='"KEY = VALUE"', help="a key of [drive] in place of the case's, repeatable"),
    ] = None,
    samples: Annotated[
        int, typer.Option("--samples", min=0, help="circuits with random errors, for a 95 % band of the current")
    ] = 0,
) -> None:
    """Simulate NCM and TLM under the case's drive by PySpice; write circuit.nc, and per circuit a table and a figure.

    Without options circuit.nc is what `ionspice run` makes, and what `ionspice report` draws. What other options ask
    for goes to a folder of its own, DIR/what_if/<the changes>/. Other rates and windows: --drive "amplitude = 0.2 V"
    --drive "scan_rate = 1e5 V/s"; other experiments: --drive "kind = step", "kind = current" (galvanostatic), or
    "kind = protocol" and "steps = Sweep to 0.1 V at 1 V/us; Rest for 1 us", with their keys. A folder without a case
    takes the default case's drive.
    """
    from ionspice.core.run_files import CASE, CIRCUIT_RUNS
    from ionspice.pipeline.cases.case import Case, with_drive
    from ionspice.pipeline.report.circuit_tables import write_tables
    from ionspice.pipeline.results.devices import simulate_devices

    known = circuit_folder(directory)
    changes = pairs(drive or [], "--drive", "amplitude = 0.2 V")
    options = {"gamma": gamma, "rc-scale": None if rc_scale == 1 else rc_scale, "samples": samples or None}
    asked = changes | {key: str(value) for key, value in options.items() if value is not None}
    if layers is not None and (asked or (known and layers not in known.circuit_layers)):
        asked = {"layers": str(layers)} | asked
    if known and not asked:
        run_again(directory, "simulate")
        case, target = known, directory
    else:
        case = with_drive(known or Case(), changes, source="--drive") if changes else known or Case()
        target = directory / WHAT_IF / _name(asked) if asked else directory
        simulate_devices(
            directory,
            case,
            layers=layers_wanted(known, layers, directory),
            gamma=gamma,
            resistance_scale=rc_scale,
            samples=samples,
            path=target / CIRCUIT_RUNS,
        )
    if asked:
        with replacing(target / CASE) as temporary:
            temporary.write_text(case.to_toml(), encoding="utf-8")
    for file in (target / CIRCUIT_RUNS, *write_tables(target, case)):
        say(str(file))


def _name(changes: Mapping[str, str]) -> str:
    """Return the folder's name of a what-if, such as gamma-0.3_amplitude-0.2V."""
    words = (f"{key}-{value}" for key, value in changes.items())
    name = "_".join(re.sub(r"[^A-Za-z0-9.+-]+", "", word.replace("_", "-")) for word in words).replace("..", ".")
    # A file's path as a value can be longer than a folder's name may be.
    return name if len(name) <= 100 else f"{name[:90]}-{hashlib.sha256(name.encode()).hexdigest()[:9]}"
