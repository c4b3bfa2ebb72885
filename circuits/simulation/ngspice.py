"""Run netlists on libngspice through PySpice.

PySpice 1.5 speaks to the shared library; this adapter answers what differs in practice: the library's file
name, output lines that look like errors in runs that succeeded, and memory that stays allocated after a run.
Success is judged by the result (is there a plot, does it reach the end) and the messages are kept for the error
text. One process holds one simulator: use spawned processes to run in parallel.
"""

import ctypes.util
import logging
import os
import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ionspice.core import RunError

logger = logging.getLogger(__name__)

_REMEDY = "install Debian's package libngspice0 (apt install libngspice0)"
_simulator: Any = None


class StoppedEarlyError(RunError):
    """A transient that ngspice could not bring to its end."""


def run_netlist(netlist: str, end: float | None = None) -> Mapping[str, NDArray[Any]]:
    """Run a complete netlist with one analysis and return its vectors by lower-case name.

    Node voltages are named like `el` or `x1.n3`, branch currents like `vel#branch`; `time` (s) or `frequency`
    (Hz) is the abscissa. All are in SI; transient vectors are real, ac vectors complex.

    Args:
        netlist: text from the title line to `.end`.
        end: last time that a transient must reach, s.

    Raises:
        RunError: libngspice is missing or refuses the netlist; `StoppedEarlyError` before `end`.
    """
    ngspice = _ngspice()
    try:
        return _run(ngspice, netlist, end)
    finally:
        if not ngspice.ended:
            ngspice.exec_command("destroy all")
            ngspice.exec_command("remcirc")


def ngspice_version() -> int:
    """Return the version of the library, e.g. 39.

    Raises:
        RunError: libngspice is missing.
    """
    return int(_ngspice().ngspice_version)


def _run(ngspice: Any, netlist: str, end: float | None) -> Mapping[str, NDArray[Any]]:
    ngspice.messages.clear()
    before = ngspice.last_plot
    ngspice.load_circuit(netlist)
    ngspice.run()
    if ngspice.ended or ngspice.last_plot in ("const", before):
        raise RunError(f"ngspice gave no result; it said: {_told(ngspice)}")
    plot = ngspice.plot(None, ngspice.last_plot)
    vectors = {_plain(name): np.asarray(vector._data) for name, vector in plot.items()}
    if end is not None and not (vectors["time"].size and vectors["time"][-1] >= end * (1 - 1e-9)):
        reached = vectors["time"][-1] if vectors["time"].size else 0.0
        raise StoppedEarlyError(
            f"ngspice stopped at {reached:g} s of {end:g} s; shorten the maximum step; it said: {_told(ngspice)}"
        )
    return vectors


def _plain(name: str) -> str:
    lowered = name.lower()
    return lowered[2:-1] if lowered.startswith("v(") else lowered


def _told(ngspice: Any) -> str:
    telling = [line for line in ngspice.messages if not line.startswith(("Note:", "Doing analysis"))]
    return " | ".join(telling[-6:]) or "nothing"


def _ngspice() -> Any:
    """Return this process's simulator, loading it at the first call."""
    global _simulator
    if _simulator is None:
        _simulator = _load()
    if _simulator.ended:
        raise RunError("ngspice ended itself after a fatal error; start a new process to go on")
    return _simulator


def _load() -> Any:
    library = os.environ.get("NGSPICE_LIBRARY_PATH") or ctypes.util.find_library("ngspice")
    if library is None:
        raise RunError(f"libngspice is not installed; {_REMEDY}")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)  # of PySpice's docstrings, at the first import
        from PySpice.Spice.NgSpice import Shared

    class _Simulator(Shared.NgSpiceShared):  # type: ignore[misc]
        """PySpice's simulator with messages kept instead of taken for errors."""

        def __init__(self) -> None:
            self.messages: list[str] = []
            self.ended = False
            super().__init__()

        @staticmethod
        def _send_char(message: Any, ngspice_id: int, user_data: Any) -> int:
            self = Shared.ffi.from_handle(user_data)
            stream, _, text = Shared.ffi.string(message).decode(errors="replace").partition(" ")
            self._stdout.append(text)
            if stream == "stderr":
                self.messages.append(text.strip())
                logger.debug("ngspice: %s", text)
            return 0

        @staticmethod
        def _exit(status: int, unload: bool, quitting: bool, ngspice_id: int, user_data: Any) -> int:
            Shared.ffi.from_handle(user_data).ended = True
            return status

    Shared.NgSpiceShared.LIBRARY_PATH = library
    level = Shared.NgSpiceShared._logger.level
    Shared.NgSpiceShared._logger.setLevel(logging.ERROR)  # versions above 34 are fine, and draw a warning
    try:
        return _Simulator()
    except OSError as error:
        raise RunError(f"libngspice could not be loaded: {error}; {_REMEDY}") from error
    finally:
        Shared.NgSpiceShared._logger.setLevel(level)
