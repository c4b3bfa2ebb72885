"""A search that was stopped leaves a file that the next one goes on from; a hostile file is refused."""

import json
import os
import signal
import subprocess
import sys

import numpy as np
import pytest
import sympy as sp

from ionspice.core import InputError
from ionspice.discovery import LAW_SEARCH, DiscoverySettings, GeneExpressionRegressor, discover_law, read_observables
from ionspice.discovery.evolution.encoding import encode_gene
from ionspice.discovery.evolution.hall_of_fame import Candidate, HallOfFame
from ionspice.discovery.evolution.links import LINKS
from ionspice.discovery.evolution.operators import CONSTANT, FIRST_VARIABLE, OPERATORS, operator_codes
from ionspice.discovery.evolution.settings import EvolutionSettings
from ionspice.discovery.forms.canonical import gene_expression
from ionspice.discovery.hall_file import read_hall, write_hall

x0, x1 = VARIABLES = sp.symbols("x0 x1", real=True)
EVERY = operator_codes(tuple(OPERATORS))
QUICK = {
    "generations": 30,
    "population": 40,
    "islands": 2,
    "links": ("identity", "exponential"),
    "genes": 3,
    "seeds": 1,
}


@pytest.fixture
def table():
    rng = np.random.default_rng(0)
    X = rng.uniform(1.0, 3.0, size=(120, 2))
    return X, np.exp(0.3 * X[:, 0]) / (X[:, 1] + X[:, 0] ** 2) + 0.01 * rng.normal(size=120)


@pytest.mark.parametrize(
    "expression",
    [
        x0,
        2.5 * x0 - 0.5 * x1**2,
        -x0 - x1,
        x0**3 / (x1 * sp.sqrt(x0 + 1)),
        sp.exp(-x0) * sp.log(x1 + 1.5),
        sp.sin(x0) / x1**2 - sp.asinh(x0 * x1),
        x0**-1.5,
        sp.tanh(x0) ** sp.Rational(3, 2),
    ],
)
def test_encoded_genes_have_the_values_of_their_expressions(expression):
    gene = encode_gene(expression, VARIABLES, EVERY, 41)
    back = gene_expression(*gene, VARIABLES)
    at = {x0: 1.3, x1: 0.7}
    assert float(back.subs(at)) == pytest.approx(float(expression.subs(at)), rel=1e-14)


def test_expressions_beyond_the_alphabet_or_the_gene_are_left_out():
    assert encode_gene(sp.sin(x0), VARIABLES, operator_codes(("add", "mul")), 41) is None
    assert encode_gene(sp.atan(x0), VARIABLES, EVERY, 41) is None
    assert encode_gene(x0**30, VARIABLES, EVERY, 21) is None


def test_a_stopped_search_goes_on_where_it_was(table, tmp_path):
    path = tmp_path / "hall.json"
    errors = []

    def watch(epoch):
        errors.append(epoch.best_error)
        return epoch.number == 2

    GeneExpressionRegressor(**QUICK, callback=watch, hall_of_fame=path).fit(*table)
    fresh, last = errors[0], errors[-1]
    assert last < fresh
    errors.clear()
    GeneExpressionRegressor(**QUICK, seed=5, callback=watch, hall_of_fame=path).fit(*table)
    assert errors[0] <= last * (1 + 1e-9)
    assert errors[-1] <= errors[0]


def test_a_new_file_does_not_change_the_law(ladder_run, tmp_path):
    data = read_observables(ladder_run[0])
    path = tmp_path / "hall.json"
    settings = DiscoverySettings(search=LAW_SEARCH.changed(generations=10))
    assert discover_law(data, settings, hall_of_fame=path) == discover_law(data, settings)
    again = discover_law(data, settings, hall_of_fame=path)
    assert again == discover_law(data, settings, hall_of_fame=path)
    assert sp.simplify(again.resistance - discover_law(data, settings).resistance) == 0


