from ionspice.electrolytes.dynamics.runs import production_plan, production_runs
from ionspice.electrolytes.study.file import parse_liquid
from ionspice.electrolytes.study.production import ProductionSection


def test_every_box_and_temperature_is_a_run_with_a_seed_of_its_own(study_text):
    runs = production_runs(parse_liquid(study_text).production)
    assert [run.name for run in runs] == ["alloy_8A_600K", "alloy_8A_900K"]
    assert {run.box for run in runs} == {"production_boxes/alloy_8A.extxyz"}
    assert runs[0].plan.seed != runs[1].plan.seed


def test_lengths_are_whole_frames():
    section = ProductionSection(
        timestep=0.5, equilibration=101.0, duration=99.0, positions_every=10.0, velocities_every=2.0
    )
    plan = production_plan(section, 300.0, "NVT", seed=1)
    assert (plan.positions_every, plan.velocities_every) == (20, 4)
    assert (plan.equilibration, plan.steps) == (220, 200)
    assert plan.velocities_end == plan.end == 420
    assert plan.timestep == 5e-4


def test_velocities_may_be_left_out():
    plan = production_plan(ProductionSection(velocities_duration=0.0), 300.0, "NPT", seed=1)
    assert (plan.velocities_every, plan.velocities_end) == (0, plan.equilibration)
