"""electrolyte.toml: one parameter set, with standard error and source beside its values.

The keys are those of a case's [electrolyte], at the top of the file or under [electrolyte]. A value is written as in
a case, `temperature = "298.15 K"`, or as a table that says where it comes from:

    diffusivity = { value = "1.957e-9 m^2/s", standard_error = "0.02e-9 m^2/s", source = "doi:..." }
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError

from ionspice.core import InputError
from ionspice.core.toml_files import parse_toml, read_toml_text
from ionspice.core.unit_types import UNITS_REQUIRED

_SOURCED = ("value", "standard_error", "source")
_EXAMPLE = '{ value = "...", standard_error = "...", source = "..." }'


def read_electrolyte_values(path: Path, *, electrolyte: type[BaseModel], species: type[BaseModel]) -> dict[str, Any]:
    """Return the plain values of an electrolyte file, as a case would give them.

    Args:
        path: the file.
        electrolyte: model of the keys, whose types standard errors share.
        species: model of the keys of a species.

    Raises:
        InputError: the file cannot be read, or a table of value, error and source is not right; keys and values
            themselves are not checked.
    """
    values = parse_toml(read_toml_text(path, "electrolyte"), source=str(path))
    if set(values) == {"electrolyte"} and isinstance(values["electrolyte"], dict):
        values = values["electrolyte"]
    if "file" in values:
        raise InputError(
            f"{path}: [electrolyte] file = {values['file']!r} names another file; give the values instead"
        )
    plain = _plain(values, electrolyte, f"{path}: [electrolyte]")
    ions = values.get("species")
    if isinstance(ions, list):
        plain["species"] = [
            _plain(ion, species, f"{path}: [[electrolyte.species]] number {number}") if isinstance(ion, dict) else ion
            for number, ion in enumerate(ions, start=1)
        ]
    return plain


def _plain(values: Mapping[str, Any], model: type[BaseModel], place: str) -> dict[str, Any]:
    fields = model.model_fields
    return {
        key: _value(value, fields[key].annotation if key in fields else Any, f"{place} {key}")
        if isinstance(value, dict)
        else value
        for key, value in values.items()
    }


def _value(sourced: Mapping[str, Any], kind: Any, place: str) -> Any:
    """Return the value of a table of value, standard error and source."""
    unknown = [key for key in sourced if key not in _SOURCED]
    if unknown:
        raise InputError(f"{place} has the unknown key {unknown[0]}; write {_EXAMPLE}")
    if "value" not in sourced:
        raise InputError(f"{place} has no value; write {_EXAMPLE}")
    source = sourced.get("source", "unknown")
    if not (isinstance(source, str) and source):
        raise InputError(f'{place} source = {source!r} is no source; give a DOI, "measured", "simulated" or "chosen"')
    if "standard_error" in sourced:
        _check_error(sourced["standard_error"], kind, place)
    return sourced["value"]


def _check_error(error: Any, kind: Any, place: str) -> None:
    try:
        size = TypeAdapter(kind).validate_python(error, context={UNITS_REQUIRED: True})
    except ValidationError as mistake:
        reason = mistake.errors(include_url=False)[0]
        words = reason.get("ctx", {}).get("error", "is of another kind than the value; correct it")
        raise InputError(f'{place} standard_error = "{error}" {words}') from mistake
    if not (isinstance(size, int | float) and size >= 0):
        raise InputError(f'{place} standard_error = "{error}" must be at least 0; correct it')
