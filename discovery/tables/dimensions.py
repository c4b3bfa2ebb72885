"""Units of a law's constants by dimensional analysis.

Every constant has an unknown dimension, a vector of powers of the base dimensions. A sum needs terms of one
dimension, a transcendental function or an exponent a number, and the whole law the dimension of its target; products
and powers add and scale. These are linear equations for the unknown powers: no solution, and the law is refused; one
solution, and every constant has its unit. Plain numbers of a law, such as the 1 in log(1 + c x), have no dimension.

A free constant beside a logarithm, or a power with a free exponent, takes the unit of what stands in it: a + b log(x)
is b log(x/x0), c x^p is y0 (x/x0)^p, with x in SI base units.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

import sympy as sp

from ionspice.core import InputError
from ionspice.core.quantities import check_unit, registry
from ionspice.discovery.forms.canonical import Form

#: powers of the SI base units, without those that are zero
type Powers = dict[str, Fraction]

#: names of free constants
_CONSTANT = re.compile(r"c\d+")
_NAMED = ("ohm", "V", "F", "S", "C", "J", "N", "W", "Pa")


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnUnit:
    """A unit of a column."""

    #: as it was written
    text: str
    #: value of one unit in SI base units
    scale: float
    #: its dimension
    powers: Powers


def parse_unit(text: str) -> ColumnUnit:
    """Read a unit such as "C/m", "V*s", "mol/L"; the empty text and "1" stand for a plain number.

    Raises:
        InputError: the text is no unit, or one with a zero of its own such as degrees Celsius.
    """
    import pint

    try:
        if text.strip() not in ("", "1"):
            check_unit(text)
        unit = registry().parse_units(text.strip())
        base, zero = (registry().Quantity(Decimal(number), unit).to_base_units() for number in (1, 0))
    except pint.OffsetUnitCalculusError as error:
        raise InputError(f"unit {text!r} has a zero of its own; use kelvin") from error
    except (pint.PintError, AttributeError, ValueError, TypeError, AssertionError) as error:
        raise InputError(f"unit {text!r} is not known; write it like C/m, V*s or mol/L") from error
    if zero.magnitude != 0:
        raise InputError(f"unit {text!r} has a zero of its own; use kelvin")
    powers = {str(name): Fraction(str(power)).limit_denominator(1000) for name, power in base.unit_items()}
    return ColumnUnit(text=text, scale=float(base.magnitude), powers=powers)


def unit_text(powers: Mapping[str, Fraction]) -> str:
    """Write a dimension as an SI unit, with a named unit such as ohm where that is shorter; "1" for a number."""
    plain = {name: power for name, power in powers.items() if power != 0}
    if not plain:
        return "1"
    best = plain
    for name in _NAMED:
        for sign in (1, -1):
            rest = dict(plain)
            for base, power in parse_unit(name).powers.items():
                rest[base] = rest.get(base, Fraction(0)) - sign * power
            rest = {base: power for base, power in rest.items() if power != 0} | {name: Fraction(sign)}
            if _length(rest) < _length(best):
                best = rest
    named = {base: power for base, power in best.items() if base in _NAMED}
    ordered = {**named, **dict(sorted(best.items()))}
    above = " ".join(_factor(base, power) for base, power in ordered.items() if power > 0)
    below = " ".join(_factor(base, -power) for base, power in ordered.items() if power < 0)
    if not below:
        return above
    return f"{above or 1}/{below}" if " " not in below else f"{above or 1}/({below})"


def _factor(base: str, power: Fraction) -> str:
    symbol = base if base in _NAMED else f"{registry().Unit(base):~}"
    if power == 1:
        return symbol
    return f"{symbol}^{power}" if power.denominator == 1 else f"{symbol}^{float(power):.6g}"


def _length(powers: Mapping[str, Fraction]) -> tuple[Fraction, int]:
    return sum((abs(power) for power in powers.values()), Fraction(0)), len(powers)


@dataclass(slots=True)
class _Linear:
    """A dimension: known powers plus a combination of the constants' unknown dimensions."""

    known: Powers = field(default_factory=dict)
    unknown: dict[sp.Symbol, Fraction] = field(default_factory=dict)

    def plus(self, other: "_Linear", factor: Fraction) -> "_Linear":
        return _Linear(
            known={k: self.known.get(k, Fraction(0)) + factor * other.known.get(k, Fraction(0))
                   for k in {*self.known, *other.known}},
            unknown={k: self.unknown.get(k, Fraction(0)) + factor * other.unknown.get(k, Fraction(0))
                     for k in {*self.unknown, *other.unknown}},
        )  # fmt: skip


