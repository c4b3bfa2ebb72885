"""The law of an ion's conductance, on series whose law is known."""

import json

import numpy as np
import pytest

from ionspice.core import InputError
from ionspice.discovery.laws.conductance import GapConductances, discover_conductance
from ionspice.discovery.laws.conductance_file import read_conductance, write_conductance


def gaps_of(law, noise=0.0, gaps=3):
    rng = np.random.default_rng(0)
    numbers = (np.geomspace(0.02, 0.9, 40), np.linspace(1.0, 6.0, 40))  # of an ion that leaves, and one that comes
    return [
        GapConductances(
            gap=2 + gap,
            numbers=numbers,
            conductances=tuple(law(n) * (1 + noise * rng.standard_normal(n.size)) for n in numbers),
        )
        for gap in range(gaps)
    ]


def test_a_conductance_in_proportion_to_the_number_is_found_within_its_interval():
    found = discover_conductance(gaps_of(lambda n: 0.93 * n, noise=0.01))
    assert found.law.form == "c1*n"
    [(low, high)] = found.law.interval
    assert low < 0.93 < high
    assert high - low < 0.01
    assert found.law.error == pytest.approx(0.01, rel=0.2)
    assert found.law.held_out_error == pytest.approx(0.01, rel=0.2)
    assert found.numbers == pytest.approx((0.02, 6.0))
    assert found.gaps == (2, 3, 4)


def test_another_law_is_found_and_its_rival_is_named():
    found = discover_conductance(gaps_of(lambda n: n / (1 + 0.3 * n)))
    assert found.law.error < 0.02
    assert len(found.law.value) <= 3
    assert found.front[0].form == "c1*n"
    assert found.front[0].held_out_error > 0.1


def test_one_gap_leaves_nothing_to_judge_by():
    assert discover_conductance(gaps_of(lambda n: n, gaps=1)).law.held_out_error is None


def test_the_law_comes_back_from_its_file(tmp_path):
    found, path = discover_conductance(gaps_of(lambda n: 0.5 * n, noise=0.01)), tmp_path / "conductance.json"
    write_conductance(path, found)
    assert read_conductance(path) == found
    write_conductance(path, None)
    assert read_conductance(path) is None


@pytest.mark.parametrize(
    "change",
    [
        lambda law: law.update(chosen=9),
        lambda law: law["front"][0].update(form="__import__('os')"),
        lambda law: law["front"][0].update(interval=[]),
        lambda law: law.pop("numbers"),
    ],
)
def test_a_file_that_is_no_law_is_refused(tmp_path, change):
    path = tmp_path / "conductance.json"
    write_conductance(path, discover_conductance(gaps_of(lambda n: n)))
    content = json.loads(path.read_text())
    change(content["law"])
    path.write_text(json.dumps(content))
    with pytest.raises(InputError, match=r"conductance\.json"):
        read_conductance(path)
