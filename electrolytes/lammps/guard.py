"""What LAMMPS looks at every few steps, and the limits beyond which it stops by itself with a reason.

A potential that was never shown a configuration invents one that is lower than any true one and falls into it, while
the thermostat takes the heat away: the energy falls without end, and LAMMPS goes on. Signs of that, from the first to
the last: the models deviate; the potential energy leaves what heat explains, equipartition's 3/2 k T an atom being
the scale; the temperature does; the energy that integrator and thermostat together conserve is not conserved;
numbers are no numbers. Atoms that are lost and coordinates that are no numbers LAMMPS finds itself.
"""

import math
from dataclasses import dataclass

from ionspice.electrolytes.lammps.plan import RunPlan

#: names of files in the folder of a run
GUARD, PROGRESS, STOPPED, DEVIATION = "guard.lammps", "progress.csv", "stopped.txt", "deviation.out"
HEADING = (
    "step,temperature [K],potential energy [eV/atom],conserved energy [eV/atom],volume [angstrom^3],"
    "force deviation [eV/angstrom]"
)
#: exit status of LAMMPS when it stopped by itself
STATUS = 3
_LAST = "deviation.last"
#: files that nobody needs behind a run: the deviations stand in progress.csv
SCRATCH = (DEVIATION, _LAST)
_BOLTZMANN = 8.617333262e-5  # eV/K
#: changes of the potential energy that heat explains, in 3/2 k T; from the start, where it may be that of 0 K
_FALL, _RISE = 4.0, 6.0
#: temperature that heat explains, as a share of the thermostat's
_HOT = 3.0
#: drift of the conserved energy since the last checkpoint, in 3/2 k T
_DRIFT = 1.0
#: standard deviations that small systems may fluctuate beside
_SIGMAS = 6.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Between which a run goes on; energies are per atom."""

    fall: float  #: of the potential energy since the start [eV]
    rise: float  #: of the potential energy since the start [eV]
    drift: float  #: of the conserved energy since the last checkpoint [eV]
    temperature: float  #: [K]
    deviation: float  #: of the models' forces on an atom [eV/angstrom]


def limits_of(plan: RunPlan, atoms: int) -> Limits:
    """Return the limits of a run of so many atoms."""
    heat = 1.5 * _BOLTZMANN * plan.temperature
    spread = _SIGMAS * math.sqrt(2 / (3 * atoms))  # of the temperature, as a share of it
    return Limits(
        fall=(_FALL + spread) * heat,
        rise=(_RISE + spread) * heat,
        drift=_DRIFT * heat,
        temperature=(_HOT + spread) * plan.temperature,
        deviation=plan.deviation,
    )


def guard_script(limits: Limits, *, models: int) -> str:
    """Return the commands of a look: a row of progress.csv, and the end of LAMMPS where a limit is passed.

    They use the variables that lammps/script.py defines: potential, its value first at the start,
    conserved, its value kept at the last checkpoint, and whether that drifts for a bad reason only.
    """
    looks = [
        # A comparison with NaN is false.
        _stop(
            "(v_potential < 1e30) * (temp < 1e30) * (v_deviation < 1e30)",
            "energy, temperature or deviation is no number",
        ),
        _stop(
            f"v_deviation <= {limits.deviation:.6g}",
            f"the models deviate by $(v_deviation:%.3g) eV/angstrom, more than {limits.deviation:.3g}",
        ),
        _stop(
            f"v_first - v_potential <= {limits.fall:.6g}",
            f"the potential energy fell by $(v_first - v_potential:%.3g) eV/atom, more than the {limits.fall:.3g} "
            "that heat explains",
        ),
        _stop(
            f"v_potential - v_first <= {limits.rise:.6g}",
            f"the potential energy rose by $(v_potential - v_first:%.3g) eV/atom, more than the {limits.rise:.3g} "
            "that heat explains",
        ),
        _stop(
            f"temp <= {limits.temperature:.6g}",
            f"the temperature is $(temp:%.0f) K, more than {limits.temperature:.0f}",
        ),
        _stop(
            f"abs(v_conserved - v_kept) * v_drifts <= {limits.drift:.6g}",
            f"the conserved energy drifted by $(v_conserved - v_kept:%.3g) eV/atom, more than {limits.drift:.3g}",
        ),
    ]
    read = [
        # The last row's fifth number, the largest deviation of a force; the row begins with blanks.
        f"shell \"tail -n 1 {DEVIATION} | tr -s ' ' | cut -d ' ' -f 6 > {_LAST}\"",
        "variable deviation delete",
        f"variable deviation file {_LAST}",
    ]
    columns = (
        "$(step:%.0f)",
        "$(temp:%.6g)",
        "$(v_potential:%.10g)",
        "$(v_conserved:%.10g)",
        "$(vol:%.10g)",
        "$(v_deviation:%.6g)",
    )
    row = f'print "{",".join(columns)}" append {PROGRESS} screen no'
    return "\n".join([*(read if models > 1 else []), row, *looks]) + "\n"


def _stop(fine: str, reason: str) -> str:
    """Return the command that ends LAMMPS unless a formula is true."""
    return f'if "$({fine}) == 0" then "print \'{reason}\' file {STOPPED}" "quit {STATUS}"'
