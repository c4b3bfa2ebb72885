"""The nano-circuitry model (NCM): a ladder of charge-dependent resistors and slit capacitors.

    bulk --R_open-- node 0 --R_1(Q_1)-- node 1 --R_2(Q_2)-- ... node n,   n = layers - 1 slits

C_open joins node 0 and C_slit,i joins node i to the electrode. With u_i = v_EL - v_i

    q_i(u) = C_i g_i(u)                                    charge of slit i, g_i of `charge`
    Q_i    = sum of q_j over j >= i                        charge passed through gap i
    R_i    = Rc_i max(rmin, 1 - gamma_i s_i(X_i)),  X_i = |Q_i| / Qmax_i
    R_i dQ_i/dt = v_i - v_(i-1),   for i = 1 less the Donnan potential D(u_1) = d g(u_1)

In X_i the charge passed, Q_i, may be replaced by the stored one, q_i, or by the local one, the mean of q_(i-1) and
q_i on both sides of the gap (q_1 for the first). Here q, Q are the electrode's charges, opposite to the net ionic
charges of `observables.nc`, and a current is positive from the electrode terminal to the bulk. gamma = 0 is
the transmission-line model (TLM). D is for electric node potentials, which jump where the slits begin;
electrochemical ones do not (d = 0). Every g grows with u, whatever its constants, so that the slits store energy
and never give more than they took.
Source: the charge-dependent law is that of the reference study; the ladder is de Levie's (1963).
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Literal, get_args

import numpy as np
import sympy
from numpy.typing import ArrayLike

from ionspice.circuits.model.charge import ChargeCurve, FloatArray
from ionspice.circuits.model.shape import LINEAR, X, shape_reach
from ionspice.core import InputError

Charge = Literal["passed", "stored", "local"]
Potential = Literal["electrochemical", "electric"]
#: rmin unless another is given: keeps resistances positive beyond the charge that the law knows
RESISTANCE_FLOOR = 1e-3
#: K, of constants whose temperature nobody told
ROOM_TEMPERATURE = 298.15


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NanoCircuit:
    """A half cell of `layers - 1` slits, per metre of depth of a strip of width `strip_width`."""

    #: Rc_i, ohm m, shape (slits,)
    resistance_zero: FloatArray
    #: gamma_i, 1, shape (slits,)
    gamma: FloatArray
    #: Qmax_i, C/m, shape (slits,)
    charge_max: FloatArray
    #: C_i at zero potential difference, F/m, shape (slits,)
    slit_capacitance: FloatArray
    #: R_open, ohm m
    open_resistance: float
    #: C_open, F/m
    open_capacitance: float
    #: width of the mirror strip, m
    strip_width: float
    #: s_i(X), shape (slits,)
    shape: tuple[sympy.Expr, ...]
    #: q_i/C_i, of as many elements as slits; straight for constant capacitances
    slit_curve: ChargeCurve = field(default_factory=lambda: ChargeCurve.linear(0))
    #: the same for C_open, of one element
    open_curve: ChargeCurve = field(default_factory=lambda: ChargeCurve.linear(1))
    #: dD/du at 0, 1; 0 for electrochemical potentials
    donnan_slope: float = 0.0
    #: D over `donnan_slope`, of one element
    donnan_curve: ChargeCurve = field(default_factory=lambda: ChargeCurve.linear(1))
    #: resistance between the terminals, through which the electrode discharges itself, ohm m
    leakage: float = np.inf
    #: of the constants, K
    temperature: float = ROOM_TEMPERATURE
    #: which charge the resistance depends on
    charge: Charge = "passed"
    #: what the node potentials stand for
    potential: Potential = "electrochemical"
    #: rmin, smallest R/Rc, 1
    resistance_floor: float = RESISTANCE_FLOOR
    #: slits that every element stands for, 1, shape (slits,); one each but in coarse ladders
    sizes: FloatArray = field(default_factory=lambda: np.zeros(0))

    def __post_init__(self) -> None:
        """Freeze the arrays and check their lengths and ranges."""
        slits = np.size(self.resistance_zero)
        if slits < 1:
            raise InputError("a circuit needs at least one slit (two layers); got none")
        for name in ("resistance_zero", "gamma", "charge_max", "slit_capacitance"):
            _freeze(self, name, (slits,))
        if not np.size(self.sizes):
            object.__setattr__(self, "sizes", np.ones(slits))
        _freeze(self, "sizes", (slits,))
        _require("sizes", self.sizes, lambda v: v >= 1, "be 1 or more")
        if not self.slit_curve.elements:
            object.__setattr__(self, "slit_curve", ChargeCurve.linear(slits))
        for name, count in (("slit_curve", slits), ("open_curve", 1), ("donnan_curve", 1)):
            if getattr(self, name).elements != count:
                raise InputError(f"{name} has {getattr(self, name).elements} elements; give {count}")
        if len(self.shape) != slits:
            raise InputError(f"{len(self.shape)} law shapes for {slits} slits; give one for each slit")
        for name in ("resistance_zero", "charge_max", "slit_capacitance"):
            _require(name, getattr(self, name), lambda v: v > 0, "be positive and finite")
        for name in ("open_resistance", "open_capacitance"):
            _require(name, getattr(self, name), lambda v: v >= 0, "be zero or positive, and finite")
        _require("gamma", self.gamma, lambda v: (v >= 0) & (v <= 1), "lie in [0, 1]")
        _require("donnan_slope", self.donnan_slope, lambda v: v > -1, "be above -1, or the first slit stores nothing")
        if not self.leakage > 0:
            raise InputError(f"leakage = {self.leakage:g} ohm m; it must be positive, or infinite for none")
        _require("temperature", self.temperature, lambda v: v > 0, "be above 0 K")
        _require("strip_width", self.strip_width, lambda v: v > 0, "be positive")
        _require("resistance_floor", self.resistance_floor, lambda v: (v > 0) & (v <= 1), "lie in (0, 1]")
        if self.charge not in get_args(Charge):
            raise InputError(f"charge = {self.charge!r}; choose one of {', '.join(get_args(Charge))}")
        if self.potential not in ("electrochemical", "electric"):
            raise InputError(f"potential = {self.potential!r}; choose 'electrochemical' or 'electric'")

    @property
    def slits(self) -> int:
        """Number of slits n."""
        return int(self.resistance_zero.size)

    @property
    def layers(self) -> int:
        """Number of sheets, slits + 1."""
        return self.slits + 1

    @property
    def sheets(self) -> int:
        """Number of sheets of the stack that the ladder stands for; `layers` but in coarse ladders."""
        return round(self.sizes.sum()) + 1

    @property
    def order(self) -> int:
        """Number of modes of the slits' charge; 0 for constant capacitances."""
        return self.slit_curve.modes

    @property
    def is_linear(self) -> bool:
        """Whether all capacitances are constant and no node potential jumps."""
        return not (self.slit_curve.modes or self.open_curve.modes or self.donnan_slope)

    @property
    def time_constant(self) -> float:
        """Slowest relaxation time of the uncharged ladder, s, of the order (R_open + n Rc) n C 4/pi^2."""
        ladder = 4 / np.pi**2 * float(self.resistance_zero.sum() * self.slit_capacitance.sum())
        total = float(self.slit_capacitance.sum()) + self.open_capacitance
        return ladder + self.open_resistance * total


