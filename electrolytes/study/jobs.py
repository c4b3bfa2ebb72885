"""[jobs] of liquid.toml: where the programs run, as dpdispatcher knows it."""

from typing import Any, Literal

from pydantic import Field

from ionspice.core.section import Section
from ionspice.electrolytes.study.units import JobTime

_TEXT = r"^[A-Za-z0-9_.,:=/-]*$"


class JobsSection(Section):
    """Resources of the jobs that labels, training and dynamics are cut into."""

    batch: Literal["Shell", "Slurm", "PBS", "Torque", "LSF", "SGE"] = Field(
        default="Shell", description="system that takes the jobs; Shell is this machine"
    )
    at_once: int = Field(default=1, ge=1, le=1000, strict=True, description="jobs that run side by side")
    threads: int = Field(default=1, ge=1, le=1000, strict=True, description="cores of a job")
    ranks: int = Field(
        default=1,
        ge=1,
        le=10_000,
        strict=True,
        description="MPI processes of a run of dynamics, of so many cores each",
    )
    gpus: int = Field(default=0, ge=0, le=64, strict=True, description="GPUs of a job")
    frames_per_job: int = Field(default=20, ge=1, le=10_000, strict=True, description="labels of a job at most")
    queue: str = Field(default="", pattern=_TEXT, description="partition or queue")
    time: JobTime = Field(default=43_200.0, gt=0, description="that a job may take")
    cp2k: str = Field(default="", pattern=r"^[^\n;&|]*$", description="command for CP2K; default cp2k.psmp")
    lammps: str = Field(
        default="",
        pattern=r"^[^\n;&|]*$",
        description="command for LAMMPS with DeePMD-kit's plugin; default that of the potential's venv",
    )
    setup: tuple[str, ...] = Field(default=(), description="shell lines before a job, such as module load")
    options: dict[str, Any] = Field(default={}, description="further keys of dpdispatcher's resources")
