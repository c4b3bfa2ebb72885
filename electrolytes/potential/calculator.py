"""Energies, forces and stresses of frames by deep potentials, from one worker in the potential's own venv.

    with DeepPotential([Path("potential/model-0.pb"), Path("potential/model-1.pb")]) as potential:
        found = potential.evaluate(frames)
        molecule.calc = potential.calculator()

Several models are asked at once. The first one is the potential that moves atoms, as in LAMMPS; by how much the
others differ is a measure of its error (Y. Zhang et al., Comput. Phys. Commun. 253, 107206 (2020)).
"""

import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from ionspice.core import InputError, RunError
from ionspice.core.children import start_child
from ionspice.electrolytes.environment.tools import clean_environment, potential_program
from ionspice.electrolytes.potential import worker

if TYPE_CHECKING:
    from ase import Atoms


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """What potentials say of a list of frames: the first model's answer, and how far the models are apart."""

    energies: NDArray[np.float64]  #: of the cells [eV], shape (frames,)
    forces: tuple[NDArray[np.float64], ...]  #: of each frame [eV/angstrom], shape (atoms, 3)
    #: of each frame [eV/angstrom^3], tension positive, shape (3, 3); zero where there is no cell
    stresses: NDArray[np.float64]
    #: largest standard deviation of the models' forces on an atom [eV/angstrom], shape (frames,); NaN of one model
    deviation: NDArray[np.float64]


class DeepPotential:
    """Deep potentials that are loaded once, within a `with` block."""

    def __init__(self, models: Sequence[Path], *, threads: int = 1) -> None:
        """Take models of one liquid.

        Args:
            models: frozen models; the first one is the potential.
            threads: of the worker.
        """
        self.models = tuple(models)
        self.threads = threads
        self.type_map: tuple[str, ...] = ()  #: elements by type, once it is open
        self.cutoff = np.nan  #: radius that an atom sees [angstrom], once it is open
        self._process: subprocess.Popen[bytes] | None = None
        self._log: IO[bytes] | None = None

    def __enter__(self) -> Self:
        """Start the worker.

        Raises:
            InputError: a model is not there.
            RunError: the venv is not there, or a model cannot be loaded.
        """
        for path in self.models:
            if not path.is_file():
                raise InputError(f"{path} is not there; train it with ionspice electrolyte train")
        command = [str(potential_program("python")), worker.__file__, *(str(path.resolve()) for path in self.models)]
        self._log = tempfile.TemporaryFile()
        self._process = start_child(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env=tensorflow_environment(self.threads),
        )
        try:
            hello = self._answer()
        except BaseException:
            self.close()
            raise
        self.type_map, self.cutoff = tuple(map(str, hello["type_map"])), float(hello["cutoff"])
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the worker."""
        self.close()

    def close(self) -> None:
        """End the worker, if it runs."""
        if self._process is not None:
            for stream in (self._process.stdin, self._process.stdout):
                assert stream is not None  # both are pipes
                stream.close()
            self._process.terminate()
            self._process.wait()
            self._process = None
        if self._log is not None:
            self._log.close()
            self._log = None

    def evaluate(self, frames: Sequence["Atoms"]) -> Evaluation:
        """Return energies, forces, stresses and deviations of frames, each of any size; none or all periodic.

        Raises:
            InputError: a frame has an element that the models do not know, or is periodic in one direction only.
            RunError: the models have no finite answer.
        """
        energies, deviation = np.empty(len(frames)), np.empty(len(frames))
        forces: list[NDArray[np.float64]] = [np.empty((0, 3))] * len(frames)
        stresses = np.zeros((len(frames), 3, 3))
        for numbers in _alike(frames):
            answer = self._ask([frames[number] for number in numbers])
            energies[numbers] = answer["energies"][0]
            deviation[numbers] = _deviation(answer["forces"])
            for row, number in enumerate(numbers):
                forces[number] = answer["forces"][0, row]
                if frames[number].pbc.all():
                    virial = answer["virials"][0, row]
                    stresses[number] = -(virial + virial.T) / (2 * frames[number].get_volume())
        return Evaluation(energies=energies, forces=tuple(forces), stresses=stresses, deviation=deviation)

    def calculator(self) -> Any:
        """Return a calculator of ASE that asks the first model; it works as long as the block is open."""
        return _calculator(self)

    def _ask(self, frames: Sequence["Atoms"]) -> dict[str, Any]:
        """Return the answer of the worker for frames with the same atoms."""
        request = {
            "coordinates": np.array([frame.positions for frame in frames]),
            "types": types_of(frames[0], self.type_map),
        }
        if frames[0].pbc.all():
            request["cells"] = np.array([frame.cell.array for frame in frames])
        elif frames[0].pbc.any():
            raise InputError("a frame is periodic in some directions only; make it periodic in all, or in none")
        if self._process is None:
            raise RuntimeError("the potential is not open: use it in a with block")
        assert self._process.stdin is not None  # it is a pipe
        try:
            worker.send(self._process.stdin, request)  # type: ignore[arg-type]
        except BrokenPipeError as error:
            raise RunError(self._failure()) from error
        answer = self._answer()
        if not np.isfinite(answer["forces"]).all():
            raise RunError("the potential has no finite forces for a frame; atoms may lie upon each other")
        return answer

    def _answer(self) -> dict[str, Any]:
        assert self._process is not None
        assert self._process.stdout is not None  # it is a pipe
        answer = worker.receive(self._process.stdout)  # type: ignore[arg-type]
        if answer is None:
            raise RunError(self._failure())
        if "error" in answer:
            raise RunError(f"DeePMD-kit has no answer: {answer['error']}")
        return answer

    def _failure(self) -> str:
        assert self._log is not None
        self._log.seek(0)
        lines = self._log.read().decode(errors="replace").strip().splitlines() or ["no reason given"]
        return f"the worker of DeePMD-kit ended: {lines[-1][:300]}; see ionspice doctor"


def types_of(frame: "Atoms", type_map: Sequence[str]) -> NDArray[np.int32]:
    """Return the types of a frame's atoms by the one order of a potential.

    Raises:
        InputError: it has an element that is not in the type map.
    """
    order = {symbol: number for number, symbol in enumerate(type_map)}
    unknown = next((symbol for symbol in frame.symbols if symbol not in order), None)
    if unknown is not None:
        raise InputError(f"the potential knows {', '.join(type_map)}, not {unknown}; train one that does")
    return np.array([order[symbol] for symbol in frame.symbols], dtype=np.int32)


def tensorflow_environment(threads: int) -> dict[str, str]:
    """Return the environment of DeePMD-kit's programs."""
    own = {"TF_CPP_MIN_LOG_LEVEL": "2"}
    for prefix in ("TF", "DP"):
        own |= {f"{prefix}_INTRA_OP_PARALLELISM_THREADS": str(threads), f"{prefix}_INTER_OP_PARALLELISM_THREADS": "1"}
    return clean_environment(threads=threads, changes=own)


