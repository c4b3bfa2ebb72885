"""The files of a reproduction, read when they are wanted and then kept."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ionspice.core import InputError
from ionspice.core.json_files import read_any_json, write_any_json
from ionspice.core.observables import load_observables
from ionspice.core.reading import reading
from ionspice.core.run_files import CASE, COMPARISON, LAW, OBSERVABLES
from ionspice.pipeline.campaigns.campaign import CASES, case_folder
from ionspice.pipeline.cases.case import Case, read_case
from ionspice.pipeline.study.conditions import DEFAULT, axis_of, axis_value

if TYPE_CHECKING:
    import xarray as xr

    from ionspice.discovery import Law
    from ionspice.pipeline.results.comparison import Comparison

PLAN = "study.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyFiles:
    """The cases of a reproduction whose fields are there."""

    directory: Path
    cases: dict[str, Case]
    _fields: "dict[str, xr.Dataset]" = field(default_factory=dict, repr=False)
    _laws: "dict[str, Law]" = field(default_factory=dict, repr=False)

    def path(self, name: str) -> Path:
        """Return the folder of a case.

        Raises:
            InputError: no such case.
        """
        if name not in self.cases:
            raise InputError(f"{self.directory} has no fields of the case {name}; run `ionspice reproduce` again")
        return case_folder(self.directory, name)

    def field(self, name: str) -> "xr.Dataset":
        """Return observables.nc of a case.

        Raises:
            InputError: no such case, or its file is damaged.
        """
        path = self.path(name)
        if name not in self._fields:
            self._fields[name] = load_observables(path / OBSERVABLES)
        return self._fields[name]

    def law(self, name: str) -> "Law":
        """Return the law of a case.

        Raises:
            InputError: no such case, or law.json is missing or damaged.
        """
        from ionspice.discovery import read_law

        path = self.path(name)
        if name not in self._laws:
            self._laws[name] = read_law(path / LAW)
        return self._laws[name]

    def comparison(self, name: str, law_of: str | None = None) -> "list[Comparison]":
        """Return how circuits compare with the current of a case.

        Args:
            name: the case whose current is predicted.
            law_of: the case that law and capacitances come from, default the same.

        Raises:
            InputError: no such case, or the file is missing or damaged.
        """
        from ionspice.pipeline.results.comparison import read_comparison

        return read_comparison(self.path(name) / comparison_file(name, law_of or name))

    def evidence(self, names: Iterable[str], *files: str) -> tuple[str, ...]:
        """Return files of cases as paths from the study's folder."""
        return tuple(in_case(name, file) for name in names for file in files or (OBSERVABLES,))

    def axis(self, name: str) -> list[tuple[float, str]]:
        """Return the points of an axis that are there, the default among them: SI value and case, rising."""
        axis = axis_of(name)
        points = [DEFAULT, *(case for case in self.cases if case.startswith(f"{axis.name}-"))]
        return sorted((axis_value(self.cases[case], axis), case) for case in points if case in self.cases)


def in_case(name: str, file: str) -> str:
    """Return the path of a case's file from the study's folder."""
    return f"{CASES}/{name}/{file}"


def comparison_file(name: str, law_of: str) -> str:
    """Return the name of the file, in a case's folder, that compares circuits with its current."""
    return COMPARISON if law_of == name else f"comparison_law_of_{law_of}.json"


def write_plan(directory: Path, names: Iterable[str], failed: Mapping[str, str]) -> None:
    """Write study.json: the names of the cases of this run, and by name of those that failed the reason.

    Raises:
        InputError: the folder cannot be written.
    """
    write_any_json(directory / PLAN, {"cases": list(names), "failed": dict(failed)})


def read_failures(directory: Path) -> dict[str, str]:
    """Return by name of a case that failed the reason; none without study.json.

    Raises:
        InputError: study.json is damaged.
    """
    plan = _read_plan(directory)
    return {} if plan is None else plan[1]


def read_study(directory: str | Path) -> StudyFiles:
    """Find the cases of a reproduction that have fields; those of an earlier run with other cases do not count.

    Raises:
        InputError: no case has any, or study.json is damaged.
    """
    directory = Path(directory)
    plan = _read_plan(directory)
    found = sorted(path.parent for path in (directory / CASES).glob(f"*/{OBSERVABLES}"))
    wanted = {path.name for path in found} if plan is None else plan[0] - plan[1].keys()
    cases = {path.name: read_case(path / CASE) for path in found if path.name in wanted}
    if not cases:
        raise InputError(f"{directory} holds no fields of a study; run `ionspice reproduce -o {directory}` first")
    return StudyFiles(directory=directory, cases=cases)


def _read_plan(directory: Path) -> tuple[set[str], dict[str, str]] | None:
    """Return the names of all cases and the reasons of those that failed."""
    path, remedy = directory / PLAN, "run `ionspice reproduce` again"
    if not path.is_file():
        return None
    plan = read_any_json(path, remedy=remedy)
    with reading(path, remedy=remedy):
        return set(plan["cases"]), dict(plan["failed"])
