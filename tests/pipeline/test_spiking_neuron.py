import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from ionspice.circuits import uniform_circuit

SCRIPT = Path(__file__).parents[2] / "examples" / "spiking_neuron.py"


@pytest.fixture(scope="module")
def neuron():
    specification = importlib.util.spec_from_file_location("spiking_neuron", SCRIPT)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def exact_spikes(neuron, resistance, capacitance, current, count):
    """Integrate wiring and a cell of one R and C between the switch's thresholds; return when the membrane falls."""
    wiring, leak = neuron.WIRING * capacitance, neuron.LEAK * resistance
    state, now, spikes = np.zeros(2), 0.0, []
    middle = (neuron.HIGH + neuron.LOW) / 2

    def rates(_, y, closed):
        out = y[0] / leak + closed * y[0] / (neuron.SWITCH * resistance)
        between = (y[0] - y[1]) / resistance
        return [(current - out - between) / wiring, between / capacitance]

    def crosses(level):
        def event(_, y, closed):
            return y[0] - level

        event.terminal = True
        return event

    while len(spikes) < count:
        for level, closed in ((neuron.HIGH, 0), (middle, 1), (neuron.LOW, 1)):
            step = solve_ivp(
                rates,
                (now, now + 1),
                state,
                "LSODA",
                events=crosses(level),
                args=(closed,),
                rtol=1e-9,
                atol=1e-12,
                first_step=wiring * resistance * 1e-3,
            )
            state, now = step.y[:, -1], float(step.t[-1])
            if level == middle:
                spikes.append(now)
    return np.array(spikes)


def test_a_single_cell_spikes_when_its_equations_do(neuron):
    cell = uniform_circuit(layers=2, resistance=1e-3, gamma=0.0, slit_charge=1e-9, slit_capacitance=1e-8)
    run = neuron.fire(cell, duration=10.0)
    spikes = neuron.spike_times(run["time"], run["potential"])
    scale = neuron.AREA / cell.strip_width
    resistance, capacitance = 1e-3 / scale, 1e-8 * scale
    exact = exact_spikes(neuron, resistance, capacitance, 0.25 * neuron.HIGH / resistance, spikes.size)
    assert spikes.size >= 5
    assert spikes == pytest.approx(exact, rel=0.01)


def test_the_script_runs_on_a_run_and_draws(run_folder, tmp_path):
    target = tmp_path / "neuron.png"
    command = [sys.executable, str(SCRIPT), str(run_folder), "-o", str(target)]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    counts = [int(count) for count in re.findall(r"(\d+) spikes", printed)]
    assert len(counts) == 2
    assert min(counts) >= 3
    assert target.read_bytes().startswith(b"\x89PNG")
