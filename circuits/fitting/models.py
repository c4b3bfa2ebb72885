"""What a measured device may be: nano-circuitry model, transmission line, RC, constant phase element.

A model turns the values of its coordinates into a device. All models of one comparison have the same capacitance over
voltage,

    C(u) = C1 + sum_k C_k [sech^2((u - u_k)/s) + sech^2((u + u_k)/s)]/2,   C_k >= 0

with centres u_k at 0 and at the end of the window (of a window with both signs at both ends, without the mirror
image), so that a resistance that follows the charge is not asked to do what a capacitance does.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import sympy
from scipy.special import comb

from ionspice.circuits.fitting.constant_phase import ConstantPhaseDevice
from ionspice.circuits.fitting.experiments import Device
from ionspice.circuits.fitting.ladder_device import LadderDevice
from ionspice.circuits.fitting.scales import Scales
from ionspice.circuits.model.charge import FloatArray, scaled_curve
from ionspice.circuits.model.coarse import coarsened, section_sizes
from ionspice.circuits.model.ladder import Charge, NanoCircuit, slits_behind, uniform_circuit
from ionspice.circuits.model.shape import LINEAR, X

#: sections of a ladder that a fit simulates; longer ones are coarse
SECTIONS = 40
_FLAT = 200.0  # of the window: width of the constant part's mode, constant within 1e-5
_WIDTH = 0.5  # of the window: width of the others
_BOTH = 0.1  # of the window: a part on the other side of 0 that makes it one of both signs
_RANGE = 1e4  # of a start, up and down
_GAMMAS = (0.2, 0.7)
_LINES = (0.3, 1.0, 4.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Coordinate:
    """One unknown of a model."""

    name: str
    unit: str
    low: float
    high: float
    #: values from which fits begin
    starts: tuple[float, ...]
    #: size of a change that matters; None: the unknown is fitted by its logarithm
    scale: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceModel:
    """A model by its name, its unknowns and what it makes of their values."""

    name: str
    coordinates: tuple[Coordinate, ...]
    #: of the values of the coordinates; that of a ladder also takes the `shape` of its law
    device: Callable[..., Device]
    #: what the resistances read; None where they read nothing
    reading: Charge | None = None
    #: s(X) of its law; None where the values say it
    shape: sympy.Expr | None = None

    @property
    def has_circuit(self) -> bool:
        """Whether circuit.json can hold it."""
        return self.name != CONSTANT_PHASE


CONSTANT_PHASE = "R-CPE"
_NAMES = {"passed": "NCM, charge passed", "local": "NCM, local charge", "stored": "NCM, stored charge"}


@dataclass(frozen=True, slots=True, kw_only=True)
class CapacitanceModes:
    """Centres and widths of the modes of q(u); the first is the constant part."""

    centre: tuple[float, ...]
    width: tuple[float, ...]
    window: tuple[float, float]
    odd: bool

    @classmethod
    def of(cls, window: tuple[float, float]) -> "CapacitanceModes":
        """Return the modes for a window, V."""
        low, high = min(window[0], 0.0), max(window[1], 0.0)
        reach = max(-low, high)
        both = min(-low, high) > _BOTH * reach
        bells = (low, 0.0, high) if both else (0.0, reach)
        ends = (low, high) if both else (-reach, reach)
        return cls(
            centre=(0.0, *bells),
            width=(_FLAT * reach, *[_WIDTH * reach] * len(bells)),
            window=ends,
            odd=not both,
        )


def candidate_models(scales: Scales, layers: int, readings: tuple[Charge, ...]) -> list[DeviceModel]:
    """Return the models that are compared.

    Args:
        scales: rough sizes of the device.
        layers: number of sheets of the ladders.
        readings: charges that the NCM's resistances may read.
    """
    modes = CapacitanceModes.of(scales.window)
    nano = [
        DeviceModel(
            name=_NAMES[reading],
            coordinates=ladder_coordinates(scales, modes, with_gamma=True),
            device=partial(_ladder_device, modes, layers, reading),
            reading=reading,
        )
        for reading in readings
    ]
    line = DeviceModel(
        name="TLM",
        coordinates=ladder_coordinates(scales, modes, with_gamma=False),
        device=partial(_ladder_device, modes, layers, readings[0]),
    )
    return [*nano, line, _single(scales, modes), _constant_phase(scales)]


def bent_model(straight: DeviceModel) -> DeviceModel:
    """Return a nano-circuitry model whose resistance is a parabola of the charge, as far as it keeps falling."""
    bend = Coordinate(name="bend", unit="1", low=-1.0, high=1.0, starts=(0.0,), scale=1.0)
    place = 1 + [one.name for one in straight.coordinates].index("gamma")
    coordinates = (*straight.coordinates[:place], bend, *straight.coordinates[place:])
    return replace(straight, name=f"{straight.name}, bent law", coordinates=coordinates)


#: names of the inner coefficients of a free s(X), with those of a straight one
FREE_STARTS = {"s1": 0.25, "s2": 0.5, "s3": 0.75}
_LOW, _HIGH = -1.0, 2.0  # of a free coefficient


def free_model(straight: DeviceModel) -> DeviceModel:
    """Return a nano-circuitry model whose s(X) is any polynomial of degree 4 from (0, 0) to (1, 1)."""
    coordinates = tuple(
        Coordinate(name=name, unit="1", low=_LOW, high=_HIGH, starts=(start,), scale=1.0)
        for name, start in FREE_STARTS.items()
    )
    return replace(straight, name=f"{straight.name}, free law", coordinates=(*straight.coordinates, *coordinates))


def shaped_model(straight: DeviceModel, shape: sympy.Expr) -> DeviceModel:
    """Return a nano-circuitry model with another s(X)."""
    return replace(
        straight, name=f"{straight.name}, found law", shape=shape, device=partial(straight.device, shape=shape)
    )


def bernstein(share: FloatArray) -> FloatArray:
    """Return Bernstein's polynomials of degree 4 at X, shape (points, 5)."""
    degree = len(FREE_STARTS) + 1
    k = np.arange(degree + 1)
    return np.asarray(comb(degree, k) * share[:, None] ** k * (1 - share[:, None]) ** (degree - k))


