"""The names of the files in the folder of a run; docs/architecture.md says what they hold."""

CASE = "case.toml"
MESH = "mesh.msh"
OBSERVABLES = "observables.nc"
CURRENT_VOLTAGE = "current_voltage.csv"
HALF_CHARGE_FIELDS = "fields_half_charge.vtu"
FIELDS_FOLDER = "fields"
CHECKPOINT = "checkpoint.npz"
LAW = "law.json"
CIRCUIT = "circuit.json"
FIT = "fit.json"
ACTIVATION = "activation.json"
CONDUCTANCE = "conductance.json"
RAILS = "rails.json"
CIRCUIT_RUNS = "circuit.nc"
RAIL_RUNS = "rails.nc"
COMPARISON = "comparison.json"
MANIFEST = "manifest.json"
REPORT = "report.html"
FIGURES = "figures"
#: folder of circuits under other drives and with other constants than the run's own
WHAT_IF = "what_if"


def library_name(layers: int) -> str:
    """Return the name of the ngspice library of a stack."""
    return f"ncm_{layers}.lib"


def rails_library_name(layers: int) -> str:
    """Return the name of the ngspice library of a stack with one rail per ion."""
    return f"ncm_ions_{layers}.lib"
