"""`ionspice electrolyte analyse` and `transfer` on salts of known diffusion, from files to a case."""

import json
import tomllib

import numpy as np
import pandas as pd
import pytest
from scipy import constants
from typer.testing import CliRunner

from ionspice.core import InputError
from ionspice.pipeline import parse_case
from ionspice.pipeline.cli import app

pytest.importorskip("kinisi", reason="trajectories need the extra: pip install ionspice[atomistic]")
pytest.importorskip("MDAnalysis", reason="trajectories need the extra: pip install ionspice[atomistic]")

PAIRS, EDGE, INTERVAL, FRAMES = 27, 14.0, 0.5, 400
#: D of a walk by normal steps of this size, 4e-5 cm^2/s [angstrom]
STEP = np.sqrt(2 * 0.4 * INTERVAL)
STUDY = """
[[molecules]]
name = "Na"
smiles = "[Na+]"
charge = 1
label = "Na+"

[[molecules]]
name = "Cl"
smiles = "[Cl-]"
charge = -1
label = "Cl-"

[[compositions]]
name = "salt"
counts = { Na = 27, Cl = 27 }
boxes = [{ density = "1.2 g/cm^3" }]

[transfer]
temperature = "900 K"
relative_permittivity = 3.0
ion_diameter = "0.3 nm"
correlation_length = "0.3 nm"
correlation_source = "chosen: ions that walk at random tell none"
"""


def write_dump(path, rng, *, step=STEP):
    edges = np.full(FRAMES, EDGE) * (1 + 0.003 * rng.standard_normal(FRAMES))
    steps = step * rng.standard_normal((FRAMES, 2 * PAIRS, 3))
    steps[0] = EDGE * rng.random((2 * PAIRS, 3))
    walk = np.cumsum(steps, axis=0) / EDGE
    with path.open("w") as file:
        for k in range(FRAMES):
            file.write(f"ITEM: TIMESTEP\n{1000 * k}\nITEM: NUMBER OF ATOMS\n{2 * PAIRS}\n")
            file.write("ITEM: BOX BOUNDS pp pp pp\n" + f"0.0 {edges[k]:.9g}\n" * 3 + "ITEM: ATOMS id type xu yu zu\n")
            for atom, (x, y, z) in enumerate(walk[k] * edges[k]):
                file.write(f"{atom + 1} {1 + atom // PAIRS} {x:.6f} {y:.6f} {z:.6f}\n")


