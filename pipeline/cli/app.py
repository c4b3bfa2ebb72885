"""The `ionspice` command: its options that several commands share, and what becomes of failures.

A command loads what it needs when it runs, so that `--help` is quick. Exit status: 0 done, 1 a run failed, 2 bad
input.
"""

import sys
import traceback
from pathlib import Path
from typing import Annotated

import typer

from ionspice.core import InputError, IonspiceError
from ionspice.core.mpi import rank_of, world

app = typer.Typer(
    help="From ion-transport field simulations of 2D-material nanoslits to resistance laws and SPICE circuits.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

CaseFile = Annotated[Path, typer.Argument(metavar="CASE", help="case file (TOML, see docs/case-file.md)")]
Output = Annotated[Path, typer.Option("-o", "--output", metavar="DIR", help="folder for the results")]
RunFolder = Annotated[Path, typer.Argument(metavar="DIR", help="folder of a run")]
Layers = Annotated[int | None, typer.Option("--layers", help="number of sheets, default as in the case")]


def main() -> None:
    """Run the command line; failures become one message and an exit status, on all MPI ranks."""
    try:
        app()
    except IonspiceError as error:
        if _is_first():
            print(f"ionspice: {error}", file=sys.stderr)
        sys.exit(error.exit_status)
    except Exception:
        comm = world()
        if comm is None:
            raise
        # The other ranks may wait for this one for ever.
        traceback.print_exc()
        comm.Abort(1)


def _is_first() -> bool:
    """Return whether this is rank 0, or cannot tell for want of an MPI library."""
    try:
        return rank_of(world()) == 0
    except IonspiceError:
        return True


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
