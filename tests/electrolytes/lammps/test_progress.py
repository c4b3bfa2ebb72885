from itertools import pairwise

from ionspice.electrolytes.lammps.guard import HEADING, PROGRESS, STOPPED
from ionspice.electrolytes.lammps.plan import RunPlan
from ionspice.electrolytes.lammps.progress import cut_dump, last_step, prepare, read_looks
from ionspice.electrolytes.lammps.script import POSITIONS, VELOCITIES, Start

PLAN = RunPlan(
    temperature=300.0,
    equilibration=100,
    steps=300,
    positions_every=50,
    velocities_every=50,
    velocities_steps=100,
    deviation=1.0,
)


def frame(step, first=False):
    units = "ITEM: UNITS\nmetal\n" if first else ""
    return (
        f"{units}ITEM: TIME\n{step / 2}\nITEM: TIMESTEP\n{step}\nITEM: NUMBER OF ATOMS\n1\nITEM: ATOMS id xu\n1 0.5\n"
    )


def lay_out(folder, *, checkpoints, looks, frames, cut=0):
    rows = [f"{step},300,-1.{step},-2.{step},1000,0.1" for step in looks]
    (folder / PROGRESS).write_text("\n".join([HEADING, *rows, ""]))
    for step in checkpoints:
        (folder / f"checkpoint.{step}.restart").touch()
    for name in (POSITIONS, VELOCITIES):
        text = "".join(frame(step, first=step == frames[0]) for step in frames)
        (folder / name).write_text(text[: len(text) - cut])


def steps_of(path):
    lines = path.read_text().splitlines()
    return [int(after) for line, after in pairwise(lines) if line == "ITEM: TIMESTEP"]


def test_a_run_goes_on_from_the_newest_checkpoint_and_its_files_end_there(tmp_path):
    lay_out(tmp_path, checkpoints=[100, 150], looks=range(0, 251, 50), frames=[100, 150, 200, 250], cut=5)
    (tmp_path / STOPPED).write_text("once")
    assert prepare(tmp_path, PLAN) == Start(step=150, first=-1.0, conserved=-2.15)
    assert [path.name for path in tmp_path.glob("checkpoint.*")] == ["checkpoint.150.restart"]
    assert steps_of(tmp_path / POSITIONS) == steps_of(tmp_path / VELOCITIES) == [100]  # 150 is written again
    assert [look.step for look in read_looks(tmp_path)] == [0, 50, 100, 150]
    assert last_step(tmp_path) == 150
    assert not (tmp_path / STOPPED).exists()


def test_velocities_that_are_whole_are_left_as_they_are(tmp_path):
    lay_out(tmp_path, checkpoints=[200], looks=range(0, 201, 50), frames=[100, 150, 200])
    prepare(tmp_path, PLAN)
    assert steps_of(tmp_path / POSITIONS) == [100, 150]
    assert steps_of(tmp_path / VELOCITIES) == [100, 150, 200]


def test_a_run_without_a_checkpoint_begins_anew(tmp_path):
    lay_out(tmp_path, checkpoints=[], looks=[0, 50], frames=[100])
    assert prepare(tmp_path, PLAN) == Start()
    assert not (tmp_path / POSITIONS).exists()
    assert read_looks(tmp_path) == []


def test_a_frame_whose_head_is_cut_off_is_taken_away(tmp_path):
    dump = tmp_path / POSITIONS
    for end in ("ITEM: TIME\n100.", "ITEM: TIME\n100\nITEM: TIMESTEP\n", "ITEM: TIME\n100\nITEM: TIMESTEP\n2"):
        dump.write_text(frame(100, first=True) + frame(150) + end)
        cut_dump(dump, 200)
        assert dump.read_text() == frame(100, first=True) + frame(150)
