import numpy as np

from ionspice.core.drives import Cycling
from ionspice.fem.cycling import has_become_periodic

CYCLES = Cycling(first=1, length=2, cycles=5, tolerance=0.01)


def columns(done, ions):
    ions = np.array(ions, dtype=float)
    return {
        "legs_done": np.array(done),
        "slit_species_ions": ions[:, None, None],
        "open_species_ions": np.zeros((len(done), 2)),
    }


def test_a_cycle_is_periodic_when_it_ends_where_it_began():
    done, there = [0, 1, 1, 2, 3], [0.0, 1.0, 1.5, 2.0]
    assert has_become_periodic(CYCLES, columns(done, [*there, 1.009]))
    assert not has_become_periodic(CYCLES, columns(done, [*there, 1.02]))


def test_only_the_end_of_a_cycle_counts():
    assert not has_become_periodic(CYCLES, columns([0, 1, 1, 2], [0.0, 1.0, 2.0, 1.0]))
    assert not has_become_periodic(CYCLES, columns([0, 1, 2, 3, 3], [0.0, 1.0, 2.0, 1.0, 1.0]))
    assert not has_become_periodic(CYCLES, columns([0], [0.0]))


def test_it_is_the_last_cycle_that_counts():
    done, ions = [0, 1, 2, 3, 4, 5], [0.0, 1.0, 2.0, 1.5, 2.0, 1.5]
    assert has_become_periodic(CYCLES, columns(done, ions))
