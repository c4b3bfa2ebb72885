"""[potential] and [exploration] of liquid.toml: what is trained, and how it is refined."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from ionspice.core import InputError
from ionspice.core.section import Section
from ionspice.electrolytes.study.compositions import Name
from ionspice.electrolytes.study.paths import FileName
from ionspice.electrolytes.study.units import Deviation, Distance, Duration, Kelvin

type Width = Annotated[int, Field(ge=1, le=10_000, strict=True)]


class PotentialSection(Section):
    """A deep potential (L. Zhang et al., Phys. Rev. Lett. 120, 143001 (2018))."""

    descriptor: str = Field(default="se_e2_a", pattern=r"^[a-z0-9_]+$", description="of DeePMD-kit")
    cutoff: Distance = Field(default=6.0, gt=0.5, le=20, description="radius that an atom sees")
    smooth_from: Distance = Field(default=0.5, gt=0, le=20, description="where the switching to zero begins")
    embedding: tuple[Width, ...] = Field(default=(12, 24, 48), min_length=1, description="widths of its layers")
    fitting: tuple[Width, ...] = Field(default=(64, 64, 64), min_length=1, description="widths of its layers")
    start: FileName = Field(
        default="", description="potential.json of models that learning goes on from, in place of random weights"
    )
    models: int = Field(default=4, ge=1, le=20, strict=True, description="potentials that differ in their seeds")
    steps: int = Field(default=100_000, ge=1, le=100_000_000, strict=True, description="of training")
    pretraining_steps: int = Field(
        default=0, ge=0, le=100_000_000, strict=True, description="on cheap labels before; 0: none"
    )
    learning_rate: float = Field(default=1e-3, gt=0, le=1, description="at the start")
    tuning_rate: float = Field(default=2e-4, gt=0, le=1, description="at the start where other models are trained on")
    final_learning_rate: float = Field(default=1e-8, gt=0, le=1, description="at the end")
    core_repulsion: bool = Field(
        default=True, strict=True, description="Ziegler-Biersack-Littmark at short distances"
    )
    held_out: float = Field(default=0.15, ge=0, lt=1, description="share of trajectories kept for validation")
    seed: int = Field(default=1, ge=0, le=2**31, strict=True, description="of weights and batches")

    def build(self) -> None:
        """Check keys against each other.

        Raises:
            InputError: they do not go together.
        """
        if self.smooth_from >= self.cutoff:
            raise InputError(f"smooth_from must be less than cutoff = {self.cutoff:g} angstrom; give a smaller value")


class ExplorationSection(Section):
    """Rounds of molecular dynamics by the potential, whose doubtful frames are labelled."""

    rounds: int = Field(default=3, ge=0, le=1000, strict=True, description="at most")
    compositions: tuple[Name, ...] = Field(default=(), description="explored; default: those of the first frames")
    temperatures: tuple[Annotated[Kelvin, Field(gt=0, le=5000)], ...] = Field(
        default=(300.0, 450.0, 600.0), min_length=1, description="of the runs"
    )
    ensemble: Literal["NVE", "NVT", "NPT"] = Field(default="NVT", description="of the runs")
    timestep: Duration = Field(default=0.5, gt=0, le=10, description="of the runs")
    chunk: Duration = Field(default=500.0, gt=0, description="between looks at deviation, energy and NaN")
    duration: Duration = Field(default=5000.0, gt=0, description="of a run at most")
    trusted: Deviation = Field(default=0.05, gt=0, description="deviation below which a frame teaches nothing")
    doubtful: Deviation = Field(default=0.15, gt=0, description="deviation that stops a run")
    frames: int = Field(default=50, ge=1, le=100_000, strict=True, description="labelled in a round at most")
    steps: int = Field(
        default=20_000, ge=1, le=100_000_000, strict=True, description="of training at the end of a round"
    )
    seed: int = Field(default=1, ge=0, le=2**31, strict=True, description="of starts and velocities")

    @model_validator(mode="after")
    def _limits_are_in_order(self) -> Self:
        if self.trusted >= self.doubtful:
            raise ValueError(f"trusted must be less than doubtful = {self.doubtful:g} eV/angstrom; lower it")
        return self
