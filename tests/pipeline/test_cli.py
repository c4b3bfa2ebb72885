import os
import pty
import resource
import shutil
import signal
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
import xarray as xr

from ionspice.meshes import SlitStack, write_mesh

BIN = Path(sys.executable).parent


def started(*arguments: object, ranks: int = 0) -> subprocess.CompletedProcess[str]:
    """Run the installed command as a user's shell would."""
    command = [str(BIN / "ionspice"), *map(str, arguments)]
    if ranks:
        command = [str(BIN / "mpiexec"), "-n", str(ranks), *command]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)


def assert_refused(result, *parts: str, statuses: tuple[int, ...] = (2,)) -> None:
    """Assert one clear message with its parts and no traceback."""
    assert result.returncode in statuses
    assert [part for part in parts if part not in result.stderr] == []
    assert result.stderr.startswith("ionspice: ")
    assert "Traceback" not in result.stderr


COMMANDS = ["run", "mesh", "solve", "discover", "export", "simulate", "eis", "report", "doctor"]


def test_help_lists_every_command(ionspice):
    result = ionspice("--help")
    assert result.returncode == 0
    assert [command for command in COMMANDS if f" {command} " not in result.stdout] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(ionspice, command):
    result = ionspice(command, "--help")
    assert result.returncode == 0
    assert command in result.stdout


def test_help_takes_less_than_a_second_of_computing():
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert started("--help").returncode == 0
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 1


def test_help_loads_no_heavy_library():
    code = (
        "import sys; from ionspice.pipeline import cli;"
        "print([m for m in ('numpy', 'dolfinx', 'mpi4py', 'pint', 'matplotlib') if m in sys.modules])"
    )
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert output.stdout.strip() == "[]"


def test_version_is_that_of_the_package(ionspice):
    assert ionspice("--version").stdout.strip() == f"ionspice {version('ionspice')}"


def test_unknown_commands_and_missing_arguments_are_bad_input(ionspice):
    assert ionspice("frobnicate").returncode == 2
    assert ionspice("run").returncode == 2


BAD_CASES = {
    "unknown key": ('[geometry]\nslot = "1 nm"', ["[geometry] slot", "did you mean slit?"]),
    "wrong unit": ('[geometry]\nslit = "1.5 s"', ["[geometry] slit", "is not a length"]),
    "packing": ('[electrolyte]\nion_diameter = "1.2 nm"', ["[electrolyte]", "nu", "below 1"]),
    "negative size": ('[geometry]\nsheet_length = "-10 nm"', ["[geometry] sheet_length", "greater than 0"]),
    "one layer": ("[geometry]\nlayers = 1", ["[geometry] layers = 1", "at least 2"]),
    "half cycle": ('[drive]\nhalf_cycle = "0 ns"', ["[drive] half_cycle", "greater than 0"]),
    "no TOML": ("geometry:\n  layers: 6", ["not valid TOML"]),
}


@pytest.mark.parametrize("name", BAD_CASES)
def test_a_bad_case_is_refused_before_anything_is_written(ionspice, tmp_path, name):
    text, parts = BAD_CASES[name]
    (tmp_path / "bad.toml").write_text(text)
    assert_refused(ionspice("run", tmp_path / "bad.toml", "-o", tmp_path / "out"), "bad.toml: ", *parts)
    assert not (tmp_path / "out").exists()


def test_a_missing_case_file_is_refused(ionspice, tmp_path):
    assert_refused(ionspice("run", tmp_path / "no.toml", "-o", tmp_path / "out"), "no.toml", "cannot read")


def test_an_own_mesh_without_a_needed_group_is_refused_before_anything_is_written(ionspice, tmp_path):
    write_mesh(tmp_path / "own.msh", SlitStack(layers=2))
    text = (tmp_path / "own.msh").read_text().replace('"reservoir"', '"outlet"')
    (tmp_path / "own.msh").write_text(text)
    (tmp_path / "own.toml").write_text('[geometry]\nlayers = 2\n[mesh]\nfile = "own.msh"\n')
    result = ionspice("run", tmp_path / "own.toml", "-o", tmp_path / "out")
    assert_refused(result, "own.msh", "reservoir", "missing")
    assert not (tmp_path / "out").exists()


