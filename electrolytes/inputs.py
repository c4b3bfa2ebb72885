"""What all stages of a liquid are given."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ionspice.electrolytes.study.file import LiquidStudy


@dataclass(frozen=True, slots=True, kw_only=True)
class LiquidInputs:
    """What the user asks of a liquid."""

    study: LiquidStudy
    frames: Path | None = None  #: frames to label, instead of the study's
    labels: Path | None = None  #: labels to learn, instead of the folder's


def sections(*names: str) -> Callable[[LiquidInputs], dict[str, Any]]:
    """Return what gives the sections of the study that a stage depends on, as JSON has them."""
    return lambda inputs: inputs.study.model_dump(mode="json", include=set(names))
