import pytest

pytest.importorskip("ase", reason="the extra atomistic is not installed")
from ionspice.core import InputError
from ionspice.pipeline.liquids.judge import read_claims
from ionspice.pipeline.liquids.report import write_liquid_report


def test_every_stage_is_shown(liquid_folder):
    page = write_liquid_report(liquid_folder).read_text(encoding="utf-8")
    # only Arrhenius' line of x2, which was run at one temperature
    assert page.count('class="missing"') == page.count("x2 was run at one temperature") == 1
    for text in (
        "GFN1-xTB",
        "0.0600",
        "3.5",
        "1.00 × 10⁻¹²"[:4],
        "AlCl3 between two AlCl4-",
        "simulated",
        "did not converge",
    ):
        assert text in page
    names = {path.stem for path in (liquid_folder / "figures").glob("*.svg")}
    assert {"molecules", "parity", "learning-curve", "radial-comparison", "barriers", "arrhenius-x1"} <= names
    assert {"vibrations-x1-300K", "displacements-x1-300K", "species-x1-300K", "radial-x2-300K"} <= names


def test_claims_are_judged_by_their_numbers_and_needs(liquid_folder):
    write_liquid_report(liquid_folder)
    verdicts = {claim.id: claim for claim in read_claims(liquid_folder / "claims.json")}
    assert verdicts["L1"].verdict == "reproduced"
    # at x1 the run is long enough, at x2 it is not
    assert verdicts["L2"].verdict == "not reached here"
    assert verdicts["L2"].takes == "a week; needs 1000 ps"
    assert [one.agrees for one in verdicts["L2"].findings] == [True, True]
    assert verdicts["L9"].verdict == verdicts["L10"].verdict == "reproduced"


def test_the_barrier_and_the_rate_stand_side_by_side(liquid_folder):
    page = write_liquid_report(liquid_folder).read_text(encoding="utf-8")
    # 0.49 eV at 300 K by transition-state theory, and the barrier of 0.0035 per ps
    assert "3.7 × 10⁻⁸" in page
    assert "(0.19)" in page or "(0.20)" in page or "(0.194)" in page


def test_a_liquid_without_claims_has_no_table_of_them(liquid_folder):
    study = liquid_folder / "liquid.toml"
    study.write_text(study.read_text().split("[report]")[0])
    page = write_liquid_report(liquid_folder).read_text(encoding="utf-8")
    assert "Claims and verdicts" not in page
    assert not (liquid_folder / "claims.json").exists()


def test_what_is_not_there_is_named_with_the_reason(liquid_folder):
    for name in (
        "transport.json",
        "validation.json",
        "refining.json",
        "barrier.json",
        "ions.json",
        "modes.json",
        "electrolyte.toml",
        "labels.json",
        "potential/potential.json",
    ):
        (liquid_folder / name).unlink()
    page = write_liquid_report(liquid_folder).read_text(encoding="utf-8")
    for command in ("analyse", "validate", "refine", "barrier", "build --vibrations", "transfer", "label", "train"):
        assert f"ionspice electrolyte {command}" in page
    assert {path.stem for path in (liquid_folder / "figures").glob("*.svg")} >= {"molecules"}
    claims = read_claims(liquid_folder / "claims.json")
    assert {claim.verdict for claim in claims} == {"not reached here"}
    assert "transport.json is not there" in claims[1].takes


def test_damage_is_one_reason_and_no_crash(liquid_folder):
    for name in ("transport.json", "validation.json", "refining.json", "barrier.json"):
        (liquid_folder / name).write_text('{"format": "ionspice-x/1"')
    assert "cannot read" in write_liquid_report(liquid_folder).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("at_most = 5e-4, unit", "needs at_most"),
        ('id = "L2"', "there 2 times"),
        ('quantity = "barrier"', "is not a choice"),
    ],
)
def test_mistakes_in_claims_are_named(liquid_folder, text, message):
    path = liquid_folder.parent / "claims.toml"
    changes = {"at_most = 5e-4, unit": "unit", 'id = "L2"': 'id = "L1"', 'quantity = "barrier"': 'quantity = "wall"'}
    path.write_text(path.read_text().replace(text, changes[text]))
    with pytest.raises(InputError, match=message):
        write_liquid_report(liquid_folder)
