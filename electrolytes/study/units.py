"""Quantities of liquid.toml; inside they are in the units of atomistic programs: angstrom, fs, eV, g/cm^3, K."""

from typing import Annotated

from ionspice.core.unit_types import quantity

type Density = Annotated[float, *quantity("a density", "g/cm^3", "g/cm^3", "1.28")]
type Distance = Annotated[float, *quantity("a length", "angstrom", "angstrom", "6")]
type Kelvin = Annotated[float, *quantity("a temperature", "K", "K", "300")]
type Angle = Annotated[float, *quantity("an angle", "deg", "deg", "110")]
type GridCutoff = Annotated[float, *quantity("an energy", "Ry", "Ry", "400")]
type Duration = Annotated[float, *quantity("a time", "fs", "fs", "0.5")]
type Deviation = Annotated[float, *quantity("a force", "eV/angstrom", "eV/angstrom", "0.15")]
type Pressure = Annotated[float, *quantity("a pressure", "bar", "bar", "1")]
type Viscosity = Annotated[float, *quantity("a viscosity", "Pa * s", "mPa * s", "18")]
type JobTime = Annotated[float, *quantity("a time", "s", "h", "12")]
type Memory = Annotated[float, *quantity("a size of memory", "gigabyte", "gigabyte", "4")]
