"""The part stands for a capacitor in ordinary circuits, in ngspice's default solver with its default options.

Every circuit ends where one with an ideal capacitor and resistor of the same size ends.
"""

import re
from dataclasses import replace

import numpy as np
import pytest

from ionspice.circuits import print_subcircuit, run_netlist, uniform_circuit
from tests.circuits.dialects.simulators import in_batch

#: total capacitance, F, node to look at, and the circuit around the device `X... NCM6 area={area}`
CIRCUITS = {
    "class_d": (
        1e-3,
        "sp",
        "Vp in 0 PULSE(-0.05 0.05 0 5n 5n 1.25u 2.5u)\nL1 in a 2.2u\nCf a 0 1u\nXc a sp NCM6 area={area}\n"
        "Rsp sp 0 4\n.tran 10n 50u\n",
    ),
    "switched_capacitor": (
        10e-6,
        "out",
        "Vin in 0 0.1\nVc1 p1 0 PULSE(0 5 0 10n 10n 480n 1u)\nVc2 p2 0 PULSE(5 0 0 10n 10n 500n 1u)\n"
        "S1 in a p1 0 sm\nS2 a out p2 0 sm\nS3 out b p1 0 sm\nS4 b 0 p2 0 sm\n"
        ".model sm SW(vt=2.5 vh=.2 ron=10m roff=10meg)\nXf a b NCM6 area={area}\nXo out 0 NCM6 area={area}\n"
        "Rl out 0 1\n.tran 5n 20u\n",
    ),
    "capacitive_supply": (
        250e-6,
        "out",
        "VL L 0 SIN(0 325 50)\nCin L 1 330n\nRemi L 1 165k\nRin 1 2 94\nD1 2 out dd\nC2 out 3 250u\nR2 3 0 1k\n"
        "D2 3 2 dd\nDz 0 out dz\nXo out 0 NCM6 area={area}\nRload 0 out 1k\n"
        ".model dd D(IS=4n N=1.9 RS=0.6 BV=110)\n.model dz D(BV=5.6 IBV=1m IS=1e-14 RS=1)\n.tran 100u 0.6\n",
    ),
    "buck": (
        10e-3,
        "out",
        "Vin in 0 0.4\nVg g 0 PULSE(0 5 0 10n 10n 2.5u 10u)\nS1 in sw g 0 sm\nD1 0 sw dd\nL1 sw out 10u\n"
        "Xo out 0 NCM6 area={area}\nRl out 0 1\n.model sm SW(vt=2.5 vh=.2 ron=10m roff=10meg)\n"
        ".model dd D(IS=1e-6 N=1 RS=5m)\n.tran 50n 200u\n",
    ),
    "boost": (
        1e-3,
        "out",
        "Vin in 0 0.02\nL1 in sw 10u\nS1 sw 0 g 0 sm\nVg g 0 PULSE(0 5 0 10n 10n 5u 10u)\nD1 sw out dd\n"
        "Xo out 0 NCM6 area={area}\nRl out 0 100\n.model sm SW(vt=2.5 vh=.2 ron=10m roff=10meg)\n"
        ".model dd D(IS=1e-6 N=1 RS=5m)\n.tran 50n 300u\n",
    ),
    "voltage_multiplier": (
        10e-6,
        "o",
        "Vs s 0 SIN(0 0.1 10k)\nXa s a NCM6 area={area}\nD1 0 a dd\nD2 a b dd\nXb b 0 NCM6 area={area}\n"
        "Xc a c NCM6 area={area}\nD3 b c dd\nD4 c o dd\nXd o b NCM6 area={area}\nRl o 0 10k\n"
        ".model dd D(IS=1e-6 N=1 RS=5m)\n.tran 1u 500u\n",
    ),
    "inverting_charge_pump": (
        100e-6,
        "out",
        "Vin in 0 0.1\nVc1 p1 0 PULSE(0 5 0 10n 10n 4.8u 10u)\nVc2 p2 0 PULSE(5 0 0 10n 10n 5u 10u)\n"
        "S1 in a p1 0 sm\nS2 b 0 p1 0 sm\nS3 a 0 p2 0 sm\nS4 b out p2 0 sm\nXf a b NCM6 area={area}\n"
        "Xo out 0 NCM6 area={area}\nRl out 0 10\n.model sm SW(vt=2.5 vh=.2 ron=10m roff=10meg)\n.tran 50n 60u\n",
    ),
    "buck_boost": (
        10e-3,
        "out",
        "Vin in 0 0.3\nVg g 0 PULSE(0 5 0 10n 10n 4u 10u)\nS1 in sw g 0 sm\nL1 sw 0 10u\nD1 out sw dd\n"
        "Xo out 0 NCM6 area={area}\nRl out 0 1\n.model sm SW(vt=2.5 vh=.2 ron=10m roff=10meg)\n"
        ".model dd D(IS=1e-6 N=1 RS=5m)\n.tran 50n 100u\n",
    ),
    "stack_of_two": (
        1.0,
        "e2",
        "I1 0 e2 0.01\nXa e2 e1 NCM6 area={area}\nXb e1 0 NCM6 area={area}\nRb1 e2 e1 1k\nRb2 e1 0 1k\n"
        ".tran 50m 10 uic\n",
    ),
    "stack_of_six": (
        1.0,
        "e6",
        "I1 0 e6 0.01\n"
        + "".join(f"X{k} e{k} {f'e{k - 1}' if k > 1 else 0} NCM6 area={{area}}\n" for k in range(1, 7))
        + "".join(f"R{k} e{k} {f'e{k - 1}' if k > 1 else 0} 1k\n" for k in range(1, 7))
        + ".tran 50m 10 uic\n",
    ),
    "neuron": (
        1e-9,
        "m",
        "I1 0 m 10u\nXm m 0 NCM6 area={area}\nRl m 0 1meg\nS1 m 0 m 0 fire\n"
        ".model fire SW(vt=0.05 vh=.02 ron=100 roff=1g)\n.tran 0.05u 60u\n",
    ),
    "harvester": (
        1e-3,
        "st",
        "Vp p 0 SIN(0 0.5 100)\nRp p q 50\nCp q r 10u\nD1 r st dd\nD2 0 r dd\nXs st 0 NCM6 area={area}\n"
        "Rl st 0 10k\n.model dd D(IS=1e-6 N=1 RS=5m)\n.tran 50u 40m\n",
    ),
    "bridge_rectifier": (
        1e-3,
        "x",
        "Vs s t SIN(0 0.3 50)\nD1 s x dd\nD2 t x dd\nD3 0 s dd\nD4 0 t dd\nXs x 0 NCM6 area={area}\nRl x 0 100\n"
        "Rg t 0 1meg\n.model dd D(IS=1e-6 N=1 RS=5m)\n.tran 50u 60m\n",
    ),
    "flyback": (
        1e-3,
        "out",
        "Vin in 0 0.2\nL1 in sw 10u\nL2 0 sec 10u\nK1 L1 L2 0.98\nS1 sw 0 g 0 sm\n"
        "Vg g 0 PULSE(0 5 0 20n 20n 4u 10u)\nRsn sw snub 10\nCsn snub 0 10n\nD1 sec out dd\n"
        "Xo out 0 NCM6 area={area}\nRl out 0 20\n.model sm SW(vt=2.5 vh=.2 ron=10m roff=10meg)\n"
        ".model dd D(IS=1e-6 N=1 RS=5m)\n.tran 50n 100u\n",
    ),
    "resonant_half_bridge": (
        1e-6,
        "out",
        "Vin in 0 0.1\nVg1 g1 0 PULSE(0 5 0 20n 20n 4.9u 10u)\nVg2 g2 0 PULSE(0 5 5u 20n 20n 4.9u 10u)\n"
        "S1 in h g1 0 sm\nS2 h 0 g2 0 sm\nLr h r 2u\nXr r p NCM6 area={area}\nL1 p 0 10u\nL2 s1 0 10u\n"
        "K1 L1 L2 0.98\nD1 s1 out dd\nCo out 0 1u\nRl out 0 50\n.model sm SW(vt=2.5 vh=.2 ron=10m roff=10meg)\n"
        ".model dd D(IS=1e-6 N=1 RS=5m)\n.tran 50n 150u\n",
    ),
    "synchronous_rectifier": (
        10e-3,
        "out",
        "Vs s t SIN(0 0.25 50)\nRs s a 0.5\nVg1 g1 0 PULSE(0 5 0 1u 1u 9.9m 20m)\n"
        "Vg2 g2 0 PULSE(0 5 10m 1u 1u 9.9m 20m)\nS1 a out g1 0 sm\nS2 0 t g1 0 sm\nS3 t out g2 0 sm\nS4 0 a g2 0 sm\n"
        "Xo out 0 NCM6 area={area}\nRl out 0 10\nRg t 0 1meg\n.model sm SW(vt=2.5 vh=.2 ron=10m roff=10meg)\n"
        ".tran 50u 100m\n",
    ),
    "uninterruptible_supply": (
        1.0,
        "bus",
        "Vac ac 0 PULSE(0.3 0 50m 1u 1u 100m 200m)\nRs ac r 20m\nD1 r bus dd\nCb bus 0 1m\nXs sc 0 NCM6 area={area}\n"
        "Rch bus sc 1\nD2 sc bus dd\nRl bus 0 5\n.model dd D(IS=1e-6 N=1 RS=5m)\n.tran 100u 200m\n",
    ),
    "relaxation_oscillator": (
        1e-6,
        "c",
        "Bo o 0 V={{0.5*(1+tanh(200*(V(p)-V(c))))}}\nRf1 o p0 10k\nCp p0 0 1p\nRf2 p0 p 1\nRf3 p 0 2k\nRc o c 100k\n"
        "Xc c 0 NCM6 area={area}\n.ic v(c)=0\n.tran 100u 200m\n",
    ),
    "fitzhugh_nagumo": (
        1e-6,
        "v",
        "Bf v 0 I={{1e-5*((V(v)/0.05)^3/3-(V(v)/0.05)-0.5)}}\nXm v 0 NCM6 area={area}\n"
        "Bw 0 w I={{1e-6*(V(v)/0.05+0.7-0.8*V(w))}}\nCw w 0 1u\n.ic v(v)=0.01 v(w)=0\n.tran 10u 20m uic\n",
    ),
}
_UNITS = {"": 1.0, "m": 1e-3, "u": 1e-6}