def uniform_circuit(
    *,
    layers: int,
    resistance: float,
    gamma: float,
    slit_charge: float,
    slit_capacitance: float,
    open_resistance: float = 0.0,
    open_capacitance: float = 0.0,
    strip_width: float = 6e-9,
    shape: sympy.Expr = LINEAR,
    charge: Charge = "passed",
    resistance_floor: float = RESISTANCE_FLOOR,
) -> NanoCircuit:
    """Return a circuit whose slits are all alike.

    Args:
        layers: number of sheets, at least 2.
        resistance: Rc, ohm m.
        gamma: 1 - R(Qmax)/Rc, in [0, 1].
        slit_charge: charge of one full slit, C/m; element i has Qmax = (layers - i) of it, because so many
            slits lie behind gap i (one of it for stored and local charge).
        slit_capacitance: C_slit, F/m.
        open_resistance: R_open, ohm m.
        open_capacitance: C_open, F/m.
        strip_width: width of the mirror strip, m.
        shape: s(X) with s(0) = 0 and s(1) = 1.
        charge: "passed", "stored" or "local".
        resistance_floor: rmin.

    Raises:
        InputError: a value out of its range.
    """
    if layers < 2:
        raise InputError(f"layers = {layers}; a stack needs at least 2 sheets to have a slit")
    slits = layers - 1
    return NanoCircuit(
        resistance_zero=np.full(slits, float(resistance)),
        gamma=np.full(slits, float(gamma)),
        charge_max=slit_charge * slits_behind(charge, slits),
        slit_capacitance=np.full(slits, float(slit_capacitance)),
        open_resistance=float(open_resistance),
        open_capacitance=float(open_capacitance),
        strip_width=strip_width,
        shape=(shape,) * slits,
        charge=charge,
        resistance_floor=resistance_floor,
    )


