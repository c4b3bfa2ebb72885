"""Which runs a study's [production] asks for, in steps."""

import math
import zlib
from dataclasses import dataclass

from ionspice.electrolytes.boxes.build import BoxPlan
from ionspice.electrolytes.files import PRODUCTION_BOXES
from ionspice.electrolytes.lammps.plan import Ensemble, RunPlan
from ionspice.electrolytes.study.production import ProductionSection

#: steps between looks of the guard, and between restart files
_LOOK, _CHECKPOINT = 50, 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductionRun:
    """One run."""

    name: str  #: of its folder
    composition: str
    box: str  #: file that it starts from, in the folder of the liquid
    plan: RunPlan


def production_runs(section: ProductionSection) -> list[ProductionRun]:
    """Return the runs of every mixture, box and temperature."""
    runs = []
    for composition in section.compositions:
        for box in composition.boxes:
            where = BoxPlan(composition=composition, box=box).name
            for temperature in box.temperatures:
                name = f"{where}_{temperature:g}K" + ("" if box.ensemble == "NVT" else f"_{box.ensemble}")
                runs.append(
                    ProductionRun(
                        name=name,
                        composition=composition.name,
                        box=f"{PRODUCTION_BOXES}/{where}.extxyz",
                        plan=production_plan(
                            section, temperature, box.ensemble, seed=zlib.crc32(f"{name} {section.seed}".encode())
                        ),
                    )
                )
    return list({run.name: run for run in runs}.values())


def production_plan(section: ProductionSection, temperature: float, ensemble: Ensemble, *, seed: int) -> RunPlan:
    """Return a run in steps; lengths are rounded up to whole frames.

    Args:
        section: how it runs.
        temperature: [K].
        ensemble: what is held constant.
        seed: of velocities.
    """
    positions = max(1, round(section.positions_every / section.timestep))
    velocities = max(1, int(section.velocities_every / section.timestep)) if section.velocities_duration else 0
    whole = math.lcm(positions, velocities or 1)

    def steps(duration: float, of: int) -> int:
        return math.ceil(round(duration / section.timestep, 6) / of) * of

    return RunPlan(
        temperature=temperature,
        ensemble=ensemble,
        thermostat=section.thermostat,
        pressure=section.pressure,
        timestep=section.timestep * 1e-3,  # fs to ps
        minimise=True,
        equilibration=steps(section.equilibration, whole),
        steps=steps(section.duration, positions),
        positions_every=positions,
        velocities_every=velocities,
        velocities_steps=steps(section.velocities_duration, velocities) if velocities else 0,
        look_every=_LOOK,
        checkpoint_every=_CHECKPOINT,
        deviation=section.doubtful,
        seed=seed,
    )
