"""How far tests are from the exact answers that they assert: the rows of docs/verification.md that tests measure.

python benchmarks/measured_tests.py            prints the rows; about a minute on one core
"""

import os
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[1]

#: what is compared, the test and the tolerance with which it compares it
ROWS = (
    (
        "potential and charge of a slit with overlapping double layers",
        "test_potential_and_charge_agree_to_a_tenth_of_a_percent",
        1e-3,
    ),
    (
        "sweep, hold, rest, discharge, repeated, in the linear cell",
        "test_every_step_ends_when_and_where_it_does_in_the_linear_cell",
        5e-3,
    ),
    ("Grahame's equation for a charged wall, -0.3 to 0.1 C/m^2", "test_a_charged_wall_obeys_grahame", 2e-3),
    (
        "Grahame's equation for charge behind a Stern layer",
        "test_charge_fixed_behind_a_stern_layer_obeys_grahame",
        3e-3,
    ),
    ("solids in series with a double layer, with and without charge", "test_solids_are_capacitors_in_series", 2e-3),
    ("neutral solute crowded out by a double layer", "test_a_neutral_solute", 2e-3),
    (
        "plates of hard spheres (Carnahan-Starling, BMCSL) and at volume ratios of 19",
        "test_charge_of_a_plate_agrees_with_quadrature",
        2e-3,
    ),
    ("plate in a solvent of Booth's permittivity", "test_charge_of_a_plate_in_a_solvent_that_saturates", 2e-3),
    (
        "Nernst's potential at open circuit, Fe3+/2+ and Cu2+/Cu",
        "test_at_open_circuit_the_potential_is_nernsts",
        1e-3,
    ),
    ("limiting current F D c/L of a neutral reactant", "test_the_limiting_current_is_that_of_diffusion", 2e-3),
    (
        "rate of a slow reaction behind Gouy-Chapman-Stern's layer (Frumkin)",
        "test_a_slow_reaction_sees_the_double_layer_as_frumkin_says",
        3e-3,
    ),
    (
        "limiting current of a reaction layer of 69 and 6.9 nm before an electrode",
        "test_the_limiting_current_is_that_of_the_reaction_layer",
        5e-3,
    ),
    (
        "self-discharge by a leakage of Ohm and an exponential one",
        "test_a_leaking_electrode_discharges_as_its_capacitor_does",
        3e-3,
    ),
    (
        "reversal potential of Goldman, two salts of one concentration",
        "test_two_salts_of_one_concentration_are_at_goldmans_potential",
        1e-3,
    ),
    ("reversal potential of Henderson, one salt", "test_one_salt_is_at_hendersons_potential", 3e-3),
    (
        "reversal potential of Teorell, Meyer and Sievers, charged slit",
        "test_a_charged_slit_is_at_the_potential_of_teorell_meyer_and_sievers",
        5e-3,
    ),
    ("current through a charged cone that rectifies, both signs", "test_a_charged_cone_rectifies", 5e-3),
    (
        "conduction and displacement current through any cut, of the peak",
        "test_every_cut_carries_the_electrode_current",
        1e-8,
    ),
    ("ions behind any cut against their flux, of the peak", "test_ions_behind_a_cut_change_by_their_flux", 1e-8),
)
FILES = (
    *(f"fem/test_{name}.py" for name in ("surfaces", "excess", "equilibrium_plate")),
    *(f"fem/chemistry/test_{name}.py" for name in ("electrodes", "homogeneous")),
    "fem/test_two_reservoirs.py",
    *(f"verification/test_{name}.py" for name in ("equilibrium_slit", "protocol", "invariants")),
)


class Recorder:
    """A plugin of pytest that keeps the deviations of what `pytest.approx` compares."""

    def __init__(self) -> None:
        #: largest relative deviation by test and tolerance
        self.found: dict[tuple[str, float | None], float] = defaultdict(float)
        self._test = ""

    def pytest_runtest_setup(self, item: Any) -> None:
        """Remember which test runs."""
        self._test = item.originalname or item.name

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Keep what tests record themselves."""
        for name, value in report.user_properties:
            if name == "error" and report.when == "call":
                self.found[(self._test, None)] = max(self.found[(self._test, None)], float(value))

    def approx(self, expected: Any, rel: float | None = None, **options: Any) -> "Recorded":
        """Stand in for `pytest.approx`."""
        return Recorded(self, _approx(expected, rel=rel, **options), expected, rel)

    def keep(self, actual: Any, expected: Any, rel: float | None) -> None:
        """Keep a deviation of numbers."""
        numbers = np.asarray(expected, dtype=float)
        if rel is not None and np.abs(numbers).max() > 0:
            away = float((np.abs(np.asarray(actual, dtype=float) - numbers) / np.abs(numbers).max()).max())
            key = (self._test, rel)
            self.found[key] = max(self.found[key], away)


class Recorded:
    """An approximate number that tells how far from it others are."""

    __array_ufunc__ = None
    __array_priority__ = 100
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, recorder: Recorder, wanted: Any, expected: Any, rel: float | None) -> None:
        self._recorder, self._wanted, self._expected, self._rel = recorder, wanted, expected, rel

    def __eq__(self, actual: object) -> bool:
        """Compare as pytest does."""
        self._recorder.keep(actual, self._expected, self._rel)
        return bool(self._wanted == actual)


_approx = pytest.approx


def measured_rows() -> list[str]:
    """Run the tests and return the rows of the table."""
    sys.path.insert(0, str(ROOT))  # for `tests`
    recorder = Recorder()
    pytest.approx = recorder.approx  # type: ignore[assignment]
    names = " or ".join(test for _, test, _ in ROWS)
    files = [str(ROOT / "tests" / name) for name in FILES]
    pytest.main(["-q", "-k", names, "-p", "no:cacheprovider", *files], plugins=[recorder])
    rows = []
    for title, test, tolerance in ROWS:
        found = [value for (name, rel), value in recorder.found.items() if test in name and rel in (tolerance, None)]
        rows.append(
            f"| {title} | {max(found):.1e} | {tolerance:g} |" if found else f"| {title} | not run | {tolerance:g} |"
        )
    return rows


if __name__ == "__main__":
    print("\n".join(measured_rows()))
