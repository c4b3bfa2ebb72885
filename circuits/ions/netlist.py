r"""The rails as a SPICE subcircuit or a Verilog-A module.

Inside, one volt is kT/e: the rails' nodes are at w_s, and currents are e times flows of ions. Every kind of cells
at a node of the chain is a resistor network, A between its nodes p_j and the wall, with sources that inject the
charges sum_s z_s g_j c_s; its solution is the slit's equilibrium at every instant, so that Poisson's equation stores
no state of its own. With correlations A has no network, and sources take A p instead. The numbers of ions are
voltages V(n<i>_<s>) of sources over linear capacitors, whose currents another source takes from the rails:

    rail i, ion s  --B--  rail i + 1, ion s       conductance D_s / sum(B/F' + E/F'), F' the means of both halves
         |
         F  of the current of C (V(n) = n_s/n_0)

The column before the first sheet is a network of the same kind whose nodes have rails of their own; its flows need
the concentrations on both sides of a bond, and the port gets its displacement current, too.

All elements lie inside a strip of `INNER_AREA`, whose charges and resistances suit ngspice's solver; the port couples
by a voltage-controlled voltage source and current sources that multiply by the ratio of areas.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from scipy import constants

from ionspice.circuits.dialects.device import checked_name
from ionspice.circuits.dialects.spice import NGSPICE, SPICE_DIALECTS, VACASK
from ionspice.circuits.dialects.verilog_a import VERILOG_A
from ionspice.circuits.ions.cells import Cells
from ionspice.circuits.ions.column import Column
from ionspice.circuits.ions.languages import Language, SpiceRails, VerilogRails
from ionspice.circuits.ions.means import mean_text
from ionspice.circuits.ions.rails import RailCircuit, evaluate
from ionspice.circuits.ions.solution import FloatArray
from ionspice.core import InputError

#: area of the strip that is simulated, m^2; the device's area multiplies its port
INNER_AREA = 6e-12
#: an ion's conductance and share of storage that is left when the ion is gone, over those in the bulk
_REST = 1e-7
#: what a conductance of 1 is in the networks of cells, S: their round-off must stay below ngspice's abstol
_SIEMENS = 1e-4
#: length of open electrolyte over the Debye length from which on its displacement current may be left out
_QUIET = 10
#: largest argument of exponentials, so that Newton's iterations stay finite
_LIMIT = 100


def print_rails(
    circuit: RailCircuit, name: str = "RAILS", area: float | None = None, dialect: str = NGSPICE.name
) -> str:
    """Return the text of `.subckt <name> EL BULK`, of a sealed cell `.subckt <name> POS NEG`, or such a module.

    Args:
        circuit: a half cell, or a sealed cell, whose voltage is twice the electrode's potential.
        name: of the subcircuit, lower case where the dialect has it so.
        area: default of the parameter `area`, m^2; one metre of depth of the strip unless given.
        dialect: a SPICE dialect or Verilog-A.

    Raises:
        InputError: a name that would break a netlist, an area that is not positive, or a dialect that cannot have
            the displacement current of a dilute salt.
    """
    if area is not None and not 0 < area < float("inf"):
        raise InputError(f"area = {area} m^2; it must be positive and finite")
    displaced = dialect != VACASK.name
    if not displaced and circuit.column is not None and circuit.column.length < _QUIET * circuit.column.unit:
        raise InputError(
            f"the open electrolyte is {circuit.column.length / circuit.column.unit:.1f} Debye lengths long; below "
            f"{_QUIET} displacement current counts, with which dialect {dialect!r} does not converge; "
            f"use {VERILOG_A!r}, which the same simulator reads"
        )
    pins = rail_pins(circuit)
    language: Language = VerilogRails(pins) if dialect == VERILOG_A else SpiceRails(SPICE_DIALECTS[dialect], pins)
    body = [*_printed_walls(circuit, language), *_Printer(circuit, language, displaced=displaced)]
    return language.device(checked_name(name), pins, circuit.strip_width if area is None else area, body)


def rail_pins(circuit: RailCircuit) -> tuple[str, str]:
    """Return the names of the pins."""
    return ("EL", "BULK") if circuit.reservoir else ("POS", "NEG")


def _printed_walls(circuit: RailCircuit, language: Language) -> Iterator[str]:
    """Print the walls' potentials in kT/e and what holds the rails."""
    volt = circuit.solution.thermal_voltage
    ions = range(circuit.solution.species)
    if circuit.reservoir:
        yield from language.fixed("up", 1 / volt)
        for s in ions:
            yield from language.fixed(f"w0_{s}", 0.0)
    else:
        yield from language.fixed("up", 0.5 / volt)
        yield from language.fixed("um", -0.5 / volt)
        for s in ions:
            # an operating point needs some way out of the sealed rails
            yield from language.resistor(f"hold{s}", f"w{circuit.nodes // 2}_{s}", "0", 1e12)


