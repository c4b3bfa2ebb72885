r"""The rails as a SPICE subcircuit.

Inside, one volt is kT/e: the rails' nodes are at w_s, and currents are e times flows of ions. Every kind of cells
at a node of the chain is a resistor network, A between its nodes p_j and the wall, with sources that inject the
charges sum_s z_s g_j c_s; its solution is the slit's equilibrium at every instant, so that Poisson's equation stores
no state of its own. The numbers of ions are voltages V(n<i>_<s>) of sources over linear
capacitors, whose currents another source takes from the rails:

    rail i, ion s  --B--  rail i + 1, ion s       conductance D_s / sum(B/F + E/F)
         |
         F  of the current of C (V(n) = n_s/n_0)

All elements lie inside a strip of `INNER_AREA`, whose charges and resistances suit ngspice's solver; the port couples
by a voltage-controlled voltage source and current sources that multiply by the ratio of areas.
"""

from collections.abc import Iterable, Iterator

import numpy as np
from scipy import constants

from ionspice.circuits.ions.cells import Cells
from ionspice.circuits.ions.rails import RailCircuit, evaluate
from ionspice.circuits.ions.solution import FloatArray
from ionspice.core import InputError

#: area of the strip that is simulated, m^2; the device's area multiplies its port
INNER_AREA = 6e-12
#: an ion's conductance and share of storage that is left when the ion is gone, over those in the bulk
_REST = 1e-7
#: what a conductance of 1 is in the networks of cells, S: their round-off must stay below ngspice's abstol
_SIEMENS = 1e-4
#: largest argument of exponentials, so that Newton's iterations stay finite
_LIMIT = 100


def print_rails(circuit: RailCircuit, name: str = "RAILS", area: float | None = None) -> str:
    """Return the text of `.subckt <name> EL BULK`, of a sealed cell `.subckt <name> POS NEG`.

    Args:
        circuit: a half cell, or a sealed cell, whose voltage is twice the electrode's potential.
        name: of the subcircuit.
        area: of the device, m^2; one metre of depth of the strip unless given.

    Raises:
        InputError: cells with correlations, which have no capacitor network.
    """
    if not all(cells.symmetric for cells in circuit.cells):
        raise InputError("cells with a correlation length are no capacitor network; use the SciPy rails")
    pins = "EL BULK" if circuit.reservoir else "POS NEG"
    ratio = (circuit.strip_width if area is None else area) / INNER_AREA
    lines = [f"* {name}: {circuit.nodes} nodes, one rail per ion", f".subckt {name} {pins}"]
    lines += _printed_walls(circuit, pins)
    lines += _Printer(circuit)
    # what flows towards the electrode as ions comes back through its terminal
    lines += [f"Fport{s} {pins} Vport{s} {-z * ratio:.12g}" for s, z in enumerate(circuit.solution.valence)]
    return "\n".join([*lines, f".ends {name}"]) + "\n"


def _printed_walls(circuit: RailCircuit, pins: str) -> Iterator[str]:
    """Print the walls' potentials in kT/e and what holds the rails."""
    volt = circuit.solution.thermal_voltage
    ions = range(circuit.solution.species)
    if circuit.reservoir:
        yield f"Eup up 0 {pins} {1 / volt:.12g}"
        yield from (f"Vbulk{s} w0_{s} 0 0" for s in ions)
    else:
        yield f"Eup up 0 {pins} {0.5 / volt:.12g}"
        yield f"Eum um 0 {pins} {-0.5 / volt:.12g}"
        # an operating point needs some way out of the sealed rails
        yield from (f"Rhold{s} w{circuit.nodes // 2}_{s} 0 1e12" for s in ions)


