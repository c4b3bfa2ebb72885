import json

import pytest

from ionspice.core import InputError
from ionspice.electrolytes.transport.runs import find_runs, read_run


@pytest.fixture
def described(tmp_path):
    """Return a writer of run.json into dynamics/<name>/."""

    def write(name="a", **changes):
        content = {"format": "ionspice-dynamics/1", "composition": "x", "temperature": 450.0, "positions": "x.dump"}
        path = tmp_path / "dynamics" / name / "run.json"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(content | changes))
        return path

    return write


def test_runs_come_by_name_with_paths_from_their_folder(described, tmp_path):
    described("b", velocities="v.dump", seed=3)
    described("a")
    one, other = find_runs(tmp_path)
    assert (one.name, other.name, other.seed, one.ensemble) == ("a", "b", 3, "NVT")
    assert one.positions == tmp_path / "dynamics/a/x.dump"
    assert other.files == [tmp_path / "dynamics/b/x.dump", tmp_path / "dynamics/b/v.dump"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"temperature": -1}, "temperature: Input should be greater than 0"),
        ({"ensemble": "NPH"}, "ensemble: Input should be 'NVE', 'NVT' or 'NPT'"),
        ({"tempreature": 300}, "tempreature: "),
        ({"cell": [1, 2]}, "cell"),
        ({"format": "other"}, "format"),
    ],
)
def test_mistakes_name_key_and_reason(described, changes, message):
    with pytest.raises(InputError, match=message):
        read_run(described(**changes))
