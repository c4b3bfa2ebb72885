"""Turn chromosomes into parametric forms: one sympy expression per law, not one per way to write it.

Floats are the constants of a law, integers its structure. Candidate writings of the same function (as bred,
expanded, over a common denominator) are brought to a standard scale (1 + b x inside powers and logarithms, so that
no two constants do the work of one) and the one with fewest constants and lowest complexity stays. Then every float
becomes a parameter. The key of a form ignores the names and values of parameters and the order of arguments.
"""

from dataclasses import dataclass, replace

import numpy as np
import sympy as sp

from ionspice.discovery.evolution.hall_of_fame import Candidate
from ionspice.discovery.evolution.operators import ARITY, CONSTANT, FIRST_VARIABLE
from ionspice.discovery.evolution.stack_machine import active_length
from ionspice.discovery.forms.builders import LINK_BUILDERS, OPERATOR_BUILDERS, factor_expression, terminals
from ionspice.discovery.reduction import Reduction

_FUNCTION_COST = dict.fromkeys((sp.exp, sp.log, sp.sin, sp.cos), 3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A law with free constants."""

    #: expression in variables and parameters
    expression: sp.Expr
    #: the variables
    variables: tuple[sp.Symbol, ...]
    #: the free constants
    parameters: tuple[sp.Symbol, ...]
    #: values of the constants to start a fit from
    start: tuple[float, ...]

    @property
    def complexity(self) -> int:
        """Price of the expression after simplification (1)."""
        return complexity(self.expression)

    @property
    def key(self) -> str:
        """Text that is equal for equal forms."""
        return _skeleton(self.expression, frozenset(self.parameters))

    def with_values(self, values: np.ndarray | tuple[float, ...]) -> sp.Expr:
        """Return the expression with numbers for the parameters."""
        return self.expression.xreplace({p: sp.Float(float(v)) for p, v in zip(self.parameters, values, strict=True)})


def complexity(expression: sp.Expr) -> int:
    """Return the price of an expression: symbols, operations and dearer functions."""
    if not expression.args:
        return 0 if expression == -1 else 1
    if expression.is_Add or expression.is_Mul:
        inverses = sum(1 for a in expression.args if a.is_Pow and a.exp.could_extract_minus_sign())
        signs = sum(1 for a in expression.args if a == -1)
        return (
            sum(map(complexity, expression.args))
            + len(expression.args)
            - 1
            - signs
            - min(inverses, len(expression.args) - 1 - signs)
        )
    if expression.is_Pow:
        base, exponent = expression.args
        price = complexity(base)
        if exponent.is_Rational:
            price += 2 * int(exponent.could_extract_minus_sign())
            price += 3 * int(exponent.q != 1) + (abs(int(exponent.p)) if abs(exponent.p) != 1 else 0)
            return price
        return price + complexity(exponent) + 4
    return _FUNCTION_COST.get(expression.func, 4) + sum(map(complexity, expression.args))


def _skeleton(expression: sp.Expr, parameters: frozenset[sp.Symbol]) -> str:
    if expression in parameters:
        return "c"
    if not expression.args:
        return str(expression)
    inner = [_skeleton(argument, parameters) for argument in expression.args]
    if expression.is_Add or expression.is_Mul:
        inner.sort()
    return f"{expression.func.__name__}({','.join(inner)})"


def gene_expression(gene: np.ndarray, values: np.ndarray, variables: tuple[sp.Expr, ...]) -> sp.Expr:
    """Return a gene as a sympy expression with its constants as floats."""
    stack: list[sp.Expr] = []
    for position in range(active_length(gene, 0) - 1, -1, -1):
        code = int(gene[position])
        if code >= FIRST_VARIABLE:
            stack.append(variables[code - FIRST_VARIABLE])
        elif code == CONSTANT:
            stack.append(sp.Float(values[position]))
        else:
            arguments = [stack.pop() for _ in range(ARITY[code])]
            stack.append(OPERATOR_BUILDERS[code](*arguments))
    return stack[0]


def _split_scale(total: sp.Expr) -> tuple[sp.Float | None, sp.Expr]:
    """Split an Add or Mul of floats into scale and rest, so that the leading term of the rest is exactly +-1."""
    if total.is_Mul:
        number, rest = total.as_coeff_Mul()
        if number.is_Float:
            return abs(number), sp.sign(number) * rest
    if total.is_Add:
        terms = total.as_ordered_terms()
        constants = [term for term in terms if term.is_Float or term.is_Rational]
        leading = constants[0] if constants else next((t for t in terms if t.as_coeff_Mul()[0].is_Float), None)
        if leading is None:
            return None, total
        number, body = leading.as_coeff_Mul()
        if constants:
            number, body = leading, sp.S.One
        scale = sp.Float(abs(number))
        if scale == 1 and not number.is_Float:
            return None, total
        others = [sp.expand(term / scale) for term in terms if term is not leading]
        return scale, sp.Add(sp.sign(number) * body, *others)
    return None, total


def standard_scale(expression: sp.Expr) -> sp.Expr:
    """Move constant factors out of powers and logarithms, constant terms out of exponentials, from the inside out."""
    if not expression.args:
        return expression
    rebuilt = expression.func(*[standard_scale(argument) for argument in expression.args])
    if rebuilt.is_Pow and (rebuilt.exp.is_Rational or rebuilt.exp.is_Float):
        scale, rest = _split_scale(rebuilt.base)
        if scale is not None:
            return scale**rebuilt.exp * rest**rebuilt.exp
    elif isinstance(rebuilt, sp.log):
        scale, rest = _split_scale(rebuilt.args[0])
        if scale is not None:
            return sp.log(scale) + sp.log(rest)
    elif isinstance(rebuilt, sp.exp):
        constant, rest = rebuilt.args[0].as_coeff_Add()
        if constant.is_Float:
            return sp.exp(constant) * sp.exp(rest)
    return rebuilt


def _float_count(expression: sp.Expr) -> int:
    if expression.is_Float:
        return 1
    return sum(map(_float_count, expression.args))


def with_free_integers(expression: sp.Expr) -> sp.Expr:
    """Return an expression whose whole factors and terms, as of x + x and x/x, are floats; exponents stay."""
    if not expression.args:
        return expression
    if expression.is_Pow and expression.exp.is_Rational:
        return with_free_integers(expression.base) ** expression.exp
    parts = [
        sp.Float(part)
        if part.is_Rational and (expression.is_Add or (expression.is_Mul and abs(part) != 1))
        else with_free_integers(part)
        for part in expression.args
    ]
    return expression.func(*parts)


def canonical(expression: sp.Expr) -> sp.Expr:
    """Return the simplest of the writings of an expression with floats as constants."""
    writings = [expression]
    try:
        writings.append(sp.expand(expression))
        if any(_is_nested_root(power) for power in writings[-1].atoms(sp.Pow)):
            writings.append(sp.expand(sp.powdenest(writings[-1], force=True)))
    except (ValueError, TypeError, RecursionError):  # sympy gives up on a few unwieldy expressions
        pass
    scaled = [standard_scale(writing) for writing in writings]
    scaled += [sp.expand(writing) for writing in scaled]
    sound = [writing for writing in scaled if not writing.has(sp.nan, sp.zoo, sp.oo, sp.I)]
    return min(sound or [expression], key=_preference)


def _is_nested_root(power: sp.Pow) -> bool:
    return not power.exp.is_Integer and any(factor.is_Pow for factor in sp.Mul.make_args(power.base))


def _preference(writing: sp.Expr) -> tuple[int, bool, int]:
    """Fewest constants first; then sums of monomials, which are unique; then the simplest."""
    expanded_polynomial = writing.is_polynomial() and writing == sp.expand(writing)
    return _float_count(writing), not expanded_polynomial, complexity(writing)


def parametrise(expression: sp.Expr) -> tuple[sp.Expr, dict[sp.Symbol, float]]:
    """Replace every float by a parameter c1, c2, ...; return the expression and the values."""
    values: dict[sp.Symbol, float] = {}

    def replace(part: sp.Expr) -> sp.Expr:
        if part.is_Float:
            symbol = sp.Symbol(f"c{len(values) + 1}", real=True)
            values[symbol] = float(part)
            return symbol
        if not part.args:
            return part
        return part.func(*[replace(argument) for argument in part.args])

    return replace(expression), values


def form_of(
    candidate: Candidate,
    weights: np.ndarray,
    variables: tuple[sp.Symbol, ...],
    anchor: tuple[tuple[float, ...], float] | None,
    *,
    free_level: bool = True,
    known: Reduction | None = None,
) -> Form | None:
    """Return the parametric form of a chromosome, or None if it is not a finite real expression.

    Args:
        candidate: the chromosome.
        weights: constant term and gene weights, shape (genes + 1,); zero for silent genes.
        variables: symbols of the data columns.
        anchor: point and value that the law passes through, or None.
        free_level: whether a law without anchor has a constant term; a derivative alone does not show it.
        known: what further variables of the genes stand for, or None where they have the columns only.
    """
    link, reduction = LINK_BUILDERS[candidate.link.plain], candidate.link.reduction
    inputs = variables if known is None else terminals(known, variables)
    inner = sp.Float(weights[0]) if anchor is None and weights[0] != 0.0 else sp.S.Zero
    for g, weight in enumerate(weights[1:]):
        if weight != 0.0:
            gene = gene_expression(candidate.codes[g], candidate.values[g], inputs)
            inner += sp.Float(weight) * with_free_integers(gene)
    if anchor is None:
        outer = canonical(inner)
        if not free_level:
            outer = outer.as_independent(*variables, as_Add=True)[1]
        if candidate.link.plain != "identity":
            outer = canonical(link(outer))
        if reduction is not None:
            outer = canonical(factor_expression(reduction, variables) * outer)
        body, values = parametrise(outer)
    else:
        varying = canonical(inner).as_independent(*variables, as_Add=True)[1]
        body, values = parametrise(varying)
        body = link(_through(body, variables, anchor[0], float(candidate.link.inverse(np.array([anchor[1]]))[0])))
    if body.has(sp.nan, sp.zoo, sp.oo, sp.I) or not body.free_symbols & set(variables):
        return None
    return _parametric(body, variables, values)


def _parametric(body: sp.Expr, variables: tuple[sp.Symbol, ...], values: dict[sp.Symbol, float]) -> Form:
    """Return a form of those parameters that the expression has."""
    parameters = tuple(symbol for symbol in values if symbol in body.free_symbols)
    return Form(
        expression=body, variables=variables, parameters=parameters, start=tuple(values[s] for s in parameters)
    )


def renumbered(form: Form) -> Form:
    """Return a form whose constants are c1, c2, ... in an order that does not hang on the way it was found."""
    free = frozenset(form.parameters)
    order: list[sp.Symbol] = []

    def visit(part: sp.Expr) -> None:
        if part in free and part not in order:
            order.append(part)
        inner = part.args
        if part.is_Add or part.is_Mul:
            inner = sorted(inner, key=lambda one: _skeleton(one, free))
        for one in inner:
            visit(one)

    visit(form.expression)
    order += [symbol for symbol in form.parameters if symbol not in order]
    names = {old: sp.Symbol(f"c{k}", real=True) for k, old in enumerate(order, 1)}
    return replace(
        form,
        expression=form.expression.xreplace(names),
        parameters=tuple(names[old] for old in form.parameters),
    )


def rewritten(form: Form, anchor: tuple[tuple[float, ...], float] | None) -> Form:
    """Return a form in canonical writing, as after one of its constants was dropped.

    Args:
        form: the form, with constants that describe the data in `start`.
        anchor: point and value that the law passes through, or None.
    """
    writing = canonical(form.with_values(form.start))
    if anchor is not None:
        writing = writing.as_independent(*form.variables, as_Add=True)[1]
    body, values = parametrise(writing)
    if anchor is not None:
        body = _through(body, form.variables, *anchor)
    again = _parametric(body, form.variables, values)
    # a link's outer function may hold its level in a place of its own
    is_longer = len(again.parameters) > len(form.parameters)
    return form if is_longer or body.has(sp.nan, sp.zoo, sp.oo, sp.I) else again


def constant_form(variables: tuple[sp.Symbol, ...], value: float) -> Form:
    """Return the law that is the same everywhere."""
    level = sp.Symbol("c1", real=True)
    return Form(expression=level, variables=variables, parameters=(level,), start=(value,))


def product_form(factor: sp.Expr, variables: tuple[sp.Symbol, ...]) -> Form:
    """Return the law that is a factor of the variables times a constant."""
    scale = sp.Symbol("c1", real=True)
    return Form(expression=scale * factor, variables=variables, parameters=(scale,), start=(1.0,))


def _through(body: sp.Expr, variables: tuple[sp.Symbol, ...], point: tuple[float, ...], value: float) -> sp.Expr:
    """Return an expression with the constant term that leads it through a point."""
    return _exact(value) + body - body.subs(dict(zip(variables, map(_exact, point), strict=True)))


def _exact(number: float) -> sp.Expr:
    return sp.Integer(int(number)) if float(number).is_integer() else sp.Rational(number)