def constant_dimensions(form: Form, variables: Sequence[Powers], target: Powers) -> dict[sp.Symbol, Powers] | None:
    """Return the dimension of every constant of a form, or None where the form cannot be right dimensionally.

    Args:
        form: the law.
        variables: dimensions of its variables.
        target: dimension of what it gives.
    """
    symbols = {
        **{s: _Linear(known=dict(p)) for s, p in zip(form.variables, variables, strict=True)},
        **{c: _Linear(unknown={c: Fraction(1)}) for c in form.parameters},
    }
    equations: list[_Linear] = []
    whole = _dimension(form.expression, symbols, equations)
    equations.append(whole.plus(_Linear(known=dict(target)), Fraction(-1)))
    return _solve(equations, form.parameters)


def _dimension(
    expression: sp.Expr, symbols: dict[sp.Symbol, _Linear], equations: list[_Linear], *, is_scaled: bool = False
) -> _Linear:
    """Return the dimension of an expression and add the conditions of its parts to the equations.

    Args:
        expression: part of a law.
        symbols: dimensions of variables and constants.
        equations: conditions, added to.
        is_scaled: whether a constant beside the expression takes the unit that stands in a logarithm or a power.
    """
    if expression.is_number:
        return _Linear()
    if expression.is_Symbol:
        return symbols[expression]
    inner = [_dimension(part, symbols, equations, is_scaled=scaled) for part, scaled in _parts(expression, is_scaled)]
    if expression.is_Mul:
        total = _Linear()
        for part in inner:
            total = total.plus(part, Fraction(1))
        return total
    if expression.is_Add:
        equations.extend(part.plus(inner[0], Fraction(-1)) for part in inner[1:])
        return inner[0]
    if expression.is_Pow and expression.exp.is_number:
        power = sp.Rational(str(expression.exp)) if expression.exp.is_Float else sp.Rational(expression.exp)
        return _Linear().plus(inner[0], Fraction(int(power.p), int(power.q)))
    if isinstance(expression, sp.Abs):
        return inner[0]
    equations.extend(inner[1:] if is_scaled and (expression.is_Pow or isinstance(expression, sp.log)) else inner)
    return _Linear()


def _parts(expression: sp.Expr, is_scaled: bool) -> Iterator[tuple[sp.Expr, bool]]:
    """Yield the arguments of an expression and whether a free constant stands beside each.

    An addend serves logarithms and powers, also such with constant factors; a factor serves powers.
    """
    constants = [_CONSTANT.fullmatch(str(part)) is not None for part in expression.args]
    for part in expression.args:
        if expression.is_Add:
            yield part, any(constants)
        elif expression.is_Mul:
            others = (other for other in expression.args if other is not part)
            is_term = is_scaled and all(_is_constant(other) for other in others)
            yield part, is_term or (any(constants) and part.is_Pow)
        else:
            yield part, False


def _is_constant(expression: sp.Expr) -> bool:
    return all(_CONSTANT.fullmatch(str(symbol)) for symbol in expression.free_symbols)


def _solve(equations: Sequence[_Linear], constants: Sequence[sp.Symbol]) -> dict[sp.Symbol, Powers] | None:
    """Solve the equations; a constant that they leave free is a number."""
    bases = sorted({base for equation in equations for base in equation.known})
    rows = [
        [equation.unknown.get(c, Fraction(0)) for c in constants]
        + [-equation.known.get(base, Fraction(0)) for base in bases]
        for equation in equations
    ]
    entries = [sp.Rational(value.numerator, value.denominator) for row in rows for value in row]
    matrix = sp.Matrix(len(rows), len(constants) + len(bases), entries)
    reduced, pivots = matrix.rref()
    if any(pivot >= len(constants) for pivot in pivots):
        return None
    found: dict[sp.Symbol, Powers] = {constant: {} for constant in constants}
    for row, pivot in enumerate(pivots):
        values = [reduced[row, len(constants) + k] for k in range(len(bases))]
        found[constants[pivot]] = {
            base: Fraction(int(v.p), int(v.q)) for base, v in zip(bases, values, strict=True) if v != 0
        }
    return found