def _alike(frames: Sequence["Atoms"]) -> list[list[int]]:
    """Return the numbers of frames with the same atoms in the same order and the same periodicity."""
    groups: dict[tuple[bytes, bytes], list[int]] = {}
    for number, frame in enumerate(frames):
        groups.setdefault((frame.numbers.tobytes(), frame.pbc.tobytes()), []).append(number)
    return list(groups.values())


def _deviation(forces: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the largest deviation of each frame; forces (models, frames, atoms, 3)."""
    if len(forces) == 1:
        return np.full(forces.shape[1], np.nan)
    variance = ((forces - forces.mean(axis=0)) ** 2).sum(axis=-1).mean(axis=0)
    return np.asarray(np.sqrt(variance.max(axis=-1)))


def _calculator(potential: DeepPotential) -> Any:
    from ase.calculators.calculator import Calculator, all_changes
    from ase.stress import full_3x3_to_voigt_6_stress

    class AskingCalculator(Calculator):  # type: ignore[misc]
        implemented_properties = ("energy", "free_energy", "forces", "stress")

        def calculate(
            self, atoms: Any = None, properties: Any = ("energy",), system_changes: Any = all_changes
        ) -> None:
            super().calculate(atoms, properties, system_changes)
            found = potential.evaluate([atoms])
            energy = float(found.energies[0])
            self.results = {"energy": energy, "free_energy": energy, "forces": found.forces[0]}
            if atoms.pbc.all():
                self.results["stress"] = full_3x3_to_voigt_6_stress(found.stresses[0])

    return AskingCalculator()
