"""How often intervals of a fit hold the truth, and whether the right model is picked.

    python benchmarks/device_fit.py [TRIALS]

Every trial measures a known ladder anew (five voltammograms, two charge-discharge cycles, a spectrum, 1 % noise),
fits the nano-circuitry model and counts whether the 95 % intervals hold gamma, Rline and Ropen; and measures a
transmission line, for which the least BIC of both models must be the line's.
"""

import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))  # the measurements are those of the tests

from ionspice.circuits.fitting.device_fit import FitSettings, fit_device
from ionspice.circuits.fitting.models import DeviceModel
from tests.circuits.fitting.made import LINE, MOUTH, known_device, measured

GAMMA, LAYERS = 0.7, 9


def trial(gamma: float, seed: int) -> tuple[str, dict[str, tuple[float, tuple[float, float]]]]:
    """Return the name of the model of least BIC, and constants and intervals of the nano-circuitry model."""
    records = measured(known_device(gamma, layers=LAYERS), np.random.default_rng(seed))

    def ladders(model: DeviceModel) -> bool:
        return model.reading == "passed" or model.name == "TLM"

    fit = fit_device(records, FitSettings(layers=LAYERS, readings=("passed",), hold_out=False, wanted=ladders))
    nano = next(one for one in fit.comparison.models if one.model.reading)
    return fit.comparison.best.name, {one.name: (one.value, one.interval) for one in nano.certainty.constants}


def main() -> None:
    trials = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    truth = {"gamma": GAMMA, "Rline": LINE, "Ropen": MOUTH}
    held, values = dict.fromkeys(truth, 0), []
    picked = {"NCM": 0, "TLM": 0}
    begin = time.process_time()
    for seed in range(trials):
        name, found = trial(GAMMA, seed)
        picked["NCM"] += name.startswith("NCM")
        picked["TLM"] += trial(0.0, 1000 + seed)[0] == "TLM"
        values.append(found["gamma"][0])
        for constant, value in truth.items():
            low, high = found[constant][1]
            held[constant] += low <= value <= high
        shares = ", ".join(f"{constant} {count}/{seed + 1}" for constant, count in held.items())
        print(
            f"{seed + 1}: intervals hold {shares}; NCM picked {picked['NCM']}, TLM picked {picked['TLM']}", flush=True
        )
    print(
        f"gamma {np.mean(values):.4f} +- {np.std(values):.4f}, {(time.process_time() - begin) / trials:.1f} s a trial"
    )


if __name__ == "__main__":
    main()
