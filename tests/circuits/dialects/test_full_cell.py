"""Both electrodes in series, as every dialect writes them and a simulator runs them."""

from dataclasses import replace

import numpy as np
import pytest

from ionspice.circuits import (
    DIALECT_SUFFIXES,
    CellOfTwo,
    device_name,
    print_files,
    run_netlist,
    solve_ladder,
    triangular,
)
from ionspice.circuits.dialects.bench import tolerances
from ionspice.core import InputError
from tests.circuits.dialects.simulators import EVERY_DIALECT, in_vacask

AREA = 1e-4  # m^2


@pytest.fixture
def circuit(make_circuit, make_curve):
    # without a capacitor at the mouth half of the series resistance is one with that of the mouth
    return replace(make_circuit(slits=6, gamma=0.8, open_capacitance=0.0), slit_curve=make_curve(6))


def written(circuit, folder, dialect, **options):
    """Return the library that a simulator reads."""
    path = folder / f"cell.{DIALECT_SUFFIXES[dialect]}"
    for file, text in print_files(circuit, path, dialect, AREA, triangular(0.1, 1e-6), **options).items():
        file.write_text(text)
    return path.with_suffix(".lib").name if dialect == "kicad" else path.name


def test_the_table_has_every_dialect():
    assert {dialect for dialect, _ in EVERY_DIALECT} == set(DIALECT_SUFFIXES)


@pytest.mark.parametrize(("dialect", "simulator"), EVERY_DIALECT)
@pytest.mark.parametrize("series", [0.0, 3e-8])
def test_a_full_cell_is_two_parts_in_series(circuit, tmp_path, dialect, simulator, series):
    library = written(circuit, tmp_path, dialect, cell=CellOfTwo(series_resistance=series))
    half = replace(circuit, open_resistance=circuit.open_resistance + series / 2 / circuit.strip_width)
    drive, whole = (triangular(volts, half.time_constant) for volts in (0.1, 0.2))
    # tighter, VACASK's Newton iteration does not end on the bulk between two capacitors
    options = "reltol=1e-4" if simulator is in_vacask else f"method=trap {tolerances(circuit, drive)}"
    time, current = simulator(tmp_path, library, device_name(dialect, "NCM7CELL"), whole, options)
    samples = np.linspace(0, drive.duration, 200)[1:-1]
    exact = solve_ladder(half, drive, samples).current * AREA / circuit.strip_width
    assert np.abs(np.interp(samples, time, current) - exact).max() < 1e-3 * np.abs(exact).max()


@pytest.mark.parametrize("series", [0.0, 3e-8])
def test_a_full_cell_stores_half_and_starts_charged(circuit, tmp_path, series):
    library = written(circuit, tmp_path, "ngspice", name="CELL", cell=CellOfTwo(series_resistance=series))
    linear = circuit.slit_curve.volts(np.full(6, 0.06)).mean() / 0.06
    capacitance = linear * circuit.slit_capacitance.sum() * AREA / circuit.strip_width / 2
    span = 100 * circuit.time_constant
    current = 0.12 * capacitance / span
    step = span / 1000
    vectors = run_netlist(
        f'* cell\n.include "{tmp_path / library}"\nx1 el 0 CELL V0=0.12\niload el 0 {current}\n'
        f".save all\n.options method=gear\n.tran {step} {span} 0 {step} uic\n.end\n",
        span,
    )
    assert vectors["el"][1] == pytest.approx(0.12, rel=2e-2)
    assert vectors["el"][-1] == pytest.approx(0.0, abs=2e-3)
    assert np.abs(vectors["x1.bulk"] - vectors["el"] / 2)[1:].max() < (1e-5 if not series else 2e-3)


@pytest.mark.parametrize("dialect", DIALECT_SUFFIXES)
def test_the_header_tells_the_ports_of_a_full_cell(circuit, tmp_path, dialect):
    text = (tmp_path / written(circuit, tmp_path, dialect, cell=CellOfTwo())).read_text()
    assert "full cell of two electrodes, each a stack of 7 sheets" in " ".join(text.split())
    assert "ports: POS and NEG" in text
    if dialect == "kicad":
        assert '"1=POS 2=NEG"' in (tmp_path / "cell.kicad_sym").read_text()


def test_a_series_resistance_below_zero_is_refused():
    with pytest.raises(InputError, match="series resistance"):
        CellOfTwo(series_resistance=-1.0)
