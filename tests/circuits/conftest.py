import pytest

from ionspice.circuits import uniform_circuit


@pytest.fixture
def make_circuit():
    """Return a builder of ladders with values like those of the default case, per metre of depth."""

    def make(slits=5, gamma=0.5, mouth=True, **changes):
        values = {
            "layers": slits + 1,
            "resistance": 2.0,
            "gamma": gamma,
            "slit_charge": 1e-10,
            "slit_capacitance": 1e-9,
            "open_resistance": 1.0 if mouth else 0.0,
            "open_capacitance": 0.5e-9 if mouth else 0.0,
        }
        return uniform_circuit(**(values | changes))

    return make
