r"""Dielectric saturation: Booth's permittivity in a field E.

    eps(E)/eps = o + (1 - o) g(x),    g(x) = (3/x) (coth x - 1/x),    x = beta E,    o = n^2/eps_r

between eps in weak fields and the optical one, n^2, in strong ones; beta is 1.41e-8 m/V for water at room
temperature. The field's energy is

    u(E) = int E dD = eps [ (o + (1 - o) (2 g(x) - h(x))) E^2/2 ],    h(x) = (6/x^2) ln(sinh(x)/x)

Everything is a function of s = x^2, summed as a series where x is small. Source: Booth, J. Chem. Phys. 19, 391
(1951), in the form of Wang and Pilon, J. Phys. Chem. C 115, 16711 (2011).
"""

import math

#: below this s the series are exact to round-off
SMALL = 0.04
#: of g and h in powers of s
G_SERIES = (1.0, -1 / 15, 2 / 315, -1 / 1575, 2 / 31185, -1382 / 212837625)
H_SERIES = (1.0, -1 / 30, 2 / 945, -1 / 6300, 2 / 155925, -1382 / 1277025750)


def g(s: float) -> float:
    """Return the share of the solvent's orientation that s = x^2 leaves."""
    if s < SMALL:
        return math.fsum(a * s**k for k, a in enumerate(G_SERIES))
    x = math.sqrt(s)
    return 3 * (x / math.tanh(x) - 1) / s


def h(s: float) -> float:
    """Return the same of the energy at given fields."""
    if s < SMALL:
        return math.fsum(a * s**k for k, a in enumerate(H_SERIES))
    x = math.sqrt(s)
    return 6 * (x + math.log1p(-math.exp(-2 * x)) - math.log(2 * x)) / s


def permittivity(s: float, optical: float) -> float:
    """Return eps(E)/eps."""
    return optical + (1 - optical) * g(s)


def energy(s: float, optical: float) -> float:
    """Return u(E)/(eps E^2/2)."""
    return optical + (1 - optical) * (2 * g(s) - h(s))
