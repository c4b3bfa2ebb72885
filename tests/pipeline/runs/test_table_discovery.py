"""`ionspice discover --data` finds laws and formulas in tables, and shows and draws them."""

import json

import numpy as np
import pytest

ROWS = 80


def _write(path, header, columns):
    rows = (",".join(f"{value!r}" for value in row) for row in np.column_stack(columns).tolist())
    path.write_text("\n".join([header, *rows]) + "\n")
    return path


def test_a_table_gives_a_law_with_figure_and_front(ionspice, tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    x = np.linspace(0.0, 1.0, ROWS)
    noise = 1e-3 * np.random.default_rng(0).normal(size=ROWS)
    table = _write(tmp_path / "t.csv", "charge [nC],voltage_integral [V*ns]", [3 * x, 10 * (x - 0.2 * x**2) + noise])
    result = ionspice("discover", tmp_path, "--data", table, "--seeds", "2")
    assert result.returncode == 0, result.stderr
    law = json.loads((tmp_path / "law.json").read_text())
    assert law["searches"] == 2
    assert law["parameters"]["gamma"]["value"] == [pytest.approx(0.4, abs=0.01)]
    assert law["parameters"]["Rc"]["value"] == [pytest.approx(10 / 3, rel=0.01)]
    assert "2 of 2" in result.stdout
    assert "R = Rc*(1 - Q*gamma/Qmax)" in result.stdout
    assert (tmp_path / "law_front.svg").read_text().startswith("<?xml")
    assert (tmp_path / "law_front.png").read_bytes().startswith(b"\x89PNG")


def test_any_columns_give_a_formula(ionspice, tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    a, b = np.random.default_rng(1).uniform(1.0, 3.0, size=(2, ROWS))
    table = _write(tmp_path / "t.csv", "a,b,c", [a, b, 2.5 * a / b])
    result = ionspice("discover", tmp_path, "--data", table, "--x", "a,b", "--y", "c")
    assert result.returncode == 0, result.stderr
    formula = json.loads((tmp_path / "formula.json").read_text())
    assert formula["expression"] == "2.5*a/b"
    assert formula["r_squared"] == pytest.approx(1.0)
    assert (tmp_path / "law_front.png").is_file()
    assert not (tmp_path / "law.json").exists()


def test_a_european_spreadsheet_with_gaps_and_any_names(ionspice, tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    t = 0.04 * np.arange(ROWS)
    rows = [f"{a:.6f};{1 - np.exp(-2.13 * a):.15f}".replace(".", ",") for a in t]
    table = tmp_path / "t.csv"
    table.write_text("# Messung\nΔ t;class\n" + "\n".join([*rows, ";0,5", "2,5;"]) + "\n", encoding="utf-8")
    result = ionspice("discover", tmp_path, "--data", table, "--x", "Δ t", "--y", "class", "--dropna")
    assert result.returncode == 0, result.stderr
    formula = json.loads((tmp_path / "formula.json").read_text())
    (alias,) = formula["names"].values()
    assert formula["names"] == {"Δ t": alias}
    assert "formula: class = " in result.stdout
    assert "[Δ t]" in result.stdout
    values = sorted(constant["value"] for constant in formula["constants"].values())
    assert values == pytest.approx([-2.13, 1.0], rel=1e-6)


def test_several_columns_have_a_formula_each(ionspice, tmp_path):
    a = np.linspace(1.0, 3.0, ROWS)
    table = _write(tmp_path / "t.csv", "a,b,c", [a, 2.5 * a**2, 3.0 / a])
    options = ("--x", "a", "--y", "b,c", "--functions", "add,mul,div", "--loss", "squares")
    result = ionspice("discover", tmp_path, "--data", table, *options)
    assert result.returncode == 0, result.stderr
    found = [json.loads((tmp_path / f"formula-{k}.json").read_text()) for k in (1, 2)]
    assert [one["target"] for one in found] == ["b", "c"]
    assert found[1]["form"] == "c1/a"
    assert found[1]["constants"]["c1"]["value"] == pytest.approx(3.0)
    assert (tmp_path / "law_front-2.svg").is_file()


@pytest.mark.parametrize(
    ("options", "part"),
    [
        (("--x", "a"), "--x and --y belong together"),
        (("--x", "a,z", "--y", "b"), "no column 'z'"),
        (("--x", "a", "--y", "b"), "column b is constant"),
        ((), "name them with --x and --y"),
        (("--x", "a", "--y", "c", "--loss", "cubes"), "choose from squares"),
        (("--x", "a", "--y", "c", "--functions", "add,gamma"), "choose one or more"),
        (("--dropna",), "--dropna needs --x and --y"),
        (("--units", "a=m", "--x", "a", "--y", "c"), "c without a unit"),
    ],
)
def test_bad_tables_are_refused_before_anything_is_written(ionspice, tmp_path, options, part):
    table = _write(tmp_path / "t.csv", "a,b,c", [np.arange(20.0), np.ones(20), np.arange(20.0) ** 2])
    folder = tmp_path / "out"
    folder.mkdir()
    result = ionspice("discover", folder, "--data", table, *options)
    assert result.returncode == 2
    assert part in result.stderr
    assert list(folder.iterdir()) == []


def test_constraints_hold_for_the_formula_and_wrong_ones_are_named(ionspice, tmp_path):
    t = np.linspace(0.0, 2.0, ROWS)
    table = _write(tmp_path / "t.csv", "t,c", [t, 1.5 * np.exp(-t)])
    choices = ("discover", tmp_path, "--data", table, "--x", "t", "--y", "c")
    result = ionspice(*choices, "--constraints", "c >= 0; falling in t; convex in t")
    assert result.returncode == 0, result.stderr
    assert json.loads((tmp_path / "formula.json").read_text())["expression"] == "1.5*exp(-t)"
    result = ionspice(*choices, "--constraints", "rising in z")
    assert result.returncode == 2
    assert "'z' is not among the columns" in result.stderr
