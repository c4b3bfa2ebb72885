"""`ionspice fit` from files to a part for a simulator."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.constants import R as GAS_CONSTANT
from typer.testing import CliRunner

from ionspice.circuits import circuit_of, read_circuit_record
from ionspice.circuits.measurements.records import Measurement, Spectrum
from ionspice.core import InputError
from ionspice.pipeline.cli import app
from tests.circuits.fitting.made import LINE, known_device, measured

_LAYERS = 5


def _write(folder: Path, one: Measurement) -> Path:
    path = folder / f"{one.name.replace(' ', '_').replace('/', '_')}.csv"
    if isinstance(one, Spectrum):
        head = "frequency [Hz];Re(Z) [ohm];-Im(Z) [ohm]"
        table = np.column_stack([one.frequency, one.impedance.real, -one.impedance.imag])
    else:
        head = "time [s];potential [V];current [mA]"
        table = np.column_stack([one.time, one.potential, 1e3 * one.current])
    rows = "\n".join(";".join(f"{value:.7g}".replace(".", ",") for value in row) for row in table)
    path.write_text(f"{head}\n{rows}\n", encoding="utf-8")
    return path


def test_files_become_a_circuit_a_report_and_a_part(tmp_path: Path) -> None:
    records = measured(
        known_device(0.6, layers=_LAYERS),
        np.random.default_rng(7),
        rates=(0.02, 0.1),
        currents=(),
        points=120,
    )
    files = [str(_write(tmp_path, one)) for one in records]
    folder = tmp_path / "fit"
    options = ["--layers", str(_LAYERS), "--charge", "passed", "--area", "2 cm^2", "--temperature", "25 degC"]
    done = CliRunner().invoke(app, ["fit", *files, "-o", str(folder), *options, "--no-hold-out"])
    assert done.exit_code == 0, done.output
    assert "needs a charge-dependent resistance" in done.output
    content = json.loads((folder / "fit.json").read_text())
    assert content["format"] == "ionspice-fit/1"
    assert content["best"] == "NCM, charge passed"
    low, high = content["models"][0]["constants"]["gamma"]["interval_95"]
    assert low - 0.02 < 0.6 < high + 0.02
    assert len(content["law"]["relative_resistance"]) == len(content["law"]["band_95"])
    assert content["law"]["verdict"] in done.output
    slowest = content["files"][-1]["relaxation_times"]["peaks"][0]
    assert slowest["time"] == pytest.approx(LINE / np.pi**2, rel=0.3)  # of a line of 1 F
    record = read_circuit_record(folder / "circuit.json")
    assert record.extent.area == pytest.approx(2e-4)
    assert record.provenance.temperature == pytest.approx(298.15)
    assert circuit_of(record).resistance_zero.sum() == pytest.approx(LINE, rel=0.05)
    assert "<svg" in (folder / "report.html").read_text()
    done = CliRunner().invoke(app, ["export", str(folder), "--dialect", "kicad"])
    assert done.exit_code == 0, done.output
    assert (folder / f"ncm_{_LAYERS}.kicad.kicad_sym").is_file()
    assert "PWL" in (folder / f"ncm_{_LAYERS}.kicad.kicad_sch").read_text()
    assert "% rms at most against 3 measurements" in (folder / f"ncm_{_LAYERS}.kicad.lib").read_text()


def test_fits_at_two_temperatures_give_the_activation_of_the_line(tmp_path: Path) -> None:
    folders = []
    for celsius in (0.0, 50.0):
        device = known_device(0.0, layers=_LAYERS)
        factor = np.exp(18e3 / GAS_CONSTANT * (1 / (celsius + 273.15) - 1 / 298.15))
        device = replace(device, resistance_zero=device.resistance_zero * factor)
        place = tmp_path / f"{celsius:g}"
        place.mkdir()
        for one in measured(device, np.random.default_rng(3), rates=(0.02, 0.1), currents=(), points=100):
            _write(place, one)
        options = [
            "--layers",
            str(_LAYERS),
            "--charge",
            "passed",
            "--temperature",
            f"{celsius} degC",
            "--no-hold-out",
        ]
        options += [text for folder in folders for text in ("--other", str(folder))]
        folders.append(tmp_path / f"fit_{celsius:g}")
        done = CliRunner().invoke(app, ["fit", str(place), "-o", str(folders[-1]), *options])
        assert done.exit_code == 0, done.output
    assert "Rline is activated by" in done.output
    content = json.loads((folders[-1] / "activation.json").read_text())
    low, high = content["energy_interval_95"]
    assert low - 200 < 18e3 < high + 200
    assert content["tc1"] == pytest.approx(-content["energy"] / GAS_CONSTANT / 323.15**2)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--charge", "all"], "--charge all is not a choice"),
        (["--temperature", "warm"], "is no temperature above 0 K"),
        (["--area", "2 m"], "--area"),
    ],
)
def test_a_wrong_option_is_one_error(tmp_path: Path, options: list[str], message: str) -> None:
    done = CliRunner().invoke(app, ["fit", str(tmp_path), "-o", str(tmp_path / "fit"), *options])
    assert isinstance(done.exception, InputError)
    assert message in str(done.exception)


def test_an_empty_folder_is_one_error(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["fit", str(tmp_path), "-o", str(tmp_path / "fit")])
    assert isinstance(done.exception, InputError)
    assert "no measurement" in str(done.exception)
