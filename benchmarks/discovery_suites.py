"""Problems with known answers, as pure NumPy so that every tool's own environment can make the same data.

Suites: the resistance law; Nguyen 1-12 (Uy et al., Genet. Program. Evolvable Mach. 12, 91, 2011); Keijzer 1-15
without those that need random operators (EuroGP 2003); the first twenty equations of one to three variables in the
order of the Feynman database (Udrescu and Tegmark, Sci. Adv. 6, eaay2631, 2020); laws of electrochemistry, kinetics
and circuits with constants away from one, in one variable. All have 200 training points.
"""

from collections.abc import Iterator

from discovery_feynman import FEYNMAN_LATER, FEYNMAN_MANY
from discovery_fresh import FRESH, UNSEEN
from discovery_kinetics import KINETICS
from discovery_problem import Problem
from discovery_strogatz import STROGATZ


def _one(
    suite: str, name: str, formula: str, *box: tuple[str, float, float], through_origin: bool = False
) -> Problem:
    return Problem(suite=suite, name=name, formula=formula, box=box, through_origin=through_origin)


def _x(low: float, high: float) -> tuple[str, float, float]:
    return ("x", low, high)


def _y(low: float, high: float) -> tuple[str, float, float]:
    return ("y", low, high)


LAW = tuple(
    _one("law", f"gamma {g}", f"X - {g}*X**2/2", ("X", 0.0, 1.0), through_origin=True) for g in (0.2, 0.5, 0.8)
)

NGUYEN = (
    _one("nguyen", "1", "x**3 + x**2 + x", _x(-1, 1)),
    _one("nguyen", "2", "x**4 + x**3 + x**2 + x", _x(-1, 1)),
    _one("nguyen", "3", "x**5 + x**4 + x**3 + x**2 + x", _x(-1, 1)),
    _one("nguyen", "4", "x**6 + x**5 + x**4 + x**3 + x**2 + x", _x(-1, 1)),
    _one("nguyen", "5", "sin(x**2)*cos(x) - 1", _x(-1, 1)),
    _one("nguyen", "6", "sin(x) + sin(x + x**2)", _x(-1, 1)),
    _one("nguyen", "7", "log(x + 1) + log(x**2 + 1)", _x(0, 2)),
    _one("nguyen", "8", "sqrt(x)", _x(0, 4)),
    _one("nguyen", "9", "sin(x) + sin(y**2)", _x(0, 1), _y(0, 1)),
    _one("nguyen", "10", "2*sin(x)*cos(y)", _x(0, 1), _y(0, 1)),
    _one("nguyen", "11", "x**y", _x(0.05, 1), _y(0, 1)),
    _one("nguyen", "12", "x**4 - x**3 + y**2/2 - y", _x(0, 1), _y(0, 1)),
)

KEIJZER = (
    _one("keijzer", "1", "0.3*x*sin(2*pi*x)", _x(-1, 1)),
    _one("keijzer", "4", "x**3*exp(-x)*cos(x)*sin(x)*(sin(x)**2*cos(x) - 1)", _x(0, 10)),
    _one("keijzer", "5", "30*x*z/((x - 10)*y**2)", _x(-1, 1), _y(1, 2), ("z", -1, 1)),
    _one("keijzer", "7", "log(x)", _x(1, 100)),
    _one("keijzer", "8", "sqrt(x)", _x(0, 100)),
    _one("keijzer", "9", "log(x + sqrt(x**2 + 1))", _x(0, 100)),
    _one("keijzer", "10", "x**y", _x(0.05, 1), _y(0, 1)),
    _one("keijzer", "11", "x*y + sin((x - 1)*(y - 1))", _x(-3, 3), _y(-3, 3)),
    _one("keijzer", "12", "x**4 - x**3 + y**2/2 - y", _x(-3, 3), _y(-3, 3)),
    _one("keijzer", "13", "6*sin(x)*cos(y)", _x(-3, 3), _y(-3, 3)),
    _one("keijzer", "14", "8/(2 + x**2 + y**2)", _x(-3, 3), _y(-3, 3)),
    _one("keijzer", "15", "x**3/5 + y**3/2 - y - x", _x(-3, 3), _y(-3, 3)),
)

