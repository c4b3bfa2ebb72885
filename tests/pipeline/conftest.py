import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from ionspice.pipeline import Case, parse_case, run
from ionspice.pipeline.cli import main


@dataclass(frozen=True)
class Outcome:
    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def ionspice(monkeypatch, capsys):
    """The command line in this process: same code as the installed command, without its start-up time."""

    def call(*arguments: object) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["ionspice", *map(str, arguments)])
        status = 0
        try:
            main()
        except SystemExit as exit:
            status = exit.code or 0
        captured = capsys.readouterr()
        return Outcome(status, captured.out, captured.err)

    return call


#: the default case with four layers, a coarse mesh and loose tolerances
TINY = """
[geometry]
layers = 4
open_length = "5 nm"
[mesh]
wall_spacing = "0.15 nm"
growth = 1.5
[solver]
tolerance = 0.01
steps_per_ramp = 20
[discovery]
islands = 2
population = 100
generations = 30
[circuit]
layers = [4, 8]
"""


@pytest.fixture(scope="session")
def tiny_case() -> Case:
    return parse_case(TINY)


@pytest.fixture(scope="session")
def solved_folder(tiny_case, tmp_path_factory) -> Path:
    """A folder with mesh and fields of the tiny case; not to be changed."""
    return run(tiny_case, tmp_path_factory.mktemp("solved"), stages=["mesh", "solve"])


@pytest.fixture(scope="session")
def run_folder(tiny_case, solved_folder, tmp_path_factory) -> Path:
    """A folder in which every stage of the tiny case ran; not to be changed."""
    folder = tmp_path_factory.mktemp("whole") / "run"
    return run(tiny_case, shutil.copytree(solved_folder, folder))


@pytest.fixture(scope="session")
def tiny_file(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("case") / "tiny.toml"
    path.write_text(TINY)
    return path


HALF = 1e-6


@pytest.fixture(scope="session")
def triangular_fields():
    """Make fields of three slits; arguments as of `_triangular_fields`."""
    return _triangular_fields


def _triangular_fields(*, diffusion=1.0, steric=1.0, stored=(3.0, 2.0, 1.0), potential=(1.0, 2.0, 3.0), bend=0.0):
    """A triangular charge and discharge of three slits in which every part of the flux is a multiple of migration."""
    time = np.linspace(0, 2 * HALF, 401)
    ramp = 1 - np.abs(time / HALF - 1)
    migration = np.where(time < HALF, 1.0, -1.0)[:, None] * np.ones(3)
    flux = np.stack([diffusion * migration, migration, steric * migration], axis=2)
    voltage = ramp[:, None] * np.ones(3)
    dims = ("time", "slit", "part")
    return xr.Dataset(
        {
            "slit_flux": (dims, flux),
            "gap_flux": (dims, flux),
            "open_flux": (("time", "part"), flux[:, 0]),
            "slit_charge": (("time", "slit"), -voltage * (1 + bend * voltage) * stored),
            "slit_potential": (("time", "slit"), 0.1 * ramp[:, None] * potential),
            "slit_conduction_potential": (("time", "slit"), 0 * voltage),
            "electrode_potential": ("time", ramp),
        },
        coords={"time": time, "slit": [1, 2, 3], "part": ["diffusion", "migration", "steric"]},
        attrs={"charging_end": HALF},
    )