class _Printer:
    """The lines of a chain."""

    def __init__(self, circuit: RailCircuit) -> None:
        self._circuit, self._solution = circuit, circuit.solution
        self._depth = INNER_AREA / circuit.strip_width
        rest = evaluate(circuit, np.zeros((circuit.nodes, circuit.solution.species)), 0.0)
        #: ions per metre that make one volt, shape (species,)
        self._unit = np.median(rest.ions[int(circuit.reservoir) :], axis=0)
        #: the bond through which all ions of the electrode come
        self._port = int(np.flatnonzero(circuit.polarity > 0)[0]) - 1

    def __iter__(self) -> Iterator[str]:
        for i in range(int(self._circuit.reservoir), self._circuit.nodes):
            rails = [f"V(w{i}_{s})" for s in self._ions()]
            for k in self._kinds_at(i):
                yield from self._cells(f"{i}_{k}", self._circuit.cells[k], rails, _wall(self._circuit.polarity[i]))
            yield from self._storage(i)
        for bond in range(self._circuit.nodes - 1):
            yield from self._bond(bond)

    def _ions(self) -> range:
        return range(self._solution.species)

    def _kinds_at(self, node: int) -> list[int]:
        circuit = self._circuit
        used = circuit.storage[node].copy()
        if node > 0:
            used += circuit.behind[node - 1]
        if node < circuit.nodes - 1:
            used += circuit.before[node]
        return [int(k) for k in np.flatnonzero(used)]

    def _storage(self, i: int) -> Iterator[str]:
        """Print V(n) and the capacitor whose current the rail gives."""
        for s in self._ions():
            shares = [
                f"{self._circuit.storage[i, k] * self._scale(k, s) / self._unit[s]:.12g}*V(f{i}_{k}_{s})"
                for k in self._kinds_at(i)
                if self._circuit.storage[i, k] > 0
            ]
            shares.append(f"{_REST:g}*V(w{i}_{s})")
            capacitance = constants.e * self._unit[s] * self._depth
            yield f"Bn{i}_{s} n{i}_{s} 0 V={'+'.join(shares)}"
            yield f"Vn{i}_{s} n{i}_{s} c{i}_{s} 0"
            yield f"C{i}_{s} c{i}_{s} 0 {capacitance:.12g}"
            yield f"Fn{i}_{s} w{i}_{s} 0 Vn{i}_{s} 1"

    def _cells(self, tag: str, cells: Cells, rails: list[str], wall: str, *, way: bool = False) -> Iterator[str]:
        """Print the network of one kind of cells, in units of kT/e, and V(f), the ions over those of the bulk.

        With `way` V(f) is the resistance of the way over that of the bulk.
        """
        solution = self._solution
        share = cells.weight / (2 * cells.unit * solution.strength)
        concentrations = []
        for j in range(cells.nodes):
            node = f"p{tag}_{j}"
            c, lines = self._concentrations(tag, str(j), rails, f"V({node})")
            yield from lines
            concentrations.append(c)
            charges = _SIEMENS * share[j] * solution.valence * solution.bulk
            yield f"Bq{tag}_{j} 0 {node} I={_weighted(charges, c)}"
            yield from _row(tag, cells.capacitance, j, wall)
        lengths = cells.way / cells.way.sum() if way else cells.weight / cells.length
        if cells.wall_weight > 0 and not way:
            c, lines = self._concentrations(tag, "w", rails, f"V({wall})")
            yield from lines
            concentrations.append(c)
            lengths = np.append(lengths, cells.wall_weight / cells.length)
        for s in self._ions():
            values = [f"1/{_positive(c[s])}" if way else c[s] for c in concentrations]
            yield f"Bf{tag}_{s} f{tag}_{s} 0 V={_weighted(lengths, values)}"

    def _concentrations(self, tag: str, j: str, rails: list[str], phi: str) -> tuple[list[str], list[str]]:
        """Return the nodes' concentrations over those of the bulk as voltages, and the lines that make them.

        With L = ln(1 - nu) - ln(1 - Phi) they are e^(m - k L), and 1 - (1 - nu) e^-L = sum v c: the node of L takes
        the difference as a current, of which none may be left over.
        """
        solution, level = self._solution, f"g{tag}_{j}"
        crowded = solution.site_volume > 0
        names = [f"c{tag}_{j}_{s}" for s in self._ions()]
        lines = []
        for name, rail, z, ratio in zip(names, rails, solution.valence, solution.ratio, strict=True):
            crowding = f"-{ratio:.12g}*V({level})" if ratio > 0 else ""
            lines.append(f"B{name} {name} 0 V=exp(min({rail}-({z:g})*{phi}{crowding},{_LIMIT}))")
        voltages = [f"V({name})" for name in names]
        if crowded:
            filled = solution.volume * solution.bulk
            taken = "".join(f"-{x:.12g}*{c}" for x, c in zip(filled, voltages, strict=True) if x > 0)
            free = 1 - solution.packing_fraction
            lines.append(f"B{level} {level} 0 I={_SIEMENS:g}*(1-{free:.12g}*exp(-V({level})){taken})")
        return voltages, lines

    def _bond(self, bond: int) -> Iterator[str]:
        circuit, i, j = self._circuit, bond, bond + 1
        walls = circuit.polarity[i] if circuit.polarity[i] != 0 else circuit.polarity[j]
        ways = [int(k) for k in np.flatnonzero(circuit.across[bond])]
        for k in ways:
            means = [f"(V(w{i}_{s})+V(w{j}_{s}))/2" for s in self._ions()]
            yield from self._cells(f"x{bond}_{k}", circuit.cells[k], means, _wall(walls), way=True)
        for s in self._ions():
            parts = [
                *self._series(circuit.before[bond], i, s),
                *self._series(circuit.behind[bond], j, s),
                *self._crossed(bond, ways, s),
            ]
            # Shares of the resistance at rest: ngspice takes divisors near 1e-32, squares of others too, for zero.
            rest = sum(length for length, _ in parts)
            resistance = "+".join(f"{length / rest:.12g}{text}" for length, text in parts)
            conductance = constants.e * self._solution.diffusivity[s] * self._depth / rest
            start = f"w{i}_{s}"
            if bond == self._port:
                yield f"Vport{s} w{i}_{s} port{s} 0"
                start = f"port{s}"
            yield f"Bj{bond}_{s} {start} w{j}_{s} I={conductance:.12g}*V(w{i}_{s},w{j}_{s})/({resistance})"

    def _series(self, lengths: FloatArray, node: int, s: int) -> list[tuple[float, str]]:
        """Return resistances at rest, m^3, and the factors that they take."""
        terms = []
        for k in np.flatnonzero(lengths):
            factor = "" if node == 0 and self._circuit.reservoir else f"/{_positive(f'V(f{node}_{k}_{s})')}"
            terms.append((float(lengths[k] / self._scale(int(k), s)), factor))
        return terms

    def _crossed(self, bond: int, ways: list[int], s: int) -> list[tuple[float, str]]:
        circuit = self._circuit
        wholes = [circuit.across[bond, k] * circuit.cells[k].way.sum() / self._solution.bulk[s] for k in ways]
        return [(float(whole), f"*V(fx{bond}_{k}_{s})") for whole, k in zip(wholes, ways, strict=True)]

    def _scale(self, kind: int, s: int) -> float:
        """Return F in the bulk, 1/m^2."""
        return float(self._circuit.cells[kind].length * self._solution.bulk[s])


