"""A problem with a known answer, as pure NumPy so that every tool's own environment can make the same data."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

POINTS = 200

_FUNCTIONS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    **{
        name: getattr(np, name)
        for name in ("sin", "cos", "exp", "log", "sqrt", "arcsin", "tanh", "sinh", "cosh", "arcsinh")
    },
    "erf": np.vectorize(math.erf, otypes=[float]),
}

type Box = tuple[str, float, float]


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One formula with the box its variables are drawn from."""

    suite: str
    name: str
    #: Python text in the variables
    formula: str
    #: name, low and high of every variable
    box: tuple[Box, ...]
    #: whether y(0) = 0 is known beforehand
    through_origin: bool = False
    #: draws X of shape (200, variables) where that is not uniform in the box
    sample: Callable[[np.random.Generator], np.ndarray] | None = None

    @property
    def variables(self) -> list[str]:
        return [name for name, _, _ in self.box]

    def evaluate(self, X: np.ndarray) -> np.ndarray:
        columns = dict(zip(self.variables, X.T, strict=True))
        return np.asarray(eval(self.formula, {"__builtins__": {}}, {**_FUNCTIONS, "pi": np.pi, **columns}))

    def draw(self, seed: int, noise: float) -> tuple[np.ndarray, np.ndarray]:
        """Return X, shape (200, variables), and y with noise relative to its standard deviation."""
        rng = np.random.default_rng([seed, sum(map(ord, self.suite + self.name))])
        if self.suite == "law":
            X = np.linspace(1.0 / POINTS, 1.0, POINTS)[:, None]
        elif self.sample is not None:
            X = self.sample(rng)
        else:
            X = np.column_stack([rng.uniform(low, high, POINTS) for _, low, high in self.box])
        y = self.evaluate(X)
        return X, y + noise * np.std(y) * rng.normal(size=POINTS)


def made(suite: str, *laws: tuple[str, str, str]) -> tuple[Problem, ...]:
    """Return problems of one suite from name, formula and ranges such as "x 0 2, y 1 5"."""
    return tuple(
        Problem(suite=suite, name=name, formula=formula, box=tuple(map(_range, ranges.split(","))))
        for name, formula, ranges in laws
    )


def _range(text: str) -> Box:
    name, low, high = text.split()
    return name, float(low), float(high)
