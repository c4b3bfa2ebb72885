import json

import numpy as np
import pytest

from ionspice.core import InputError
from ionspice.core.json_files import numbers, plain, read_json, write_json


def test_content_is_read_back_with_its_format_checked(tmp_path):
    path = tmp_path / "law.json"
    write_json(path, "ionspice-law/1", {"Rc": np.array([0.25, np.inf]), "name": "R / \u03a9", "count": np.int64(3)})
    assert next(iter(json.loads(path.read_text()))) == "format"
    content = read_json(path, "ionspice-law/1", remedy="discover again")
    assert content == {"Rc": [0.25, None], "name": "R / \u03a9", "count": 3}
    with pytest.raises(InputError, match=r"law\.json: it is not of the format 'ionspice-law/2'; discover again"):
        read_json(path, "ionspice-law/2", remedy="discover again")


@pytest.mark.parametrize("text", ["", "[]", "{", "\x00", '"format"', "[" * 100_000])
def test_damaged_files_are_one_clear_error(tmp_path, text):
    (tmp_path / "law.json").write_text(text)
    with pytest.raises(InputError, match=r"cannot read .*law\.json: .*; discover again"):
        read_json(tmp_path / "law.json", "ionspice-law/1", remedy="discover again")


def test_numbers_are_those_of_json():
    assert plain({"a": (np.float64(1.5), float("nan")), 2: np.arange(2)}) == {"a": [1.5, None], "2": [0, 1]}


def test_null_is_read_as_nan_where_numbers_are_wanted(tmp_path):
    write_json(tmp_path / "a.json", "a/1", {"x": np.array([1.5, np.nan]), "table": [{"y": np.inf}], "word": "a"})
    found = numbers(read_json(tmp_path / "a.json", "a/1", remedy="write it again"))
    assert found["x"][0] == 1.5
    assert np.isnan([found["x"][1], found["table"][0]["y"]]).all()
    assert found["word"] == "a"
