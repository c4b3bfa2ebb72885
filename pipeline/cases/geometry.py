"""[geometry] of the case file: the electrode that ions fill."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from ionspice.core import InputError
from ionspice.core.section import Section
from ionspice.meshes import (
    Channel,
    FullCell,
    Geometry,
    PlanarElectrode,
    SheetMembrane,
    SlitStack,
    StraightPore,
    groups,
)
from ionspice.meshes.channel import WALL
from ionspice.pipeline.cases.limits import LAYERS, SIZE
from ionspice.pipeline.cases.quantities import Length

type Size = Annotated[Length, SIZE]

# The stages' own records hold the defaults.
_STACK, _PORE = SlitStack(), StraightPore()
_OF_STACKS = ("layers", "slit", "sheet_length", "sheet_thickness", "edge_gap", "open_length")
_KEYS = {
    "stack": _OF_STACKS,
    "membrane": _OF_STACKS,
    "planar": ("open_length",),
    "slit": ("slit", "length", "sections", "wall", "open_length"),
    "pore": ("radius", "length", "sections", "wall", "open_length"),
    "channel": ("slit", "far_slit", "length", "sections", "wall", "open_length"),
    "nanopore": ("radius", "far_radius", "length", "sections", "wall", "open_length"),
}


class GeometrySection(Section):
    """[geometry]: the electrode."""

    kind: Literal["stack", "planar", "slit", "pore", "channel", "nanopore", "membrane"] = Field(
        default="stack",
        description="stack of sheets, open planar electrode, single slit, cylindrical pore; or between two "
        "reservoirs through an insulating membrane: a channel (slit), nanopore (cylinder, cone) or stack of sheets "
        "(membrane)",
    )
    layers: Annotated[int, LAYERS] = Field(default=_STACK.layers, ge=2, strict=True, description="number of sheets N")
    slit: Size = Field(default=_STACK.slit, gt=0, description="surface-to-surface distance d of the sheets")
    sheet_length: Size = Field(default=_STACK.sheet_length, gt=0, description="length L of a sheet")
    sheet_thickness: Size = Field(default=_STACK.sheet_thickness, gt=0, description="thickness t of a sheet")
    edge_gap: Size = Field(default=_STACK.edge_gap, gt=0, description="gap delta between sheets of one layer")
    open_length: Size = Field(
        default=_STACK.open_length,
        gt=0,
        description="electrolyte in front of the electrode, on both sides of a membrane",
    )
    radius: Size = Field(default=_PORE.half_width, gt=0, description="radius of a pore")
    far_slit: Size | None = Field(
        default=None, gt=0, description="slit of a channel at its second mouth; default: slit"
    )
    far_radius: Size | None = Field(
        default=None, gt=0, description="radius of a nanopore at its second mouth; default: radius"
    )
    length: Size = Field(
        default=_PORE.length, gt=0, description="length of a single slit or pore, thickness of a membrane"
    )
    sections: Annotated[int, LAYERS] = Field(
        default=_PORE.sections,
        ge=1,
        strict=True,
        description="equal pieces of the length of a single slit, pore or channel",
    )
    wall: Size = Field(
        default=_PORE.wall, gt=0, description="face of electrode or membrane beside the mouth of a slit or pore"
    )
    counter: bool = Field(default=False, description="a sealed cell with a second, equal electrode at -phi_m")

    @model_validator(mode="after")
    def _gaps_do_not_overlap(self) -> Self:
        if self.edge_gap >= self.sheet_length:
            raise ValueError(
                f"edge_gap = {self.edge_gap * 1e9:.6g} nm must be smaller than sheet_length = "
                f"{self.sheet_length * 1e9:.6g} nm, or the gaps of two layers overlap; reduce edge_gap"
            )
        return self

    @property
    def circuit_layers(self) -> int:
        """Number of layers of a circuit of this geometry, one more than slits or sections."""
        if self.kind == "planar":
            return 1
        return self.layers if self.kind in ("stack", "membrane") else self.sections + 1

    @property
    def pore_width(self) -> float:
        """Width of the slits, or diameter of the cylinder [m]."""
        return 2 * self.radius if self.is_round else self.slit

    @property
    def is_membrane(self) -> bool:
        """Whether the geometry lies between two reservoirs and has no electrode."""
        return self.kind in ("channel", "nanopore", "membrane")

    @property
    def is_round(self) -> bool:
        """Whether results are of a whole body of revolution."""
        return self.kind in ("pore", "nanopore")

    @property
    def surfaces(self) -> tuple[str, ...]:
        """Names of the surfaces and of the second reservoir of the generated mesh."""
        if self.is_membrane:
            return (groups.SECOND_RESERVOIR, WALL)
        return (groups.ELECTRODE, groups.COUNTER) if self.counter else (groups.ELECTRODE,)

    def pore(self) -> StraightPore | None:
        """Return the single slit or pore in SI; None of other kinds."""
        if self.kind not in ("slit", "pore"):
            return None
        return StraightPore(
            half_width=self.pore_width / 2,
            cylindrical=self.kind == "pore",
            **self.model_dump(include={"length", "sections", "wall", "open_length"}),
        )

    def build(self) -> Geometry:
        """Return the geometry in SI."""
        self.check_keys(self.kind, _KEYS)
        if self.is_membrane:
            if self.counter:
                raise InputError("counter = true needs electrodes, and a membrane has none; leave it out")
            return SheetMembrane(stack=self._stack()) if self.kind == "membrane" else self._channel()
        half = self._half()
        return FullCell(half=half) if self.counter else half

    def _channel(self) -> Channel:
        far = self.far_radius if self.is_round else self.far_slit
        return Channel(
            half_width=self.pore_width / 2,
            far_half_width=self.pore_width / 2 if far is None else far if self.is_round else far / 2,
            cylindrical=self.is_round,
            **self.model_dump(include={"length", "sections", "wall", "open_length"}),
        )

    def _half(self) -> Geometry:
        if self.kind == "planar":
            return PlanarElectrode(open_length=self.open_length)
        return self.pore() or self._stack()

    def _stack(self) -> SlitStack:
        return SlitStack(**self.model_dump(include=set(_OF_STACKS)))
