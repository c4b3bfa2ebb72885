from dataclasses import replace

import pytest

from ionspice.circuits.ions.record import RailRecord, rails_of
from ionspice.circuits.ions.sections import TARGET, rail_difference, rail_sections
from ionspice.core.electrolyte import Electrolyte
from tests.circuits.ions.ions_cases import stack

NODES = 4


@pytest.fixture
def record():
    return RailRecord(
        constants=stack(), electrolyte=Electrolyte(), stern_layer=0.0, layers=4, sealed=False, window=(0.0, 0.11)
    )


@pytest.mark.parametrize("window", [(0.0, 0.11), (-0.5, 0.0)])
def test_the_estimate_bounds_the_error_of_the_full_chain(record, window):
    seen = replace(record, window=window)
    found = rail_sections(seen, 121, NODES)
    assert found.count < 120
    assert found.error <= TARGET
    full, coarse = (rails_of(seen, 121, nodes=NODES, sections=count) for count in (None, found.count))
    for bias in (0.0, 0.3 * sum(window), sum(window)):
        assert rail_difference(coarse, full, bias) < found.error


def test_a_short_chain_and_a_sealed_cell(record):
    assert rail_sections(record, 6, NODES).count is None
    sealed = replace(record, sealed=True)
    assert rail_sections(sealed, 121, NODES) == rail_sections(record, 121, NODES)
