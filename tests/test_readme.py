import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


@pytest.fixture(scope="module")
def printed(tmp_path_factory):
    """What the README's script prints."""
    script = re.search(r"```python\n(.*?)```", README, flags=re.DOTALL)[1]
    folder = tmp_path_factory.mktemp("readme")
    result = subprocess.run([sys.executable, "-c", script], cwd=folder, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_the_script_finds_a_resistance_that_falls_with_charge(printed):
    assert re.search(r"^R = .*Q.*$", printed, re.MULTILINE)
    gammas = [float(gamma) for gamma in re.findall(r"^gap \d: Rc = \S+ ohm m, gamma = (\S+)$", printed, re.MULTILINE)]
    assert len(gammas) == 3
    assert all(0.1 < gamma < 0.9 for gamma in gammas)


def test_the_script_simulates_twenty_layers(printed):
    ncm, tlm = map(float, re.search(r"NCM (\S+) A/m, TLM (\S+) A/m", printed).groups())
    assert ncm > tlm > 0


@pytest.mark.parametrize(
    "page", ["README.md", "CHANGELOG.md", *(p.relative_to(ROOT) for p in (ROOT / "docs").rglob("*.md"))]
)
def test_links_between_pages_lead_somewhere(page):
    targets = re.findall(r"\]\((?!https?:|#|doi:)([^)#]+)", (ROOT / page).read_text())
    assert [target for target in targets if not ((ROOT / page).parent / target).exists()] == []
