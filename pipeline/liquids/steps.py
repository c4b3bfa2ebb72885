"""The steps from the molecules of a liquid to its report, each a part of the chains of the electrolyte stage."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import tomli_w

from ionspice.core import InputError, RunError
from ionspice.core.console import Reporter
from ionspice.core.stages import run_chain
from ionspice.core.toml_files import parse_toml, read_toml_text
from ionspice.electrolytes.environment.tools import cp2k_version
from ionspice.electrolytes.files import DYNAMICS, ELECTROLYTE, TRANSPORT
from ionspice.electrolytes.learning import learning_stages
from ionspice.electrolytes.properties import inputs_of, property_chain, transfer_inputs, transfer_stage
from ionspice.electrolytes.relaxation import run_relaxation
from ionspice.electrolytes.stages import run_liquid
from ionspice.electrolytes.study.file import LiquidStudy
from ionspice.electrolytes.transport.runs import find_runs
from ionspice.pipeline.cases.case import Case, parse_case
from ionspice.pipeline.liquids.files import CASE_FOLDER
from ionspice.pipeline.report.liquid import figures_stage
from ionspice.pipeline.runs.runner import run


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is asked of all steps."""

    study: LiquidStudy
    directory: Path
    case: Path | None  #: case file that the electrolyte is for
    coarse: bool = False  #: whether that case is computed coarsely
    reporter: Reporter


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One command's work within `run`."""

    name: str
    act: Callable[[Order], None]
    needs: tuple[str, ...] = ()  #: steps without which it is not tried
    excuse: Callable[[Order], str] = lambda order: ""  #: why there is nothing to do; empty if there is


def steps() -> tuple[Step, ...]:
    """Return all steps in their order."""
    return (
        Step(name="build", act=_build),
        Step(name="label", act=lambda order: _liquid(order, "frames", "label"), needs=("build",)),
        Step(
            name="train",
            act=lambda order: _liquid(order, *learning_stages(), "potential"),
            needs=("label",),
        ),
        Step(
            name="refine",
            act=lambda order: _liquid(order, *learning_stages(), "refine", "potential"),
            needs=("train",),
            excuse=_no_rounds,
        ),
        Step(name="validate", act=lambda order: _liquid(order, "validate"), needs=("train",)),
        Step(name="dynamics", act=lambda order: _liquid(order, "dynamics"), needs=("train",), excuse=_no_production),
        Step(name="analyse", act=_analyse, needs=("build",)),
        Step(name="barrier", act=lambda order: _liquid(order, "barrier"), needs=("train",), excuse=_no_barriers),
        Step(name="modes", act=_modes, needs=("build",), excuse=_no_modes),
        Step(name="transfer", act=_transfer, needs=("analyse",)),
        Step(name="case", act=_case, needs=("transfer",), excuse=_no_case),
    )


def _liquid(order: Order, *names: str) -> None:
    run_liquid(order.study, order.directory, stages=names, reporter=order.reporter)


def _build(order: Order) -> None:
    _liquid(order, "molecules")
    # What a cheap teacher knows already is not asked of CP2K.
    if order.study.teacher.program == "cp2k" and cp2k_version(order.study.jobs.cp2k):
        run_relaxation(order.study, order.directory, stages=["ions"], reporter=order.reporter)
    _liquid(order, "boxes", "production-boxes")


def _no_rounds(order: Order) -> str:
    return "" if order.study.exploration.rounds else "[exploration] rounds is 0"


def _no_production(order: Order) -> str:
    return "" if order.study.production.compositions else "[production] has no compositions"


def _no_barriers(order: Order) -> str:
    return "" if getattr(order.study, "barriers", ()) else "the study names no reaction"


def _analyse(order: Order) -> None:
    runs = find_runs(order.directory)
    if not runs:
        raise InputError(f"{order.directory / DYNAMICS} has no run (a folder with run.json)")
    inputs = inputs_of(order.study, order.directory, runs)
    chain = (*property_chain(inputs, transfer=False), figures_stage())
    run_chain(chain, inputs, order.directory, reporter=order.reporter)


def _no_modes(order: Order) -> str:
    single = all(_is_atom(molecule.smiles) for molecule in order.study.molecules)
    return "all ions are single atoms" if single else ""


def _is_atom(smiles: str) -> bool:
    return smiles.startswith("[") and smiles.count("[") == 1 and smiles.endswith("]")


def _modes(order: Order) -> None:
    run_relaxation(order.study, order.directory, stages=["modes"], reporter=order.reporter)


def _transfer(order: Order) -> None:
    if not (order.directory / TRANSPORT).is_file():
        raise RunError(f"{order.directory / TRANSPORT} is not there; ionspice electrolyte analyse makes it")
    run_chain([transfer_stage()], transfer_inputs(order.study), order.directory, reporter=order.reporter)


def _no_case(order: Order) -> str:
    return "" if order.case else "[transfer] names no case"


def _case(order: Order) -> None:
    assert order.case is not None  # or the step is excused
    case = case_with(order.case, order.directory / ELECTROLYTE)
    run(coarsened(case) if order.coarse else case, order.directory / CASE_FOLDER, reporter=order.reporter)


def case_with(path: Path, electrolyte: Path) -> Case:
    """Return the case of a file with another electrolyte file than its own; other keys stay.

    Raises:
        InputError: one of the files is missing or has a mistake.
    """
    values = parse_toml(read_toml_text(path, "case file"), source=str(path))
    given = values.get("electrolyte")
    kept = {key: value for key, value in given.items() if key != "file"} if isinstance(given, dict) else {}
    values["electrolyte"] = kept | {"file": str(electrolyte.resolve())}
    return parse_case(tomli_w.dumps(values), source=str(path), folder=path.parent)


def coarsened(case: Case) -> Case:
    """Return a case that takes seconds: few sheets, a coarse mesh, loose tolerances, a short search."""
    layers = min(case.geometry.layers, 4)
    return case.model_copy(
        update={
            "geometry": case.geometry.model_copy(update={"layers": layers, "open_length": 5e-9}),
            "mesh": case.mesh.model_copy(update={"wall_spacing": 0.12e-9, "growth": 1.8}),
            "solver": case.solver.model_copy(update={"tolerance": 0.01, "steps_per_ramp": 20}),
            "discovery": case.discovery.model_copy(update={"islands": 2, "population": 100, "generations": 30}),
            "circuit": case.circuit.model_copy(update={"layers": (layers, 2 * layers)}),
        }
    )
