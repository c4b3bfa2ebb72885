"""The files of a reproduction, read when they are wanted and then kept."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ionspice.core import InputError, replacing
from ionspice.core.observables import PotentialReading, load_observables
from ionspice.core.run_files import COMPARISON, LAW, OBSERVABLES
from ionspice.pipeline.campaigns.campaign import CASES, case_folder
from ionspice.pipeline.cases.case import Case, read_case
from ionspice.pipeline.study.conditions import DEFAULT, axis_of, axis_value

if TYPE_CHECKING:
    import xarray as xr

    from ionspice.circuits.model.extraction import Element
    from ionspice.discovery import Law
    from ionspice.pipeline.results.comparison import Comparison
    from ionspice.pipeline.results.curves import ElementCurve

PLAN = "study.json"

#: law of the case's own node potential (electrochemical), and of the electric one
LAW_FILES: dict[PotentialReading, str] = {"electrochemical": LAW, "electric": "law_electric.json"}


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyFiles:
    """The cases of a reproduction whose fields are there."""

    directory: Path
    cases: dict[str, Case]
    _fields: "dict[str, xr.Dataset]" = field(default_factory=dict, repr=False)
    _laws: "dict[tuple[str, str], Law]" = field(default_factory=dict, repr=False)

    def path(self, name: str) -> Path:
        """Return the folder of a case."""
        return case_folder(self.directory, name)

    def field(self, name: str) -> "xr.Dataset":
        """Return observables.nc of a case.

        Raises:
            InputError: no such case, or its file is damaged.
        """
        self._check(name)
        if name not in self._fields:
            self._fields[name] = load_observables(self.path(name) / OBSERVABLES)
        return self._fields[name]

    def law(self, name: str, potential: PotentialReading = "electrochemical") -> "Law":
        """Return the law of a case; the one of the electric potential is discovered at the first call and kept.

        Raises:
            InputError: no such case, or a file is missing or damaged.
            RunError: no law was found.
        """
        from ionspice.discovery import read_law

        self._check(name)
        if (name, potential) not in self._laws:
            path = self.path(name) / LAW_FILES[potential]
            if potential == "electric" and _is_older(path, self.path(name) / OBSERVABLES):
                _discover(path, self.path(name) / OBSERVABLES, self.cases[name], potential)
            self._laws[name, potential] = read_law(path)
        return self._laws[name, potential]

    def study_form(self, name: str, potential: PotentialReading = "electrochemical") -> "list[Element]":
        """Return the study's law, R = Rc (1 - gamma Q/Qmax), fitted to each inner element of a case.

        One form for all cases, whatever form was discovered, so that its constants can be compared.

        Raises:
            InputError: no such case, or its file is damaged.
        """
        from ionspice.circuits import charging_ramp
        from ionspice.circuits.model.extraction import fit_element
        from ionspice.circuits.model.shape import LINEAR

        ramp = charging_ramp(self.field(name), potential)
        return [fit_element(ramp, number, LINEAR, "passed") for number in range(2, ramp.slits + 1)]

    def comparison(self, name: str, law_of: str | None = None) -> "list[Comparison]":
        """Compare circuits with the current of a case; made at the first call and kept in its folder.

        Args:
            name: the case whose current is predicted.
            law_of: the case that law and capacitances come from, default the same.

        Raises:
            InputError: no such case, or a file is missing or damaged.
            RunError: ngspice is missing or failed.
        """
        from ionspice.pipeline.results.comparison import compare, read_comparison, write_comparison

        origin = law_of or name
        for case in {name, origin}:
            self._check(case)
        path = self.path(name) / (COMPARISON if origin == name else f"comparison_law_of_{origin}.json")
        sources = [self.path(origin) / LAW, self.path(origin) / OBSERVABLES, self.path(name) / OBSERVABLES]
        if any(_is_older(path, source) for source in sources):
            write_comparison(path, compare(self.path(name), self.cases[name], self.path(origin)))
        return read_comparison(path)

    def curves(self, name: str, potential: PotentialReading = "electrochemical") -> "tuple[ElementCurve, ...]":
        """Return charge, current and potential difference of every element of a case.

        Raises:
            InputError: no such case, or its file is damaged.
        """
        from ionspice.pipeline.results.curves import element_curves

        return element_curves(self.field(name), "passed", potential, {})

    def evidence(self, names: Iterable[str], *files: str) -> tuple[str, ...]:
        """Return files of cases as paths from the study's folder."""
        return tuple(f"{CASES}/{name}/{file}" for name in names for file in files or (OBSERVABLES,))

    def axis(self, name: str) -> list[tuple[float, str]]:
        """Return the points of an axis that are there, the default among them: SI value and case, rising."""
        axis = axis_of(name)
        points = [DEFAULT, *(case for case in self.cases if case.startswith(f"{axis.name}-"))]
        return sorted((axis_value(self.cases[case], axis), case) for case in points if case in self.cases)

    def _check(self, name: str) -> None:
        if name not in self.cases:
            raise InputError(f"{self.directory} has no fields of the case {name}; run `ionspice reproduce` again")


def write_plan(directory: Path, names: Iterable[str], failed: Mapping[str, str]) -> None:
    """Write study.json: the names of the cases of this run, and by name of those that failed the reason.

    Raises:
        InputError: the folder cannot be written.
    """
    with replacing(directory / PLAN) as temporary:
        temporary.write_text(json.dumps({"cases": list(names), "failed": dict(failed)}, indent=2) + "\n")


def read_study(directory: str | Path) -> StudyFiles:
    """Find the cases of a reproduction that have fields; those of an earlier run with other cases do not count.

    Raises:
        InputError: no case has any, or study.json is damaged.
    """
    directory = Path(directory)
    found = sorted(path.parent for path in (directory / CASES).glob(f"*/{OBSERVABLES}"))
    wanted = _planned(directory)
    cases = {path.name: read_case(path / "case.toml") for path in found if wanted is None or path.name in wanted}
    if not cases:
        raise InputError(f"{directory} holds no fields of a study; run `ionspice reproduce -o {directory}` first")
    return StudyFiles(directory=directory, cases=cases)


def _planned(directory: Path) -> set[str] | None:
    path = directory / PLAN
    if not path.is_file():
        return None
    try:
        plan = json.loads(path.read_text(encoding="utf-8"))
        return set(plan["cases"]) - set(plan["failed"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"cannot read {path}: {error}; run `ionspice reproduce` again") from error


def _is_older(path: Path, source: Path) -> bool:
    return not path.is_file() or path.stat().st_mtime < source.stat().st_mtime


def _discover(path: Path, observables: Path, case: Case, potential: PotentialReading) -> None:
    from ionspice.discovery import DiscoverySettings, discover_law, read_observables, write_law

    settings = DiscoverySettings(**case.discovery.model_dump() | {"potential": potential})
    write_law(discover_law(read_observables(observables, settings.charge, potential), settings), path)
