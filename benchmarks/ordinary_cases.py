"""Sixty ordinary cases through `ionspice run`: which of them end with a report, and how far their circuits are off.

    python benchmarks/ordinary_cases.py DIR [number of cases] [at once]

All keys of the case file are drawn from a fixed seed within ranges that a laboratory has; what the case file refuses
is drawn again and counted. DIR keeps a folder for each case, with case.toml, log and report; a second call runs only
what is missing. Prints a table and the distribution of errors.
"""

import re
import subprocess
import sys
import tomllib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tomli_w

from ionspice.core import IonspiceError
from ionspice.pipeline.cases.case import read_case
from ionspice.pipeline.report.sections.circuit import model_errors
from ionspice.pipeline.results.files import read_run

SEED = 2026
CASES = 60
LIMIT = 1800.0  #: of one case [s]
INPUT, TABLE = "input.toml", "drive.csv"
MODELS = ("NCM", "TLM", "NCM, one rail per ion")

#: relative permittivity, thickness of a Stern layer at most [nm]
WATER, ACETONITRILE, MELT = (78.4, 0.4), (36.0, 0.4), (12.0, 0.0)
#: name, valence, diffusivity [1e-9 m^2/s], size [nm], number in a formula unit
Ions = tuple[tuple[str, int, float, float, float], ...]
SALTS: dict[str, tuple[tuple[float, float], Ions]] = {
    "KCl": (WATER, (("K+", 1, 1.96, 0.6, 1), ("Cl-", -1, 2.03, 0.6, 1))),
    "NaCl": (WATER, (("Na+", 1, 1.33, 0.6, 1), ("Cl-", -1, 2.03, 0.6, 1))),
    "LiCl": (WATER, (("Li+", 1, 1.03, 0.38, 1), ("Cl-", -1, 2.03, 0.33, 1))),
    "CaCl2": (WATER, (("Ca2+", 2, 0.79, 0.5, 1), ("Cl-", -1, 2.03, 0.5, 2))),
    "K2SO4": (WATER, (("K+", 1, 1.96, 0.5, 2), ("SO4--", -2, 1.06, 0.5, 1))),
    "KCl and HCl": (WATER, (("K+", 1, 1.96, 0.5, 0.8), ("H+", 1, 9.31, 0.5, 0.2), ("Cl-", -1, 2.03, 0.5, 1))),
    "TEA-BF4": (ACETONITRILE, (("TEA+", 1, 0.9, 0.68, 1), ("BF4-", -1, 1.6, 0.68, 1))),
    "EMIm-BF4": (MELT, (("EMIm+", 1, 0.05, 0.6, 1), ("BF4-", -1, 0.04, 0.6, 1))),
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a case ended."""

    name: str
    words: str  #: what it is
    status: int  #: exit status
    report: bool
    traceback: bool
    window: float  #: largest potential [V]
    errors: dict[str, float]  #: rms by model, share of the peak


def draw(rng: np.random.Generator, salt: str) -> tuple[dict[str, Any], str]:
    """Return the content of a case file, and of the table of its drive."""
    (permittivity, stern), ions = SALTS[salt]
    melt = salt == "EMIm-BF4"
    concentration = rng.uniform(3.0, 4.3) if melt else _between(rng, 1e-3, 1.5)
    sizes = [size for *_, size, _ in ions]
    slit = rng.uniform(max(0.8, 1.4 * max(sizes)), 4.0)
    stern_layer = rng.uniform(0.1, stern) if stern and rng.random() < 0.3 else 0.0
    length, layers = _between(rng, 5.0, 60.0), int(rng.choice([2, 3, 4, 6, 8, 12, 20]))
    case: dict[str, Any] = {
        "geometry": {
            "layers": layers,
            "slit": f"{slit:.3g} nm",
            "sheet_length": f"{length:.3g} nm",
            "sheet_thickness": f"{rng.uniform(0.3, 1.0):.2g} nm",
            "edge_gap": f"{rng.uniform(max(1.2, 1.5 * max(sizes)), 4.0):.2g} nm",
            "open_length": f"{_between(rng, 5.0, 40.0):.2g} nm",
            "counter": bool(rng.random() < 0.2),
        },
        "electrolyte": {
            "temperature": f"{rng.uniform(280, 340):.4g} K",
            "relative_permittivity": permittivity,
            "ion_diameter": f"{max(sizes)} nm",
            "correlation_length": f"{0.5 if melt else 0} nm",
            "species": [
                {
                    "name": name,
                    "valence": valence,
                    "diffusivity": f"{diffusivity}e-9 m^2/s",
                    "concentration": f"{share * concentration:.6g} mol/L",
                    "diameter": f"{size} nm",
                }
                for name, valence, diffusivity, size, share in ions
            ],
        },
        "electrode": {"stern_layer": f"{stern_layer:.2g} nm"},
        "discovery": {"charge": str(rng.choice(["passed", "passed", "stored"]))},
    }
    _balance(case["electrolyte"]["species"])
    # about what a gap takes to carry the charge of a slit, times the number of slits squared
    slowest = min(diffusivity for *_, diffusivity, _, _ in ions)
    relaxation = (length * 1e-9) * (layers * (slit + 0.34) * 1e-9) / (slowest * 1e-9)
    case["drive"], table = _drive(rng, relaxation, capacitance=0.1 * length * 1e-9 * layers)
    return case, table


def _between(rng: np.random.Generator, low: float, high: float) -> float:
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def _balance(species: list[dict[str, Any]]) -> None:
    """Make the bulk neutral to all digits that are written."""
    amounts = [float(one["concentration"].split()[0]) for one in species]
    others = sum(one["valence"] * c for one, c in zip(species[:-1], amounts[:-1], strict=True))
    species[-1]["concentration"] = f"{-others / species[-1]['valence']!r} mol/L"


def _drive(rng: np.random.Generator, relaxation: float, capacitance: float) -> tuple[dict[str, Any], str]:
    amplitude = float(rng.choice([1, 1, -1])) * _between(rng, 0.03, 1.0)
    period = relaxation * _between(rng, 0.3, 30.0)
    kind = str(rng.choice(["triangular"] * 4 + ["step", "sine", "current", "table"]))
    drive: dict[str, Any] = {"kind": kind, "amplitude": f"{amplitude:.3g} V"}
    if kind == "triangular":
        drive |= {"half_cycle": f"{period:.3g} s", "cycles": int(rng.choice([1, 1, 2]))}
        if rng.random() < 0.2:
            drive["lower"] = f"{-amplitude * rng.uniform(0.2, 1.0):.3g} V"
    elif kind == "step":
        drive["duration"] = f"{period:.3g} s"
    elif kind == "current":
        current = capacitance * abs(amplitude) / period
        drive = {"kind": kind, "current": f"{current:.3g} A/m", "upper": f"{abs(amplitude):.3g} V"}
    elif kind == "table":
        drive = {"kind": kind, "file": TABLE}
    else:
        drive |= {"frequency": f"{0.5 / period:.3g} Hz", "cycles": int(rng.choice([1, 2]))}
    points = zip((0.0, 0.4, 0.7, 1.2, 1.6, 2.2), (0.0, 1.0, 0.3, 0.3, 0.8, 0.0), strict=True)
    rows = "".join(f"{period * time:.6g},{amplitude * share:.6g}\n" for time, share in points)
    return drive, "time [s],potential [V]\n" + rows


def make(directory: Path, count: int) -> list[Path]:
    """Write the case files and return their folders."""
    rng, refused, folders = np.random.default_rng(SEED), 0, []
    while len(folders) < count:
        salt = str(rng.choice(list(SALTS)))
        content, table = draw(rng, salt)
        folder = directory / f"{len(folders):02d}"
        folder.mkdir(parents=True, exist_ok=True)
        if content["drive"]["kind"] == "table":
            (folder / TABLE).write_text(table, encoding="utf-8")
        (folder / INPUT).write_text(f"# {salt}\n{tomli_w.dumps(content)}", encoding="utf-8")
        try:
            read_case(folder / INPUT)
        except IonspiceError as error:
            refused += 1
            print(f"refused: {str(error).splitlines()[0]}")
            continue
        folders.append(folder)
    print(f"{count} cases, {refused} drawn again")
    return folders


def run(folder: Path) -> None:
    """Run a case, unless it ended before, and keep what it said."""
    log = folder / "log.txt"
    if log.exists() and log.read_text(encoding="utf-8").rstrip().rpartition("\n")[2].startswith("exit status"):
        return
    command = [
        sys.executable,
        "-m",
        "ionspice.pipeline.cli",
        "run",
        str(folder / INPUT),
        "-o",
        str(folder / "run"),
    ]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT, check=False)
        text, status = done.stdout + done.stderr, done.returncode
    except subprocess.TimeoutExpired as late:
        text, status = f"{late.stdout!r}\nran out of time", -1
    log.write_text(f"{text}\nexit status {status}\n", encoding="utf-8")


def outcome(folder: Path) -> Outcome:
    """Read how a case ended."""
    log = (folder / "log.txt").read_text(encoding="utf-8")
    text = (folder / INPUT).read_text(encoding="utf-8")
    content, report = tomllib.loads(text), (folder / "run" / "report.html").is_file()
    drive, geometry = content["drive"], content["geometry"]
    salt = text.partition("\n")[0].lstrip("# ")
    strength = content["electrolyte"]["species"][0]["concentration"]
    cell = ", full cell" if geometry["counter"] else ""
    window = read_case(folder / INPUT).drive.build().swing
    size = drive.get("amplitude", f"{window:.3g} V")
    errors = {}
    if report:
        errors = {model: error.rms for model, error in model_errors(read_run(folder / "run")).items()}
    return Outcome(
        name=folder.name,
        words=f"{salt} {float(strength.split()[0]):.2g} mol/L, {geometry['layers']} x {geometry['slit']}, "
        f"{drive['kind']} {size}{cell}",
        status=int(re.findall(r"exit status (-?\d+)", log)[-1]),
        report=report,
        traceback="Traceback" in log,
        window=window,
        errors=errors,
    )


def print_outcomes(outcomes: list[Outcome]) -> None:
    print("| case | exit | " + " | ".join(MODELS) + " |\n|---|---|" + "---|" * len(MODELS))
    for one in outcomes:
        shares = (f"{100 * one.errors[model]:.2f}" if model in one.errors else "" for model in MODELS)
        print(f"| {one.name} {one.words} | {one.status} | {' | '.join(shares)} |")
    print(f"\nreports: {sum(o.report for o in outcomes)} of {len(outcomes)}; raw tracebacks: ", end="")
    print(f"{sum(o.traceback for o in outcomes)}; exit status 0: {sum(o.status == 0 for o in outcomes)}")
    for low, high in ((0.0, 0.1), (0.1, 0.3), (0.3, 1.0), (0.0, 1.0)):
        chosen = [o for o in outcomes if low < o.window <= high and o.errors]
        for model in MODELS:
            shares = np.array([100 * o.errors[model] for o in chosen if model in o.errors])
            if shares.size:
                marks = np.percentile(shares, [50, 90, 100])
                print(
                    f"{low} to {high} V, {model}: {shares.size} cases, rms of the peak in per cent: "
                    f"median {marks[0]:.2f}, 9 of 10 below {marks[1]:.2f}, worst {marks[2]:.2f}"
                )


def main() -> None:
    directory = Path(sys.argv[1])
    count, at_once = (int(sys.argv[k]) if len(sys.argv) > k else value for k, value in ((2, CASES), (3, 2)))
    folders = make(directory, count)
    with ThreadPoolExecutor(at_once) as pool:
        list(pool.map(run, folders))
    print_outcomes([outcome(folder) for folder in folders])


if __name__ == "__main__":
    main()
