import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from ionspice.core import InputError
from ionspice.core.console import SilentReporter
from ionspice.pipeline import parse_case
from ionspice.pipeline.campaigns.campaign import run_campaign
from ionspice.pipeline.campaigns.plan_file import read_study_file
from ionspice.pipeline.campaigns.table import read_campaign, to_frame

BASE = """
[geometry]
layers = 3
[mesh]
wall_spacing = "0.3 nm"
growth = 2.0
[solver]
tolerance = 0.1
"""


def study(folder: Path, text: str) -> Path:
    (folder / "base.toml").write_text(BASE)
    path = folder / "study.toml"
    path.write_text(f'base = "base.toml"\n{text}')
    return path


def ionspice(*arguments: object, **options: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "ionspice.pipeline.cli", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)  # type: ignore[call-overload]


def test_names_and_values_of_cases(tmp_path):
    text = '[grid]\n"geometry.slit" = ["1.5 nm", "2 nm"]\n[zip]\n"drive.amplitude" = ["0.1 V", "0.2 V"]\n'
    text += '"electrolyte.concentration" = ["1 mol/L", "0.5 mol/L"]\n'
    cases = read_study_file(study(tmp_path, text)).cases
    assert list(cases) == [
        f"slit-{d}nm_amplitude-{u}V_concentration-{c}molL"
        for d in ("1.5", "2")
        for u, c in (("0.1", 1), ("0.2", 0.5))
    ]
    last = cases["slit-2nm_amplitude-0.2V_concentration-0.5molL"]
    assert last.geometry.slit == pytest.approx(2e-9)
    assert [species.concentration for species in last.electrolyte.species] == pytest.approx([500, 500])
    assert last.geometry.layers == 3


def test_what_is_set_for_all_species_is_set_for_those_of_an_electrolyte_file(tmp_path):
    sets = Path(__file__).parents[3] / "examples/electrolytes"
    text = f'[grid]\n"electrolyte.concentration" = ["0.5 mol/L"]\n"electrolyte.file" = ["{sets}/licl_aqueous.toml"]\n'
    (case,) = read_study_file(study(tmp_path, text)).cases.values()
    ions = [(ion.name, ion.concentration, ion.diffusivity) for ion in case.electrolyte.species]
    assert ions == [("Li+", 500.0, 1.029e-9), ("Cl-", 500.0, 2.032e-9)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[grid]\n"geometry.slits" = ["1 nm"]', "slits"),
        ('[grid]\n"geometry.slit" = ["-1 nm"]', "slit--1nm"),
        ('[grid]\n"geometry.slit" = []', "at least one"),
        ('[grid]\n"slit" = ["1 nm"]', "section.key"),
        ('[zip]\n"geometry.slit" = ["1 nm", "2 nm"]\n"drive.amplitude" = ["0.1 V"]', "equally long"),
        ('[grid]\n"geometry.slit" = ["1 nm"]\n[zip]\n"geometry.slit" = ["1 nm"]', "keep one"),
        ('[grid]\n"geometry.slit" = ["2 nm", "2  nm"]', "twice"),
        ('until = "lunch"', "no stage"),
        ("ranks = 0", "ranks"),
    ],
)
def test_bad_studies_are_refused_before_anything_is_written(tmp_path, text, words):
    path = study(tmp_path, text)
    with pytest.raises(InputError, match=words):
        read_study_file(path)
    assert ionspice("sweep", path, "-o", tmp_path / "out").returncode == 2
    assert not (tmp_path / "out").exists()


