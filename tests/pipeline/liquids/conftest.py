"""The folder of a liquid as all stages leave it, made up so that every number is known."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ionspice.core.json_files import write_json
from ionspice.electrolytes.analysis.estimate import normal_estimate
from ionspice.electrolytes.transport.record import (
    ActivationRecord,
    ConductivityRecord,
    ConversionRecord,
    Diffusion,
    RunTransport,
    SpeciesTransport,
    TransportRecord,
    write_transport,
)

STUDY = """
[[molecules]]
name = "C"
smiles = "[Na+]"
charge = 1
label = "Na+"

[[molecules]]
name = "A"
smiles = "[Cl-]"
charge = -1
label = "AlCl4-"

[[compositions]]
name = "x1"
counts = { C = 2, A = 2 }
boxes = [{ density = "1.2 g/cm^3" }]

[teacher]
program = "tblite"
"""
CLAIMS = """
source = "a study that is made up"

[[claims]]
id = "L1"
statement = "The energy error is 5e-4 eV/atom."
checks = [{ quantity = "energy_error", at_most = 5e-4, unit = "eV/atom" }]

[[claims]]
id = "L2"
statement = "D is 4e-7."
needs = { length = "1 ns" }
takes = "a week"
checks = [{ quantity = "diffusion", of = "Al", temperature = "300 K", value = 4e-7, unit = "cm^2/s", factor = 1.5 }]

[[claims]]
id = "L9"
statement = "The barrier is 0.49 eV."
checks = [{ quantity = "barrier", value = 0.49, unit = "eV", factor = 1.2 }]