def with_gamma(circuit: NanoCircuit, gamma: float) -> NanoCircuit:
    """Return the circuit with the same gamma (1) in all elements."""
    return replace(circuit, gamma=np.full(circuit.slits, float(gamma)))


def transmission_line(circuit: NanoCircuit) -> NanoCircuit:
    """Return the circuit's transmission-line model: gamma = 0, everything else the same."""
    return with_gamma(circuit, 0.0)


def mean_resistance_line(circuit: NanoCircuit) -> NanoCircuit:
    """Return the transmission line whose constant R_i are the means of R_i(Q) over 0 <= Q <= Qmax.

    mean R_i = Rc_i (1 - gamma_i int_0^1 s_i dX): the fairest constant resistances that the same law gives.
    """
    means = {shape: _mean_of(shape) for shape in set(circuit.shape)}
    loss = np.array([means[shape] for shape in circuit.shape])
    mean = circuit.resistance_zero * (1 - circuit.gamma * loss)
    return transmission_line(replace(circuit, resistance_zero=mean))


def _mean_of(shape: sympy.Expr) -> float:
    """Return the mean of s(X) over 0 <= X <= 1 by Gauss and Legendre's rule; s is smooth there."""
    nodes, weights = np.polynomial.legendre.leggauss(64)
    values = sympy.lambdify(X, shape, "numpy")((1 + nodes) / 2) * np.ones_like(nodes)
    return float(weights @ values / 2)


def with_resistance_scale(circuit: NanoCircuit, factor: float) -> NanoCircuit:
    """Return the circuit with every Rc multiplied by `factor` (1)."""
    return replace(circuit, resistance_zero=circuit.resistance_zero * factor)


def with_constant_capacitance(circuit: NanoCircuit, voltage: float) -> NanoCircuit:
    """Return the circuit with C = q(voltage)/voltage in place of every q(v); `voltage` in V, not 0."""
    return replace(
        circuit,
        slit_capacitance=slit_charges(circuit, np.full(circuit.slits, voltage)) / voltage,
        slit_curve=ChargeCurve.linear(circuit.slits),
        open_capacitance=float(open_charge(circuit, voltage)) / voltage,
        open_curve=ChargeCurve.linear(1),
        donnan_slope=0.0,
        donnan_curve=ChargeCurve.linear(1),
    )


def at_rest(circuit: NanoCircuit, voltage: float) -> NanoCircuit:
    """Return the circuit of small signals about a voltage (V) of slits and mouth: constant resistances, capacitances.

    Raises:
        InputError: the circuit has a Donnan potential, which is no resistance and no capacitance.
    """
    if circuit.donnan_slope:
        raise InputError(
            "a circuit with a Donnan potential has no ladder of small signals; learn it with "
            'potential = "electrochemical"'
        )
    volts = np.full(circuit.slits, voltage)
    seen = law_charges(circuit, slit_charges(circuit, volts))
    return replace(
        transmission_line(circuit),
        resistance_zero=circuit.resistance_zero * relative_resistance(circuit, seen),
        slit_capacitance=differential_capacitances(circuit, volts),
        slit_curve=ChargeCurve.linear(circuit.slits),
        open_capacitance=circuit.open_capacitance * float(circuit.open_curve.slope([voltage])[0]),
        open_curve=ChargeCurve.linear(1),
    )


def with_half_mouth(circuit: NanoCircuit) -> NanoCircuit:
    """Return the circuit with half of R_1, so that the ladder is the midpoint rule of de Levie's line."""
    resistance = circuit.resistance_zero.copy()
    resistance[0] /= 2
    return replace(circuit, resistance_zero=resistance)


def open_charge(circuit: NanoCircuit, voltage: ArrayLike) -> FloatArray:
    """Return the charge of C_open, C/m, from u_0 = v_EL - v_0, V, of any shape."""
    u = np.asarray(voltage, dtype=float)
    return np.asarray(circuit.open_capacitance * circuit.open_curve.volts(u[..., None])[..., 0])


def donnan_potential(circuit: NanoCircuit, voltage: ArrayLike) -> FloatArray:
    """Return D, V, from u_1 = v_EL - v_1, V, of any shape."""
    u = np.asarray(voltage, dtype=float)
    return np.asarray(circuit.donnan_slope * circuit.donnan_curve.volts(u[..., None])[..., 0])