def test_a_failed_case_does_not_stop_the_others_and_a_second_run_repeats_nothing(tmp_path):
    text = 'until = "compare"\n[zip]\n"drive.amplitude" = ["0.05 V", "0.1 V", "0.12 V"]\n'
    text += f'"mesh.file" = ["", "", "{tmp_path}/missing.msh"]\n'
    path, out = study(tmp_path, text), tmp_path / "out"
    first = ionspice("sweep", path, "-o", out)
    assert first.returncode == 1, first.stdout + first.stderr
    assert "1 of 3 cases failed" in first.stderr
    assert "missing.msh" in first.stderr
    table = read_campaign(out)
    assert table["drive.amplitude"].values == pytest.approx([0.05, 0.1, 0.12])
    charges = table["final_charge"].values
    assert charges[1] / charges[0] == pytest.approx(2, rel=0.1)
    assert np.isnan(charges[2])
    assert [bool(reason) for reason in table["failure"].values] == [False, False, True]
    for name, row in zip(table["case"].values, table["gamma"].values, strict=True):
        if (law := out / "cases" / str(name) / "law.json").is_file():
            content = json.loads(law.read_text())
            kept = [row[i - 1] for i in content["elements"]]
            assert kept == pytest.approx(content["parameters"]["gamma"]["value"])
    assert len(to_frame(table)) == table.sizes["case"] * table.sizes["element"]
    for name, ncm, rails in zip(*(table[key].values for key in ("case", "ncm_error", "rails_error")), strict=True):
        path_of_errors = out / "cases" / str(name) / "comparison.json"
        if path_of_errors.is_file():
            errors = [row["error"] for row in json.loads(path_of_errors.read_text())["circuits"]]
            assert rails in errors
            assert np.isnan(ncm) or ncm in errors
        else:
            assert np.isnan([ncm, rails]).all()

    files = sorted(out.glob("cases/*/observables.nc"))
    files += [file.with_name("run.log") for file in files]  # written anew by every process of a case
    stamps = [file.stat().st_mtime_ns for file in files]
    assert len(files) == 4
    ionspice("sweep", path, "-o", out)
    assert [file.stat().st_mtime_ns for file in files] == stamps


def test_a_killed_campaign_goes_on(tmp_path):
    path = study(tmp_path, 'until = "solve"\n[grid]\n"drive.amplitude" = ["0.05 V", "0.1 V"]\n')
    out = tmp_path / "out"
    command = [sys.executable, "-m", "ionspice.pipeline.cli", "sweep", str(path), "-o", str(out), "--jobs", "1"]
    process = subprocess.Popen(command, start_new_session=True, stdout=subprocess.DEVNULL)
    first = out / "cases" / "amplitude-0.05V" / "observables.nc"
    deadline = time.monotonic() + 120
    while not first.is_file() and time.monotonic() < deadline:
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert not (out / "campaign.nc").exists()
    before = first.stat().st_mtime_ns
    done = ionspice("sweep", path, "-o", out)
    assert done.returncode == 0, done.stdout + done.stderr
    assert np.isfinite(read_campaign(out)["peak_current"].values).all()
    # the solver writes the file as its last act; only its entry in the manifest can be missing
    assert (out / "cases" / "amplitude-0.1V" / "observables.nc").is_file()
    assert first.stat().st_mtime_ns >= before


def test_the_slurm_script_runs_its_own_case(tmp_path):
    path = study(tmp_path, 'until = "mesh"\n[grid]\n"geometry.layers" = [2, 3]\n[slurm]\ntime = "00:05:00"\n')
    out = tmp_path / "out"
    written = ionspice("sweep", path, "-o", out, "--slurm", "--dry-run")
    assert written.returncode == 0, written.stderr
    script = out / "campaign.sbatch"
    assert "#SBATCH --array=0-1" in script.read_text()
    task = subprocess.run(
        ["bash", str(script)], env={**os.environ, "SLURM_ARRAY_TASK_ID": "1"}, capture_output=True, check=False
    )
    assert task.returncode == 0, task.stderr
    assert (out / "cases" / "layers-3" / "mesh.msh").is_file()
    assert not (out / "cases" / "layers-2").exists()


def test_ranks_share_a_case(tmp_path):
    path = study(tmp_path, 'until = "solve"\nranks = 2\n[grid]\n"drive.amplitude" = ["0.05 V"]\n')
    done = ionspice("sweep", path, "-o", tmp_path / "out")
    assert done.returncode == 0, done.stdout + done.stderr
    import xarray as xr

    field = tmp_path / "out" / "cases" / "amplitude-0.05V" / "observables.nc"
    with xr.open_dataset(field, engine="h5netcdf") as dataset:
        assert int(dataset.attrs["ranks"]) == 2


def test_what_a_case_warns_of_reaches_the_console(tmp_path):
    lines = []

    class Lines(SilentReporter):
        def say(self, text):
            lines.append(text)

    coarse = parse_case('[mesh]\nwall_spacing = "0.5 nm"\ngrowth = 2.0\n[drive]\nhalf_cycle = "50 ns"\n')
    assert run_campaign({"coarse": coarse}, tmp_path, until="solve", reporter=Lines()) == {"coarse": None}
    assert [line for line in lines if line.startswith("coarse: warning: ") and "Debye length" in line] != []