[[claims]]
id = "L10"
statement = "The rate is 0.0035 per ps."
checks = [{ quantity = "conversion_rate", temperature = "300 K", value = 0.0035, unit = "1/(ps Al)", factor = 2.0 }]
"""


def run_of(composition, temperature, *, al=4e-7, length=1000.0):
    motion = Diffusion(
        coefficient=normal_estimate(al, 0.05 * al, "cm^2/s"), log_slope=normal_estimate(1, 0.02, "1"), diffusive=True
    )
    return RunTransport(
        name=f"{composition}_{temperature:g}K",
        composition=composition,
        temperature=temperature,
        ensemble="NVT",
        atoms=400,
        frames=100,
        length=length,
        interval=0.05,
        volume=normal_estimate(1e4, 1.0, "angstrom^3"),
        density=normal_estimate(1.2, 0.01, "g/cm^3"),
        species=(SpeciesTransport(name="AlCl4-", formula="AlCl4", charge=-1, count=17, diffusion=motion),),
        elements={"Al": motion},
        conductivity=ConductivityRecord(
            nernst_einstein=normal_estimate(30, 2, "mS/cm"),
            helfand=normal_estimate(20, 4, "mS/cm"),
            haven=normal_estimate(1.5, 0.3, "1"),
            diffusive=True,
        ),
        conversions=ConversionRecord(
            lasting=7,
            transient=30,
            lasting_rate=normal_estimate(3.5e-3, 1e-3, "1/(ps centre)"),
            transient_rate=normal_estimate(1.5e-2, 2e-3, "1/(ps centre)"),
            reactions={"Al2Cl7 + AlCl4 -> Al2Cl7 + AlCl4": 7},
        ),
    )


def _molecules(folder: Path) -> None:
    tetrahedron = [[0, 0, 0], [1.2, 1.2, 1.2], [1.2, -1.2, -1.2], [-1.2, 1.2, -1.2], [-1.2, -1.2, 1.2]]
    bonds = [
        {"atoms": [0, atom], "elements": ["Al", "Cl"], "order": 0.9 + 0.01 * atom, "length": 2.08}
        for atom in range(1, 5)
    ]
    content = {
        "C": {"charge": 1, "elements": ["Na"], "method": "GFN2-xTB", "charges": [1.0], "bonds": []},
        "A": {
            "charge": -1,
            "elements": ["Al", "Cl", "Cl", "Cl", "Cl"],
            "method": "GFN2-xTB",
            "charges": [0.6, -0.4, -0.4, -0.4, -0.4],
            "bonds": bonds,
        },
    }
    write_json(folder / "molecules.json", "ionspice-molecules/1", {"molecules": content})
    rows = [
        f"{element} {x} {y} {z}" for element, (x, y, z) in zip(content["A"]["elements"], tetrahedron, strict=True)
    ]
    frames = [
        ["1", 'Properties=species:S:1:pos:R:3 name=C charge=1 pbc="F F F"', "Na 0 0 0"],
        ["5", 'Properties=species:S:1:pos:R:3 name=A charge=-1 pbc="F F F"', *rows],
    ]
    (folder / "molecules.extxyz").write_text("".join("\n".join(lines) + "\n" for lines in frames))
    ion = {
        "elements": content["A"]["elements"],
        "positions": tetrahedron,
        "charges": {"mulliken": [0.5, *[-0.375] * 4], "hirshfeld": [0.42, *[-0.355] * 4]},
        "program": "CP2K 2023.1",
        "settings": {},
    }
    write_json(folder / "ions.json", "ionspice-ions/1", {"molecules": {"A": ion}})
    modes = [{"frequency": value, "shares": {"Al": 0.3, "Cl": 0.7}} for value in (3.6, 5.4, 10.4, 14.5)]
    sets = [{"molecule": "A", "by": by, "modes": modes} for by in ("CP2K", "potential")]
    write_json(folder / "modes.json", "ionspice-modes/1", {"sets": sets, "missing": {}})


def _potential(folder: Path, rng: np.random.Generator) -> None:
    error = {"frames": 10, "energy": 4e-4, "force": 0.06, "force_size": 1.5, "deviation": 0.02}
    label = {"hash": "a", "settings": {"program": "tblite", "method": "GFN1-xTB"}, "program": "tblite 0.4"}
    label |= {"converged": True, "scf_steps": 10, "wall_time": 1.5}
    write_json(
        folder / "labels.json", "ionspice-labels/1", {"labels": [label] * 3, "refused": {"b": "did not converge"}}
    )
    training = {"frames": 30, "trajectories": 6, "compositions": {"x1": 30}, "temperature": [300, 600]}
    potential = {
        "type_map": ["Al", "Cl", "Na"],
        "models": [{"file": "model-0.pb", "sha256": "0", "seed": 1, "steps": 100}],
        "settings": {},
        "cutoff": 6.0,
        "training": training | {"density": [1.1, 1.4], "labels_sha256": "0"},
        "errors": {"held_out": {"all": error, "x1": error}, "training": {"all": error}},
        "program": "DeePMD-kit 3.2.0",
    }
    write_json(folder / "potential" / "potential.json", "ionspice-potential/1", potential)
    change = {"new": 0.5, "old": 0.06}
    one = {"round": 1, "runs": [{"composition": "x1", "reason": "deviation"}], "candidates": 9, "selected": 5}
    one |= {"labelled": 5, "refused": 0, "ratio": 4.0, "before": change, "after": {"new": 0.2, "old": 0.061}}
    curve = [{"frames": n, "energy": 1e-2 / n, "force": 1 / n**0.5} for n in (10, 30, 100)]
    write_json(folder / "refining.json", "ionspice-refining/1", {"rounds": [one], "learning_curve": curve})
    validation = [
        {
            "name": name,
            "trained": trained,
            "temperature": 350.0,
            "frames": 5,
            "energy": 4e-4,
            "force": 0.06,
            "teacher": "GFN1",
        }
        for name, trained in (("x1", True), ("x1.6", False))
    ]
    radial = [{"composition": "x1", "pair": "Al-Cl", "file": "validation/x1/radial.csv"}]
    write_json(folder / "validation.json", "ionspice-validation/1", {"compositions": validation, "radial": radial})
    (folder / "validation" / "x1").mkdir(parents=True)
    r = np.linspace(0.1, 6, 60)
    g = 5 * np.exp(-((r - 2.1) ** 2) * 20) + (r > 3)
    table = {"r [angstrom]": r, "g Al-Cl teacher [1]": g, "g Al-Cl potential [1]": g * 1.05}
    pd.DataFrame(table).to_csv(folder / "validation/x1/radial.csv", index=False)
    for name, unit, size in (("energies", "eV/atom", 0.01), ("forces", "eV/angstrom", 1.5)):
        values = size * rng.standard_normal(200)
        pair = {f"teacher [{unit}]": values, f"potential [{unit}]": values + 0.04 * size * rng.standard_normal(200)}
        frame = pd.DataFrame({"composition": ["x1", "x1.6"] * 100, **pair})
        frame.to_csv(folder / f"validation/{name}.csv", index=False)


def _runs(folder: Path) -> None:
    runs = (run_of("x1", 300.0), run_of("x1", 450.0, al=8e-6), run_of("x2", 300.0, al=6e-7, length=100.0))
    energy = ActivationRecord(
        composition="x1",
        species="Al",
        energy=normal_estimate(0.2, 0.01, "eV"),
        prefactor=9e-4,
        temperatures=(300.0, 450.0),
    )
    write_transport(folder / "transport.json", TransportRecord(runs=runs, activation=(energy,)))
    r, nu, t = np.linspace(0.1, 8, 80), np.linspace(0, 100, 400), np.linspace(0.1, 100, 100)
    line = np.exp(-((nu - 10) ** 2) / 9)
    tables = {
        "radial.csv": {"r [angstrom]": r, "g Al-Cl [1]": np.exp(-((r - 2.1) ** 2)), "g Al-Cl error [1]": 0 * r},
        "vdos.csv": {
            "frequency [THz]": nu,
            "all [1/THz]": 17 * line,
            "Al [1/THz]": 3 * line,
            "AlCl4 [1/THz]": 17 * line,
        },
        "msd.csv": {"lag [ps]": t, "Al [angstrom^2]": 0.3 * t, "Al error [angstrom^2]": 0.02 * t},
        "structure.csv": {
            "k [1/angstrom]": r,
            "S_qq [1]": r / 8,
            "S_qq error [1]": 0 * r + 0.01,
            "S_NN [1]": r / 9,
            "S_NN error [1]": 0 * r,
        },
        "species.csv": {
            "time [ps]": t,
            "AlCl4 [1]": 0 * t + 17,
            "lasting conversions [1]": t // 15,
            "all conversions [1]": t // 3,
        },
    }
    for run in runs:
        (folder / "analysis" / run.name).mkdir(parents=True)
        for name, columns in tables.items():
            pd.DataFrame(columns).to_csv(folder / "analysis" / run.name / name, index=False)


@pytest.fixture
def liquid_folder(tmp_path):
    """Return a folder with the files of all stages and a study with claims."""
    folder = tmp_path / "liquid"
    folder.mkdir()
    (tmp_path / "claims.toml").write_text(CLAIMS)
    (folder / "liquid.toml").write_text(f'{STUDY}\n[report]\nclaims = "{tmp_path / "claims.toml"}"\n')
    _molecules(folder)
    _potential(folder, np.random.default_rng(1))
    _runs(folder)
    path = {
        "by": "potential",
        "reaction": "AlCl3 between two AlCl4-",
        "images": "barrier/one.extxyz",
        "coordinate": [0, 1, 2, 3, 4],
    }
    path |= {"energies": [0, 0.2, 0.5, 0.2, 0], "barrier": 0.5, "reaction_energy": 0.0, "residual_force": 0.04}
    write_json(folder / "barrier.json", "ionspice-barrier/1", {"paths": [path | {"converged": True}]})
    (folder / "electrolyte.toml").write_text(
        '# x1 at 300 K\ntemperature = { value = "300 K", source = "chosen" }\n'
        '[[species]]\nname = "Na+"\nvalence = 1\n'
        'diffusivity = { value = "1e-10 m^2/s", standard_error = "1e-12 m^2/s", source = "simulated" }\n'
    )
    return folder
