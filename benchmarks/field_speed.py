"""Speed of the field solver; every ratio is measured in one run on one machine.

    python benchmarks/field_speed.py newton [NGSOLVE_PYTHON]   one Newton iteration against NGSolve
    python benchmarks/field_speed.py cycle                     a CV cycle against full Newton
    python benchmarks/field_speed.py layers [N ...]            cost and memory against the number of layers
    mpiexec -n N python benchmarks/field_speed.py steps MESH SOLVER [COUNT]     wall time, linear iterations

NGSolve lives in an environment of its own: `python -m venv ngsolve && ngsolve/bin/pip install ngsolve`, and its
interpreter is the argument. Times are processor times of one rank unless said otherwise, best of three.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

from ionspice.core import bdf
from ionspice.fem import Electrolyte, SolverSettings, TriangularDrive, forms
from ionspice.fem.domain import read_domain
from ionspice.fem.mpi import MPI, PETSc, dolfinx
from ionspice.fem.newton import LINEAR_SOLVERS
from ionspice.fem.problem import FieldProblem
from ionspice.fem.states import Counters
from ionspice.fem.stepping import march, start
from ionspice.meshes import MeshGrading, SlitStack, write_mesh

DRIVE = TriangularDrive()
ROUNDS = 5
LINEAR_SOLVERS["plain"] = {"ksp_type": "preonly", "pc_type": "lu", "pc_factor_mat_solver_type": "mumps"}


def problem_on(mesh, linear_solver="mumps", comm=MPI.COMM_SELF):
    return FieldProblem(read_domain(mesh, comm), Electrolyte(), linear_solver=linear_solver)


def mesh_of(layers, refinement=1.0):
    path = Path(tempfile.gettempdir()) / f"ionspice-{layers}-{refinement:g}.msh"
    if not path.exists():
        write_mesh(path, SlitStack(layers=layers), MeshGrading().refined(refinement))
    return path


def advanced(problem, steps, settings=None):
    """Take accepted steps from the start; return the past and the processor time."""
    past = start(problem)
    begin = time.process_time()
    for _ in islice(march(problem, DRIVE, settings or SolverSettings(), past), steps + 1):
        pass
    return past, time.process_time() - begin


def newton(ngsolve_python=None, layers=20):
    """Compare residual, Jacobian, factorisation and solution of one step's system."""
    problem = problem_on(mesh_of(layers))
    past, _ = advanced(problem, 30)
    time_step = past.times[0] - past.times[1]
    rate, old = bdf.derivative_weights([past.times[0] + time_step, past.times[0]])
    history = old * past.ions[0]
    volts = DRIVE.potential((past.times[0] + time_step) * problem.scales.time)
    problem.set_electrode_potential(volts / problem.scales.potential)
    guess = problem.state()
    problem.solve_step(rate, history)  # sets the constants of the forms
    ours, state = newton_iterations(problem, guess)
    theirs, ratios = {}, []
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "in.npz", Path(folder) / "out.npz"
        write_system(source, problem, guess, history, rate)
        script = Path(__file__).with_name("field_ngsolve.py")
        for _ in range(ROUNDS if ngsolve_python else 0):  # by turns, for the machine's speed changes
            subprocess.run([ngsolve_python, script, source, target], check=True)
            done = np.load(target)
            now, again = json.loads(str(done["times"])), newton_iterations(problem, guess)[0]
            ratios.append(sum(now.values()) / sum(again.values()))
            ours = {part: min(again[part], ours[part]) for part in ours}
            theirs = {part: min(now[part], theirs.get(part, np.inf)) for part in now}
    print(f"{problem.unknowns} unknowns; ionspice", {k: f"{1e3 * v:.1f} ms" for k, v in ours.items()})
    if not theirs:
        return
    print("NGSolve", done["solver"], {k: f"{1e3 * v:.1f} ms" for k, v in theirs.items()})
    print(
        f"residual norms {done['norms']}; largest difference of the answers {abs(done['state'] - state).max():.1e} kT"
    )
    print(f"one iteration: {sum(theirs.values()) / sum(ours.values()):.1f} times faster, best against best;")
    print("round by round", *(f"{ratio:.1f}" for ratio in ratios))


