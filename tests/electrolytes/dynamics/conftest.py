import pytest

STUDY = """
[[molecules]]
name = "Cu"
smiles = "[Cu]"
charge = 0

[[molecules]]
name = "Ag"
smiles = "[Ag]"
charge = 0

[[compositions]]
name = "alloy"
counts = { Cu = 16, Ag = 16 }
boxes = [{ edge = "8 angstrom" }]

[production]
timestep = "2 fs"
equilibration = "200 fs"
duration = "2 ps"
velocities_duration = "2 ps"
positions_every = "20 fs"
doubtful = "5 eV/angstrom"

[[production.compositions]]
name = "alloy"
counts = { Cu = 16, Ag = 16 }
boxes = [{ edge = "8 angstrom", temperatures = ["600 K", "900 K"] }]
"""


@pytest.fixture
def study_text():
    return STUDY