def invoke(*arguments):
    result = CliRunner().invoke(app, ["electrolyte", *map(str, arguments)])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The folder of a salt that was run at one temperature, analysed and transferred."""
    directory = tmp_path_factory.mktemp("salt")
    run = directory / "dynamics/salt_900K"
    run.mkdir(parents=True)
    write_dump(run / "positions.lammpstrj", np.random.default_rng(4))
    described = {
        "format": "ionspice-dynamics/1",
        "composition": "salt",
        "temperature": 900.0,
        "ensemble": "NPT",
        "positions": "positions.lammpstrj",
        "timestep": 0.0005,
        "type_map": ["Na", "Cl"],
        "seed": 7,
    }
    (run / "run.json").write_text(json.dumps(described))
    molecules = {"Na": {"charge": 1, "elements": ["Na"]}, "Cl": {"charge": -1, "elements": ["Cl"]}}
    (directory / "molecules.json").write_text(json.dumps({"format": "ionspice-molecules/1", "molecules": molecules}))
    (directory / "study.toml").write_text(STUDY)
    invoke("analyse", directory / "study.toml", "-o", directory)
    invoke("transfer", directory / "study.toml", "-o", directory)
    return directory


def test_diffusion_and_conductivity_are_those_of_the_walk(folder):
    (run,) = json.loads((folder / "transport.json").read_text())["runs"]
    assert (run["atoms"], run["frames"], run["seed"]) == (54, FRAMES, 7)
    assert run["length"] == pytest.approx((FRAMES - 1) * INTERVAL)
    assert [one["name"] for one in run["species"]] == ["Na+", "Cl-"]
    for one in run["species"]:
        found = one["diffusion"]["coefficient"]
        assert found["value"] == pytest.approx(4e-5, abs=3 * found["standard_error"])
        assert one["diffusion"]["diffusive"]
    exact = 2 * PAIRS * constants.e**2 * 4e-9 / ((EDGE * 1e-10) ** 3 * constants.k * 900) * 10
    assert run["conductivity"]["nernst_einstein"]["value"] == pytest.approx(exact, rel=0.15)
    helfand = run["conductivity"]["helfand"]
    assert helfand["value"] == pytest.approx(exact, abs=3 * helfand["standard_error"])
    # <dV^2>/<V> of edges that scatter by 0.3 % is 9 (0.003)^2 V
    compressibility = 9 * 0.003**2 * (EDGE * 1e-10) ** 3 / (constants.k * 900)
    assert run["compressibility"]["value"] == pytest.approx(compressibility, rel=0.25)
    assert "velocities" in run["missing"]["vdos"] or "frames every" in run["missing"]["vdos"]


def test_tables_have_units_in_their_headings_and_figures(folder):
    tables = folder / "analysis/salt_900K"
    radial = pd.read_csv(tables / "radial.csv")
    assert radial.columns[:2].tolist() == ["r [angstrom]", "g Na-Na [1]"]
    assert radial["g Na-Cl [1]"].iloc[50:].mean() == pytest.approx(1, abs=0.05)
    msd = pd.read_csv(tables / "msd.csv")
    assert {"lag [ps]", "Na [angstrom^2]", "charge [e^2 angstrom^2]"} <= set(msd.columns)
    assert sorted(path.name for path in tables.glob("*.svg")) == ["msd.svg", "radial.svg", "structure.svg"]
    assert not (tables / "vdos.csv").exists()


def test_a_case_reads_the_electrolyte(folder):
    values = tomllib.loads((folder / "electrolyte.toml").read_text())
    assert values["species"][0]["diffusivity"]["source"].startswith("simulated: 199.5 ps of 54 atoms at 900 K (NPT)")
    assert values["correlation_length"]["source"] == "chosen: ions that walk at random tell none"
    case = parse_case(f'[electrolyte]\nfile = "{folder / "electrolyte.toml"}"')
    electrolyte = case.electrolyte.build()
    assert electrolyte.temperature == 900
    assert [species.name for species in electrolyte.species] == ["Na+", "Cl-"]
    concentration = PAIRS / (EDGE * 1e-10) ** 3 / constants.N_A
    assert electrolyte.species[0].concentration == pytest.approx(concentration, rel=2e-3)


def test_what_is_done_stays_done(folder):
    assert "analyse salt_900K: up to date" in invoke("analyse", folder / "study.toml", "-o", folder)


def test_anybodys_trajectory_is_measured_without_a_study(tmp_path):
    write_dump(tmp_path / "own.lammpstrj", np.random.default_rng(5))
    output = invoke(
        "analyse", "--trajectory", tmp_path / "own.lammpstrj", "-o", tmp_path / "out", "--type-map", "Na Cl",
        "--timestep", "0.5 fs", "--temperature", "900 K", "--charge", "Na = 1", "--charge", "Cl = -1",
        "--bond", "Na-Cl, 3.2 angstrom, 4 angstrom",
    )  # fmt: skip
    assert "D of Na:" in output
    assert "conductivity:" in output
    assert (tmp_path / "out/analysis/own/species.csv").is_file()
    assert (tmp_path / "out/analysis/own/species.svg").is_file()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "a study or --trajectory FILE"),
        (("--trajectory", "a.xyz"), "needs its temperature"),
        (("--trajectory", "a.xyz", "--temperature", "900"), "has no unit"),
        (("--trajectory", "a.xyz", "--temperature", "900 K", "--ensemble", "XYZ"), "use NVE, NVT or NPT"),
        (("--trajectory", "a.xyz", "--temperature", "900 K", "--charge", "Na=+x"), "write whole charges"),
        (("--trajectory", "a.xyz", "--temperature", "900 K", "--cell", "20"), "three numbers and a unit"),
        (("--trajectory", "a.xyz", "--temperature", "900 K", "--bond", "AlCl"), "Al-Cl, 2.6 angstrom"),
    ],
)
def test_mistakes_are_named_with_their_remedy(tmp_path, arguments, message):
    with pytest.raises(InputError, match=message):
        invoke("analyse", *arguments, "-o", tmp_path)


def test_a_folder_without_runs_is_refused(tmp_path):
    (tmp_path / "study.toml").write_text(STUDY)
    with pytest.raises(InputError, match="has no run"):
        invoke("analyse", tmp_path / "study.toml", "-o", tmp_path)
