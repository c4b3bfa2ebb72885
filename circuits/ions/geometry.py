"""The geometries whose rails can be predicted, as the plane domains that are solved for them; lengths in m."""

from dataclasses import dataclass

from ionspice.circuits.ions.plane import Rectangle

#: rectangles of a domain, and its sides without walls
type Outline = tuple[list[Rectangle], list[Rectangle]]


@dataclass(frozen=True, slots=True, kw_only=True)
class StackGeometry:
    """Sheets of length L with edge gaps, stacked with half a period's offset; m."""

    slit_width: float  #: d
    sheet_length: float  #: L
    sheet_thickness: float  #: t
    edge_gap: float  #: delta
    open_length: float  #: electrolyte before the first sheet

    @property
    def strip_width(self) -> float:
        """Width W = (L + delta)/2 of the mirror strip."""
        return (self.sheet_length + self.edge_gap) / 2

    def slit(self, *, last: bool) -> Outline:
        """Return rectangles and sides without walls of a slit with the halves of its gaps."""
        d, half, half_gap, width = self.slit_width, self.sheet_thickness / 2, self.edge_gap / 2, self.strip_width
        rectangles = [(0.0, d, 0.0, width), (-half, 0.0, 0.0, half_gap)]
        sides = [(-half, d, 0.0, 0.0), (0.0, d, width, width), (-half, -half, 0.0, half_gap)]
        if not last:
            rectangles.append((d, d + half, width - half_gap, width))
            sides += [(d, d + half, width, width), (d + half, d + half, width - half_gap, width)]
        return rectangles, sides

    def front(self) -> Outline:
        """Return the same of the open electrolyte with half the first gap; the face is at x = 0."""
        half, half_gap, width, length = (
            self.sheet_thickness / 2,
            self.edge_gap / 2,
            self.strip_width,
            self.open_length,
        )
        rectangles = [(-length, 0.0, 0.0, width), (0.0, half, 0.0, half_gap)]
        sides = [
            (-length, half, 0.0, 0.0),
            (-length, 0.0, width, width),
            (-length, -length, 0.0, width),
            (half, half, 0.0, half_gap),
        ]
        return rectangles, sides


@dataclass(frozen=True, slots=True, kw_only=True)
class PoreGeometry:
    """A straight pore in equal sections: a slit, of which the half beside its middle plane is meant, or a cylinder.

    Results of a cylinder are per metre of depth of a strip of the same area, as of `ionspice.core.observables`.
    """

    slit_width: float  #: distance of the plates, or diameter of the cylinder
    section_length: float  #: distance of neighbouring cross-sections
    entrance: float  #: from the mouth to the first cross-section
    wall: float  #: of the electrode's face beside the mouth
    open_length: float  #: electrolyte before the mouth
    cylindrical: bool = False  #: a cylinder instead of a slit

    @property
    def strip_width(self) -> float:
        """Width of the strip, or radius of the circle around a cylinder."""
        return self.slit_width / 2 + self.wall

    @property
    def share(self) -> float:
        """Cross-section over the width of the cells that stand for it, as `slit_cells` counts them, 1."""
        return self.slit_width / 2 / self.strip_width if self.cylindrical else 0.5

    @property
    def face(self) -> float:
        """Length of a wide slit's wall pair that the face and the entrance are worth."""
        half, width = self.slit_width / 2, self.strip_width
        if self.cylindrical:
            return (width**2 - half**2 + 2 * half * self.entrance) / width / 2
        return (self.wall + self.entrance) / 2

    def front(self) -> Outline:
        """Return the open electrolyte with the pore up to its first cross-section; the face is at x = 0."""
        half, width, length, end = self.slit_width / 2, self.strip_width, self.open_length, self.entrance
        rectangles = [(-length, 0.0, 0.0, width), (0.0, end, 0.0, half)]
        sides = [
            (-length, end, 0.0, 0.0),
            (-length, 0.0, width, width),
            (-length, -length, 0.0, width),
            (end, end, 0.0, half),
        ]
        return rectangles, sides
