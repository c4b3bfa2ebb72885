"""Windows, units and comments of circuits that come from a record alone."""

import re
from dataclasses import replace

import pytest

from ionspice.circuits import record_of, scaled_curve, uniform_circuit, write_circuit_record
from ionspice.circuits.model.record import Extent, Window
from ionspice.core.drives import potential_range
from ionspice.pipeline.cases.case import parse_case
from ionspice.pipeline.results.devices import learnt_window, warn_beyond


def record(*, odd=True, area=None):
    """Return the record of a stack of three sheets that was learnt from 0 to 0.11 V."""
    low = -0.11 if odd else 0.0
    capacitance, curve = scaled_curve([[1e-9]] * 2, [[0.05]] * 2, [[0.04]] * 2, [low] * 2, [0.11] * 2, odd=odd)
    circuit = uniform_circuit(
        layers=3,
        resistance=2.0,
        gamma=0.5,
        slit_charge=1e-10,
        slit_capacitance=float(capacitance[0]),
        open_resistance=1.0,
        open_capacitance=0.5e-9,
    )
    made = record_of(replace(circuit, slit_curve=curve))
    changes = {"window": Window(potential=(0.0, 0.11), slit_charge=(0.0, 1e-10))}
    return made.model_copy(update=changes | ({} if area is None else {"extent": Extent(area=area)}))


@pytest.fixture
def folder(tmp_path):
    write_circuit_record(tmp_path / "circuit.json", record())
    return tmp_path


def test_slits_of_one_curve_for_both_signs_were_learnt_for_both():
    assert learnt_window(record()) == (-0.11, 0.11)
    assert learnt_window(record(odd=False)) == (0.0, 0.11)
    assert learnt_window(record().model_copy(update={"window": None})) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('amplitude = "-0.2 V"', (-0.2, 0.0)),
        ('amplitude = "0.2 V"\nlower = "-0.1 V"', (-0.1, 0.2)),
        ('kind = "step"\namplitude = "0.2 V"\nduration = "1 us"', (0.0, 0.2)),
        ('kind = "sine"\namplitude = "0.2 V"\nfrequency = "1 MHz"', (-0.2, 0.2)),
        ('kind = "current"\ncurrent = "0.05 A/m"\nupper = "0.1 V"', (0.0, 0.1)),
    ],
)
def test_a_drive_reaches_its_least_and_largest_potential(text, expected):
    assert potential_range(parse_case(f"[drive]\n{text}\n").drive.build()) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(
    ("window", "reach", "told"),
    [
        ((0.0, 0.11), (0.0, 0.11), []),
        ((0.0, 0.11), (-0.1, 0.11), ["-0.1 V lies beyond the potentials from 0 to 0.11 V"]),
        ((-0.11, 0.11), (-0.3, 0.2), ["-0.3 V lies", "0.2 V lies"]),
        (None, (0.0, 9.0), []),
    ],
)
def test_beyond_the_window_there_is_a_warning_with_value_limit_and_remedy(caplog, window, reach, told):
    warn_beyond(window, reach)
    assert len(caplog.messages) == len(told)
    for message, words in zip(caplog.messages, told, strict=True):
        assert words in message
        assert "run the case with that window" in message


@pytest.mark.parametrize(
    ("command", "options"),
    [("eis", ["--bias", "0.2 V"]), ("simulate", ["--drive", "amplitude = 0.2 V"])],
)
def test_commands_warn_beyond_the_window(ionspice, folder, command, options):
    done = ionspice(command, folder, "--layers", 3, *options)
    assert done.returncode == 0, done.stderr
    assert "0.2 V lies beyond the potentials from -0.11 to 0.11 V" in done.stderr
    assert "lies beyond" not in ionspice(command, folder, "--layers", 3).stderr