class _Printer:
    """The lines of a chain."""

    def __init__(self, circuit: RailCircuit, language: Language, *, displaced: bool) -> None:
        self._displaced = displaced
        self._circuit, self._solution, self._language = circuit, circuit.solution, language
        self._depth = INNER_AREA / circuit.strip_width
        rest = evaluate(circuit, np.zeros((circuit.nodes, circuit.solution.species)), 0.0)
        #: ions per metre that make one volt, shape (species,)
        self._unit = np.median(rest.ions[circuit.polarity != 0], axis=0)
        #: ions of an uncharged cell in these units, shape (nodes, species)
        self._rest = rest.ions / self._unit
        #: the bond through which all ions of the electrode come
        self._port = int(np.flatnonzero(circuit.polarity > 0)[0]) - 1
        if circuit.column is not None:
            self._port = circuit.row.start + (circuit.column.parts // 2 if circuit.column.sealed else 0)

    def __iter__(self) -> Iterator[str]:
        column = self._circuit.column
        if column is not None:
            yield from self._column(column)
        for i in range(int(self._circuit.reservoir), self._circuit.nodes):
            rails = [self._rail(i, s) for s in self._ions()]
            for k in self._kinds_at(i):
                yield from self._cells(f"{i}_{k}", self._circuit.cells[k], rails, _wall(self._circuit.polarity[i]))
            yield from self._storage(i)
        for bond in range(self._circuit.nodes - 1):
            if column is not None and self._circuit.row.start <= bond < self._circuit.row.stop:
                yield from self._column_bond(column, bond)
            else:
                yield from self._bond(bond)

    def _ions(self) -> range:
        return range(self._solution.species)

    def _rail(self, node: int, s: int) -> str:
        return self._language.potential(f"w{node}_{s}")

    def _kinds_at(self, node: int) -> list[int]:
        circuit = self._circuit
        used, ways = circuit.storage[node].copy(), circuit.before + circuit.behind
        if node > 0:
            used += ways[node - 1]
        if node < circuit.nodes - 1:
            used += ways[node]
        return [int(k) for k in np.flatnonzero(used)]

    def _storage(self, i: int) -> Iterator[str]:
        """Print the number of ions over that in the bulk and what of it the rail gives."""
        for s in self._ions():
            shares = [
                f"{self._circuit.storage[i, k] * self._scale(k, s) / self._unit[s]:.12g}"
                f"*{self._language.known(f'f{i}_{k}_{s}')}"
                for k in self._kinds_at(i)
                if self._circuit.storage[i, k] > 0
            ]
            shares += self._in_column(i, s)
            shares.append(f"{_REST:g}*{self._rail(i, s)}")
            capacitance = constants.e * self._unit[s] * self._depth
            yield from self._language.storage(
                f"n{i}_{s}", f"w{i}_{s}", "+".join(shares), capacitance, self._rest[i, s]
            )

    def _cells(self, tag: str, cells: Cells, rails: list[str], wall: str, *, way: bool = False) -> Iterator[str]:
        """Print the network of one kind of cells, in units of kT/e, and f, the ions over those of the bulk.

        With `way` f is the resistance of the way over that of the bulk.
        """
        solution, language = self._solution, self._language
        share = cells.weight / (2 * cells.unit * solution.strength)
        concentrations, at_wall = [], None
        if cells.wall_weight > 0 and (cells.wall_source.any() or not way):
            at_wall, lines = self._concentrations(tag, "w", rails, language.potential(wall))
            yield from lines
        for j in range(cells.nodes):
            node = f"p{tag}_{j}"
            c, lines = self._concentrations(tag, str(j), rails, language.potential(node))
            yield from lines
            concentrations.append(c)
            charges = _SIEMENS * solution.valence * solution.bulk
            value = _weighted(share[j] * charges, c)
            if at_wall and cells.wall_source[j] != 0:
                value += f"+{_weighted(cells.wall_source[j] / solution.strength * charges, at_wall)}"
            yield from language.injection(f"q{tag}_{j}", node, value)
            yield from self._row(tag, cells, j, wall)
        lengths = cells.way / cells.way.sum() if way else cells.weight / cells.length
        if at_wall and not way:
            concentrations.append(at_wall)
            lengths = np.append(lengths, cells.wall_weight / cells.length)
        for s in self._ions():
            values = [f"1/{_positive(c[s])}" if way else c[s] for c in concentrations]
            yield from language.quantity(f"f{tag}_{s}", _weighted(lengths, values))

    def _column(self, column: Column) -> Iterator[str]:
        """Print the network of the column, in units of kT/e, with the ions over those of the bulk at its nodes."""
        solution, language = self._solution, self._language
        charges = _SIEMENS * solution.valence * solution.bulk / (column.unit * solution.strength)
        for j in range(column.nodes):
            yield from self._place(column, j).lines
        for j in range(1, column.nodes - 1):
            if column.weight[j] > 0:
                value = _weighted(column.weight[j] * charges, self._place(column, j).concentrations)
                yield from language.injection(f"qo_{j}", f"po_{j}", value)
        for j, bond in enumerate(column.bond):
            # a held node comes last
            one, two = _column_node(column, j + 1), _column_node(column, j)
            ends = (one, two) if j + 1 < column.nodes - 1 else (two, one)
            yield from language.resistor(f"o_{j}", *ends, 1 / (_SIEMENS * bond))

    def _place(self, column: Column, j: int) -> "_Place":
        """Return what a node of the column holds; in the bulk nothing is left to find."""
        node = column.first + int(column.owner[j])
        rails = [self._rail(node, s) for s in self._ions()]
        if j == 0 and not column.sealed:
            return _Place(rails, ["1"] * len(rails), [], ["0"] * len(rails))
        phi = self._language.potential(_column_node(column, j))
        c, lines = self._concentrations("o", str(j), rails, phi)
        level = self._language.potential(f"go_{j}")
        rise = [
            f"({z:g})*{phi}" + (f"+{ratio:.12g}*{level}" if ratio > 0 else "")
            for z, ratio in zip(self._solution.valence, self._solution.ratio, strict=True)
        ]
        return _Place(rails, c, lines, rise)

    def _in_column(self, node: int, s: int) -> list[str]:
        """Return the ions that the column holds at a node, over the unit."""
        column = self._circuit.column
        if column is None:
            return []
        lengths = np.where(column.owner == node - column.first, column.weight, 0.0)
        factor = column.width * self._solution.bulk[s] / self._unit[s]
        return [
            f"{factor * lengths[j]:.12g}*{self._place(column, int(j)).concentrations[s]}"
            for j in np.flatnonzero(lengths)
        ]

    def _column_bond(self, column: Column, bond: int) -> Iterator[str]:
        """Print flows as differences of e^(w - m) with m the mean of psi = ln(e^w/c)."""
        language, j = self._language, int(column.crossed[bond - column.first])
        one, two = self._place(column, j), self._place(column, j + 1)
        for s in self._ions():
            lean = f"d{bond}_{s}"
            yield from language.quantity(lean, f"({one.rise[s]}-({two.rise[s]}))/2")
            known = language.known(lean)
            steep = f"min(sqrt({known}*{known}+1e-6),{_LIMIT})"
            fading = f"2*{steep}/(exp({steep})-exp(-{steep}))"
            mean = f"({one.rise[s]}+{two.rise[s]})/2"
            fall = "-".join(f"exp(min({place.rails[s]}-({mean}),{_LIMIT}))" for place in (one, two))
            rate = self._solution.diffusivity[s] * self._solution.bulk[s] * column.way[j]
            flow = f"{constants.e * rate * self._depth:.12g}*({fall})*{fading}"
            gain = -float(self._solution.valence[s]) / INNER_AREA if bond == self._port else None
            yield from language.bond(f"j{bond}_{s}", f"w{bond}_{s}", f"w{bond + 1}_{s}", flow, gain)
        if bond == self._port and self._displaced:
            nodes = [language.potential(_column_node(column, k)) for k in (j, j + 1)]
            charge = self._solution.strength * column.unit * column.width * column.bond[j] * constants.e * self._depth
            yield from language.displacement("dis", "-".join(nodes), charge, -1 / INNER_AREA)

    def _row(self, tag: str, cells: Cells, j: int, wall: str) -> Iterator[str]:
        """Print what the potentials of the nodes and of the wall take from node j."""
        if cells.symmetric:
            yield from self._resistors(tag, cells.capacitance, j, wall)
            return
        language, row = self._language, _SIEMENS * cells.capacitance[j]
        nodes = [language.potential(f"p{tag}_{k}") for k in range(cells.nodes)]
        value = _weighted([*-row, row.sum()], [*nodes, language.potential(wall)])
        yield from language.injection(f"a{tag}_{j}", f"p{tag}_{j}", value)

    def _resistors(self, tag: str, capacitance: FloatArray, j: int, wall: str) -> Iterator[str]:
        """Print the resistors from node j to the nodes behind it and to the wall."""
        resistor = self._language.resistor
        for k in range(j + 1, len(capacitance)):
            if capacitance[j, k] != 0:
                ohm = -1 / (_SIEMENS * capacitance[j, k])
                yield from resistor(f"{tag}_{j}_{k}", f"p{tag}_{j}", f"p{tag}_{k}", ohm)
        rest = capacitance[j].sum()
        if abs(rest) > 1e-9 * max(abs(capacitance[j, j]), 1.0):
            yield from resistor(f"{tag}_{j}_w", f"p{tag}_{j}", wall, 1 / (_SIEMENS * rest))
        elif len(capacitance) == 1:
            yield from resistor(f"{tag}_{j}_w", f"p{tag}_{j}", "0", 1e9 / _SIEMENS)

    def _concentrations(self, tag: str, j: str, rails: list[str], phi: str) -> tuple[list[str], list[str]]:
        """Return the texts of a node's concentrations over those of the bulk, and the lines that make them.

        With L = ln(1 - nu) - ln(1 - Phi) they are e^(m - k L), and 1 - (1 - nu) e^-L = sum v c: the node of L takes
        the difference as a current, of which none may be left over.
        """
        solution, language, level = self._solution, self._language, f"g{tag}_{j}"
        crowded = solution.site_volume > 0
        names = [f"c{tag}_{j}_{s}" for s in self._ions()]
        lines: list[str] = []
        for name, rail, z, ratio in zip(names, rails, solution.valence, solution.ratio, strict=True):
            crowding = f"-{ratio:.12g}*{language.potential(level)}" if ratio > 0 else ""
            lines += language.quantity(name, f"exp(min({rail}-({z:g})*{phi}{crowding},{_LIMIT}))")
        known = [language.known(name) for name in names]
        if crowded:
            filled = solution.volume * solution.bulk
            taken = "".join(f"+{x:.12g}*{c}" for x, c in zip(filled, known, strict=True) if x > 0)
            free = 1 - solution.packing_fraction
            missing = f"{free:.12g}*exp(-{language.potential(level)})-1{taken}"
            lines += language.injection(level, level, f"{_SIEMENS:g}*({missing})")
        return known, lines

    def _bond(self, bond: int) -> Iterator[str]:
        circuit, i, j = self._circuit, bond, bond + 1
        walls = circuit.polarity[i] if circuit.polarity[i] != 0 else circuit.polarity[j]
        ways = [int(k) for k in np.flatnonzero(circuit.across[bond])]
        for k in ways:
            means = [f"({self._rail(i, s)}+{self._rail(j, s)})/2" for s in self._ions()]
            yield from self._cells(f"x{bond}_{k}", circuit.cells[k], means, _wall(walls), way=True)
        for s in self._ions():
            yield from self._means(bond, s)
            parts = [*self._series(bond, s), *self._crossed(bond, ways, s)]
            # Shares of the resistance at rest: ngspice takes divisors near 1e-32, squares of others too, for zero.
            rest = sum(length for length, _ in parts)
            resistance = "+".join(f"{length / rest:.12g}{text}" for length, text in parts)
            conductance = constants.e * self._solution.diffusivity[s] * self._depth / rest
            flow = f"{conductance:.12g}*({self._rail(i, s)}-{self._rail(j, s)})/({resistance})"
            # what flows towards the electrode as ions comes back through its terminal
            gain = -float(self._solution.valence[s]) / INNER_AREA if bond == self._port else None
            yield from self._language.bond(f"j{bond}_{s}", f"w{i}_{s}", f"w{j}_{s}", flow, gain)

    def _means(self, bond: int, s: int) -> Iterator[str]:
        """Print what both halves of a bond have of an ion, over that in the bulk: h<bond>_<kind>_<ion>a and b."""
        circuit, language = self._circuit, self._language
        for k in (int(k) for k in np.flatnonzero(circuit.before[bond] + circuit.behind[bond])):
            name = f"h{bond}_{k}_{s}"
            ends = [
                "1" if node == 0 and circuit.reservoir else _positive(language.known(f"f{node}_{k}_{s}"))
                for node in (bond, bond + 1)
            ]
            yield from language.quantity(name, mean_text(*ends))
            for half, end, lengths in zip("ab", ends, (circuit.before, circuit.behind), strict=True):
                if lengths[bond, k] > 0:
                    yield from language.quantity(name + half, mean_text(end, _positive(language.known(name))))

    def _series(self, bond: int, s: int) -> list[tuple[float, str]]:
        """Return resistances at rest, m^3, and the factors that they take."""
        return [
            (
                float(lengths[bond, k] / self._scale(int(k), s)),
                f"/{_positive(self._language.known(f'h{bond}_{k}_{s}{half}'))}",
            )
            for half, lengths in (("a", self._circuit.before), ("b", self._circuit.behind))
            for k in np.flatnonzero(lengths[bond])
        ]

    def _crossed(self, bond: int, ways: list[int], s: int) -> list[tuple[float, str]]:
        circuit = self._circuit
        wholes = [circuit.across[bond, k] * circuit.cells[k].way.sum() / self._solution.bulk[s] for k in ways]
        known = self._language.known
        return [(float(whole), f"*{known(f'fx{bond}_{k}_{s}')}") for whole, k in zip(wholes, ways, strict=True)]

    def _scale(self, kind: int, s: int) -> float:
        """Return F in the bulk, 1/m^2."""
        return float(self._circuit.cells[kind].length * self._solution.bulk[s])


@dataclass(frozen=True, slots=True)
class _Place:
    """Texts of what a node of the column has."""

    rails: list[str]
    concentrations: list[str]
    lines: list[str]
    #: psi = ln(e^w/c) of every ion
    rise: list[str]


def _column_node(column: Column, j: int) -> str:
    if j == column.nodes - 1:
        return "up"
    if j > 0:
        return f"po_{j}"
    return "um" if column.sealed else "0"


def _weighted(weights: Iterable[float], texts: Iterable[str]) -> str:
    return "+".join(f"({x:.12g})*{text}" for x, text in zip(weights, texts, strict=True) if x != 0)


def _positive(voltage: str) -> str:
    """Return a voltage that goes over into 1e-7 smoothly where an ion is gone, or an iteration below 0."""
    return f"(0.5*({voltage}+sqrt({voltage}*{voltage}+{4 * _REST**2:g})))"


def _wall(polarity: float) -> str:
    """Return the node of the walls' potential."""
    return "um" if polarity < 0 else "up"
