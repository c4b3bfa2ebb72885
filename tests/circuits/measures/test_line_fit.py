"""Claim L: no transmission line shows the loop of the nonlinear circuit."""

import math
from dataclasses import replace

import pytest

from ionspice.circuits import best_transmission_line, loop_asymmetry, simulate, triangular, with_gamma
from ionspice.core import InputError


def periodic(circuit, half_cycle):
    cycles = 1 + math.ceil(8 * circuit.time_constant / (2 * half_cycle))
    return triangular(0.1, half_cycle, cycles), 2 * (cycles - 1) * half_cycle


def test_a_lines_own_parameters_are_found_again(make_circuit):
    line = make_circuit(slits=5, gamma=0.0)
    fit = best_transmission_line(line, triangular(0.1, line.time_constant))
    assert fit.error < 1e-6
    assert fit.resistance_scale == pytest.approx(1, rel=1e-3)
    assert fit.line.open_capacitance == pytest.approx(line.open_capacitance, rel=1e-3)


def test_the_best_line_reaches_the_least_error_that_the_loop_allows(make_circuit):
    circuit = make_circuit(slits=5, gamma=0.8)
    half = 0.5 * circuit.time_constant
    drive, since = periodic(circuit, half)
    fit = best_transmission_line(circuit, drive, since=since)
    asymmetry = loop_asymmetry(simulate(circuit, drive)["electrode_current"], half)
    assert asymmetry > 0.01
    assert asymmetry * 0.98 < fit.loop_error < asymmetry * 1.1


def test_the_error_grows_with_gamma(make_circuit):
    circuit = make_circuit(slits=5)
    drive, since = periodic(circuit, circuit.time_constant)
    errors = [best_transmission_line(with_gamma(circuit, g), drive, since=since).error for g in (0.2, 0.5, 0.9)]
    assert errors == sorted(errors)
    assert errors[-1] > 3 * errors[0]


def test_a_circuit_without_a_mouth_and_with_q_of_v_is_fitted(make_circuit, make_curve):
    circuit = make_circuit(slits=4, gamma=0.5, mouth=False)
    bent = replace(circuit, slit_curve=make_curve(4))
    fit = best_transmission_line(bent, triangular(0.1, circuit.time_constant))
    assert fit.line.order == 0
    assert 0.005 < fit.error < 0.1


def test_a_comparison_that_begins_behind_the_drive_is_refused(make_circuit):
    with pytest.raises(InputError, match="since"):
        best_transmission_line(make_circuit(), triangular(0.1, 1e-7), since=2e-7)