def slit_charges(circuit: NanoCircuit, voltage: ArrayLike) -> FloatArray:
    """Return q_i, C/m, from u_i = v_EL - v_i, V; both of shape (..., slits)."""
    return np.asarray(circuit.slit_capacitance * circuit.slit_curve.volts(voltage))


def differential_capacitances(circuit: NanoCircuit, voltage: ArrayLike) -> FloatArray:
    """Return dq_i/du_i, F/m, at u_i, V; both of shape (..., slits)."""
    return np.asarray(circuit.slit_capacitance * circuit.slit_curve.slope(voltage))


def passed_charges(slit_charge: ArrayLike) -> FloatArray:
    """Return Q_i = sum of q_j over j >= i along the last axis, in the unit of `slit_charge`."""
    return np.asarray(np.cumsum(np.asarray(slit_charge)[..., ::-1], axis=-1)[..., ::-1], dtype=float)


def law_charges(circuit: NanoCircuit, slit_charge: ArrayLike) -> FloatArray:
    """Return the charges that the circuit's law reads, C/m, from those of the slits; both (..., slits)."""
    stored = np.asarray(slit_charge, dtype=float)
    if circuit.charge == "passed":
        return passed_charges(stored)
    return local_charges(stored) if circuit.charge == "local" else stored


def slits_behind(charge: Charge, slits: int) -> FloatArray:
    """Return how many full slits the charge scale of every gap stands for, shape (slits,)."""
    return np.arange(slits, 0, -1.0) if charge == "passed" else np.ones(slits)


def charge_shares(charge: Charge, slits: int, position: int) -> dict[int, float]:
    """Return the share of every slit's charge in the one that the law of a gap reads; `law_charges` is their sum.

    Args:
        charge: the reading.
        slits: number of gaps and of slits.
        position: of the gap, from 0 at the mouth; its slit has the same.
    """
    if charge == "passed":
        return dict.fromkeys(range(position, slits), 1.0)
    if charge == "stored" or position == 0:
        return {position: 1.0}
    return {position - 1: 0.5, position: 0.5}


def local_charges(slit_charge: ArrayLike) -> FloatArray:
    """Return (q_(i-1) + q_i)/2 along the last axis, q_1 for the first gap, in the unit of `slit_charge`."""
    stored = np.asarray(slit_charge, dtype=float)
    return np.concatenate([stored[..., :1], (stored[..., :-1] + stored[..., 1:]) / 2], axis=-1)


def relative_resistance(circuit: NanoCircuit, charge: ArrayLike) -> FloatArray:
    """Return R_i/Rc_i, with the floor, for the charges (C/m) that the law reads; shape (..., slits)."""
    x = np.abs(np.asarray(charge, dtype=float)) / circuit.charge_max
    s = np.empty_like(x)
    for shape, members in _groups(circuit.shape):
        s[..., members] = _compiled(shape)(np.minimum(x[..., members], shape_reach(shape)))
    return np.asarray(np.maximum(circuit.resistance_floor, 1 - circuit.gamma * s))


@lru_cache(maxsize=256)
def _groups(shapes: tuple[sympy.Expr, ...]) -> list[tuple[sympy.Expr, list[int]]]:
    groups: dict[sympy.Expr, list[int]] = {}
    for index, shape in enumerate(shapes):
        groups.setdefault(shape, []).append(index)
    return list(groups.items())


@lru_cache(maxsize=256)
def _compiled(shape: sympy.Expr) -> Callable[[FloatArray], FloatArray]:
    compiled: Callable[[FloatArray], FloatArray] = sympy.lambdify(X, shape, modules="numpy")
    return compiled


def _freeze(circuit: NanoCircuit, name: str, shape: tuple[int, ...]) -> None:
    value = np.array(getattr(circuit, name), dtype=float)
    if value.size == 0:
        value = np.zeros(shape)
    if value.shape != shape:
        raise InputError(f"{name} has shape {value.shape}; the circuit has {shape[0]} slits, so give {shape}")
    value.flags.writeable = False
    object.__setattr__(circuit, name, value)


def _require(name: str, value: ArrayLike, holds: object, rule: str) -> None:
    array = np.atleast_1d(np.asarray(value, dtype=float))
    with np.errstate(invalid="ignore"):
        good = np.isfinite(array) & holds(array)  # type: ignore[operator]
    if not good.all():
        raise InputError(f"{name} = {array[~good][0]:g}; it must {rule}")
