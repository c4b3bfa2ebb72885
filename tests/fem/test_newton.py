"""What makes factors last."""

import numpy as np

from ionspice.fem import Electrolyte, SolverSettings, TriangularDrive
from ionspice.fem.domain import read_domain
from ionspice.fem.mpi import MPI
from ionspice.fem.problem import FieldProblem
from ionspice.fem.stepping import march, start


def cycled(mesh, *, scaled):
    """Return the problem after a cycle, with residuals scaled for old factors or not."""
    problem = FieldProblem(read_domain(mesh, MPI.COMM_SELF), Electrolyte())
    if not scaled:
        problem.newton.row_sizes = None
    for _ in march(problem, TriangularDrive(), SolverSettings(), start(problem)):
        pass
    return problem


def test_scaled_residuals_make_factors_last(small_mesh):
    """Less work, of which new factors are worth seven iterations, and the same fields."""
    scaled, plain = (cycled(small_mesh, scaled=scaled) for scaled in (True, False))
    work = [problem.newton.linear_solves + 7 * problem.newton.factorisations for problem in (scaled, plain)]
    assert work[0] < 0.97 * work[1]
    np.testing.assert_allclose(scaled.state(), plain.state(), atol=1e-8)
