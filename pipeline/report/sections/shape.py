"""What the report says of a geometry: a stack of sheets, a single slit or pore in sections, an open plate."""

from dataclasses import dataclass

from ionspice.pipeline.cases.geometry import GeometrySection


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """Words for one kind of geometry."""

    title: str  #: what ions are transported in
    electrode: str  #: what the electrode consists of
    part: str  #: what ions fill piece by piece
    sizes: str  #: numbers of a geometry that the case describes
    strip: str  #: what the figure of the strip shows
    #: how the words of the other sections are to be read; "" where they need no translation
    reading: str = ""


_STACK = (
    "The computed strip between two mirror lines (bottom and top). Ions enter from the reservoir at the left through "
    "the open electrolyte (blue), pass each sheet by its edge gap (green) and charge the slits (yellow). Gaps "
    "alternate between bottom and top, so the path zigzags; the last sheet is closed."
)
_PLANAR = "The computed strip between two mirror lines (bottom and top), from the reservoir to the plate."
_PORE = (
    "Ions enter from the reservoir at the left through the open electrolyte (blue) and the mouth. The pore is cut "
    "into equal sections (yellow) from cross-section to cross-section, the middles of the green pieces; it ends in a "
    "mirror, as if twice as long and open at both ends."
)
_READING = (
    "Along its length the pore is a transmission line of sections. Below, slit i is section i, gap i and element i "
    "are the cross-section in front of it, and a circuit of N layers is a pore of N − 1 such sections."
)
_MEMBRANE = (
    "Ions pass from the reservoir at the left through open electrolyte (blue), the channel, which is cut into equal "
    "sections (yellow) at the middles of the green pieces, and open electrolyte to the second reservoir at the "
    "right. The wall insulates; the potential of the second reservoir follows the drive."
)
_SHEETS = (
    "The computed strip between two mirror lines (bottom and top). Ions pass from the reservoir at the left through "
    "open electrolyte (blue), the gaps (green) and slits (yellow) of the sheets and open electrolyte to the second "
    "reservoir at the right. Gaps alternate between bottom and top, so the path zigzags. The sheets insulate; the "
    "potential of the second reservoir follows the drive."
)
_DEPTH = (
    "Per metre of depth is per metre of a strip as wide as the circle around the pore and of the same area: one pore "
    "is π W of it."
)


def shape_of(geometry: GeometrySection, *, layers: int, own_mesh: bool) -> Shape:
    """Return the words for a geometry.

    Args:
        geometry: of the case.
        layers: of the fields, one more than slits or sections.
        own_mesh: whether the mesh is the user's own, whose sizes the case does not know.
    """
    width = f"{geometry.pore_width * 1e9:.4g} nm"
    parts = f"{layers - 1} section{'s' * (layers > 2)}"
    far = geometry.far_radius and 2 * geometry.far_radius if geometry.is_round else geometry.far_slit
    narrows = f" to {far * 1e9:.4g} nm" if far else ""
    length = f"{geometry.length * 1e9:.4g} nm long"
    match geometry.kind:
        case "stack":
            return Shape(
                title="a stack of nanoslits",
                electrode="sheets",
                part="slit",
                sizes=f"{layers} layers, own mesh" if own_mesh else f"{layers} layers, slits of {width}",
                strip=_STACK,
            )
        case "planar":
            return Shape(
                title="front of a planar electrode",
                electrode="plate",
                part="slit",
                sizes="planar electrode",
                strip=_PLANAR,
            )
        case "slit":
            return Shape(
                title="a single slit",
                electrode="wall",
                part="section",
                sizes=f"slit in {parts}, own mesh" if own_mesh else f"slit of {width}, {length}, in {parts}",
                strip=f"One half of the slit, whose middle is the bottom line. {_PORE}",
                reading=_READING,
            )
        case "channel":
            return Shape(
                title="a channel between two reservoirs",
                electrode="wall",
                part="section",
                sizes=f"channel in {parts}, own mesh" if own_mesh else f"channel of {width}{narrows}, {length}",
                strip=f"One half of the channel, whose middle is the bottom line. {_MEMBRANE}",
                reading=_READING,
            )
        case "nanopore":
            return Shape(
                title="a nanopore between two reservoirs",
                electrode="wall",
                part="section",
                sizes=f"nanopore in {parts}, own mesh" if own_mesh else f"nanopore of {width}{narrows}, {length}",
                strip=f"A cut from the nanopore's axis (bottom) outwards. {_MEMBRANE}",
                reading=f"{_READING} {_DEPTH}",
            )
        case "membrane":
            return Shape(
                title="a membrane of sheets between two reservoirs",
                electrode="sheets",
                part="slit",
                sizes=f"membrane of {layers} layers, " + ("own mesh" if own_mesh else f"slits of {width}"),
                strip=_SHEETS,
            )
        case "pore":
            return Shape(
                title="a cylindrical pore",
                electrode="wall",
                part="section",
                sizes=f"cylinder in {parts}, own mesh" if own_mesh else f"cylinder of {width}, {length}, in {parts}",
                strip=f"A cut from the pore's axis (bottom) outwards. {_PORE}",
                reading=f"{_READING} {_DEPTH}",
            )
