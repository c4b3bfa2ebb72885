"""The constants of the rails of a stack or pore: lengths that depend on its geometry, and on nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ionspice.circuits.ions.solution import FloatArray
from ionspice.core import InputError

#: widths of the slits that stand for what a slit holds, over its own; the wider ones are what faces a gap
WIDTHS = (1.0, 1.25, 1.6)
#: distance of the mouth over the slit width: the centroid of its weight
_MOUTH_SHARE = 13 / 24
#: share of the strip that a face covers at least, 1
_LEAST_FACE = 0.05
#: Debye lengths before an open face that are taken to be in local equilibrium across them
_AT_FACE = 1.0


def mouth_depth(slit_width: float, open_length: float) -> float:
    """Return the distance of the mouth from the first sheet's face, m.

    It is the centroid of the mouth's weight, 1 up to half a slit width before the face, falling to 0 at three halves.
    """
    return min(_MOUTH_SHARE * slit_width, open_length / 2)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RailConstants:
    """Lengths of a stack of slits, of the sections of a pore, or of an open face; see `rails` for the equations.

    An array holds one length for each of `WIDTHS` and a last one for neutral electrolyte one slit width wide.
    """

    #: d, or the diameter of a cylindrical pore, m
    slit_width: float
    #: W, m
    strip_width: float
    #: length of the electrolyte in front of the first sheet, m
    open_length: float
    #: what a slit between two perforated sheets stores, m
    storage: FloatArray
    #: the same of the slit before the closed sheet, m
    last_storage: FloatArray
    #: way through half a slit and half a gap, m
    path: FloatArray
    #: way from the mouth to the first gap's middle, m
    mouth_path: FloatArray
    #: way from there into the first slit, m
    entrance_path: FloatArray
    #: what of the open electrolyte no double layer touches, m of neutral electrolyte one slit width wide
    open_path: float
    #: inverse width of the open electrolyte that the double layer of the first sheet's face reaches, 1/m
    open_crossing: float
    #: length of a wide slit's wall pair that the first sheet's face is worth, m
    mouth_plate: float
    #: what the mouth holds besides the face's double layer, m of neutral electrolyte one slit width wide
    mouth_rest: float = 0.0
    #: sections of a cylindrical pore in the place of slits
    cylindrical: bool = False

    def __post_init__(self) -> None:
        """Check signs and sizes."""
        for name in ("storage", "last_storage", "path", "mouth_path", "entrance_path"):
            array = np.asarray(getattr(self, name), dtype=float)
            # one of those into the stack may be all of the way
            needed = self.has_slits and name not in ("mouth_path", "entrance_path")
            if array.shape != (len(WIDTHS) + 1,) or (array < 0).any() or (needed and not array.any()):
                raise InputError(f"{name} = {array}; {len(WIDTHS) + 1} lengths that are not negative are needed")
            object.__setattr__(self, name, array)
        for name in ("slit_width", "strip_width", "open_length"):
            if not getattr(self, name) > 0:
                raise InputError(f"{name} = {getattr(self, name):g} m must be positive")
        for name in ("open_path", "open_crossing", "mouth_plate", "mouth_rest"):
            if not getattr(self, name) >= 0:
                raise InputError(f"{name} = {getattr(self, name):g} must not be negative")

    @property
    def has_slits(self) -> bool:
        """Whether anything lies behind the face."""
        return any(np.any(x) for x in (self.storage, self.last_storage, self.path))

    @property
    def mouth_depth(self) -> float:
        """Distance of the mouth from the first sheet's face, m."""
        return mouth_depth(self.slit_width, self.open_length)

    @property
    def face_share(self) -> float:
        """Share of the strip that the first sheet's face covers, 1."""
        return min(1.0, max(2 * self.mouth_plate / self.strip_width, _LEAST_FACE))

    @property
    def hop_length(self) -> float:
        """Length l of J_s = D_s n_s (w_s,i - w_s,i+1)/l^2 in an uncharged stack, m."""
        widths = np.array([*WIDTHS, 1.0])
        return float(np.sqrt(2 * (self.storage * widths).sum() * (self.path / widths).sum()))

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers and lists, all in m."""
        values = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {k: v.tolist() if isinstance(v, np.ndarray) else v for k, v in values.items()}

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


def face_constants(*, open_length: float, strip_width: float, debye_length: float) -> RailConstants:
    """Return the constants of an open face without slits, which need neither a field run nor a solution.

    Args:
        open_length: electrolyte before it, m.
        strip_width: its width, m.
        debye_length: of the electrolyte, m.
    """
    none = np.zeros(len(WIDTHS) + 1)
    depth = min(_AT_FACE * debye_length, open_length / 2)
    return RailConstants(
        slit_width=depth / _MOUTH_SHARE,
        strip_width=strip_width,
        open_length=open_length,
        storage=none,
        last_storage=none,
        path=none,
        mouth_path=none,
        entrance_path=none,
        open_path=0.0,
        open_crossing=1 / strip_width,
        mouth_plate=strip_width / 2,
    )
