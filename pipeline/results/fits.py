"""What fit.json of a folder says of its circuit."""

from pathlib import Path

from ionspice.core.json_files import read_json_as
from ionspice.core.run_files import FIT

#: of fit.json
FORMAT = "ionspice-fit/1"


def fit_errors(directory: Path) -> list[str]:
    """Return how far the circuit of a fit is from its measurements, for comments in files; nothing without fit.json.

    Raises:
        InputError: the file is damaged.
    """
    path = directory / FIT
    if not path.is_file():
        return []

    def sentence(content: dict[str, object]) -> list[str]:
        models = {one["name"]: one for one in content["models"]}  # type: ignore[attr-defined]
        errors = models[content["circuit"]]["errors"]
        worst = max(errors, key=errors.__getitem__)
        size = f"{100 * errors[worst]:.2g} % rms at most against {len(errors)} measurements"
        return [f"{size} ({content['circuit']}, {worst})"]

    return read_json_as(path, FORMAT, sentence, remedy="make it again with ionspice fit")
