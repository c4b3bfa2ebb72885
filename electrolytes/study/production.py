"""[production] of liquid.toml: the runs that properties are taken from."""

from typing import Literal

from pydantic import Field

from ionspice.core.section import Section
from ionspice.electrolytes.study.compositions import CompositionSection
from ionspice.electrolytes.study.units import Deviation, Duration, Pressure


class ProductionSection(Section):
    """Molecular dynamics by the potential."""

    compositions: tuple[CompositionSection, ...] = Field(default=(), description="mixtures and their boxes")
    timestep: Duration = Field(default=0.5, gt=0, le=10, description="of the runs")
    equilibration: Duration = Field(default=10_000.0, ge=0, description="before anything is recorded")
    duration: Duration = Field(default=100_000.0, gt=0, description="that is recorded")
    positions_every: Duration = Field(default=50.0, gt=0, description="between frames of positions")
    velocities_every: Duration = Field(default=2.0, gt=0, le=5, description="between frames of velocities")
    velocities_duration: Duration = Field(default=10_000.0, ge=0, description="of the run with velocities")
    thermostat: Literal["nose-hoover", "langevin"] = Field(default="nose-hoover", description="of NVT and NPT")
    pressure: Pressure = Field(default=1.0, description="of NPT")
    doubtful: Deviation = Field(default=1.0, gt=0, description="deviation of the models' forces that stops a run")
    seed: int = Field(default=1, ge=0, le=2**31, strict=True, description="of places and velocities")
