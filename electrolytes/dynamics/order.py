"""What a job of dynamics is to run in a folder, order.json, and whether what is there is a part of it."""

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from ionspice.core import InputError
from ionspice.core.json_files import read_json_as, write_json
from ionspice.electrolytes.lammps.plan import RunPlan
from ionspice.electrolytes.transport.validation import validated

_FORMAT = "ionspice-dynamics-order/1"
ORDER = "order.json"
#: of a run, once it is whole
RUN = "run.json"
#: why there is none
FAILED = "failed.txt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One run, with all that it depends on."""

    composition: str
    box: str  #: absolute path of the box that it starts from
    box_sha256: str
    models: tuple[str, ...]  #: absolute paths; the first one moves the atoms
    models_sha256: tuple[str, ...]
    type_map: tuple[str, ...]
    plan: RunPlan
    notes: tuple[str, ...]  #: what the potential was not trained for


def read_order(folder: Path) -> Order:
    """Return the order of a folder.

    Raises:
        InputError: it is missing or damaged.
    """
    return read_json_as(
        folder / ORDER, _FORMAT, lambda content: validated(Order, content), remedy="run the same command again"
    )


def write_order(folder: Path, order: Order) -> None:
    """Put an order into its folder."""
    write_json(folder / ORDER, _FORMAT, asdict(order))


def is_done(folder: Path, order: Order) -> bool:
    """Return whether a folder has a whole run of such an order, as long or longer."""
    earlier = _earlier(folder)
    return (
        earlier is not None
        and (folder / RUN).is_file()
        and is_part(order, earlier)
        and earlier.plan.steps >= order.plan.steps
    )


def is_begun(folder: Path, order: Order) -> bool:
    """Return whether a folder has the beginning of such a run."""
    earlier = _earlier(folder)
    return earlier is not None and (is_part(earlier, order) or is_part(order, earlier))


def is_part(shorter: Order, longer: Order) -> bool:
    """Return whether one order is the beginning of another, or the same."""
    return _content(shorter) == _content(longer) and shorter.plan.steps <= longer.plan.steps


def _content(order: Order) -> dict[str, Any]:
    """Return what the frames of an order depend on."""
    plan = replace(order.plan, steps=0, velocities_steps=order.plan.velocities_end - order.plan.equilibration)
    return {**asdict(order), "plan": plan, "box": "", "models": (), "notes": ()}


def _earlier(folder: Path) -> Order | None:
    if not (folder / ORDER).is_file():
        return None
    try:
        return read_order(folder)
    except InputError:
        return None
