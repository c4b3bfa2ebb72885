"""Rates over barriers by transition-state theory, and the barriers that rates stand for.

    k = (kT/h) exp(-E/kT)

H. Eyring, J. Chem. Phys. 3, 107 (1935), doi:10.1063/1.1749604, with E for the free energy of activation.
"""

import math

from scipy import constants

#: s in a ps
_PS = 1e-12


def transition_rate(barrier: float, temperature: float) -> float:
    """Return the rate [1/ps] of passages over a barrier [eV] at a temperature [K]."""
    thermal = constants.k * temperature
    return float(thermal / constants.h * _PS * math.exp(-barrier * constants.e / thermal))


def effective_barrier(rate: float, temperature: float) -> float:
    """Return the barrier [eV] to which a rate [1/ps] above 0 corresponds at a temperature [K]."""
    thermal = constants.k * temperature
    return float(thermal / constants.e * math.log(thermal / constants.h * _PS / rate))
