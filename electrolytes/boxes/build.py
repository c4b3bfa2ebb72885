"""The boxes of a study's mixtures, each in a file with where it comes from."""

import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from ionspice.core import replacing
from ionspice.core.reading import reading
from ionspice.electrolytes.boxes.clashes import shortest_contact
from ionspice.electrolytes.boxes.packing import MOLECULE, Ingredient, edge_of, pack
from ionspice.electrolytes.study.compositions import BoxSection, CompositionSection

if TYPE_CHECKING:
    from ase import Atoms


@dataclass(frozen=True, slots=True, kw_only=True)
class BoxPlan:
    """A box that is to be built."""

    composition: CompositionSection
    box: BoxSection

    @property
    def name(self) -> str:
        """Name of the box, without suffix."""
        size = f"{self.box.density:g}gcm3" if self.box.density is not None else f"{self.box.edge:g}A"
        return f"{self.composition.name}_{size}"


def plans_of(compositions: Iterable[CompositionSection]) -> list[BoxPlan]:
    """Return the boxes of mixtures, each once: runs of one density at several temperatures start from one box."""
    plans = [BoxPlan(composition=one, box=box) for one in compositions for box in one.boxes]
    return list({plan.name: plan for plan in plans}.values())


def build_box(plan: BoxPlan, geometries: Mapping[str, "Atoms"], charges: Mapping[str, int], *, seed: int) -> "Atoms":
    """Return a packed box; its `info` says how it was made.

    Args:
        plan: what is built.
        geometries: of the molecules, by name.
        charges: of the molecules [e], by name.
        seed: the same seed gives the same box.

    Raises:
        RunError: no box without clashes was found.
    """
    sizes = {name: len(geometry) for name, geometry in geometries.items()}
    counts = plan.composition.molecules(sizes, charges)
    ingredients = [
        Ingredient(name=name, geometry=geometry, count=counts.get(name, 0)) for name, geometry in geometries.items()
    ]
    edge = plan.box.edge if plan.box.edge is not None else edge_of(ingredients, plan.box.density or 1.0)
    # Boxes of one study differ, and stay the same whatever others it has.
    own_seed = zlib.crc32(f"{plan.name} {seed}".encode())
    box = pack(ingredients, edge=edge, seed=own_seed)
    box.info.update(
        composition=plan.composition.name,
        counts=counts,
        seed=own_seed,
        nearest=shortest_contact(box, box.arrays[MOLECULE]),
        packmol=version("packmol"),
        ionspice=version("ionspice"),
    )
    return box


def is_packed(frame: "Atoms") -> bool:
    """Return whether a frame is a box as it was packed, with contacts that are to be relaxed before it moves."""
    return "packmol" in frame.info


def write_box(path: Path, box: "Atoms") -> None:
    """Write a box as extended XYZ."""
    from ase.io import write

    with replacing(path) as temporary:
        write(temporary, box, format="extxyz")


def read_box(path: Path) -> "Atoms":
    """Return a box.

    Raises:
        InputError: the file is missing or damaged.
    """
    from ase import Atoms
    from ase.io import read

    with reading(path, remedy="make it again with ionspice electrolyte build"):
        box = read(path, format="extxyz")
        assert isinstance(box, Atoms)
        if MOLECULE not in box.arrays:
            raise ValueError(f"it has no column {MOLECULE}")
        return box
