"""Strogatz' set of ordinary differential equations, with trajectories made by integration here.

Seven systems of two variables of Nonlinear Dynamics and Chaos (1994), as La Cava, Danai and Spector use them (Eng.
Appl. Artif. Intell. 55, 292, 2016): from four starts every state on the way is a row, its derivative the target.
"""

from collections.abc import Callable

import numpy as np
from discovery_problem import POINTS, Problem

_STARTS = 4
_STEPS_BETWEEN = 20

#: of every system dx/dt, dy/dt, ranges of the starts in x and y, time
_SYSTEMS: dict[str, tuple[str, str, tuple[float, float], tuple[float, float], float]] = {
    "bacterial respiration": (
        "20 - x - x*y/(1 + 0.5*x**2)", "10 - x*y/(1 + 0.5*x**2)", (2.0, 12.0), (2.0, 12.0), 6.0,
    ),
    "bar magnets": ("0.5*sin(x - y) - sin(x)", "0.5*sin(y - x) - sin(y)", (0.5, 6.0), (0.5, 6.0), 6.0),
    "glider": ("-0.05*x**2 - sin(y)", "x - cos(y)/x", (2.0, 8.0), (-1.0, 1.0), 5.0),
    "Lotka-Volterra": ("3*x - 2*x*y - x**2", "2*y - x*y - y**2", (0.5, 5.0), (0.5, 5.0), 4.0),
    "predator and prey": ("x*(4 - x - y/(1 + x))", "y*(x/(1 + x) - 0.075*y)", (1.0, 8.0), (1.0, 12.0), 8.0),
    "shear flow": ("cos(x)*cos(y)/sin(y)", "(cos(y)**2 + 0.1*sin(y)**2)*sin(x)", (-2.5, 2.5), (0.4, 1.4), 4.0),
    "van der Pol": ("10*(y - (x**3 - x)/3)", "-x/10", (-2.0, 2.0), (-1.0, 1.0), 15.0),
}  # fmt: skip


def _trajectories(name: str) -> Callable[[np.random.Generator], np.ndarray]:
    first, second, *ranges, time = _SYSTEMS[name]
    slopes = [Problem(suite="", name="", formula=text, box=(("x", 0, 1), ("y", 0, 1))) for text in (first, second)]

    def rates(states: np.ndarray) -> np.ndarray:
        return np.column_stack([np.broadcast_to(one.evaluate(states), len(states)) for one in slopes])

    def sample(rng: np.random.Generator) -> np.ndarray:
        states = np.column_stack([rng.uniform(low, high, _STARTS) for low, high in ranges])
        step = time / (POINTS // _STARTS) / _STEPS_BETWEEN
        rows = []
        for number in range(POINTS // _STARTS * _STEPS_BETWEEN):
            if number % _STEPS_BETWEEN == 0:
                rows.append(states)
            k1 = rates(states)
            k2 = rates(states + 0.5 * step * k1)
            k3 = rates(states + 0.5 * step * k2)
            k4 = rates(states + step * k3)
            states = states + step / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4)
        return np.concatenate(rows)

    return sample


def _problem(name: str, number: int) -> Problem:
    _, _, x, y, _ = _SYSTEMS[name]
    return Problem(
        suite="strogatz",
        name=f"{name} {'xy'[number]}",
        formula=_SYSTEMS[name][number],
        box=(("x", *x), ("y", *y)),
        sample=_trajectories(name),
    )


STROGATZ = tuple(_problem(name, number) for name in _SYSTEMS for number in (0, 1))
