from dataclasses import replace

from ionspice.electrolytes.dynamics.order import RUN, Order, is_begun, is_done, read_order, write_order
from ionspice.electrolytes.lammps.plan import RunPlan

PLAN = RunPlan(temperature=300.0, steps=1000, positions_every=10, deviation=1.0)
ORDER = Order(
    composition="argon",
    box="box.extxyz",
    box_sha256="0",
    models=("a/model-0.pb",),
    models_sha256=("1",),
    type_map=("Ar",),
    plan=PLAN,
    notes=("hot",),
)


def longer(steps):
    return replace(ORDER, plan=replace(PLAN, steps=steps))


def test_an_order_is_read_as_it_was_written(tmp_path):
    write_order(tmp_path, ORDER)
    assert read_order(tmp_path) == ORDER


def test_a_longer_run_goes_on_from_a_shorter_one_and_serves_for_it(tmp_path):
    write_order(tmp_path, ORDER)
    assert is_begun(tmp_path, longer(2000))
    assert not is_done(tmp_path, ORDER)
    (tmp_path / RUN).write_text("{}")
    assert is_done(tmp_path, ORDER)
    assert is_done(tmp_path, longer(500))
    assert not is_done(tmp_path, longer(2000))


def test_another_potential_or_temperature_begins_anew(tmp_path):
    write_order(tmp_path, ORDER)
    assert not is_begun(tmp_path, replace(ORDER, models_sha256=("2",)))
    assert not is_begun(tmp_path, replace(ORDER, plan=replace(PLAN, temperature=400.0)))
    assert is_begun(tmp_path, replace(ORDER, models=("elsewhere/model-0.pb",), notes=()))


def test_a_folder_without_a_readable_order_begins_anew(tmp_path):
    assert not is_begun(tmp_path, ORDER)
    (tmp_path / "order.json").write_text("{")
    assert not is_begun(tmp_path, ORDER)
