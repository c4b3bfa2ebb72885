import sys
from pathlib import Path

import pytest

from ionspice.core import RunError
from ionspice.electrolytes.environment import tools


def test_another_mpi_and_python_are_kept_from_a_program(monkeypatch):
    monkeypatch.setenv("PMI_RANK", "0")
    monkeypatch.setenv("OMPI_COMM_WORLD_SIZE", "2")
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")
    own = str(Path(sys.prefix) / "bin")
    monkeypatch.setenv("PATH", f"{own}:/usr/bin")
    found = tools.clean_environment(threads=3, changes={"CP2K_DATA_DIR": "/data"})
    assert found["PATH"] == "/usr/bin"
    assert found["OMP_NUM_THREADS"] == "3"
    assert found["CP2K_DATA_DIR"] == "/data"
    assert not {"PMI_RANK", "OMPI_COMM_WORLD_SIZE", "PYTHONPATH"} & found.keys()


def test_a_command_for_cp2k_may_have_arguments(monkeypatch, tmp_path):
    for name in ("srun", "cp2k.ssmp"):
        (tmp_path / name).touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("IONSPICE_CP2K", "srun -n 4 cp2k.psmp")
    assert tools.cp2k_command() == ["srun", "-n", "4", "cp2k.psmp"]
    assert tools.cp2k_command("cp2k.ssmp") == ["cp2k.ssmp"]
    with pytest.raises(RunError, match=r"'cp2k\.none' is no program on this machine"):
        tools.cp2k_command("cp2k.none")


def test_absent_programs_are_named_with_the_remedy(monkeypatch, tmp_path):
    monkeypatch.setenv("IONSPICE_POTENTIAL", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("IONSPICE_CP2K", raising=False)
    with pytest.raises(RunError, match="ionspice electrolyte setup"):
        tools.potential_program("dp")
    with pytest.raises(RunError, match="apt install cp2k"):
        tools.cp2k_command()
    assert tools.dp_version() == tools.lammps_version() == ""


@pytest.mark.skipif(not tools.packmol_version(), reason="the extra atomistic is not installed")
def test_packmol_knows_periodic_boundaries():
    assert int(tools.packmol_version().split(".")[0]) >= tools.LEAST_PACKMOL


@pytest.mark.skipif(not tools.dp_version(), reason="the potential's venv is not there; make atomistic makes it")
def test_lammps_loads_the_potential():
    assert tools.lammps_version()
