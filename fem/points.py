"""Values of the unknowns at given points, the same on every rank."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ionspice.fem.mpi import MPI, dolfinx
from ionspice.fem.problem import FieldProblem


class PointReader:
    """Reads one problem's state at fixed points."""

    def __init__(self, problem: FieldProblem, points: NDArray[np.float64]) -> None:
        """Find the points' cells; `points` is (points, 2), in mesh units."""
        self._problem = problem
        self._points = np.column_stack([points, np.zeros(len(points))])
        mesh, geometry = problem.domain.mesh, dolfinx.geometry
        tree = geometry.bb_tree(mesh, 2, padding=1e-9)
        hits = geometry.compute_colliding_cells(
            mesh, geometry.compute_collisions_points(tree, self._points), self._points
        )
        cells = [hits.links(i)[0] if len(hits.links(i)) else -1 for i in range(len(points))]
        self._cells = np.array(cells, dtype=np.int32)

    def read(self) -> NDArray[np.float64]:
        """Return (points, components) of the present state; collective.

        Where several ranks hold a point the largest value counts, so that all agree on one.
        """
        values: Any = np.full((len(self._points), self._problem.components), -np.inf)
        found = self._cells >= 0
        if found.any():
            here = self._problem.u.eval(self._points[found], self._cells[found])
            values[found] = here.reshape(found.sum(), -1)
        self._problem.comm.Allreduce(MPI.IN_PLACE, values, op=MPI.MAX)
        return np.asarray(values)
