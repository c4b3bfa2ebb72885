"""Input scripts of LAMMPS: one run, from its start or from a restart file, in segments with checkpoints.

Units are metal: angstrom, ps, eV, bar, u. Step 0 is the start of the equilibration. A segment goes from checkpoint to
checkpoint; between, the guard (lammps/guard.py) looks. A restart file has its step in its name and is there whole or
not at all: it is written under another name and renamed. https://docs.lammps.org
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ionspice.electrolytes.lammps.guard import DEVIATION, GUARD
from ionspice.electrolytes.lammps.plan import RunPlan

#: names of files in the folder of a run
SCRIPT, DATA, POSITIONS, VELOCITIES = "run.lammps", "box.data", "positions.lammpstrj", "velocities.lammpstrj"
CHECKPOINT = "checkpoint.{step}.restart"
#: steps after which the centre of mass is brought to rest; rounding sets it in motion
_STILL_EVERY = 100
#: times in which thermostat and barostat act, in steps: as LAMMPS's manual has them
_THERMOSTAT, _BAROSTAT = 100, 1000
#: LAMMPS's generators of random numbers take a seed from 1 up to this
_SEEDS = 900_000_000
#: first minimisation of a packed box: until the norm of all forces, or in boxes of molecules the largest force, is
#: small [eV/angstrom], of so many iterations and evaluations. Atoms of molecules have 2 eV/angstrom at 300 K already,
#: and further down a poor potential leads into its own holes
_MINIMISE = ("minimize 0.0 0.1 200 1000",)
_MINIMISE_MOLECULES = ("min_modify norm max", "minimize 0.0 2.0 200 1000")


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """Where a launch of LAMMPS goes on."""

    step: int = 0
    molecules: bool = False  #: whether atoms are bound
    first: float | None = None  #: potential energy at the start of the run [eV/atom]
    conserved: float | None = None  #: conserved energy at the step [eV/atom]


def deep_pair(models: Sequence[Path], type_map: Sequence[str], *, every: int) -> list[str]:
    """Return the commands of a deep potential.

    Args:
        models: the first gives the forces, all the deviation.
        type_map: elements of the atom types, in the order of the potential.
        every: steps between deviations.
    """
    files = " ".join(f'"{path.resolve()}"' for path in models)
    deviation = f" out_file {DEVIATION} out_freq {every}" if len(models) > 1 else ""
    return [f"pair_style deepmd {files}{deviation}", f"pair_coeff * * {' '.join(type_map)}"]


def run_script(plan: RunPlan, pair: Sequence[str], type_map: Sequence[str], start: Start) -> str:
    """Return the input of a run.

    Args:
        plan: what is run.
        pair: commands of the interaction.
        type_map: elements of the atom types.
        start: from where.
    """
    equilibrating = start.step < plan.equilibration
    lines = [
        *_system(plan, pair, start),
        *_integrator(plan, equilibrating=equilibrating),
        *_references(start),
    ]
    if equilibrating:
        lines += _segment(plan, "equilibration", plan.equilibration)
        if plan.ensemble == "NVE":
            changed = ["unfix bath", "unfix motion", *_integrator(plan, equilibrating=False)]
            lines += _counted_on("$(v_conserved)", changed)
    lines += _dump("positions", POSITIONS, plan.positions_every, "", type_map)
    if plan.velocities_every and start.step < plan.velocities_end:
        lines += _dump("velocities", VELOCITIES, plan.velocities_every, " vx vy vz", type_map)
        lines += [*_segment(plan, "vibrations", plan.velocities_end), "undump velocities"]
    if plan.velocities_end < plan.end:
        lines += _segment(plan, "production", plan.end)
    return "\n".join([*lines, ""])


def _system(plan: RunPlan, pair: Sequence[str], start: Start) -> list[str]:
    fresh = start.step == 0
    return [
        "units metal",
        "atom_style full",
        "boundary p p p",
        f"read_data {DATA}" if fresh else f"read_restart {CHECKPOINT.format(step=start.step)}",
        "neighbor 1.0 bin",
        "neigh_modify every 5 delay 0 check yes",
        *pair,
        f"timestep {plan.timestep:.10g}",
        *(_beginning(plan, start) if fresh else []),
        f"thermo {plan.look_every}",
        "thermo_style custom step temp pe ke econserve press vol density",
        "thermo_modify flush yes lost error",
        f"fix still all momentum {_STILL_EVERY} linear 1 1 1",
    ]


def _beginning(plan: RunPlan, start: Start) -> list[str]:
    minimise = _MINIMISE_MOLECULES if start.molecules else _MINIMISE
    relax = ["min_style cg", *minimise, "reset_timestep 0"] if plan.minimise else []
    return [*relax, f"velocity all create {plan.temperature:.10g} {_seed(plan)} mom yes rot no dist gaussian"]


def _seed(plan: RunPlan) -> int:
    return plan.seed % _SEEDS or 1


def _integrator(plan: RunPlan, *, equilibrating: bool) -> list[str]:
    """Return the fixes of an ensemble; the equilibration of NVE has a thermostat."""
    heat = f"{plan.temperature:.10g} {plan.temperature:.10g} {_THERMOSTAT * plan.timestep:.10g}"
    press = f"iso {plan.pressure:.10g} {plan.pressure:.10g} {_BAROSTAT * plan.timestep:.10g}"
    # What Langevin's forces add is known to first order in the time step only: no measure of a drift.
    bath = [f"fix bath all langevin {heat} {_seed(plan)} zero yes", "variable drifts equal 0"]
    if plan.ensemble == "NVE":
        return ["fix motion all nve", *(bath if equilibrating else ["variable drifts equal 1"])]
    if plan.thermostat == "langevin":
        return [f"fix motion all nph {press}" if plan.ensemble == "NPT" else "fix motion all nve", *bath]
    motion = f"npt temp {heat} {press}" if plan.ensemble == "NPT" else f"nvt temp {heat}"
    return [f"fix motion all {motion}", "variable drifts equal 1"]


def _references(start: Start) -> list[str]:
    """Return the definition of what the guard compares, after forces at the start."""
    conserved = "$(v_conserved)" if start.conserved is None else f"{start.conserved:.17g}"
    return [
        "variable deviation equal 0",
        "variable potential equal pe/atoms",
        "variable shift equal 0",
        "variable conserved equal econserve/atoms+v_shift",
        "run 0 post no",
        *_counted_on(conserved),
        "variable first equal " + ("$(v_potential)" if start.first is None else f"{start.first:.17g}"),
        *([f"include {GUARD}"] if start.step == 0 else []),
    ]


def _counted_on(before: str, changes: Sequence[str] = ()) -> list[str]:
    """Return how the conserved energy goes on from a value, for LAMMPS may count it from elsewhere after changes."""
    return [
        f"variable kept equal {before}",
        *changes,
        "run 0 post no",
        "variable shift equal $(v_kept-econserve/atoms)",
    ]


def _segment(plan: RunPlan, name: str, end: int) -> list[str]:
    """Return how a run goes on to a step, with restart files."""
    every = plan.checkpoint_every or plan.end
    look = f'pre no post no every {plan.look_every} "include {GUARD}"'
    save = [
        "write_restart checkpoint.new",
        f"shell mv checkpoint.new {CHECKPOINT.format(step='$(step:%.0f)')}",
        f"shell rm -f {CHECKPOINT.format(step='${last}')}",
    ]
    return [
        f"label {name}",
        "variable last string $(step:%.0f)",
        f"variable goal equal (floor(step/{every})+1)*{every}",
        *_counted_on("$(v_conserved)"),
        f"run $(ternary(v_goal<{end},v_goal,{end}):%.0f) upto {look}",
        *(save if plan.checkpoint_every else []),
        f'if "$(step:%.0f) < {end}" then "jump SELF {name}"',
    ]


def _dump(name: str, file: str, every: int, more: str, type_map: Sequence[str]) -> list[str]:
    return [
        f"dump {name} all custom {every} {file} id mol type element xu yu zu{more}",
        f"dump_modify {name} sort id element {' '.join(type_map)} append yes time yes units yes format float %.6f",
    ]
