import pytest

LIQUID = """
[[molecules]]
name = "Na"
smiles = "[Na+]"
charge = 1

[[molecules]]
name = "Cl"
smiles = "[Cl-]"
charge = -1

[[compositions]]
name = "small"
counts = { Na = 2, Cl = 2 }
boxes = [{ density = "1.2 g/cm^3" }]

[teacher]
program = "tblite"

[frames]
temperatures = ["900 K"]
trajectories = 2
frames = 2
equilibration = "4 fs"
interval = "4 fs"
"""


@pytest.fixture
def liquid_text():
    """A study file of a molten salt that is computed in seconds."""
    return LIQUID
