"""The `ionspice` command: its options that several commands share, and what becomes of failures.

A command loads what it needs when it runs, so that `--help` is quick. Exit status: 0 done, 1 a run failed, 2 bad
input.
"""

import logging
import sys
import traceback
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from ionspice.core import InputError, IonspiceError
from ionspice.core.console import WARNING
from ionspice.core.mpi import launched_rank, rank_of, world
from ionspice.core.signals import StoppedError, ending_politely

app = typer.Typer(
    help="From ion-transport field simulations of 2D-material nanoslits to resistance laws and SPICE circuits.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # it takes [drive] for a style and drops it
    context_settings={"help_option_names": ["-h", "--help"]},
)

CaseFile = Annotated[Path, typer.Argument(metavar="CASE", help="case file (TOML, see docs/case-file.md)")]
Output = Annotated[Path, typer.Option("-o", "--output", metavar="DIR", help="folder for the results")]
RunFolder = Annotated[Path, typer.Argument(metavar="DIR", help="folder of a run")]
Layers = Annotated[int | None, typer.Option("--layers", help="number of sheets, default as in the case")]


def main() -> None:
    """Run the command line; failures become one message and an exit status, on all MPI ranks."""
    _show_warnings()
    try:
        with ending_politely():
            app()
    except UnicodeEncodeError as error:  # libraries take names in UTF-8 only
        _say_error(
            f"a name holds bytes that are no UTF-8 text ({error.object[:60]!r}); rename it, or set LC_ALL=C.UTF-8"
        )
        sys.exit(2)
    except StoppedError as stop:
        if launched_rank() == 0:
            _say_error(str(stop))
        if "mpi4py.MPI" in sys.modules and (comm := world()) is not None:
            comm.Abort(1)  # other ranks may wait for this one for ever
        sys.exit(1)
    except IonspiceError as error:
        if _is_first():
            _say_error(str(error))
        sys.exit(error.exit_status)
    except Exception:
        comm = world()
        if comm is None:
            raise
        # The other ranks may wait for this one for ever.
        traceback.print_exc()
        comm.Abort(1)


def _say_error(text: str) -> None:
    with suppress(OSError):  # standard error may be closed too
        print(f"ionspice: {text}", file=sys.stderr, flush=True)


def _is_first() -> bool:
    """Return whether this is rank 0, by the launcher's count where MPI cannot tell."""
    try:
        return rank_of(world()) == 0
    except IonspiceError:
        return launched_rank() == 0


class _Line(logging.Formatter):
    """One line that a campaign finds again in the output of its cases."""

    def format(self, record: logging.LogRecord) -> str:
        return f"{WARNING}{record.getMessage()}"


def _show_warnings() -> None:
    """Have warnings of all modules reach standard error, from the first rank."""
    if launched_rank() == 0:
        handler = logging.StreamHandler()
        handler.setFormatter(_Line())
        handler.setLevel(logging.WARNING)
        logger = logging.getLogger("ionspice")
        logger.handlers = [handler]  # one, however often the command is called in one process


def say(text: str) -> None:
    """Print a line from rank 0."""
    if rank_of(world()) == 0:
        typer.echo(text)


def pairs(texts: list[str], option: str, example: str) -> dict[str, str]:
    """Return what was given as "KEY = VALUE".

    Raises:
        InputError: a text without an equals sign.
    """
    unreadable = [text for text in texts if "=" not in text]
    if unreadable:
        raise InputError(f'{option} {unreadable[0]!r} is not "KEY = VALUE"; write {option} "{example}"')
    split = [text.split("=", 1) for text in texts]
    return {key.strip(): value.strip() for key, value in split}


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"ionspice {version('ionspice')}")
        raise typer.Exit


@app.callback()
def _common(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="show the version")
    ] = False,
) -> None:
    pass
