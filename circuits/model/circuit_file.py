"""circuit.json: a record as a file, written whole or not at all, read without trusting it."""

from pathlib import Path

from pydantic import ValidationError

from ionspice.circuits.model.assembly import circuit_of
from ionspice.circuits.model.record import CircuitRecord
from ionspice.core import InputError
from ionspice.core.json_files import read_json, write_json

FORMAT = "ionspice-circuit/1"
_REMEDY = "make it with `ionspice run`, `ionspice predict` or by hand (docs/architecture.md)"


def write_circuit_record(path: str | Path, record: CircuitRecord) -> None:
    """Write circuit.json.

    Raises:
        InputError: the folder cannot be written.
    """
    write_json(path, FORMAT, record.model_dump(mode="json"))


def read_circuit_record(path: str | Path) -> CircuitRecord:
    """Read circuit.json; expressions pass a whitelist parser, numbers must be numbers within their ranges.

    Raises:
        InputError: the file is missing, damaged, of another format, or no circuit follows from it.
    """
    content = read_json(path, FORMAT, remedy=_REMEDY)
    try:
        record = CircuitRecord.model_validate(content)
        circuit_of(record, record.layers or 2)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise InputError(f"{path}: {place or 'the record'}: {first['msg']}; {_REMEDY}") from error
    except InputError as error:
        raise InputError(f"{path}: {error}; {_REMEDY}") from error
    except KeyError as error:
        raise InputError(f"{path} has no constant {error}; {_REMEDY}") from error
    except Exception as error:  # numbers that no circuit can have
        raise InputError(f"cannot read {path}: {error}; {_REMEDY}") from error
    return record
