"""Whether the packages of the extra `atomistic` are there, asked before the first of them is imported."""

from importlib import import_module

from ionspice.core import RunError

#: of what reads and measures trajectories
ANALYSIS = ("ase", "MDAnalysis", "kinisi")


def check_extra(*modules: str) -> None:
    """Refuse to begin without packages.

    Raises:
        RunError: one cannot be imported, with the remedy.
    """
    for module in modules:
        try:
            import_module(module)
        except ImportError as error:
            raise RunError(
                f'the package {module} is not installed ({error}); pip install "ionspice[atomistic]", ionspice '
                "electrolyte setup, or make atomistic"
            ) from error
