"""Nodal values that do not depend on how the mesh is spread over the ranks.

Nodes are recognised by their coordinates, which every partition of one mesh file shares.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from ionspice.core import InputError
from ionspice.fem.problem import FieldProblem


def gather_nodes(problem: FieldProblem, values: NDArray[np.float64]) -> tuple[Any, Any]:
    """Return the coordinates (nodes, 2) and values (nodes, components) of all nodes on rank 0, None elsewhere.

    Args:
        problem: whose numbering the values follow.
        values: this rank's unknowns, ghosts allowed behind the owned ones.
    """
    owned = values[: problem.owned].reshape(-1, problem.components)
    x = problem.space.tabulate_dof_coordinates()[: len(owned), :2]
    pieces = problem.comm.gather((x, owned), root=0)
    if pieces is None:
        return None, None
    return np.concatenate([p[0] for p in pieces]), np.concatenate([p[1] for p in pieces])


def scatter_nodes(problem: FieldProblem, x: NDArray[np.float64], values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return this rank's unknowns, ghosts included, from the values of all nodes.

    Raises:
        InputError: the nodes are not those of the problem's mesh.
    """
    wanted = problem.space.tabulate_dof_coordinates()[:, :2]
    return np.ravel(values[match_nodes(x, wanted)])


def match_nodes(x: NDArray[np.float64], wanted: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return for each wanted point the index of the node that lies there.

    Raises:
        InputError: a wanted point has no node within 1e-6 nm.
    """
    distance, index = cKDTree(x).query(wanted)
    if len(wanted) and distance.max() > 1e-6:
        raise InputError(
            f"the nodes differ from those of the mesh (by {distance.max():.3g} nm); "
            "start the run afresh without --restart"
        )
    return np.asarray(index, dtype=np.int64)