def newton_iterations(problem, guess, repeats=3):
    """Return the best time of each part of an iteration and the state after four iterations from the guess."""
    solver, petsc = problem.newton, dolfinx.fem.petsc
    ksp = PETSc.KSP().create(MPI.COMM_SELF)
    for key, value in LINEAR_SOLVERS["mumps"].items():
        PETSc.Options()[key] = value
    ksp.setOperators(solver.matrix)
    ksp.setFromOptions()
    f, update = solver.history.duplicate(), solver.history.duplicate()
    times = {name: [] for name in ("residual", "jacobian", "factor", "solve")}

    def timed(name, function, *arguments):
        begin = time.process_time()
        function(*arguments)
        times[name].append(time.process_time() - begin)

    def jacobian():
        solver.matrix.zeroEntries()
        petsc.assemble_matrix(solver.matrix, solver.jacobian_form, bcs=solver._bcs)
        solver.matrix.assemble()
        ksp.setOperators(solver.matrix)

    for _ in range(repeats):
        problem.u.x.array[:] = guess
        for _ in range(4):
            timed("residual", solver._assemble_residual, None, problem.u.x.petsc_vec.copy(), f)
            timed("jacobian", jacobian)
            timed("factor", ksp.setUp)
            timed("solve", ksp.solve, f, update)
            problem.u.x.array[: problem.owned] -= update.array_r
    return {name: min(values) for name, values in times.items()}, problem.state().reshape(-1, problem.species + 1)


def write_system(path, problem, guess, history, rate):
    k, species = problem.coefficients, problem.species + 1
    np.savez(
        path,
        points=problem.space.tabulate_dof_coordinates()[:, :2],
        quads=problem.space.dofmap.list[:, [0, 1, 3, 2]],  # from tensor to cyclic order
        fixed=problem.newton.is_fixed.reshape(-1, species),
        state=guess.reshape(-1, species),
        history=history.reshape(-1, species),
        rate=rate,
        poisson_scale=float(problem._poisson_scale),
        coupling=float(k.charge_coupling),
        nu=problem.electrolyte.packing_fraction,
        valence=[float(z) for z in k.valence],
        diffusivity=[float(d) for d in k.diffusivity],
        bulk=[float(c) for c in k.bulk],
        trace=forms.TRACE,
        rule_points=problem.rule.points,
        rule_weights=problem.rule.weights,
    )


def cycle(layers=6):
    """Compare a whole cycle with full Newton on the same steps."""
    results = {}
    for name in ("mumps", "plain", "mumps", "plain"):
        problem, counters = problem_on(mesh_of(layers), name), Counters()
        problem.newton.keep_factors = name != "plain"
        past, begin = start(problem), time.process_time()
        for _ in march(problem, DRIVE, SolverSettings(), past, counters):
            pass
        spent = time.process_time() - begin
        print(f"{name}: {spent:.2f} s, {counters}, {problem.newton.factorisations} factorisations", flush=True)
        results[name] = (min(spent, results.get(name, (np.inf,))[0]), problem.state())
    difference = np.abs(results["mumps"][1] - results["plain"][1]).max()
    print(f"{results['plain'][0] / results['mumps'][0]:.2f} times faster, answers within {difference:.1e} kT")


def layers(*numbers):
    """Fit the cost of twenty steps against the number of layers; each in a process of its own, for its memory."""
    rows = []
    for number in numbers or (6, 12, 25, 50, 100, 200):
        command = [sys.executable, __file__, "one", str(number)]
        output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        rows.append(json.loads(output.splitlines()[-1]))
        print(rows[-1], flush=True)
    if len(rows) > 1:
        logs = np.log([[row["layers"], row["unknowns"], row["seconds"]] for row in rows]).T
        for size, name in ((logs[0], "layers"), (logs[1], "unknowns")):
            print(f"time grows with {name} to the power {np.polyfit(size, logs[2], 1)[0]:.2f}")


def one(number):
    mesh = mesh_of(int(number))
    problem = problem_on(mesh)
    _, seconds = advanced(problem, 20)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    row = {"layers": int(number), "unknowns": problem.unknowns, "seconds": round(seconds, 2), "GiB": round(memory, 2)}
    print(json.dumps(row))


def steps(mesh, solver="mumps", count="10"):
    """Time steps on the ranks of the world and count linear iterations."""
    comm = MPI.COMM_WORLD
    problem = problem_on(mesh, solver, comm)
    advanced(problem, 1)
    comm.Barrier()
    begin = time.perf_counter()
    advanced(problem, int(count))
    wall = time.perf_counter() - begin
    if comm.rank == 0:
        each = problem.newton.linear_iterations / problem.newton.linear_solves
        load = os.getloadavg()[0]
        print(
            f"{solver}: {problem.unknowns} unknowns, {comm.size} ranks, {wall:.1f} s wall at load {load:.1f}, "
            f"{problem.newton.linear_solves} solves of {each:.1f} linear iterations"
        )


if __name__ == "__main__":
    name, *arguments = sys.argv[1:] or ["cycle"]
    {"newton": newton, "cycle": cycle, "layers": layers, "one": one, "steps": steps}[name](*arguments)
