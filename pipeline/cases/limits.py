"""Largest numbers of the case file, each with its reason: what is beyond would fill the memory or never end."""

from typing import Any

from pydantic import AfterValidator

#: rows of observables.nc that a run may have: they are kept in memory and in every checkpoint
MOST_STEPS = 10_000_000
#: unknowns of the field model: the direct solver counts its entries with 32 bits
MOST_UNKNOWNS = 50_000_000


def at_most(limit: float, reason: str, unit: str = "", scale: float = 1.0) -> AfterValidator:
    """Return a check that the size of a number, if there is one, is not above a limit.

    Args:
        limit: the largest size, in `unit`.
        reason: why, for the message.
        unit: for the message.
        scale: SI value of one unit.
    """

    def check(value: Any) -> Any:
        if value is not None and abs(value) > limit * scale:
            raise ValueError(f"is more than {limit:,.10g} {unit}".rstrip() + f": {reason}; give a smaller value")
        return value

    return AfterValidator(check)


def most_entries(limit: int, reason: str) -> AfterValidator:
    """Return a check that a list is not longer than a limit."""

    def check(value: Any) -> Any:
        if len(value) > limit:
            raise ValueError(f"has {len(value)} entries, more than {limit}: {reason}; leave some out")
        return value

    return AfterValidator(check)


#: any length of the geometry
SIZE = at_most(1.0, "ions in nanometres are what is computed; a wider electrolyte is one of bulk", "mm", 1e-3)
#: any potential
VOLTS = at_most(10.0, "beyond it the ions' exp(z e phi/kT) leaves the range of numbers, and water its window", "V")
SURFACE_CHARGE = at_most(10, "no surface holds more than some elementary charges an atom", "C/m^2")
SURFACES = most_entries(1000, "each is a group of the mesh")
LAYERS = at_most(10_000, "their mesh has more unknowns than the direct solver can number")
CYCLES = at_most(10_000, "every cycle is computed by itself and kept")
PROTOCOL = most_entries(1000, "write what is repeated once, with a repeat behind it")
SECONDS = at_most(1e6, "ions of nanometres are at rest long before", "s")
CONCENTRATION = at_most(100, "no liquid holds more", "mol/L", 1e3)
KELVIN = at_most(2000, "no electrolyte is so hot", "K")
PERMITTIVITY = at_most(10_000, "no solvent has more")
KINDS = most_entries(10, "each is an unknown of every node")
STEPS = at_most(1_000_000, "every step is computed and kept")
RECORDED = most_entries(1000, "each is recorded at every step")
POINTS = at_most(10_000, "each is recorded at every step")
CIRCUITS = most_entries(100, "each is a circuit")
SEED = at_most(9223372036854775807, "seeds are numbers of 64 bits")
SEEDS = at_most(1000, "every seed is a search of its own")
ISLANDS = at_most(1000, "every island is a population in memory")
POPULATION = at_most(100000, "every chromosome is fitted in every generation")
GENERATIONS = at_most(1000000, "every generation is computed")
