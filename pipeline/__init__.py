"""The case file, the command line, the stages and the report.

Names are loaded when first asked for, so that the command line starts quickly.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ionspice.pipeline.cases.case import Case, parse_case, read_case
    from ionspice.pipeline.runs.runner import run

__all__ = ["Case", "parse_case", "read_case", "run"]

_HOMES = {"Case": "cases.case", "parse_case": "cases.case", "read_case": "cases.case", "run": "runs.runner"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
