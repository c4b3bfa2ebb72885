"""The nano-circuitry model: netlists, ngspice through PySpice, exports."""

from ionspice.circuits.bench import impedance_bench, transient_bench
from ionspice.circuits.capacitance import Capacitances, extract_capacitances
from ionspice.circuits.coarse import CoarseRun, coarsened, section_sizes, simulate_coarse
from ionspice.circuits.device import subcircuit_name
from ionspice.circuits.dialects import SPICE_DIALECTS, SpiceDialect
from ionspice.circuits.ensemble import current_band, perturbed, simulate_many
from ionspice.circuits.export import DIALECT_SUFFIXES, print_device, print_files
from ionspice.circuits.extraction import build_circuit, build_local_circuit
from ionspice.circuits.field import ChargingRamp, charging_ramp, read_field
from ionspice.circuits.galvanostatic import simulate_galvanostatic
from ionspice.circuits.kicad import print_schematic, print_symbol_library
from ionspice.circuits.ladder import (
    NanoCircuit,
    mean_resistance_line,
    relative_resistance,
    transmission_line,
    uniform_circuit,
    with_constant_capacitance,
    with_gamma,
    with_half_mouth,
    with_resistance_scale,
)
from ionspice.circuits.line_fit import LineFit, best_transmission_line
from ionspice.circuits.linear import line_current
from ionspice.circuits.loop import loop_asymmetry, peak_prominence
from ionspice.circuits.netlist import print_full_cell, print_subcircuit
from ionspice.circuits.ngspice import ngspice_version, run_netlist
from ionspice.circuits.passivity import Passivity, passivity
from ionspice.circuits.peaks import least_gamma_with_peak, peak_map, peaks_only_with_gamma
from ionspice.circuits.prediction import predict_circuit, table_row
from ionspice.circuits.reference import LadderSolution, solve_ladder
from ionspice.circuits.results import read_circuit, write_circuit, write_csv
from ionspice.circuits.shape import LINEAR, X, bounds, normalised_shape
from ionspice.circuits.spectroscopy import exact_impedance, simulate_impedance, write_impedance_csv
from ionspice.circuits.spice_expression import print_shape
from ionspice.circuits.transient import simulate, simulate_cv
from ionspice.circuits.waveform import Waveform, step, triangular

__all__ = [
    "DIALECT_SUFFIXES",
    "LINEAR",
    "SPICE_DIALECTS",
    "Capacitances",
    "ChargingRamp",
    "CoarseRun",
    "LadderSolution",
    "LineFit",
    "NanoCircuit",
    "Passivity",
    "SpiceDialect",
    "Waveform",
    "X",
    "best_transmission_line",
    "bounds",
    "build_circuit",
    "build_local_circuit",
    "charging_ramp",
    "coarsened",
    "current_band",
    "exact_impedance",
    "extract_capacitances",
    "impedance_bench",
    "least_gamma_with_peak",
    "line_current",
    "loop_asymmetry",
    "mean_resistance_line",
    "ngspice_version",
    "normalised_shape",
    "passivity",
    "peak_map",
    "peak_prominence",
    "peaks_only_with_gamma",
    "perturbed",
    "predict_circuit",
    "print_device",
    "print_files",
    "print_full_cell",
    "print_schematic",
    "print_shape",
    "print_subcircuit",
    "print_symbol_library",
    "read_circuit",
    "read_field",
    "relative_resistance",
    "run_netlist",
    "section_sizes",
    "simulate",
    "simulate_coarse",
    "simulate_cv",
    "simulate_galvanostatic",
    "simulate_impedance",
    "simulate_many",
    "solve_ladder",
    "step",
    "subcircuit_name",
    "table_row",
    "transient_bench",
    "transmission_line",
    "triangular",
    "uniform_circuit",
    "with_constant_capacitance",
    "with_gamma",
    "with_half_mouth",
    "with_resistance_scale",
    "write_circuit",
    "write_csv",
    "write_impedance_csv",
]
