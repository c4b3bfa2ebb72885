"""Compare the regressor with its peers on laws with known answers.

    python benchmarks/discovery.py --peers PEERS_PYTHON [--seeds 5] [--budget 5] [--suites law nguyen ...]

PEERS_PYTHON is the Python of an environment with benchmarks/requirements-discovery-peers.txt; without it only
ionspice runs. Every tool gets one thread and the same data, in turn within one run, so that the load of the machine
falls on all alike. Prints, for each suite and noise, the share of fits whose selected expression, and of those whose
front, holds the true law, and the median seconds a fit.
"""

import argparse
import json
import statistics
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

from discovery_judge import is_solution
from discovery_suites import NOISE, SUITES

_PEERS = ("pyoperon", "pysindy", "gplearn", "geppy")
_RUNNER = Path(__file__).with_name("discovery_tools.py")


def run(python: str, tool: str, suite: str, seeds: int, budget: float) -> dict[float, list[tuple[bool, bool, float]]]:
    """Return, for every noise, (selected, on the front, seconds) of each fit."""
    command = [python, str(_RUNNER), tool, suite, "--seeds", str(seeds), "--budget", str(budget)]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    by_name = {problem.name: problem for problem in SUITES[suite]}
    results = defaultdict(list)
    for line in output.splitlines():
        if not line.startswith("{"):
            continue
        entry = json.loads(line)
        problem, noise = by_name[entry["problem"]], entry["noise"]
        selected = is_solution(entry["selected"], problem, noise)
        on_front = selected or any(is_solution(text, problem, noise) for text in entry["front"])
        results[noise].append((selected, on_front, entry["seconds"]))
    return results


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peers", help="Python of the peers' environment")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--budget", type=float, default=5.0)
    parser.add_argument("--suites", nargs="+", choices=SUITES, default=list(SUITES))
    arguments = parser.parse_args()
    tools = {"ionspice": sys.executable} | (dict.fromkeys(_PEERS, arguments.peers) if arguments.peers else {})
    print(f"{'suite':8} {'noise':>5}  {'tool':9} {'selected':>8} {'front':>6} {'median s':>8} {'fits':>5}")
    for suite in arguments.suites:
        tables = {tool: run(python, tool, suite, arguments.seeds, arguments.budget) for tool, python in tools.items()}
        for noise in NOISE[suite]:
            for tool, table in tables.items():
                selected, front, seconds = zip(*table[noise], strict=True)
                print(
                    f"{suite:8} {noise:5.2f}  {tool:9} {statistics.mean(selected):8.2f} "
                    f"{statistics.mean(front):6.2f} {statistics.median(seconds):8.2f} {len(seconds):5d}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