def test_an_output_folder_that_cannot_be_written_is_refused(ionspice, tiny_file, tmp_path):
    (tmp_path / "file").write_text("mine")
    assert_refused(ionspice("run", tiny_file, "-o", tmp_path / "file"), "is a file", "-o")
    assert_refused(ionspice("run", tiny_file, "-o", tmp_path / "file" / "out"), "cannot write", "-o")
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_is_refused(ionspice, tiny_file, tmp_path):
    tmp_path.chmod(0o500)
    assert_refused(ionspice("run", tiny_file, "-o", tmp_path / "out"), "cannot write", "-o")


@pytest.mark.parametrize("command", ["discover", "simulate", "eis", "report"])
def test_a_folder_without_a_run_is_refused(ionspice, tmp_path, command):
    assert_refused(ionspice(command, tmp_path), str(tmp_path), "ionspice run")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"not netCDF at all", "half"])
@pytest.mark.parametrize("command", ["discover", "report"])
def test_damaged_observables_are_named(ionspice, solved_folder, tmp_path, command, content):
    folder = shutil.copytree(solved_folder, tmp_path / "run")
    whole = (folder / "observables.nc").read_bytes()
    (folder / "observables.nc").write_bytes(whole[: len(whole) // 2] if content == "half" else content)
    result = ionspice(command, folder)
    assert_refused(result, "observables.nc", statuses=(1, 2))
    assert not (folder / "law.json").exists()
    assert not (folder / "report.html").exists()


def test_all_ranks_refuse_bad_input_with_one_message(tmp_path):
    (tmp_path / "bad.toml").write_text("[geometry]\nlayers = 1")
    result = started("solve", tmp_path / "bad.toml", "-o", tmp_path / "out", ranks=2)
    assert result.returncode == 2
    assert result.stderr.count("at least 2") == 1
    assert not (tmp_path / "out").exists()


def test_two_ranks_solve_and_one_of_them_speaks(tiny_file, tmp_path):
    result = started("solve", tiny_file, "-o", tmp_path / "out", ranks=2)
    assert result.returncode == 0, result.stderr
    assert result.stdout.count("solve: done") == 1
    with xr.open_dataset(tmp_path / "out" / "observables.nc") as observables:
        assert observables.attrs["ranks"] == 2


@pytest.mark.parametrize("launcher", ["OMPI_COMM_WORLD", "SLURM_STEP_NUM_TASKS"])
@pytest.mark.parametrize("rank", [0, 1])
def test_ranks_that_the_mpi_does_not_know_of_are_refused_by_the_first(tiny_file, tmp_path, launcher, rank):
    of_rank = {"OMPI_COMM_WORLD_RANK": str(rank), "SLURM_PROCID": str(rank)}
    size = {"OMPI_COMM_WORLD_SIZE" if launcher == "OMPI_COMM_WORLD" else launcher: "2"}
    command = [str(BIN / "ionspice"), "solve", str(tiny_file), "-o", str(tmp_path / "out")]
    result = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ | size | of_rank)
    assert result.returncode == 1
    assert not (tmp_path / "out").exists()
    lines = result.stderr.splitlines()
    assert len(lines) == (1 if rank == 0 else 0)
    assert all("mpiexec -n 2 ionspice" in line for line in lines)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_a_run_in_one_line_and_the_next_goes_on(tiny_file, tmp_path, number):
    command = [str(BIN / "ionspice"), "run", str(tiny_file), "-o", str(tmp_path / "out"), "--until", "solve"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "mesh ...\n"
        while process.stdout.readline() != "solve ...\n":
            pass
        process.send_signal(number)
        _, errors = process.communicate(timeout=60)
    if process.returncode == 0:  # the machine was faster than the signal
        pytest.skip("the run had ended")
    assert process.returncode == 1
    assert [line for line in errors.splitlines() if "warning" not in line] == [
        line for line in errors.splitlines() if line.startswith(f"ionspice: stopped by {number.name}")
    ]
    assert started("run", tiny_file, "-o", tmp_path / "out", "--until", "solve").returncode == 0


def test_more_ranks_than_cores_are_warned_of(tiny_file, tmp_path):
    ranks = len(os.sched_getaffinity(0)) + 1
    if ranks > 9:
        pytest.skip("many cores")
    result = started("mesh", tiny_file, "-o", tmp_path / "out", ranks=ranks)
    assert result.returncode == 0
    assert f"warning: {ranks} ranks share {ranks - 1} cores" in result.stderr


def test_a_device_is_written_through(run_folder):
    command = [str(BIN / "ionspice"), "export", str(run_folder), "--layers", "4", "-o", "/dev/stdout"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert ".subckt NCM4 EL BULK" in result.stdout
    assert result.stdout.rstrip().endswith(".ends NCM4")
    full = started("export", run_folder, "--layers", "4", "-o", "/dev/full")
    assert_refused(full, "cannot write /dev/full", "No space left on device", statuses=(1,))


def test_a_folder_where_a_file_is_meant_is_refused(ionspice, run_folder, tmp_path):
    result = ionspice("export", run_folder, "--layers", 4, "-o", tmp_path)
    assert_refused(result, f"{tmp_path} is a folder, where a file is to be written")


def test_a_full_disk_is_one_line_and_keeps_what_was_there(run_folder, tmp_path):
    folder = shutil.copytree(run_folder, tmp_path / "run")
    before = (folder / "observables.nc").read_bytes()

    def small_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    command = [str(BIN / "ionspice"), "simulate", str(folder)]
    result = subprocess.run(command, capture_output=True, text=True, check=False, preexec_fn=small_files)
    assert_refused(result, "circuit.nc", "File too large", statuses=(1,))
    assert (folder / "observables.nc").read_bytes() == before


@pytest.mark.parametrize("mode", ["1", "0"])
def test_names_with_accents_pass_in_the_c_locale_or_are_refused(tiny_file, tmp_path, mode):
    folder = tmp_path / "L\u00f6sung \u00b5"
    command = [str(BIN / "ionspice"), "run", str(tiny_file), "-o", str(folder), "--until", "mesh"]
    environment = os.environ | {"LC_ALL": "C", "PYTHONUTF8": mode, "PYTHONCOERCECLOCALE": "0"}
    result = subprocess.run(command, capture_output=True, check=False, env=environment)
    assert result.returncode == (0 if mode == "1" else 2)
    assert (folder / "mesh.msh").is_file() == (mode == "1")
    assert b"Traceback" not in result.stderr
    assert mode == "1" or b"LC_ALL=C.UTF-8" in result.stderr


def test_help_keeps_brackets(ionspice):
    assert "[drive]" in " ".join(ionspice("simulate", "--help").stdout.split())


def test_redirected_output_is_plain_lines(tiny_file, tmp_path):
    result = started("mesh", tiny_file, "-o", tmp_path)
    assert result.stdout.splitlines()[0] == "mesh ..."
    assert "\x1b" not in result.stdout
    assert "\r" not in result.stdout


def test_a_terminal_gets_a_progress_bar(tiny_file, tmp_path):
    try:
        main, terminal = pty.openpty()
    except OSError as error:
        pytest.skip(f"this machine gives no pseudo-terminal: {error}")
    command = [str(BIN / "ionspice"), "mesh", str(tiny_file), "-o", str(tmp_path)]
    environment = os.environ | {"TERM": "xterm-256color"}
    process = subprocess.Popen(command, stdout=terminal, stderr=terminal, env=environment)
    process.wait(timeout=60)
    os.close(terminal)
    output = os.read(main, 1 << 16).decode()
    os.close(main)
    assert "\x1b[" in output
    assert "mesh: done in" in output


def test_doctor_finds_what_the_tests_run_on(ionspice, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    result = ionspice("doctor")
    assert result.returncode == 0
    assert "MISSING" not in result.stdout


def test_doctor_names_a_missing_library_and_its_package(ionspice, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("NGSPICE_LIBRARY_PATH", "/nonexistent/libngspice.so")
    result = ionspice("doctor")
    assert result.returncode == 1
    line = next(line for line in result.stdout.splitlines() if "libngspice " in line)
    assert line.startswith("MISSING")
    assert "apt install libngspice0" in line


BARE = """
import sys
for name in {absent!r}:
    sys.modules[name] = None
from ionspice.pipeline.cli import main
main()
"""


def started_without(absent, ranks, *arguments):
    """Run the command on ranks of a machine that lacks some modules."""
    script = [sys.executable, "-c", BARE.format(absent=absent)]
    command = [str(BIN / "mpiexec"), "-n", str(ranks), *script, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)


def test_ranks_discover_a_law_without_dolfinx(run_folder, tmp_path):
    folder = shutil.copytree(run_folder, tmp_path / "run")
    (folder / "law.json").unlink()
    done = started_without(["dolfinx", "petsc4py", "gmsh"], 2, "discover", folder)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("law: R = ") == 1
    assert (folder / "law.json").read_bytes() == (run_folder / "law.json").read_bytes()


def test_ranks_without_mpi4py_are_refused(run_folder):
    refused = started_without(["mpi4py"], 2, "discover", run_folder)
    assert refused.returncode != 0
    assert "several MPI ranks need mpi4py" in refused.stderr
    assert "Traceback" not in refused.stderr