INTERRUPTED = """
import signal
import sys
import numpy as np
from ionspice.discovery import GeneExpressionRegressor
# a parent in the background of a shell passes its ignored SIGINT on
signal.signal(signal.SIGINT, signal.default_int_handler)
x = np.linspace(-1, 1, 60)[:, None]
y = np.random.default_rng(0).normal(size=60)
def tell(epoch):
    if epoch.number == 1:
        print("first", flush=True)
GeneExpressionRegressor(
    patience=10**6, generations=10**6, callback=tell, hall_of_fame=sys.argv[1]
).fit(x, y)
"""


def test_control_c_leaves_a_usable_file(tmp_path):
    path = tmp_path / "hall.json"
    search = subprocess.Popen([sys.executable, "-c", INTERRUPTED, str(path)], stdout=subprocess.PIPE, stderr=-3)
    try:
        assert search.stdout.readline() == b"first\n"
        os.kill(search.pid, signal.SIGINT)
        assert search.wait(30) != 0
    finally:
        search.kill()
    codes, values = read_hall(path, ["x0"], EvolutionSettings())
    assert len(codes) == len(values) >= 5
    assert [entry.name for entry in tmp_path.iterdir()] == ["hall.json"]


def _hall(path, **changes):
    member = {"complexity": 3, "error": 0.1, "link": "identity", "genes": ["x0"]}
    content = {"format": "ionspice-hall/1", "variables": ["x0", "x1"], "members": [member | changes]}
    path.write_text(json.dumps(content | changes))
    return path


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"genes": ["__import__('os').system('touch owned')"]}, "not allowed"),
        ({"genes": ["x0.__class__"]}, "not allowed"),
        ({"genes": ["y"]}, "unknown name"),
        ({"genes": ["9**9**9**9"]}, "exponent"),
        ({"genes": ["x0 + exp(exp(exp(9)))"]}, "not finite"),
        ({"genes": [3]}, "must be text"),
        ({"genes": "x0"}, "needs a link and genes"),
        ({"link": "os.system"}, "needs a link and genes"),
        ({"members": [[]]}, "needs a link and genes"),
        ({"members": [{}] * 1001}, "at most 1000"),
        ({"variables": ["X"]}, "are of variables|is of variables"),
        ({"format": "other"}, "not a hall of fame"),
    ],
)
def test_hostile_and_foreign_files_are_refused(table, tmp_path, monkeypatch, changes, message):
    monkeypatch.chdir(tmp_path)
    path = _hall(tmp_path / "hall.json", **changes)
    before = path.read_bytes()
    with pytest.raises(InputError, match=message):
        GeneExpressionRegressor(**QUICK, hall_of_fame=path).fit(*table)
    assert [entry.name for entry in tmp_path.iterdir()] == ["hall.json"]
    assert path.read_bytes() == before


def test_a_damaged_file_is_refused(table, tmp_path):
    path = tmp_path / "hall.json"
    path.write_text("{")
    with pytest.raises(InputError, match="cannot read hall of fame"):
        GeneExpressionRegressor(**QUICK, hall_of_fame=path).fit(*table)


def test_members_that_do_not_fit_are_left_out(tmp_path):
    settings = EvolutionSettings(functions=("add", "mul"), genes=2)
    names = ["x0", "x1"]
    assert read_hall(_hall(tmp_path / "a.json"), names, settings)[0].shape == (1, 2, 21)
    for genes in (["sin(x0)"], ["x0", "x1", "x0*x1"], ["x0 + asin(2)"]):
        assert read_hall(_hall(tmp_path / "b.json", genes=genes), names, settings)[0].shape == (0, 2, 21)


def test_members_that_could_not_be_read_are_not_written(tmp_path):
    power = OPERATORS["pow"].code
    codes = np.array([[[power, FIRST_VARIABLE, CONSTANT]]])
    hall = HallOfFame()
    for size, exponent in ((3, 2.5), (4, 125.5)):
        values = np.array([[[1.0, 1.0, exponent]]])
        hall.offer(Candidate(link=LINKS["identity"], codes=codes[0], values=values[0], error=0.1 / size, size=size))
    write_hall(hall, ["x0"], tmp_path / "hall.json")
    known, _ = read_hall(tmp_path / "hall.json", ["x0"], EvolutionSettings())
    assert len(known) == 1
