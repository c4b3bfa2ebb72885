"""What a run of molecular dynamics is: its ensemble, its lengths in steps, and the limits at which it is stopped."""

from dataclasses import dataclass
from typing import Literal

type Ensemble = Literal["NVE", "NVT", "NPT"]
type Thermostat = Literal["nose-hoover", "langevin"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPlan:
    """One run: equilibration, then what is recorded; velocities are recorded at its beginning."""

    temperature: float  #: [K]
    ensemble: Ensemble = "NVT"
    thermostat: Thermostat = "nose-hoover"  #: of NVT and NPT
    pressure: float = 1.0  #: of NPT [bar]
    timestep: float = 5e-4  #: [ps]
    minimise: bool = False  #: whether it starts from a packed box
    equilibration: int = 0  #: steps before anything is recorded
    steps: int  #: that are recorded
    positions_every: int  #: steps between frames of positions
    velocities_every: int = 0  #: steps between frames of velocities; 0: none
    velocities_steps: int = 0  #: recorded with velocities
    look_every: int = 50  #: steps between looks of the guard, 100 at most
    checkpoint_every: int = 0  #: steps between restart files; 0: none
    deviation: float  #: largest deviation of the models' forces on an atom [eV/angstrom]
    seed: int = 1  #: of velocities and Langevin's forces

    @property
    def end(self) -> int:
        """Step at which the run ends."""
        return self.equilibration + self.steps

    @property
    def velocities_end(self) -> int:
        """Step of the last frame of velocities; that of the first one where there are none."""
        return self.equilibration + min(self.velocities_steps, self.steps) * bool(self.velocities_every)
