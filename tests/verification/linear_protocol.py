"""The linear cell under a protocol, by finite volumes in space and matrix exponentials in time.

Between a blocking electrode at x = 0 and a reservoir at x = L, equal diffusivities D and small potentials,

    d rho/dt = D (rho'' + kappa^2 eps phi''),   eps phi'' = -rho,   no flux at 0,   rho = phi = 0 at L

is linear in rho and in what is prescribed, the potential V or the charge Q of the electrode, each a straight line in
time in every leg. Nothing is shared with the solver: neither equations in w, nor elements, nor time steps.
"""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import expm
from scipy.optimize import brentq


@dataclass(frozen=True)
class Moment:
    """Where a leg has ended; charge [C/m^2]."""

    time: float
    potential: float
    charge: float


class LinearCell:
    """Charge densities of cells, and their course under straight lines of V or Q."""

    def __init__(self, *, permittivity, debye_length, diffusivity, length, cells=160):
        nodes = length * np.sinh(6 * np.linspace(0, 1, cells + 1)) / np.sinh(6)
        spacing = np.diff(nodes)
        # shares of the length that belong to the nodes, the last one (in the bulk) left out
        volume = np.convolve(spacing, [0.5, 0.5])[:-1]
        difference = np.zeros((cells, cells))  # (difference f)_i is the outflow -(f')A of node i, f = 0 at L
        for i in range(cells):
            difference[i, i] += 1 / spacing[i]
            if i + 1 < cells:
                difference[i, i + 1] -= 1 / spacing[i]
                difference[i + 1, i] -= 1 / spacing[i]
                difference[i + 1, i + 1] += 1 / spacing[i]
        field = np.linalg.inv(permittivity * difference)  # phi of charges at the nodes, C/m^2
        self._potential_of_charge = field[0, 0]
        self._potential_of_density = field[0] * volume
        drift = permittivity / debye_length**2
        # by charge: phi = field (volume rho + Q e_0)
        flux = -diffusivity / volume[:, None] * difference
        self._by_charge = flux @ (np.eye(cells) + drift * field * volume)
        self._push_by_charge = flux @ (drift * field[:, 0])
        # by potential: Q = (V - field_0 . volume rho) / field_00
        share = self._potential_of_density / self._potential_of_charge
        self._by_potential = self._by_charge - np.outer(self._push_by_charge, share)
        self._push_by_potential = self._push_by_charge / self._potential_of_charge
        self.density, self.moment = np.zeros(cells), Moment(0.0, 0.0, 0.0)

    def sweep(self, target, rate):
        """Run to a potential."""
        duration = abs(target - self.moment.potential) / rate
        slope = (target - self.moment.potential) / duration
        self._go(duration, potential=(self.moment.potential, slope))

    def hold(self, longest, until):
        """Stay until the current [A/m^2] is small or the time is over."""
        at = self.moment.potential

        def excess(time):
            density = self._evolved(time, potential=(at, 0.0))
            return abs(self._current(density, at)) - until

        duration = longest if excess(longest) > 0 else brentq(excess, 0.0, longest, rtol=1e-12)
        self._go(duration, potential=(at, 0.0))

    def rest(self, duration):
        """Let no current flow."""
        self._go(duration, charge=(self.moment.charge, 0.0))

    def discharge(self, current, target, longest):
        """Run down to a potential at a current [A/m^2]."""
        course = (self.moment.charge, -current)

        def excess(time):
            density = self._evolved(time, charge=course)
            return self._potential(density, course[0] - current * time) - target

        self._go(brentq(excess, 0.0, longest, rtol=1e-12), charge=course)

    def _go(self, duration, *, potential=None, charge=None):
        self.density = self._evolved(duration, potential=potential, charge=charge)
        if potential is not None:
            at = potential[0] + potential[1] * duration
            held = (at - self._potential_of_density @ self.density) / self._potential_of_charge
        else:
            held = charge[0] + charge[1] * duration
            at = self._potential(self.density, held)
        self.moment = Moment(self.moment.time + duration, at, held)

    def _evolved(self, duration, *, potential=None, charge=None):
        """Return the densities after a time under value + slope t."""
        course = potential or charge
        matrix = self._by_potential if potential else self._by_charge
        push = self._push_by_potential if potential else self._push_by_charge
        size = len(self.density)
        whole = np.zeros((size + 2, size + 2))
        whole[:size, :size], whole[:size, size], whole[size, size + 1] = matrix, push, 1.0
        start = np.concatenate([self.density, course])
        return (expm(whole * duration) @ start)[:size]

    def _potential(self, density, charge):
        return self._potential_of_density @ density + self._potential_of_charge * charge

    def _current(self, density, potential):
        rates = self._by_potential @ density + self._push_by_potential * potential
        return -self._potential_of_density @ rates / self._potential_of_charge