@pytest.fixture
def device(make_curve):
    """Return a device like that of the default case and its capacitance at low voltage, F/m^2."""
    plain = uniform_circuit(
        layers=6,
        resistance=0.28,
        gamma=0.45,
        slit_charge=2.6e-9,
        slit_capacitance=2.46e-8,
        open_resistance=0.115,
        open_capacitance=1.2e-8,
        charge="local",
    )
    shape = {"amplitude": (2.7, 2.8), "centre": (0.049, 0.141), "width": (0.071, 0.111)}
    circuit = replace(plain, slit_curve=make_curve(5, **shape), open_curve=make_curve(**shape))
    return circuit, (5 * 2.46e-8 + 1.2e-8) / circuit.strip_width


@pytest.mark.parametrize("name", CIRCUITS)
def test_the_part_ends_where_an_ideal_capacitor_ends(device, name, tmp_path):
    circuit, per_area = device
    size, node, text = CIRCUITS[name]
    resistance = (circuit.open_resistance + 0.4 * circuit.resistance_zero.sum()) * circuit.strip_width
    ideal = f".subckt NCM6 EL BULK area=1\nC1 EL x {{area*{per_area}}}\nR1 x BULK {{{resistance}/area}}\n.ends\n"
    ends = []
    for part in (ideal, print_subcircuit(circuit)):
        netlist = f"* {name}\n{part}{text.format(area=size / per_area)}.save v({node})\n.end\n"
        end, unit = re.search(r"\.tran \S+ ([0-9.]+)(\w?)", text).groups()
        duration = float(end) * _UNITS[unit]
        vectors = run_netlist(netlist, duration)
        late = vectors["time"] > 0.9 * duration
        ends.append(np.array([vectors[node][late].mean(), np.ptp(vectors[node][late])]))
    assert np.abs(ends[1] - ends[0]).max() < 0.15 * np.abs(ends[0]).max()
    for run in in_batch(tmp_path, netlist).values():
        assert run["time"][-1] == pytest.approx(duration, rel=1e-6)
        late = run["time"] > 0.9 * duration
        batch = np.array([run[f"v({node})"][late].mean(), np.ptp(run[f"v({node})"][late])])
        assert np.abs(batch - ends[0]).max() < 0.15 * np.abs(ends[0]).max()
