"""Exact data: the nonlinear ladder integrated to round-off, with resistances known in advance."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from scipy.integrate import solve_ivp


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    """Series R_i(Q_i) = resistance (1 - slope Q_i) with a capacitance in every slit, swept to `amplitude`."""

    slits: int = 5
    resistance: float = 0.25  # ohm m
    relative_loss: float = 0.4  # of R over the charge that the first gap passes
    capacitance: float = 2e-8  # F/m
    amplitude: float = 0.11  # V
    half_cycle: float = 750e-9  # s

    @property
    def slope(self) -> float:
        """dR/dQ over -R in m/C."""
        return self.relative_loss / (self.slits * self.capacitance * self.amplitude)

    def solve(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return time (n,), node potentials (n, slits + 1) and passed charge (n, slits), charging half."""
        time = np.linspace(0.0, self.half_cycle, 201)

        def rate(t: float, stored: np.ndarray) -> np.ndarray:
            passed = np.cumsum(stored[::-1])[::-1]
            current = -np.diff(self._nodes(t, stored)) / (self.resistance * (1.0 - self.slope * np.abs(passed)))
            return current - np.append(current[1:], 0.0)

        scale = self.capacitance * self.amplitude
        solution = solve_ivp(
            rate, (0.0, self.half_cycle), np.zeros(self.slits), "Radau", time, rtol=1e-10, atol=1e-13 * scale
        )
        stored = solution.y.T
        nodes = np.array([self._nodes(t, q) for t, q in zip(time, stored, strict=True)])
        return time, nodes, np.cumsum(stored[:, ::-1], axis=1)[:, ::-1]

    def _nodes(self, t: float, stored: np.ndarray) -> np.ndarray:
        drive = self.amplitude * t / self.half_cycle
        return np.append(0.0, drive + stored / self.capacitance)

    def gamma(self, passed: np.ndarray) -> np.ndarray:
        """Return the share of R lost at the largest charge of every element."""
        return self.slope * np.max(np.abs(passed), axis=0)


def write_ladder(path: Path, ladder: Ladder) -> np.ndarray:
    """Write the ladder as observables.nc, discharge included, and return the passed charge of the charging half."""
    time, nodes, passed = ladder.solve()
    stored = passed - np.hstack([passed[:, 1:], np.zeros((time.size, 1))])

    def mirrored(values: np.ndarray) -> np.ndarray:
        return np.concatenate([values, values[-2::-1]])

    both = np.concatenate([time, 2.0 * time[-1] - time[-2::-1]])
    slit = np.arange(1, ladder.slits + 1)
    dataset = xr.Dataset(
        {
            "passed_charge": (("time", "slit"), mirrored(passed)),
            "slit_charge": (("time", "slit"), mirrored(stored)),
            "slit_conduction_potential": (("time", "slit"), mirrored(nodes[:, 1:])),
            "slit_potential": (("time", "slit"), mirrored(2.0 * nodes[:, 1:])),
            "mouth_conduction_potential": ("time", mirrored(nodes[:, 0])),
            "mouth_potential": ("time", mirrored(2.0 * nodes[:, 0])),
        },
        coords={"time": both, "slit": slit},
        attrs={"charging_end": time[-1], "strip_width": 6e-9, "case": ""},
    )
    dataset.to_netcdf(path, engine="h5netcdf")
    return passed


@pytest.fixture(scope="session")
def ladder() -> Ladder:
    return Ladder()


@pytest.fixture(scope="session")
def ladder_run(tmp_path_factory: pytest.TempPathFactory, ladder: Ladder) -> tuple[Path, np.ndarray]:
    """Return the ladder's observables.nc and its passed charge, shape (n, slits)."""
    path = tmp_path_factory.mktemp("ladder") / "observables.nc"
    return path, write_ladder(path, ladder)