@pytest.mark.parametrize(("area", "unit"), [(None, "A/m"), (1e-4, "A")])
def test_tables_have_the_units_of_what_the_record_is_of(ionspice, tmp_path, area, unit):
    write_circuit_record(tmp_path / "circuit.json", record(area=area))
    assert ionspice("simulate", tmp_path, "--layers", 3).returncode == 0
    assert ionspice("eis", tmp_path, "--layers", 3).returncode == 0
    (table,) = tmp_path.glob("circuit_*.csv")
    header = table.read_text().splitlines()[0]
    assert header == ",".join(
        ["time [s]", "electrode_potential [V]", f"electrode_current_NCM [{unit}]", f"electrode_current_TLM [{unit}]"]
    )
    impedance = {"A/m": "ohm m", "A": "ohm"}[unit]
    assert f"impedance_real [{impedance}]" in (tmp_path / "impedance_3.csv").read_text().splitlines()[0]


def test_a_coarse_part_tells_its_error_and_has_the_name_asked_for(ionspice, folder):
    options = ["--layers", 301, "--sections", 20, "--name", "STACK", "--area", "1 cm^2", "-o", folder / "stack.lib"]
    done = ionspice("export", folder, *options)
    assert done.returncode == 0, done.stderr
    text = (folder / "stack.lib").read_text()
    assert ".subckt STACK EL BULK\n" in text
    assert "error: 20 sections for 300 slits: estimated" in text
    assert "stack of 301 sheets" in text
    assert len(text) < 1000 * 21  # 200 sections: 200 kB


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--layers", 20, "--sections", "many"], "--sections many: give auto or a whole number from 2 on"),
        (["--layers", 20, "--sections", "1"], "--sections 1"),
        (["--layers", 20, "--name", "a b"], "no name for a circuit"),
        (["--name", "STACK"], "say which circuit with --layers"),
        (["--layers", 20, "--full-cell", "--ions"], "are for the ladder"),
        (["--layers", 20, "--series-resistance", "1 ohm*cm^2"], "add --full-cell"),
        (["--layers", 20, "--full-cell", "--series-resistance", "1 V"], "a resistance of a device or of an area"),
        (["--layers", 20, "--capacitance", "100 F", "--area", "1 m^2"], "give one of them"),
        (["--layers", 20, "--capacitance", "0 F"], "must be greater than 0"),
        (["--layers", 20, "--capacitance", "100 F", "--voltage", "-1 V"], "must be positive"),
        (["--layers", 20, "--capacitance", "100 F", "--ions"], "are for the ladder"),
        (["--layers", 20, "--full-cell", "--series-resistance", "-1 ohm*cm^2"], "must be zero or positive"),
        (["--layers", 20, "--noise", "--dialect", "xyce"], "'xyce' cannot write thermal noise"),
    ],
)
def test_export_refuses_what_it_cannot_do(ionspice, folder, options, told):
    done = ionspice("export", folder, *options)
    assert done.returncode == 2
    assert told in " ".join(done.stderr.split())


def test_a_full_cell_has_its_series_resistance_and_noise(ionspice, folder):
    options = [
        "--layers",
        3,
        "--full-cell",
        "--series-resistance",
        "2 ohm cm^2",
        "--noise",
        "-o",
        folder / "cell.lib",
    ]
    done = ionspice("export", folder, *options)
    assert done.returncode == 0, done.stderr
    text = (folder / "cell.lib").read_text()
    assert ".subckt NCM3CELL POS NEG" in text
    assert "Rser=0.0002" in text
    assert "Rnoise1 " in text


def test_a_device_has_the_capacitance_of_its_data_sheet(ionspice, folder):
    size = ["--capacitance", "100 F", "--voltage", "2.7 V", "--series-resistance", "5 mohm"]
    done = ionspice("export", folder, "--layers", 3, "--full-cell", *size, "-o", folder / "cell.lib")
    assert done.returncode == 0, done.stderr
    assert "1.35 V lies beyond the potentials from -0.11 to 0.11 V" in done.stderr
    text = (folder / "cell.lib").read_text()
    words = " ".join(text.replace("\n*", " ").split())
    assert "of the area as written: 100 F and " in words
    assert "J at 2.7 V; series resistance 0.005 ohm for slow currents" in words
    values = dict(re.findall(r"^\+ (area|Rser)=(\S+)$", text, flags=re.MULTILINE))
    assert float(values["Rser"]) / float(values["area"]) == pytest.approx(5e-3)
