"""Genes that some units of their constants make right: the rest is not worth scoring.

A dimension is a row of powers of base units; a constant may have any. So a product with a free constant is free, a
sum needs terms of one dimension, and functions and exponents need numbers. A logarithm that is a whole gene may be
of anything, for the constant term of the law takes its unit, and so may a power with a free exponent. The check is
local: it lets a law pass whose constants would need two units at once; those are refused at the end
(`ionspice.discovery.tables.dimensions`).
"""

import numpy as np

from ionspice.discovery.evolution import operators as op
from ionspice.discovery.evolution.operators import ARITY, CONSTANT, FIRST_VARIABLE
from ionspice.discovery.evolution.stack_machine import active_length, compiled

#: dimensions of variables without units
NO_UNITS = np.empty((0, 0))
#: difference of powers that is round-off
_EQUAL = 1e-9


@compiled
def have_units(codes: np.ndarray, dimensions: np.ndarray) -> np.ndarray:
    """Return which chromosomes have genes with possible units only, shape (population,).

    Args:
        codes: shape (population, genes, length).
        dimensions: powers of the base units of every variable, shape (variables, bases); no bases, no check.
    """
    population, genes, length = codes.shape
    right = np.ones(population, dtype=np.bool_)
    if dimensions.shape[1] == 0:
        return right
    powers = np.empty((length + 1, dimensions.shape[1]))
    free = np.empty(length + 1, dtype=np.bool_)
    for p in range(population):
        for g in range(genes):
            if right[p] and codes[p, g, 0] != CONSTANT:
                right[p] = _has_units(codes[p, g], dimensions, powers, free)
    return right


@compiled
def _has_units(gene: np.ndarray, dimensions: np.ndarray, powers: np.ndarray, free: np.ndarray) -> bool:
    """Return whether a gene can have units; `powers` and `free` are the stack of dimensions, and which are free."""
    top = -1
    for position in range(active_length(gene, 0) - 1, -1, -1):
        code = gene[position]
        if code == CONSTANT:
            top += 1
            free[top] = True
            powers[top] = 0.0
        elif code >= FIRST_VARIABLE:
            top += 1
            free[top] = False
            powers[top] = dimensions[code - FIRST_VARIABLE]
        elif ARITY[code] == 1:
            if not _apply_to_one(code, powers[top], free[top], position == 0):
                return False
            free[top] = free[top] and (code == op.NEG or code == op.INV or code == op.SQUARE or code == op.SQRT)
        else:
            exponent_is_constant = (
                code == op.POW and gene[position + 1 + active_length(gene, position + 1)] == CONSTANT
            )
            if not _apply_to_two(code, powers, free, top, exponent_is_constant):
                return False
            top -= 1
    return True


@compiled
def _apply_to_one(code: int, power: np.ndarray, is_free: bool, is_whole_gene: bool) -> bool:
    """Put the dimension of a function in place of that of its argument; return whether it has one."""
    if code == op.NEG:
        return True
    if code == op.INV:
        power[:] = -power
    elif code == op.SQUARE:
        power[:] = 2.0 * power
    elif code == op.SQRT:
        power[:] = 0.5 * power
    else:
        if not is_free and np.max(np.abs(power)) > _EQUAL and not (code == op.LOG and is_whole_gene):
            return False
        power[:] = 0.0
    return True


@compiled
def _apply_to_two(code: int, powers: np.ndarray, free: np.ndarray, top: int, exponent_is_constant: bool) -> bool:
    """Put the dimension of an operator below the top of the stack, where its second argument stands."""
    first, second = powers[top], powers[top - 1]  # the first argument was pushed last
    if code == op.ADD or code == op.SUB:
        if not free[top] and not free[top - 1] and np.max(np.abs(first - second)) > _EQUAL:
            return False
        if not free[top]:
            second[:] = first
        free[top - 1] = free[top] and free[top - 1]
        return True
    if code == op.POW:
        if not free[top - 1] and np.max(np.abs(second)) > _EQUAL:
            return False
        if not exponent_is_constant and not free[top] and np.max(np.abs(first)) > _EQUAL:
            return False
        free[top - 1] = exponent_is_constant
        second[:] = 0.0
        return True
    second[:] = first + second if code == op.MUL else first - second
    free[top - 1] = free[top] or free[top - 1]
    return True
