"""What each format may look like, read back as the numbers that were written."""

import struct
from pathlib import Path

import numpy as np
import pytest

from ionspice.circuits.measurements.reader import read_all, read_measurements
from ionspice.circuits.measurements.records import ChargeDischarge, Spectrum, Transient, Voltammogram
from ionspice.core import InputError

TIME = np.arange(8.0)
POTENTIAL = 0.1 * np.array([0, 1, 2, 3, 4, 3, 2, 1])
CURRENT = 1e-3 * np.array([0, 0.8, 0.9, 1, 1, -0.8, -0.9, -1])


def _written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def _rows(*columns: np.ndarray, delimiter: str = ",", mark: str = ".") -> str:
    lines = (delimiter.join(f"{value:.6g}".replace(".", mark) for value in row) for row in zip(*columns, strict=True))
    return "\n".join(lines) + "\n"


def _check(found: object, kind: type[Transient] = Voltammogram) -> None:
    assert type(found) is kind
    assert isinstance(found, Transient)
    np.testing.assert_allclose(found.time - found.time[0], TIME, atol=1e-9)
    np.testing.assert_allclose(found.potential, POTENTIAL, atol=1e-9)
    np.testing.assert_allclose(found.current, CURRENT, atol=1e-12)


@pytest.mark.parametrize(
    ("heading", "delimiter", "mark"),
    [
        ("time [s],potential [V],current [mA]", ",", "."),
        ("Time (s);WE(1).Potential (V);WE(1).Current (mA)", ";", ","),
        ("t/s\tE/V\tI/mA", "\t", ","),
        ("# time/s;voltage/V;current/mA", ";", "."),
        ("Name: cell 3\nDate: today\n\ntime [s],potential [V],current [mA]", ",", "."),
        ("time,potential,current\ns,V,mA", ",", "."),
    ],
)
def test_a_table_is_read_whatever_its_delimiter_and_decimal_mark(
    tmp_path: Path, heading: str, delimiter: str, mark: str
) -> None:
    body = _rows(TIME, POTENTIAL, 1e3 * CURRENT, delimiter=delimiter, mark=mark)
    (found,) = read_measurements(_written(tmp_path, "a.csv", f"{heading}\n{body}"))
    _check(found)


def test_autolab_spectrum_has_the_sign_of_its_heading(tmp_path: Path) -> None:
    text = "Index;Frequency (Hz);Z' (Ω);-Z'' (Ω);Z (Ω);-Phase (°);Time (s)\n" + _rows(
        np.arange(6.0), 10.0 ** np.arange(6), np.full(6, 3.5), np.arange(6.0), np.ones(6), np.ones(6), np.ones(6),
        delimiter=";", mark=",",
    )  # fmt: skip
    (found,) = read_measurements(_written(tmp_path, "nova.txt", text))
    assert isinstance(found, Spectrum)
    np.testing.assert_allclose(found.impedance, 3.5 - 1j * np.arange(5.0, -1, -1))


def test_gamry_with_decimal_commas_that_was_aborted(tmp_path: Path) -> None:
    table = np.column_stack([np.arange(8), TIME, POTENTIAL, CURRENT])
    rows = "".join("\t" + "\t".join(f"{v:.6g}".replace(".", ",") for v in row) + "\t..a\n" for row in table)
    text = (
        "EXPLAIN\nTAG\tCV\nAREA\tQUANT\t2,00000E+000\t&Area (cm^2)\nCURVE1\tTABLE\t500\n\tPt\tT\tVf\tIm\tOver\n"
        f"\t#\ts\tV vs. Ref.\tA\tbits\n{rows}\t8\t8,0\t0,0"
        "\nEXPERIMENTABORTED\tTOGGLE\tT\tExperiment Aborted\n"
    )
    (found,) = read_measurements(_written(tmp_path, "cv.DTA", text))
    _check(found)
    assert found.area == pytest.approx(2e-4)


def test_ec_lab_text_with_decimal_commas(tmp_path: Path) -> None:
    body = _rows(TIME, POTENTIAL, 1e3 * CURRENT, delimiter="\t", mark=",")
    text = f"EC-Lab ASCII FILE\nNb header lines : 4\n\ntime/s\tEwe/V\t<I>/mA\n{body}"
    (found,) = read_measurements(_written(tmp_path, "cv.mpt", text))
    _check(found)


def test_ec_lab_text_whose_header_was_cut(tmp_path: Path) -> None:
    text = f"EC-Lab ASCII FILE\n\ntime/s\tEwe/V\t<I>/mA\n{_rows(TIME, POTENTIAL, 1e3 * CURRENT, delimiter=chr(9))}"
    (found,) = read_measurements(_written(tmp_path, "cv.mpt", text))
    _check(found)


def _module(short: str, version: int, data: bytes) -> bytes:
    header = short.ljust(10).encode() + short.ljust(25).encode()
    return b"MODULE" + header + struct.pack("<II", len(data), version) + b"01/02/26" + data


def _binary(dtype: list[tuple[int, str]], columns: list[np.ndarray]) -> bytes:
    table = np.rec.fromarrays(columns, dtype=np.dtype([(str(number), code) for number, code in dtype]))
    head = struct.pack("<IB", len(table), len(dtype)) + struct.pack(f"<{len(dtype)}H", *(n for n, _ in dtype))
    magic = b"BIO-LOGIC MODULAR FILE\x1a".ljust(48) + b"\0\0\0\0"
    data = head.ljust(405, b"\0") + table.tobytes()
    return magic + _module("VMP Set", 0, b"") + _module("VMP data", 2, data)


