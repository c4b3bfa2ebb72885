"""Which element an atom is, by all that says so; where two sources disagree, types were swapped."""

from collections.abc import Sequence

import numpy as np

from ionspice.core import InputError
from ionspice.electrolytes.analysis.arrays import Floats, Names
from ionspice.electrolytes.analysis.elements import element_of, masses_of, same_element
from ionspice.electrolytes.analysis.readers import universe as library
from ionspice.electrolytes.analysis.readers.lammps_data import DataFile
from ionspice.electrolytes.analysis.readers.lammps_dump import DumpAtoms


def check_types(atoms: DumpAtoms, data: DataFile, name: str) -> None:
    """Refuse a dump whose atoms are not those of the data file, or of other types.

    Raises:
        InputError: with the first atom that differs.
    """
    missing = [atom for atom in atoms.ids.tolist() if atom not in data.types]
    if missing:
        raise InputError(f"{name}: atom {missing[0]} is not in {data.name}; give the data file of the same run")
    if atoms.types is None:
        return
    for atom, type_ in zip(atoms.ids.tolist(), atoms.types.tolist(), strict=True):
        if data.types[atom] != type_:
            raise InputError(
                f"{name}: atom {atom} is of type {type_}, in {data.name} of type {data.types[atom]}; give the data "
                "file of the same run"
            )


def elements_of_dump(atoms: DumpAtoms, data: DataFile | None, type_map: Sequence[str], name: str) -> Names:
    """Return the elements of a dump's atoms.

    Args:
        atoms: of the dump.
        data: the data file, or None.
        type_map: elements by type, or empty.
        name: of the dump, for messages.

    Raises:
        InputError: nothing names them, or two sources disagree.
    """
    known = {
        "the type map": _by_type(atoms, dict(enumerate(type_map, start=1)), name, "the type map")
        if type_map
        else None,
        "the dump's column element": atoms.elements,
        "the dump's column mass": None if atoms.masses is None else _by_mass(atoms.masses),
        "the data file's masses": None if data is None else _by_data(atoms, data, name),
    }
    given = {place: elements for place, elements in known.items() if elements is not None}
    if not given:
        raise InputError(f"{name} does not name elements; give the type map, such as C N H Al Cl, or the data file")
    first, elements = next(iter(given.items()))
    for place, others in given.items():
        if not np.array_equal(elements, others):
            atom = int(np.argmax(elements != others))
            raise InputError(
                f"{name}: atom {atoms.ids[atom]} is {elements[atom]} by {first} but {others[atom]} by {place}; "
                "put the type map in the order of the types"
            )
    masses_of(list(dict.fromkeys(elements.tolist())))
    return elements


def _by_data(atoms: DumpAtoms, data: DataFile, name: str) -> Names:
    elements = {type_: element_of(mass) for type_, mass in data.masses.items()}
    if atoms.types is None:
        return np.array([elements[data.types[atom]] for atom in atoms.ids.tolist()])
    return _by_type(atoms, elements, name, data.name)


def _by_type(atoms: DumpAtoms, elements: dict[int, str], name: str, origin: str) -> Names:
    if atoms.types is None:
        raise InputError(f"{name} has no column type, so {origin} cannot be applied; write `id type xu yu zu`")
    unknown = sorted(set(atoms.types.tolist()) - set(elements))
    if unknown:
        raise InputError(f"{name} has the atom type {unknown[0]}, {origin} has {len(elements)} types; name them all")
    return np.array([elements[type_] for type_ in atoms.types.tolist()])


def _by_mass(masses: Floats) -> Names:
    return np.array([element_of(mass) for mass in masses.tolist()])


def elements_of_universe(universe: object, type_map: Sequence[str], name: str) -> Names:
    """Return the elements of the atoms of MDAnalysis's universe; types are in the order of their numbers or names.

    Raises:
        InputError: nothing names them, or they do not fit the masses.
    """
    masses, types = library.masses_in(universe), library.types_in(universe)
    if type_map and types is not None:
        order = sorted(set(types.tolist()), key=lambda type_: (len(type_), type_))
        if len(order) != len(type_map):
            raise InputError(
                f"{name} has {len(order)} atom types, the type map {len(type_map)}; name them all in order"
            )
        elements = np.array([dict(zip(order, type_map, strict=True))[type_] for type_ in types.tolist()])
    else:
        named = library.elements_in(universe)
        if named is None and masses is None:
            raise InputError(f"{name} names neither elements nor masses; give the type map or another topology")
        elements = named if named is not None else _by_mass(masses) if masses is not None else np.array([])
    if masses is not None:
        for symbol, mass in set(zip(elements.tolist(), masses.tolist(), strict=True)):
            if not same_element(symbol, mass):
                raise InputError(
                    f"{name}: an atom of mass {mass:g} u is taken for {symbol}; put the type map in order"
                )
    return elements
