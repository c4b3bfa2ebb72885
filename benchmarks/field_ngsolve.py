"""One Newton iteration of the mPNP equations in NGSolve; run by field_speed.py in an environment of its own.

Reads a step's problem (vertices, quadrilaterals, fixed unknowns, start state, numbers of the equations) from the .npz
that field_speed.py wrote, iterates Newton's method from the same state, and writes times and the converged state.
"""

import json
import sys
import time

import netgen.meshing as nm
import ngsolve as ng
import numpy as np

source, target = sys.argv[1:]
data = np.load(source)
points, quads = data["points"], data["quads"]

mesh = nm.Mesh(dim=2)
numbers = [mesh.Add(nm.MeshPoint(nm.Pnt(x, y, 0))) for x, y in points]
mesh.Add(nm.FaceDescriptor(surfnr=1, domin=1, bc=1))
for quad in quads:
    a, b, c, d = points[quad]
    turn = (b[0] - a[0]) * (d[1] - a[1]) - (b[1] - a[1]) * (d[0] - a[0])
    mesh.Add(nm.Element2D(1, [numbers[i] for i in (quad if turn > 0 else quad[::-1])]))
mesh = ng.Mesh(mesh)

one = ng.H1(mesh, order=1)
space = one * one * one
(w1, w2, phi), tests = space.TrialFunction(), space.TestFunction()
n = len(points)
valence, diffusivity, bulk = data["valence"], data["diffusivity"], data["bulk"]
nu, coupling, rate, poisson_scale = (float(data[key]) for key in ("nu", "coupling", "rate", "poisson_scale"))

boltzmann = [float(c0) * ng.exp(w - float(z) * phi) for c0, w, z in zip(bulk, (w1, w2), valence, strict=True)]
crowding = 1 - nu + nu * (boltzmann[0] + boltzmann[1])
c = [b / crowding for b in boltzmann]
rule = ng.IntegrationRule([tuple(p) for p in data["rule_points"]], list(data["rule_weights"]))
measure = ng.dx(intrules={ng.QUAD: rule})
form = ng.BilinearForm(space)
charge = sum(float(z) * ci for z, ci in zip(valence, c, strict=True))
for ci, w, d, v, c0 in zip(c, (w1, w2), diffusivity, tests[:2], bulk, strict=True):
    trace = float(data["trace"] * c0)
    form += (rate * (ci + trace * w) * v + float(d) * (ci + trace) * ng.grad(w) * ng.grad(v)) * measure
form += poisson_scale * (ng.grad(phi) * ng.grad(tests[2]) - coupling * charge * tests[2]) * measure

free = ng.BitArray(space.ndof)
free.Set()
for i in np.flatnonzero(data["fixed"].ravel(order="F")):
    free.Clear(int(i))
state = ng.GridFunction(space)
residual, update = state.vec.CreateVector(), state.vec.CreateVector()
load = data["history"].ravel(order="F")
free_mask = np.array([free[i] for i in range(space.ndof)])

times, norms = {"residual": [], "jacobian": [], "factor": [], "solve": []}, []


def timed(name, function):
    begin = time.process_time()
    result = function()
    times[name].append(time.process_time() - begin)
    return result


solver = "umfpack"  # the direct solver for unsymmetric systems in the wheel
for _ in range(3):
    state.vec.FV().NumPy()[:] = data["state"].ravel(order="F")
    norms = []
    for _iteration in range(4):
        timed("residual", lambda: form.Apply(state.vec, residual))
        residual.FV().NumPy()[:] += load
        norms.append(float(np.linalg.norm(residual.FV().NumPy()[free_mask])))
        timed("jacobian", lambda: form.AssembleLinearization(state.vec))
        inverse = timed("factor", lambda: form.mat.Inverse(free, inverse=solver))
        update.data = timed("solve", lambda solve=inverse: (solve * residual).Evaluate())
        state.vec.data -= update
best = {name: min(values) for name, values in times.items()}
np.savez(target, state=state.vec.FV().NumPy().reshape(3, n).T, norms=norms, solver=solver, times=json.dumps(best))