def test_ec_lab_binary_by_galvani(tmp_path: Path) -> None:
    pytest.importorskip("galvani")
    path = tmp_path / "cv.mpr"
    path.write_bytes(_binary([(4, "<f8"), (6, "<f4"), (8, "<f4")], [TIME, POTENTIAL, 1e3 * CURRENT]))
    (found,) = read_measurements(path)
    assert isinstance(found, Voltammogram)
    np.testing.assert_allclose(found.current, CURRENT, rtol=1e-6)


def test_ec_lab_binary_that_was_cut_says_so(tmp_path: Path) -> None:
    pytest.importorskip("galvani")
    path = tmp_path / "cv.mpr"
    whole = _binary([(4, "<f8"), (6, "<f4"), (8, "<f4")], [TIME, POTENTIAL, 1e3 * CURRENT])
    path.write_bytes(whole[:-20])
    with pytest.raises(InputError, match=r"cannot read .*cv\.mpr.*export it as text"):
        read_measurements(path)


def test_chi_voltammogram_has_the_time_of_its_scan_rate(tmp_path: Path) -> None:
    text = (
        "Feb. 20, 2026   15:55:08\nCyclic Voltammetry\nInstrument Model:  CHI660E\n\nInit E (V) = 0\n"
        f"Scan Rate (V/s) = 0.1\n\nPotential/V, Current/A\n\n{_rows(POTENTIAL, CURRENT, delimiter=', ')}"
    )
    (found,) = read_measurements(_written(tmp_path, "cv.txt", text))
    _check(found)


def test_chi_chronopotentiogram_has_the_currents_of_its_header(tmp_path: Path) -> None:
    time = np.arange(40.0)
    potential = np.where(time < 20, 0.01 * time, 0.2 - 0.01 * (time - 20))
    text = (
        "Feb. 20, 2026   15:55:08\nChronopotentiometry\nInstrument Model:  CHI660E\n\nCathodic Current (A) = 0.002\n"
        f"Anodic Current (A) = 0.002\n\nTime/sec, Potential/V\n\n{_rows(time, potential, delimiter=', ')}"
    )
    (found,) = read_measurements(_written(tmp_path, "cp.txt", text))
    assert isinstance(found, ChargeDischarge)
    np.testing.assert_allclose(found.current[[5, 35]], [0.002, -0.002])


def test_corrware_currents_are_of_the_area(tmp_path: Path) -> None:
    body = _rows(POTENTIAL, CURRENT / 2, TIME, delimiter="\t")
    text = f"CORRW ASCII\n  Surface Area: 2\nE(V)\ti(A/cm^2)\tT(s)\nEnd Comments\n{body}"
    (found,) = read_measurements(_written(tmp_path, "cv.cor", text))
    _check(found)


def test_versastudio_tells_transient_and_spectrum_apart(tmp_path: Path) -> None:
    zeros, ones = np.zeros(8), np.ones(8)
    first = _rows(zeros, TIME, POTENTIAL, CURRENT, TIME, zeros, zeros, zeros)
    second = _rows(ones, TIME, zeros, zeros, 8 + TIME, 10.0 ** np.arange(8), 2 + zeros, -3 + zeros)
    head = "Type=2\nDefinition=Segment #, Point #, E(V), I(A), Elapsed Time(s), Frequency(Hz), Z Real, Z Imag\n"
    text = f"<Segment1>\n{head}{first}</Segment1>\n<Segment2>\n{head}{second}</Segment2>\n"
    transient, spectrum = read_measurements(_written(tmp_path, "a.par", text))
    _check(transient)
    assert isinstance(spectrum, Spectrum)
    np.testing.assert_allclose(spectrum.impedance, 2 - 3j)


def test_what_was_prescribed_is_told_from_the_curve(tmp_path: Path) -> None:
    time = np.linspace(0, 10, 101)
    current = np.where(time <= 5, 1e-3, -1e-3)
    potential = 0.2 * np.sqrt(np.where(time <= 5, time, 10 - time) + 0.1)
    text = f"time [s],voltage [V],current [A]\n{_rows(time, potential, current)}"
    (found,) = read_measurements(_written(tmp_path, "gcd.csv", text))
    assert isinstance(found, ChargeDischarge)


def test_currents_of_the_other_sign_are_turned(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    text = f"time [s],potential [V],current [A]\n{_rows(TIME, POTENTIAL, -CURRENT)}"
    (found,) = read_measurements(_written(tmp_path, "a.csv", text))
    _check(found)
    assert "sign is changed" in caplog.text


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"\0\1\2" * 50, "is binary"),
        (b"alpha,beta\n1,2\n", "no line that names the columns"),
        (b"time [s],potential [V]\n0,1\n", "no line that names the columns"),
        (b"time [s],potential [V],current [A]\n0,1,2\n", "1 complete rows, at least 5"),
        (b"time [s],potential [V],current [quux]\n0,1,2\n", "unknown unit 'quux'"),
    ],
)
def test_what_is_no_measurement_is_one_clear_error(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=message):
        read_measurements(path)


def test_a_folder_stands_for_what_can_be_read_in_it(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    _written(tmp_path, "a.csv", f"time [s],potential [V],current [A]\n{_rows(TIME, POTENTIAL, CURRENT)}")
    _written(tmp_path, "notes.txt", "a word\n")
    assert len(read_all([tmp_path])) == 1
    assert "notes.txt" in caplog.text
