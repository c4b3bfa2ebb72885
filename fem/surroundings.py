"""What bounds the electrolyte, surfaces with fixed charges, dielectric solids, reservoirs, and what reacts in it."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from ionspice.core import InputError
from ionspice.core.double_layer import diffuse_potential
from ionspice.core.electrolyte import Electrolyte
from ionspice.core.reservoirs import SecondReservoir
from ionspice.fem.chemistry.descriptions import HomogeneousReaction, Leakage, Reaction
from ionspice.meshes import groups

_ELECTRODES = (groups.ELECTRODE, groups.COUNTER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Surface:
    """What is fixed on one surface of the mesh.

    The charge of an electrode sits on the ions' side of its Stern layer, where specifically adsorbed ions are.

    Raises:
        InputError: a name that is no surface's, a number that is not finite, a wall with a potential of zero charge.
    """

    name: str  #: electrode, counter, wall_1, wall_2, ...
    charge: float = 0.0  #: sigma [C/m^2]
    zero_charge_potential: float = 0.0  #: phi_m of an electrode at which metal and bulk are at one potential [V]

    def __post_init__(self) -> None:
        """Check name and numbers."""
        if self.name not in _ELECTRODES and not groups.is_wall(self.name):
            raise InputError(f'surface "{self.name}" is none; use electrode, counter, wall_1, wall_2, ...')
        for key in ("charge", "zero_charge_potential"):
            if not math.isfinite(getattr(self, key)):
                raise InputError(f"surface {self.name}: {key} = {getattr(self, key)} must be a finite number")
        if groups.is_wall(self.name) and self.zero_charge_potential != 0:
            raise InputError(
                f"surface {self.name}: zero_charge_potential = {self.zero_charge_potential} V, but an insulating "
                "wall has no potential of its own; give its charge, or leave the key out"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Solid:
    """A dielectric part of the mesh, which holds no ions.

    Raises:
        InputError: a name that is no solid's, or a permittivity below 1.
    """

    name: str  #: solid_1, solid_2, ...
    relative_permittivity: float  #: eps_r [1]

    def __post_init__(self) -> None:
        """Check name and number."""
        if not groups.is_solid(self.name):
            raise InputError(f'solid "{self.name}" is none; use solid_1, solid_2, ...')
        if not 1 <= self.relative_permittivity < math.inf:
            raise InputError(
                f"solid {self.name}: relative_permittivity = {self.relative_permittivity} must be 1 (vacuum) or more"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What bounds the electrolyte; by default bare electrodes without charge at 0 V.

    Raises:
        InputError: a negative Stern layer, a name that is there twice, or an electrode with a fixed charge but
            without a Stern layer, on whose ions the charge has no effect.
    """

    stern_layer: float = 0.0  #: thickness lambda_S of the Stern layer of electrodes [m], 0 for none
    surfaces: tuple[Surface, ...] = ()  #: those that are not bare
    solids: tuple[Solid, ...] = ()  #: one for every solid of the mesh
    reactions: tuple[Reaction, ...] = ()  #: at all electrodes
    leakages: tuple[Leakage, ...] = ()  #: at all electrodes
    homogeneous: tuple[HomogeneousReaction, ...] = ()  #: reactions of ions with each other
    second_reservoir: SecondReservoir | None = None  #: behind a membrane; None where there is none

    def __post_init__(self) -> None:
        """Check what concerns more than one record."""
        if not 0 <= self.stern_layer < math.inf:
            raise InputError(f"stern_layer = {self.stern_layer} m must not be negative (0 for none)")
        for kind, names in (("surface", [s.name for s in self.surfaces]), ("solid", [s.name for s in self.solids])):
            for name in names:
                if names.count(name) > 1:
                    raise InputError(f"{kind} {name} is there {names.count(name)} times; give each once")
        for surface in self.surfaces:
            if surface.name in _ELECTRODES and surface.charge != 0 and self.stern_layer == 0:
                raise InputError(
                    f"surface {surface.name}: charge = {surface.charge} C/m^2 has no effect at a potential that is "
                    "given on the ions' side; give [electrode] stern_layer, or shift zero_charge_potential instead"
                )

    def surface(self, name: str) -> Surface:
        """Return what is fixed on a surface, nothing unless told."""
        return next((s for s in self.surfaces if s.name == name), Surface(name=name))

    def diffuse_potentials(self, electrolyte: Electrolyte, potentials: Iterable[float]) -> tuple[float, ...]:
        """Return the potentials [V] of the ions next to electrodes at potentials phi_m [V], and to charged walls.

        Raises:
            InputError: a charge that the ions cannot screen.
        """
        given = tuple(potentials) if self.has_electrode else ()
        found = []
        for surface in (self.surface(name) for name in _ELECTRODES):
            metal = (potential - surface.zero_charge_potential for potential in given)
            found += [diffuse_potential(electrolyte, v, self.stern_layer, surface.charge) for v in metal]
        walls = (s for s in self.surfaces if groups.is_wall(s.name))
        return (*found, *(diffuse_potential(electrolyte, 0.0, math.inf, s.charge) for s in walls))

    @property
    def has_chemistry(self) -> bool:
        """Whether anything reacts or leaks."""
        return bool(self.reactions or self.leakages or self.homogeneous)

    def check_species(self, electrolyte: Electrolyte) -> None:
        """Check that what reacts and what a second reservoir holds are species of an electrolyte, in equilibrium.

        Raises:
            InputError: they are not.
        """
        for couple in self.reactions:
            couple.check_species(electrolyte)
        for leakage in self.leakages:
            leakage.check_species(electrolyte)
        first, *others = self.electrolytes(electrolyte)
        for reaction in self.homogeneous:
            reaction.check_bulk(first)
            for second in others:
                reaction.check_reservoirs(first, second)

    def electrolytes(self, first: Electrolyte) -> tuple[Electrolyte, ...]:
        """Return the electrolytes of all reservoirs."""
        return (first,) if self.second_reservoir is None else (first, self.second_reservoir.electrolyte(first))

    @property
    def has_electrode(self) -> bool:
        """Whether an electrode follows the drive, and not the second reservoir."""
        return self.second_reservoir is None or not self.second_reservoir.driven

    @property
    def is_plain(self) -> bool:
        """Whether there are only electrodes, with nothing fixed on them, that block."""
        return not (self.solids or self.has_chemistry or self.second_reservoir) and not any(
            s.charge or s.zero_charge_potential for s in self.surfaces
        )

    def check_mesh(self, regions: Iterable[str], boundaries: Iterable[str], *, source: str) -> None:
        """Check that surfaces, solids and reservoirs are those of a mesh.

        Raises:
            InputError: one is not in the mesh, or a solid or second reservoir of the mesh is not described.
        """
        present, lines = set(regions), set(boundaries)
        self._check_ends(lines, source)
        for surface in self.surfaces:
            if surface.name not in lines:
                raise InputError(
                    f"{source}: surface {surface.name} is no boundary of the mesh (found: "
                    f"{', '.join(sorted(lines))}); name its lines so, or leave the surface out"
                )
        solids, given = {name for name in present if groups.is_solid(name)}, {s.name for s in self.solids}
        for name in sorted(given ^ solids):
            raise InputError(
                f"{source}: solid {name} is no region of the mesh; name its cells so, or leave the solid out"
                if name in given
                else f"{source}: region {name} of the mesh has no permittivity; give it in [[solids]]"
            )

    def _check_ends(self, lines: set[str], source: str) -> None:
        if (groups.SECOND_RESERVOIR in lines) != (self.second_reservoir is not None):
            raise InputError(
                f"{source}: reservoir_2 of the mesh has no concentrations; give [second_reservoir] concentrations"
                if self.second_reservoir is None
                else f"{source}: a second reservoir is given, but there is no boundary reservoir_2; name its lines "
                'so, choose [geometry] kind = "channel", "nanopore" or "membrane", or leave [second_reservoir] out'
            )
        if self.has_electrode == (groups.ELECTRODE in lines):
            if not self.has_electrode and (self.stern_layer or self.reactions or self.leakages):
                raise InputError(
                    f"{source}: a Stern layer, reactions and leakage are an electrode's, and there is none between "
                    "the two reservoirs; leave [electrode], [[reactions]] and [[leakages]] out"
                )
            return
        raise InputError(
            f"{source}: an electrode follows the drive, but there is no boundary electrode; without one choose "
            '[geometry] kind = "channel", "nanopore" or "membrane", where the drive is the potential behind it'
            if self.has_electrode
            else f"{source}: the drive is the potential of the second reservoir, but there is an electrode too; "
            'choose another [geometry] kind than "channel", "nanopore" and "membrane", or make its lines walls'
        )
