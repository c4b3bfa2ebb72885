"""Fit one tool to the problems of one suite and print one JSON line a fit.

Run by the Python of the tool's own environment:

    python discovery_tools.py TOOL SUITE --seeds 5 --budget 5

TOOL is ionspice, pyoperon, gplearn, geppy or pysindy. Every tool has one thread, the same operators where it knows
them, and `--budget` seconds a fit.
"""

import argparse
import json
import os
import random
import time
import warnings
from collections.abc import Callable

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"

import numpy as np  # noqa: E402  (after the limits on threads)
from discovery_suites import SUITES, Problem, problems  # noqa: E402

warnings.filterwarnings("ignore")

#: selected expression, all expressions of the front
type Found = tuple[str, list[str]]
type Fit = Callable[[Problem, np.ndarray, np.ndarray, int, float], Found]


def fit_ionspice(problem: Problem, X: np.ndarray, y: np.ndarray, seed: int, budget: float) -> Found:
    from ionspice.discovery import GeneExpressionRegressor, to_infix
    from ionspice.discovery.evolution.operators import LAW_FUNCTIONS

    law = {}
    if problem.through_origin:
        origin = (0.0,) * len(problem.variables)
        law = {"anchor": (origin, 0.0), "increasing": (0,), "functions": LAW_FUNCTIONS, "links": ("identity",)}
        law |= {"islands": 4, "patience": 30}
    model = GeneExpressionRegressor(seed=seed, time_budget=budget, generations=10_000, **law)
    import pandas as pd

    model.fit(pd.DataFrame(X, columns=problem.variables), y)
    return to_infix(model.sympy_()), [to_infix(model.sympy_(k)) for k in range(len(model.front_))]


def fit_pyoperon(problem: Problem, X: np.ndarray, y: np.ndarray, seed: int, budget: float) -> Found:
    from pyoperon.sklearn import SymbolicRegressor

    symbols = "add,sub,mul,div,exp,log,sin,cos,sqrt,square,asin,constant,variable"
    if problem.suite == "law":
        symbols = "add,sub,mul,div,exp,log,sqrt,constant,variable"
    model = SymbolicRegressor(
        allowed_symbols=symbols,
        objectives=["r2", "length"],
        optimizer_iterations=5,
        population_size=500,
        pool_size=500,
        max_length=40,
        max_depth=10,
        max_evaluations=100_000_000,
        generations=100_000_000,
        max_time=int(max(1, budget)),
        n_threads=1,
        random_state=seed + 1,
        model_selection_criterion="bayesian_information_criterion",
    )
    model.fit(X, y)
    names = problem.variables
    front = [model.get_model_string(entry["tree"], 17, names) for entry in model.pareto_front_]
    return _plain(model.get_model_string(model.model_, 17, names)), [_plain(text) for text in front]


def _plain(text: str) -> str:
    return text.replace("^", "**").replace("arcsin", "asin")


def fit_gplearn(problem: Problem, X: np.ndarray, y: np.ndarray, seed: int, budget: float) -> Found:
    from gplearn.genetic import SymbolicRegressor

    names = ("add", "sub", "mul", "div", "sqrt", "log") + (() if problem.suite == "law" else ("sin", "cos"))
    started = time.monotonic()
    model = SymbolicRegressor(
        population_size=500, generations=1, function_set=names, parsimony_coefficient=0.001, warm_start=True,
        random_state=seed, const_range=(-5.0, 5.0), init_depth=(2, 5),
    )  # fmt: skip
    generations = 0
    while time.monotonic() - started < budget - 0.2:
        generations += 5
        model.set_params(generations=generations)
        model.fit(X, y)
        if model._program.raw_fitness_ < 1e-12:
            break
    text = _from_calls(str(model._program), [f"X{j}" for j in range(X.shape[1])], problem.variables)
    return text, [text]


def _from_calls(text: str, old: list[str], new: list[str]) -> str:
    """Turn gplearn's add(X0, 1.0) into infix text."""
    import sympy as sp

    names = {a: sp.Symbol(b, real=True) for a, b in zip(old, new, strict=True)}
    calls = {
        "add": lambda a, b: a + b,
        "sub": lambda a, b: a - b,
        "mul": lambda a, b: a * b,
        "div": lambda a, b: a / b,
        "sqrt": lambda a: sp.sqrt(a),
        "log": lambda a: sp.log(a),
        "sin": sp.sin,
        "cos": sp.cos,
    }
    return str(sp.sympify(text, locals={**names, **calls}))


def _sum(*genes: float) -> float:
    return sum(genes)


