"""The `ionspice` command line, one command a module; they stand in `--help` in this order."""

from ionspice.pipeline.cli import (  # isort: skip
    run,
    sweep,
    reproduce,
    electrolyte,
    electrolyte_potential,
    electrolyte_production,
    electrolyte_properties,
    electrolyte_run,
    mesh,
    solve,
    discover,
    export,
    predict,
    simulate,
    eis,
    fit,
    report,
    verify,
    doctor,
)
from ionspice.pipeline.cli.app import app, main

__all__ = ["app", "main"]
