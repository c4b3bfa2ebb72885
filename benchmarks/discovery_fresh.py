"""Laws that nobody looked at before they were tried once: what to expect of unseen ones."""

from discovery_problem import made

FRESH = made(
    "fresh",
    ("concentration overpotential", "0.026*log(1 - x/2.7)", "x 0 2.5"),
    ("mixed control", "1/(0.56*exp(-3.2*x) + 0.24)", "x -1 1.5"),
    ("Redlich-Peterson", "2.1*x/(1 + 0.8*x**0.85)", "x 0 9"),
    ("Sips", "3*(0.7*x)**0.6/(1 + (0.7*x)**0.6)", "x 0 8"),
    ("Morse", "1.9*(1 - exp(-1.3*(x - 1.2)))**2", "x 0.4 4"),
    ("loss peak", "2.4*x/(1 + (1.1*x)**2)", "x 0 6"),
    ("charging with leak", "1.6*(1 - exp(-0.9*x)) + 0.11*x", "x 0 7"),
    ("Carreau", "0.2 + 1.8*(1 + (1.7*x)**2)**(-0.3)", "x 0 8"),
    ("Arrhenius with background", "310*exp(-1900/x) + 0.02", "x 220 480"),
    ("shifted saturation", "0.8*tanh(1.3*x + 0.4)", "x -2 2"),
    ("self-discharge", "2.6 - 0.19*log(1 + x/0.13)", "x 0 10"),
    ("autocatalysis", "1/(1 + 19*exp(-1.4*x))", "x 0 6"),
    ("Casteel-Amis", "1.3*x**1.5*exp(-0.8*x)", "x 0 5"),
    ("reaction of half order", "2.2*sqrt(y)*exp(-1.7/x)", "x 0.4 3, y 0.1 4"),
    ("Debye length", "sqrt(eps*kT/(2*n*q**2))", "eps 1 5, kT 1 5, n 1 5, q 1 5"),
    ("Stokes-Einstein", "kb*T/(6*pi*eta*r)", "kb 1 5, T 1 5, eta 1 5, r 1 5"),
    ("Nernst-Einstein", "z**2*q**2*n*D/(kb*T)", "z 1 3, q 1 5, n 1 5, D 1 5, kb 1 5, T 1 5"),
    ("Poiseuille", "pi*p*r**4/(8*eta*L)", "p 1 5, r 1 3, eta 1 5, L 1 5"),
    ("charging capacitor", "V*(1 - exp(-t/(R*C)))", "V 1 5, t 0 4, R 1 3, C 1 3"),
    ("series impedance", "sqrt(R**2 + (w*L - 1/(w*C))**2)", "R 1 3, w 1 3, L 1 3, C 1 3"),
    ("Nernst", "E + kT/q*log(c1/c2)", "E 1 5, kT 1 5, q 1 5, c1 1 5, c2 1 5"),
    ("two dielectrics", "A/(d1/e1 + d2/e2)", "A 1 5, d1 1 5, e1 1 5, d2 1 5, e2 1 5"),
    ("screened potential", "q*exp(-r/L)/(4*pi*r)", "q 1 5, r 1 4, L 1 4"),
    ("Bernoulli", "p + rho*v**2/2 + rho*g*h", "p 1 5, rho 1 5, v 1 5, g 1 5, h 1 5"),
    ("damped frequency", "sqrt(k/m - (c/(2*m))**2)", "k 4 10, m 1 2, c 1 2"),
)
