import itertools
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("core", "meshes", "fem", "discovery", "electrolytes", "circuits", "pipeline")
IGNORED = {"__pycache__"}


@pytest.fixture(scope="session")
def wheel(tmp_path_factory):
    """A wheel that is built from a copy of the committed and new files, as `pip wheel .` would."""
    source, target = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    for name in listed.stdout.decode().splitlines():
        if (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes((ROOT / name).read_bytes())
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*command, "-w", target, source], check=True)
    return next(target.glob("*.whl"))


def test_the_wheel_holds_every_file_of_the_packages_and_no_other(wheel):
    tree = {
        f"ionspice/{path.relative_to(ROOT)}"
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and not IGNORED & set(path.parts)
    }
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert packed == tree


def test_every_folder_with_modules_is_a_declared_package():
    setuptools = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    assert setuptools["package-dir"] == {"ionspice": "."}
    folders = {path.parent.relative_to(ROOT) for package in PACKAGES for path in (ROOT / package).rglob("*.py")}
    assert sorted(setuptools["packages"]) == sorted(".".join(["ionspice", *folder.parts]) for folder in folders)
    for folder in folders:
        assert (ROOT / folder / "__init__.py").is_file()


def test_every_top_package_is_typed():
    assert [package for package in PACKAGES if not (ROOT / package / "py.typed").is_file()] == []


def test_every_dependency_is_pinned_with_hashes_and_no_index_is_named():
    files = [ROOT / "requirements.txt", *sorted((ROOT / "electrolytes" / "environment").glob("*.txt"))]
    text = "".join(path.read_text() for path in files if path.name != "potential.txt")
    pinned = {_canonical(name) for name in re.findall(r"^([A-Za-z0-9_.-]+)==", text, re.MULTILINE)}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    extras = project["project"]["optional-dependencies"].values()
    wanted = [
        *project["build-system"]["requires"],
        *project["project"]["dependencies"],
        *itertools.chain(*extras),
    ]
    names = {_canonical(re.match(r"[A-Za-z0-9_.-]+", requirement)[0]) for requirement in wanted}
    assert names - pinned == set()
    text = "".join(path.read_text() for path in files)
    assert "://" not in text
    entries = re.split(r"^(?=[A-Za-z])", text, flags=re.MULTILINE)[1:]
    assert [entry for entry in entries if "--hash=sha256:" not in entry] == []


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_the_installed_version_is_the_one_in_the_changelog():
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert re.search(rf"^## \[?{re.escape(version)}\b", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
