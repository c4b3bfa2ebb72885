"""The circuit with one rail per ion: storage by local equilibrium, conductances by the number of ions."""

from ionspice.circuits.ions.cells import Cells, neutral_cells, slit_cells
from ionspice.circuits.ions.constants import RailConstants, face_constants
from ionspice.circuits.ions.device import RAIL_DIALECTS, print_rail_files
from ionspice.circuits.ions.equilibrium import Equilibrium, equilibrium, grand_potential
from ionspice.circuits.ions.evolution import RailSolution, simulate_rails
from ionspice.circuits.ions.extraction import RailFit, extract_rails
from ionspice.circuits.ions.geometry import PoreGeometry, StackGeometry
from ionspice.circuits.ions.impedance import rail_impedance, rail_spectrum
from ionspice.circuits.ions.legs import simulate_rail_legs
from ionspice.circuits.ions.netlist import print_rails
from ionspice.circuits.ions.prediction import predict_rails
from ionspice.circuits.ions.rails import RailCircuit
from ionspice.circuits.ions.results import rail_dataset
from ionspice.circuits.ions.series import IonSeries, ion_series
from ionspice.circuits.ions.solution import IonSolution, solution_of
from ionspice.circuits.ions.spice import TerminalRun, rail_bench, simulate_rails_in_ngspice
from ionspice.circuits.ions.stack import full_cell, half_cell, sectioned_rails

__all__ = [
    "RAIL_DIALECTS",
    "Cells",
    "Equilibrium",
    "IonSeries",
    "IonSolution",
    "PoreGeometry",
    "RailCircuit",
    "RailConstants",
    "RailFit",
    "RailSolution",
    "StackGeometry",
    "TerminalRun",
    "equilibrium",
    "extract_rails",
    "face_constants",
    "full_cell",
    "grand_potential",
    "half_cell",
    "ion_series",
    "neutral_cells",
    "predict_rails",
    "print_rail_files",
    "print_rails",
    "rail_bench",
    "rail_dataset",
    "rail_impedance",
    "rail_spectrum",
    "sectioned_rails",
    "simulate_rail_legs",
    "simulate_rails",
    "simulate_rails_in_ngspice",
    "slit_cells",
    "solution_of",
]
