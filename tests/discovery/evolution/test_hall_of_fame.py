"""The best of every complexity, link and number of constants stay."""

import numpy as np

from ionspice.discovery.evolution.hall_of_fame import Candidate, HallOfFame, constants_of
from ionspice.discovery.evolution.links import LINKS
from ionspice.discovery.evolution.operators import CONSTANT, FIRST_VARIABLE, OPERATORS

EXP, MUL = OPERATORS["exp"].code, OPERATORS["mul"].code


def _candidate(error, *genes, size=5):
    codes = np.full((3, 9), CONSTANT)
    for row, gene in zip(codes, genes, strict=False):
        row[: len(gene)] = gene
    return Candidate(link=LINKS["identity"], codes=codes, values=np.ones(codes.shape), error=error, size=size)


RATE = (EXP, MUL, CONSTANT, FIRST_VARIABLE)
PLAIN = (EXP, FIRST_VARIABLE)


def test_weights_and_inner_constants_are_counted():
    assert constants_of(_candidate(0.1, PLAIN)) == 1
    assert constants_of(_candidate(0.1, PLAIN, RATE)) == 3


def test_free_constants_do_not_drive_out_a_law_without():
    hall = HallOfFame(per_size=1)
    for candidate in (_candidate(0.11, PLAIN), _candidate(0.1, RATE), _candidate(0.09, RATE), _candidate(0.2, PLAIN)):
        hall.offer(candidate)
    assert [one.error for one in hall.candidates()] == [0.09, 0.11]
    assert len(hall.candidates(1)) == 1
