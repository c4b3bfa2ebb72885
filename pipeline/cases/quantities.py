"""Quantities of the case file as pydantic reads and writes them: text with units there, plain SI numbers inside."""

from typing import Annotated

from ionspice.core import InputError
from ionspice.core.quantities import Dimension, split_quantity
from ionspice.core.unit_types import quantity

type Length = Annotated[float, *quantity("a length", "m", "nm", "1.5")]
type Time = Annotated[float, *quantity("a time", "s", "ns", "750")]
type WallTime = Annotated[float, *quantity("a time", "s", "s", "60")]
type Potential = Annotated[float, *quantity("a potential", "V", "V", "0.11")]
type ScanRate = Annotated[float, *quantity("a scan rate", "V/s", "V/s", "1e5")]
type Temperature = Annotated[float, *quantity("a temperature", "K", "K", "298.15")]
type Diffusivity = Annotated[float, *quantity("a diffusivity", "m^2/s", "m^2/s", "2e-9")]
type Concentration = Annotated[float, *quantity("a concentration", "mol/m^3", "mol/L", "1.0")]
type MolarEnergy = Annotated[float, *quantity("a molar energy", "J/mol", "kJ/mol", "18")]
type Frequency = Annotated[float, *quantity("a frequency", "Hz", "Hz", "1e6")]
type LineCurrent = Annotated[float, *quantity("a current per depth", "A/m", "A/m", "0.05")]
type SurfaceCharge = Annotated[float, *quantity("a surface charge", "C/m^2", "C/m^2", "-0.02")]
type Velocity = Annotated[float, *quantity("a rate constant", "m/s", "m/s", "1e-5")]
type AreaResistance = Annotated[float, *quantity("a resistance of an area", "ohm*m^2", "ohm*cm^2", "1e4")]
type CurrentDensity = Annotated[float, *quantity("a current density", "A/m^2", "A/m^2", "1e-6")]
type InverseField = Annotated[float, *quantity("an inverse field", "m/V", "m/V", "1.41e-8")]
type Area = Annotated[float, *quantity("an area", "m^2", "cm^2", "1")]
type Capacitance = Annotated[float, *quantity("a capacitance", "F", "F", "100")]

_WHOLE = Dimension(name="a resistance", si="ohm", written="ohm", example='"0.5 mohm"')
_OF_AREA = Dimension(
    name="a resistance of a device or of an area",
    si="ohm*m^2",
    written="ohm*cm^2",
    example='"0.5 mohm", "1 ohm*cm^2"',
)


def read_potential(text: str, *, source: str) -> float:
    """Return the potential [V] that text such as "110 mV" gives, or a plain number of volts.

    Raises:
        InputError: it is no potential.
    """
    dimension: Dimension = Potential.__value__.__metadata__[0]
    try:
        number, unit = split_quantity(text)
        return dimension.parse(text if unit else f"{number} V")
    except ValueError as error:
        raise InputError(f'{source} = "{text}" {error}') from error


def read_area(text: str, *, source: str) -> float:
    """Return the area [m^2] that text such as "1 cm^2" gives.

    Raises:
        InputError: it is no area, or not greater than 0.
    """
    return _positive(text, Area.__value__.__metadata__[0], source)


def read_capacitance(text: str, *, source: str) -> float:
    """Return the capacitance [F] that text such as "100 F" gives.

    Raises:
        InputError: it is no capacitance, or not greater than 0.
    """
    return _positive(text, Capacitance.__value__.__metadata__[0], source)


def read_series_resistance(text: str, *, source: str) -> tuple[float | None, float | None]:
    """Return a resistance [ohm] that is of a whole device, or else one [ohm m^2] of an area, and None for the other.

    Raises:
        InputError: it is neither.
    """
    try:
        return _WHOLE.parse(text), None
    except ValueError:
        pass
    try:
        return None, _OF_AREA.parse(text)
    except ValueError as error:
        raise InputError(f'{source} "{text}" {error}') from error


def _positive(text: str, dimension: Dimension, source: str) -> float:
    try:
        value = dimension.parse(text)
    except ValueError as error:
        raise InputError(f'{source} = "{text}" {error}') from error
    if not value > 0:
        raise InputError(f'{source} = "{text}" must be greater than 0')
    return value
