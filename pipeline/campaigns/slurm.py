"""A campaign as a Slurm job array, one task a case."""

import shlex
import shutil
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import jinja2

from ionspice.core import InputError, RunError, replacing
from ionspice.pipeline.campaigns.plan_file import Study

SCRIPT = "campaign.sbatch"


def write_script(study: Study, study_file: Path, directory: Path) -> Path:
    """Write the script for sbatch into the campaign's folder and return its path."""
    template = files("ionspice.pipeline.campaigns").joinpath("slurm.sh.j2").read_text(encoding="utf-8")
    text = jinja2.Template(template, undefined=jinja2.StrictUndefined, keep_trailing_newline=True).render(
        cases=list(study.cases),
        ranks=study.ranks,
        slurm=study.slurm,
        python=shlex.quote(sys.executable),
        study=shlex.quote(str(study_file.resolve())),
        output=shlex.quote(str(directory.resolve())),
    )
    path = directory / SCRIPT
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
    return path


def submit(script: Path) -> str:
    """Submit the script and return what sbatch says.

    Raises:
        InputError: there is no sbatch.
        RunError: sbatch refused.
    """
    if shutil.which("sbatch") is None:
        raise InputError(f"sbatch is not on the path; submit {script} on the cluster, or leave --slurm out")
    done = subprocess.run(["sbatch", script.name], cwd=script.parent, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RunError(f"sbatch refused {script}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout.strip()