def _row(tag: str, capacitance: FloatArray, j: int, wall: str) -> Iterator[str]:
    """Print the resistors from node j to the nodes behind it and to the wall."""
    for k in range(j + 1, len(capacitance)):
        if capacitance[j, k] != 0:
            yield f"R{tag}_{j}_{k} p{tag}_{j} p{tag}_{k} {-1 / (_SIEMENS * capacitance[j, k]):.12g}"
    rest = capacitance[j].sum()
    if abs(rest) > 1e-9 * max(abs(capacitance[j, j]), 1.0):
        yield f"R{tag}_{j}_w p{tag}_{j} {wall} {1 / (_SIEMENS * rest):.12g}"
    elif len(capacitance) == 1:
        yield f"R{tag}_{j}_w p{tag}_{j} 0 {1e9 / _SIEMENS:g}"


def _weighted(weights: Iterable[float], texts: Iterable[str]) -> str:
    return "+".join(f"({x:.12g})*{text}" for x, text in zip(weights, texts, strict=True) if x != 0)


def _positive(voltage: str) -> str:
    """Return a voltage that goes over into 1e-7 smoothly where an ion is gone, or an iteration below 0."""
    return f"(0.5*({voltage}+sqrt({voltage}*{voltage}+{4 * _REST**2:g})))"


def _wall(polarity: float) -> str:
    """Return the node of the walls' potential."""
    return "um" if polarity < 0 else "up"