def law_shape_of(values: Mapping[str, float]) -> sympy.Expr:
    """Return s(X) of R = Rc (1 - gamma s): X, with a bend b X + b X (1 - X), or free (`bernstein`)."""
    if "s1" in values:
        degree = len(FREE_STARTS) + 1
        weights = [*(values[name] for name in FREE_STARTS), 1.0]
        terms = (w * math.comb(degree, k) * X**k * (1 - X) ** (degree - k) for k, w in enumerate(weights, 1))
        return sympy.expand(sum(terms))
    bend = values.get("bend", 0.0)
    return X * (1 + bend) - bend * X**2 if bend else LINEAR


def ladder_coordinates(scales: Scales, modes: CapacitanceModes, *, with_gamma: bool) -> tuple[Coordinate, ...]:
    """Return the unknowns of a ladder."""
    line = _logarithmic("Rline", "ohm", scales.line, factors=_LINES)
    gamma = Coordinate(name="gamma", unit="1", low=0.0, high=1.0, starts=_GAMMAS, scale=1.0)
    return (
        line,
        *((gamma,) if with_gamma else ()),
        *_capacitances(scales, modes),
        _logarithmic("Ropen", "ohm", scales.mouth),
        _logarithmic("Rleak", "ohm", scales.leakage, factors=(100.0,)),
    )


def ladder_circuit(
    modes: CapacitanceModes,
    layers: int,
    reading: Charge,
    values: Mapping[str, float],
    shape: sympy.Expr | None = None,
) -> NanoCircuit:
    """Return the ladder of so many sheets, of a whole device (per metre of depth of a strip one metre wide).

    Args:
        modes: of the capacitance.
        layers: number of sheets.
        reading: of the charge.
        values: of the constants.
        shape: s(X), that of the values unless given.
    """
    slits = layers - 1
    names = [name for name in values if name[0] == "C" and name[1:].isdigit()]
    amplitude = np.array([[values[name] / slits for name in names]])
    ends = [[value] for value in modes.window]
    capacitance, curve = scaled_curve(amplitude, [modes.centre], [modes.width], *ends, odd=modes.odd)
    full = float(np.abs(curve.volts(np.array(modes.window)[:, None])).max() * capacitance[0])
    circuit = uniform_circuit(
        layers=layers,
        resistance=values["Rline"] / slits,
        gamma=values.get("gamma", 0.0),
        slit_charge=full,
        slit_capacitance=float(capacitance[0]),
        open_resistance=values["Ropen"],
        strip_width=1.0,
        charge=reading,
        shape=law_shape_of(values) if shape is None else shape,
    )
    return replace(
        circuit,
        slit_curve=curve.at([0] * slits),
        leakage=values["Rleak"],
        charge_max=full * slits_behind(reading, slits),
    )


def _ladder_device(
    modes: CapacitanceModes,
    layers: int,
    reading: Charge,
    values: Mapping[str, float],
    shape: sympy.Expr | None = None,
) -> LadderDevice:
    circuit = ladder_circuit(modes, layers, reading, values, shape)
    return LadderDevice(coarsened(circuit, section_sizes(layers - 1, SECTIONS)))


def _single(scales: Scales, modes: CapacitanceModes) -> DeviceModel:
    """Return the model of one resistance and one capacitance."""
    return DeviceModel(
        name="RC",
        coordinates=(
            _logarithmic("R", "ohm", scales.mouth + scales.line / 3),
            *_capacitances(scales, modes),
            _logarithmic("Rleak", "ohm", scales.leakage, factors=(100.0,)),
        ),
        device=lambda values: _ladder_device(modes, 2, "stored", {**values, "Rline": values["R"], "Ropen": 0.0}),
    )


def _constant_phase(scales: Scales) -> DeviceModel:
    """Return the model of a resistance and a constant phase element."""
    return DeviceModel(
        name=CONSTANT_PHASE,
        coordinates=(
            _logarithmic("R", "ohm", scales.mouth),
            _logarithmic("Q", "F s^(alpha-1)", scales.capacitance),
            Coordinate(name="alpha", unit="1", low=0.05, high=0.999, starts=(0.6, 0.9), scale=1.0),
            _logarithmic("Rleak", "ohm", scales.leakage, factors=(100.0,)),
        ),
        device=lambda values: ConstantPhaseDevice(
            resistance=values["R"], coefficient=values["Q"], exponent=values["alpha"], leakage=values["Rleak"]
        ),
    )


def _logarithmic(name: str, unit: str, start: float, factors: tuple[float, ...] = (1.0,)) -> Coordinate:
    return Coordinate(
        name=name,
        unit=unit,
        low=start / _RANGE,
        high=start * _RANGE,
        starts=tuple(start * factor for factor in factors),
    )


def _capacitances(scales: Scales, modes: CapacitanceModes) -> tuple[Coordinate, ...]:
    size = scales.capacitance
    return tuple(
        Coordinate(
            name=f"C{k}",
            unit="F",
            low=1e-3 * size if k == 1 else 0.0,
            high=1e2 * size,
            starts=(0.8 * size if k == 1 else 0.1 * size,),
            scale=size,
        )
        for k in range(1, len(modes.centre) + 1)
    )
