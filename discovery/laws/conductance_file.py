"""conductance.json: the law of an ion's conductance through a gap, or why there is none."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from ionspice.core import InputError
from ionspice.core.json_files import read_json_as, write_json
from ionspice.discovery.forms.expressions import parse_expression
from ionspice.discovery.laws.conductance import ConductanceLaw

_FORMAT = "ionspice-conductance/1"
_LAW = TypeAdapter(ConductanceLaw | None)


def write_conductance(path: Path, law: ConductanceLaw | None) -> None:
    """Write the law; None where the run has no gap between slits.

    Raises:
        InputError: the folder cannot be written.
    """
    write_json(path, _FORMAT, {"law": None if law is None else asdict(law)})


def read_conductance(path: Path) -> ConductanceLaw | None:
    """Read the law back.

    Raises:
        InputError: the file is missing, damaged or of another format.
    """
    return read_json_as(path, _FORMAT, _law, remedy="make it with `ionspice run`")


def _law(content: dict[str, Any]) -> ConductanceLaw | None:
    """Return the law of a file.

    Raises:
        ValueError: a form is none, or an index or a number of constants is wrong.
    """
    law = _LAW.validate_python(content["law"])
    if law is None:
        return None
    if not 0 <= law.chosen < len(law.front):
        raise ValueError(f"chosen = {law.chosen} of {len(law.front)} laws")
    for entry in law.front:
        try:
            parse_expression(entry.form, {"n", *entry.names})
        except InputError as error:
            raise ValueError(f"of a form: {error}") from error
        if not len(entry.value) == len(entry.standard_error) == len(entry.interval):
            raise ValueError(f"{entry.form}: not as many errors as constants")
    return law
