"""[mesh] of the case file, and the cell size at walls where it names none."""

from collections.abc import Callable
from dataclasses import replace

from pydantic import Field

from ionspice.core.double_layer import compressed_length
from ionspice.core.drives import Drive, potential_range
from ionspice.core.electrolyte import Electrolyte
from ionspice.core.section import Section
from ionspice.fem import Surroundings
from ionspice.meshes import FINEST_SPACING, MeshGrading
from ionspice.pipeline.cases.quantities import Length

# The stages' own records hold the defaults.
_GRADING = MeshGrading()
#: of the shortest screening length: charges of a plane are then right to 0.2 %, with correlations to 1 %
_SHARE = 1 / 3
_MOST_UNKNOWNS = 1_000_000  # that a mesh is refined to without being asked


class MeshSection(Section):
    """[mesh]: resolution of the generated mesh, or an own mesh."""

    wall_spacing: Length | None = Field(
        default=None,
        gt=0,
        description="size of the cells at a wall; by default 0.05 nm, or what the compressed double layer needs",
    )
    growth: float = Field(
        default=_GRADING.growth,
        ge=1,
        le=3,
        strict=True,
        description="ratio of neighbouring cells across double layers; along sheets 4 times as far above 1, to 1.6",
    )
    file: str = Field(default="", description="an own mesh (.msh, .xdmf, .vtu), from the case file's folder")

    def build(self) -> MeshGrading:
        """Return the grading in SI, with the largest of the default sizes where none is given."""
        spacing = _GRADING.wall_spacing if self.wall_spacing is None else self.wall_spacing
        return MeshGrading(wall_spacing=spacing, growth=self.growth)


def fitting_spacing(electrolyte: Electrolyte, drive: Drive, surroundings: Surroundings, *, both_signs: bool) -> float:
    """Return the wall spacing [m] that resolves the double layers which a drive and fixed charges compress.

    Args:
        electrolyte: the ions.
        drive: what the electrode follows.
        surroundings: the Stern layer and what is fixed on surfaces.
        both_signs: a second electrode is at -phi_m.
    """
    potentials = potential_range(drive, both_signs=both_signs)
    length = min(
        compressed_length(one, surroundings.diffuse_potentials(one, potentials))
        for one in surroundings.electrolytes(electrolyte)
    )
    # Two digits, so that the mesh does not hang on the last bits of a processor.
    return min(_GRADING.wall_spacing, max(FINEST_SPACING, float(f"{_SHARE * length:.1e}")))


def affordable(grading: MeshGrading, unknowns: Callable[[MeshGrading], float]) -> MeshGrading:
    """Return the grading, coarser at the walls (not beyond the default) where its mesh would be very large."""
    while grading.wall_spacing < _GRADING.wall_spacing and unknowns(grading) > _MOST_UNKNOWNS:
        grading = replace(grading, wall_spacing=min(2 * grading.wall_spacing, _GRADING.wall_spacing))
    return grading
