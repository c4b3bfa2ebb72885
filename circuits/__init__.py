"""The nano-circuitry model: netlists, ngspice through PySpice, exports."""

from ionspice.circuits.dialects.bench import impedance_bench, transient_bench
from ionspice.circuits.dialects.device import subcircuit_name
from ionspice.circuits.dialects.export import DIALECT_SUFFIXES, device_name, print_device, print_files
from ionspice.circuits.dialects.full_cell import CellOfTwo, print_full_cell
from ionspice.circuits.dialects.header import Origin, record_origin
from ionspice.circuits.dialects.kicad import print_schematic, print_symbol_library
from ionspice.circuits.dialects.netlist import print_subcircuit
from ionspice.circuits.dialects.spice import SPICE_DIALECTS, SpiceDialect
from ionspice.circuits.dialects.spice_expression import print_shape
from ionspice.circuits.measures.line_fit import LineFit, best_transmission_line
from ionspice.circuits.measures.loop import loop_asymmetry, peak_prominence
from ionspice.circuits.measures.passivity import Passivity, passivity
from ionspice.circuits.measures.peaks import least_gamma_with_peak, peak_map, peaks_only_with_gamma
from ionspice.circuits.measures.ratings import Rating, rating
from ionspice.circuits.model.assembly import circuit_of, record_of
from ionspice.circuits.model.capacitance import Capacitances, extract_capacitances
from ionspice.circuits.model.charge import ChargeCurve, scaled_curve
from ionspice.circuits.model.charge_fit import ChargeFit
from ionspice.circuits.model.circuit_file import read_circuit_record, write_circuit_record
from ionspice.circuits.model.coarse import coarsened, section_sizes
from ionspice.circuits.model.extraction import Element, fit_element
from ionspice.circuits.model.field import ChargingRamp, charging_ramp, read_field
from ionspice.circuits.model.ladder import (
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
from ionspice.circuits.model.learning import build_circuit, build_local_circuit, learn_local_record, learn_record
from ionspice.circuits.model.prediction import predict_circuit, predict_record, table_row
from ionspice.circuits.model.record import CircuitRecord, Provenance, Window, typical_error
from ionspice.circuits.model.shape import LINEAR, X, bounds, normalised_shape
from ionspice.circuits.model.waveform import Waveform, step, triangular
from ionspice.circuits.simulation.coarse_run import CoarseRun, simulate_coarse
from ionspice.circuits.simulation.driving import current_bands, drive_circuits, waveform_of
from ionspice.circuits.simulation.ensemble import current_band, perturbed, simulate_many
from ionspice.circuits.simulation.galvanostatic import simulate_galvanostatic
from ionspice.circuits.simulation.legs import simulate_legs
from ionspice.circuits.simulation.linear import line_current
from ionspice.circuits.simulation.ngspice import ngspice_version, run_netlist
from ionspice.circuits.simulation.reference import LadderSolution, solve_ladder
from ionspice.circuits.simulation.results import read_circuit, write_circuit, write_csv
from ionspice.circuits.simulation.sections import SectionedLadder, sectioned
from ionspice.circuits.simulation.spectroscopy import (
    exact_impedance,
    impedance_of_area,
    simulate_impedance,
    write_impedance_csv,
)
from ionspice.circuits.simulation.transient import simulate, simulate_cv

__all__ = [
    "DIALECT_SUFFIXES",
    "LINEAR",
    "SPICE_DIALECTS",
    "Capacitances",
    "CellOfTwo",
    "ChargeCurve",
    "ChargeFit",
    "ChargingRamp",
    "CircuitRecord",
    "CoarseRun",
    "Element",
    "LadderSolution",
    "LineFit",
    "NanoCircuit",
    "Origin",
    "Passivity",
    "Provenance",
    "Rating",
    "SectionedLadder",
    "SpiceDialect",
    "Waveform",
    "Window",
    "X",
    "best_transmission_line",
    "bounds",
    "build_circuit",
    "build_local_circuit",
    "charging_ramp",
    "circuit_of",
    "coarsened",
    "current_band",
    "current_bands",
    "device_name",
    "drive_circuits",
    "exact_impedance",
    "extract_capacitances",
    "fit_element",
    "impedance_bench",
    "impedance_of_area",
    "learn_local_record",
    "learn_record",
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
    "predict_record",
    "print_device",
    "print_files",
    "print_full_cell",
    "print_schematic",
    "print_shape",
    "print_subcircuit",
    "print_symbol_library",
    "rating",
    "read_circuit",
    "read_circuit_record",
    "read_field",
    "record_of",
    "record_origin",
    "relative_resistance",
    "run_netlist",
    "scaled_curve",
    "section_sizes",
    "sectioned",
    "simulate",
    "simulate_coarse",
    "simulate_cv",
    "simulate_galvanostatic",
    "simulate_impedance",
    "simulate_legs",
    "simulate_many",
    "solve_ladder",
    "step",
    "subcircuit_name",
    "table_row",
    "transient_bench",
    "transmission_line",
    "triangular",
    "typical_error",
    "uniform_circuit",
    "waveform_of",
    "with_constant_capacitance",
    "with_gamma",
    "with_half_mouth",
    "with_resistance_scale",
    "write_circuit",
    "write_circuit_record",
    "write_csv",
    "write_impedance_csv",
]