FEYNMAN = (
    _one("feynman", "I.6.20a", "exp(-theta**2/2)/sqrt(2*pi)", ("theta", 1, 3)),
    _one("feynman", "I.6.20", "exp(-(theta/sigma)**2/2)/(sqrt(2*pi)*sigma)", ("sigma", 1, 3), ("theta", 1, 3)),
    _one(
        "feynman",
        "I.6.20b",
        "exp(-((theta - theta1)/sigma)**2/2)/(sqrt(2*pi)*sigma)",
        ("sigma", 1, 3),
        ("theta", 1, 3),
        ("theta1", 1, 3),
    ),
    _one("feynman", "I.10.7", "m0/sqrt(1 - v**2/c**2)", ("m0", 1, 5), ("v", 1, 2), ("c", 3, 10)),
    _one("feynman", "I.12.1", "mu*Nn", ("mu", 1, 5), ("Nn", 1, 5)),
    _one("feynman", "I.12.5", "q2*Ef", ("q2", 1, 5), ("Ef", 1, 5)),
    _one("feynman", "I.14.4", "k*x**2/2", ("k", 1, 5), _x(1, 5)),
    _one("feynman", "I.15.10", "m0*v/sqrt(1 - v**2/c**2)", ("m0", 1, 5), ("v", 1, 2), ("c", 3, 10)),
    _one("feynman", "I.16.6", "(u + v)/(1 + u*v/c**2)", ("c", 1, 5), ("v", 1, 5), ("u", 1, 5)),
    _one("feynman", "I.25.13", "q/C", ("q", 1, 5), ("C", 1, 5)),
    _one("feynman", "I.26.2", "arcsin(n*sin(theta2))", ("n", 0, 1), ("theta2", 1, 5)),
    _one("feynman", "I.27.6", "1/(1/d1 + n/d2)", ("d1", 1, 5), ("d2", 1, 5), ("n", 1, 5)),
    _one("feynman", "I.29.4", "omega/c", ("omega", 1, 10), ("c", 1, 10)),
    _one("feynman", "I.30.3", "Int0*sin(n*theta/2)**2/sin(theta/2)**2", ("Int0", 1, 5), ("theta", 1, 5), ("n", 1, 5)),
    _one("feynman", "I.30.5", "arcsin(lambd/(n*d))", ("lambd", 1, 2), ("d", 2, 5), ("n", 1, 5)),
    _one("feynman", "I.34.14", "(1 + v/c)/sqrt(1 - v**2/c**2)*omega0", ("c", 3, 10), ("v", 1, 2), ("omega0", 1, 5)),
    _one("feynman", "I.34.27", "h*omega/(2*pi)", ("omega", 1, 5), ("h", 1, 5)),
    _one("feynman", "I.37.4", "I1 + I2 + 2*sqrt(I1*I2)*cos(delta)", ("I1", 1, 5), ("I2", 1, 5), ("delta", 1, 5)),
    _one("feynman", "I.39.10", "3*pr*V/2", ("pr", 1, 5), ("V", 1, 5)),
    _one("feynman", "I.39.11", "pr*V/(gamma - 1)", ("gamma", 2, 5), ("pr", 1, 5), ("V", 1, 5)),
)

ELECTRO = (
    _one("electro", "Tafel", "0.12*log(x) + 0.35", _x(0.01, 10)),
    _one("electro", "Butler-Volmer", "exp(19.5*x) - exp(-11.3*x)", _x(-0.15, 0.15)),
    _one("electro", "symmetric kinetics", "0.8*sinh(3.1*x)", _x(-1, 1)),
    _one("electro", "Langmuir", "2.3*x/(1 + 0.7*x)", _x(0, 10)),
    _one("electro", "Temkin", "1.3*log(1 + 4.2*x)", _x(0, 5)),
    _one("electro", "Hill", "x**2.4/(3.1 + x**2.4)", _x(0, 5)),
    _one("electro", "Haldane", "x/(0.6 + x + 0.31*x**2)", _x(0, 8)),
    _one("electro", "Debye-Hueckel", "-0.51*sqrt(x)/(1 + 1.6*sqrt(x))", _x(0.001, 1)),
    _one("electro", "Arrhenius", "exp(13.2 - 4150/x)", _x(280, 380)),
    _one("electro", "VTF", "exp(-570/(x - 170))", _x(220, 350)),
    _one("electro", "RC step", "1 - exp(-x/0.37)", _x(0, 2)),
    _one("electro", "two time constants", "0.7*exp(-1.3*x) + 0.3*exp(-0.17*x)", _x(0, 10)),
    _one("electro", "stretched", "exp(-(x/2.2)**0.6)", _x(0, 10)),
    _one("electro", "damped", "exp(-0.4*x)*cos(2.7*x)", _x(0, 8)),
    _one("electro", "tanh", "1.4*tanh(2.3*x)", _x(-2, 2)),
    _one("electro", "logistic", "1/(1 + exp(-(x - 1.3)/0.4))", _x(-1, 4)),
    _one("electro", "Gouy-Chapman", "2*arcsinh(3.7*x)", _x(-2, 2)),
    _one("electro", "Grahame", "sqrt(1 + (x/0.8)**2)", _x(0, 3)),
    _one("electro", "Warburg", "3.2/sqrt(x) + 1.1", _x(0.1, 10)),
    _one("electro", "RC magnitude", "5/sqrt(1 + (0.9*x)**2)", _x(0, 8)),
    _one("electro", "Freundlich", "1.7*x**0.37", _x(0, 10)),
    _one("electro", "impulse", "2.5*x*exp(-0.8*x)", _x(0, 6)),
    _one("electro", "consecutive", "exp(-0.5*x) - exp(-1.9*x)", _x(0, 8)),
    _one("electro", "peak", "1.8*exp(-((x - 2.1)/0.6)**2)", _x(0, 5)),
    _one("electro", "second order", "1/(0.4 + 0.9*x)", _x(0, 6)),
    _one("electro", "diode", "0.02*(exp(5.3*x) - 1)", _x(-0.3, 0.8)),
    _one("electro", "Monod", "0.9*x/(0.5 + x) - 0.12", _x(0, 6)),
    _one("electro", "saturated exchange", "(exp(7*x) - 1)/(1 + 0.2*exp(7*x))", _x(-0.5, 0.8)),
    _one("electro", "real power", "1.2 + 0.4*x - 0.03*x**2.6", _x(0, 6)),
    _one("electro", "reflected", "(1 - exp(-1.7*x))*x", _x(0, 4)),
)

SUITES = {
    "law": LAW,
    "nguyen": NGUYEN,
    "keijzer": KEIJZER,
    "feynman": FEYNMAN,
    "many": FEYNMAN_MANY,
    "later": FEYNMAN_LATER,
    "electro": ELECTRO,
    "kinetics": KINETICS,
    "strogatz": STROGATZ,
    "fresh": FRESH,
    "unseen": UNSEEN,
}
NOISE = dict.fromkeys(SUITES, (0.0, 0.01)) | {"law": (0.0, 0.01, 0.03), "keijzer": (0.0,)}


def problems(suite: str) -> Iterator[tuple[Problem, float]]:
    """Yield every problem of a suite with every noise level."""
    for noise in NOISE[suite]:
        for problem in SUITES[suite]:
            yield problem, noise
