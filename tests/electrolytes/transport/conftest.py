"""Salts that are made up, so that the answer is known."""

import numpy as np
import pytest

from ionspice.electrolytes.analysis.trajectory import Trajectory


@pytest.fixture
def rng():
    return np.random.default_rng(30)


@pytest.fixture
def salt(rng):
    """Return a maker of salts whose ions walk at random from a lattice."""

    def make(*, frames, pairs, edge, step=0.0, interval=1.0, cells=None, together=0.0):
        """Walk; `together` is the share of a step that each cation has in common with its anion."""
        side = int(np.ceil((2 * pairs) ** (1 / 3)))
        places = np.stack(np.meshgrid(*[np.arange(side)] * 3, indexing="ij"), axis=-1).reshape(-1, 3)[: 2 * pairs]
        steps = step * rng.standard_normal((frames, 2 * pairs, 3))
        shared = step * np.tile(rng.standard_normal((frames, pairs, 3)), (1, 2, 1))
        steps = np.sqrt(1 - together) * steps + np.sqrt(together) * shared
        steps[0] = edge / side * places
        positions = np.cumsum(steps, axis=0)
        return Trajectory(
            times=np.arange(frames) * interval,
            positions=positions,
            cells=np.broadcast_to(np.diag([edge] * 3), (frames, 3, 3)).copy() if cells is None else cells,
            elements=np.array(["Na"] * pairs + ["Cl"] * pairs),
            masses=np.array([22.99] * pairs + [35.45] * pairs),
            molecules=np.arange(2 * pairs),
        )

    return make