def fit_geppy(problem: Problem, X: np.ndarray, y: np.ndarray, seed: int, budget: float) -> Found:
    import operator

    import geppy as gep
    import sympy as sp
    from deap import base, creator, tools

    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002  (the library draws from it)
    primitives = gep.PrimitiveSet("Main", input_names=problem.variables)
    for function, arity in ((operator.add, 2), (operator.sub, 2), (operator.mul, 2), (operator.truediv, 2)):
        primitives.add_function(function, arity)
    names = ("exp", "log", "sqrt") if problem.suite == "law" else ("exp", "log", "sqrt", "sin", "cos")
    for name in names:
        primitives.add_function(getattr(np, name), 1)
    primitives.add_rnc_terminal()
    if not hasattr(creator, "FitnessMin"):
        creator.create("FitnessMin", base.Fitness, weights=(-1,))
        creator.create("Individual", gep.Chromosome, fitness=creator.FitnessMin)
    box = gep.Toolbox()
    box.register("rnc_gen", random.uniform, a=-5, b=5)
    box.register("gene_gen", gep.GeneDc, pset=primitives, head_length=7, rnc_gen=box.rnc_gen, rnc_array_length=8)
    box.register("individual", creator.Individual, gene_gen=box.gene_gen, n_genes=3, linker=_sum)
    box.register("population", tools.initRepeat, list, box.individual)
    box.register("compile", gep.compile_, pset=primitives)
    started = time.monotonic()

    def evaluate(individual: object) -> tuple[float]:
        if time.monotonic() - started > budget:
            return (1e9,)
        try:
            with np.errstate(all="ignore"):
                guess = box.compile(individual)(*X.T) * np.ones(len(y))
            design = np.column_stack([guess, np.ones(len(y))])
            (individual.a, individual.b), *_ = np.linalg.lstsq(design, y, rcond=None)  # type: ignore[attr-defined]
            error = float(np.mean((design @ [individual.a, individual.b] - y) ** 2))  # type: ignore[attr-defined]
        except (ZeroDivisionError, FloatingPointError, np.linalg.LinAlgError, ValueError):
            return (1e9,)
        return (error if np.isfinite(error) else 1e9,)

    box.register("evaluate", evaluate)
    box.register("select", tools.selTournament, tournsize=3)
    box.register("mut_uniform", gep.mutate_uniform, pset=primitives, ind_pb=0.05, pb=1)
    for name, function, rate in (
        ("mut_invert", gep.invert, 0.1), ("mut_is_transpose", gep.is_transpose, 0.1),
        ("mut_ris_transpose", gep.ris_transpose, 0.1), ("mut_gene_transpose", gep.gene_transpose, 0.1),
        ("cx_1p", gep.crossover_one_point, 0.3), ("cx_2p", gep.crossover_two_point, 0.2),
        ("cx_gene", gep.crossover_gene, 0.1), ("mut_invert_dc", gep.invert_dc, 0.1),
        ("mut_transpose_dc", gep.transpose_dc, 0.1),
    ):  # fmt: skip
        box.register(name, function, pb=rate)
    box.register("mut_dc", gep.mutate_uniform_dc, ind_pb=0.05, pb=1)
    box.register("mut_rnc_array_dc", gep.mutate_rnc_array_dc, rnc_gen=box.rnc_gen, ind_pb="0.5p", pb=0.3)
    population = box.population(n=100)
    best = tools.HallOfFame(1)
    while time.monotonic() - started < budget - 0.3:
        population, _ = gep.gep_simple(
            population, box, n_generations=3, n_elites=1, stats=None, hall_of_fame=best, verbose=False
        )
    named = {n: getattr(sp, n) for n in names}
    symbolic = {**named, "add": operator.add, "sub": operator.sub, "mul": operator.mul, "truediv": operator.truediv}
    body = gep.simplify(best[0], symbolic_function_map=symbolic)
    text = f"{best[0].a!r}*({body}) + {best[0].b!r}".replace("np.float64(", "(")
    return text, [text]


def fit_pysindy(problem: Problem, X: np.ndarray, y: np.ndarray, seed: int, budget: float) -> Found:
    import pysindy

    best: tuple[float, str] = (np.inf, "0")
    front = []
    library = pysindy.PolynomialLibrary(degree=6 if X.shape[1] == 1 else 4, include_bias=not problem.through_origin)
    for threshold in (1e-4, 1e-3, 1e-2, 0.05, 0.1):
        features = np.asarray(library.fit_transform(X))
        optimizer = pysindy.STLSQ(threshold=threshold, alpha=1e-12)
        optimizer.fit(features, y[:, None])
        weights = optimizer.coef_[0]
        kept = np.count_nonzero(weights)
        names = library.get_feature_names(problem.variables)
        text = " + ".join(
            f"({float(w)!r})*{n.replace('^', '**').replace(' ', '*')}"
            for w, n in zip(weights, names, strict=True)
            if w != 0
        )
        rss = float(np.sum((features @ weights - y) ** 2))
        score = len(y) * np.log(max(rss, 1e-20 * len(y))) + np.log(len(y)) * kept
        front.append(text or "0")
        best = min(best, (score, text or "0"))
    return best[1], front


TOOLS: dict[str, Fit] = {
    "ionspice": fit_ionspice,
    "pyoperon": fit_pyoperon,
    "gplearn": fit_gplearn,
    "geppy": fit_geppy,
    "pysindy": fit_pysindy,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tool", choices=TOOLS)
    parser.add_argument("suite", choices=SUITES)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--budget", type=float, default=5.0)
    parser.add_argument("--only", help="name of one problem")
    parser.add_argument("--noise", type=float)
    arguments = parser.parse_args()
    fit = TOOLS[arguments.tool]
    warm = SUITES["law"][0]
    fit(warm, *warm.draw(0, 0.01), 0, min(1.0, arguments.budget))
    for problem, noise in problems(arguments.suite):
        if arguments.only not in (None, problem.name) or arguments.noise not in (None, noise):
            continue
        for seed in range(arguments.seeds):
            X, y = problem.draw(seed, noise)
            started, cpu = time.monotonic(), time.process_time()
            try:
                selected, front = fit(problem, X, y, seed, arguments.budget)
            except Exception as error:  # a tool's failure is its result
                selected, front = f"failed: {error}", []
            seconds, cpu = time.monotonic() - started, time.process_time() - cpu
            line = {"problem": problem.name, "noise": noise, "seed": seed, "seconds": seconds, "cpu": cpu}
            print(json.dumps(line | {"selected": selected, "front": front}), flush=True)


if __name__ == "__main__":
    main()
