"""The constants of a stack's rails: lengths that depend on its geometry, and on nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ionspice.circuits.ions.solution import FloatArray
from ionspice.core import InputError

#: widths of the slits that share the storage, over the slit's own; the wider ones stand for what faces a gap
STORAGE_WIDTHS = (1.0, 1.25, 1.6)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RailConstants:
    """Lengths of a stack of slits; see `rails` for the equations.

    A storage is the length of every kind of slit in `storage_widths` that a slit's node stands for, the last entry
    that of neutral electrolyte one slit width wide.
    """

    #: d, m
    slit_width: float
    #: W, m
    strip_width: float
    #: storage of the slits between perforated sheets, m, shape (len(STORAGE_WIDTHS) + 1,)
    inner_storage: FloatArray
    #: storage of the slit before the closed sheet, m
    last_storage: FloatArray
    #: half a slit, B = E of `rails`, m
    slit_path: float
    #: M of an inner gap, m
    gap_path: float
    #: width of the slit whose ions the gap holds, m
    gap_width: float
    #: half of the first slit, m
    first_slit_path: float
    #: first gap and the way to it, m
    first_gap_path: float
    #: width of the slit whose ions the first gap holds, m
    first_gap_width: float
    #: what the mouth's neutral electrolyte adds to the first gap, m
    first_open_path: float
    #: open electrolyte up to the mouth, m of neutral electrolyte one slit width wide
    open_path: float
    #: length of a wide slit's wall pair that the first sheet's face is worth, m
    mouth_plate: float
    #: storage of the open electrolyte at the mouth, m of neutral electrolyte one slit width wide
    mouth_open: float
    #: length of the open electrolyte, m
    open_length: float
    #: standard errors by name of the field, m
    errors: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Check signs and sizes."""
        count = len(STORAGE_WIDTHS) + 1
        for name in ("inner_storage", "last_storage"):
            array = np.asarray(getattr(self, name), dtype=float)
            if array.shape != (count,) or (array < 0).any() or not array.any():
                raise InputError(f"{name} = {array}; {count} lengths that are not negative are needed")
            object.__setattr__(self, name, array)
        for name in ("slit_width", "strip_width", "gap_width", "first_gap_width", "open_length"):
            if not getattr(self, name) > 0:
                raise InputError(f"{name} = {getattr(self, name):g} m must be positive")
        paths = ("slit_path", "gap_path", "first_slit_path", "first_gap_path", "first_open_path", "open_path")
        for name in (*paths, "mouth_plate", "mouth_open"):
            if not getattr(self, name) >= 0:
                raise InputError(f"{name} = {getattr(self, name):g} m must not be negative")

    @property
    def hop_length(self) -> float:
        """Length l of J_s = D_s n_s (w_s,i - w_s,i+1)/l^2 in an uncharged stack, m."""
        held = self.inner_storage * np.array([*STORAGE_WIDTHS, 1.0])
        return float(np.sqrt(held.sum() * (2 * self.slit_path + self.gap_path * self.slit_width / self.gap_width)))

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers and lists, all in m."""
        names = [name for name in self.__dataclass_fields__ if name != "errors"]
        values = {name: getattr(self, name) for name in names}
        return {k: v.tolist() if isinstance(v, np.ndarray) else v for k, v in values.items()} | {
            "errors": dict(self.errors)
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "RailConstants":
        """Return the constants of `to_dict`.

        Raises:
            InputError: a name is missing or unknown.
        """
        try:
            return cls(**values)
        except TypeError as error:
            raise InputError(f"these are no constants of rails: {error}") from error
