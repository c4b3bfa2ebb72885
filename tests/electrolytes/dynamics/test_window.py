from dataclasses import replace

import pytest

pytest.importorskip("ase", reason="the extra atomistic is not installed")
from ase import Atoms

from ionspice.core import InputError
from ionspice.electrolytes.dynamics.window import beyond, check_elements, unreliable
from ionspice.electrolytes.potential.record import LabelErrors, TrainingWindow

WINDOW = TrainingWindow(
    frames=9,
    trajectories=3,
    compositions={"half": 3, "third": 6},
    temperature=(300.0, 600.0),
    density=(1.1, 1.5),
    labels_sha256="",
)
MIXTURES = {"half": {"A": 1, "B": 1}, "third": {"A": 1, "B": 2}, "other": {"A": 9, "B": 1}}


def notes(window=WINDOW, **changes):
    asked = {"temperature": 400.0, "density": 1.3, "mixture": {"A": 2, "B": 3}} | changes
    return beyond(window, mixtures=MIXTURES, **asked)


def test_what_lies_between_needs_no_note():
    assert notes() == ()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"temperature": 700.0}, "temperature 700 K is outside 300 to 600 K"),
        ({"density": 0.9}, "density 0.9 g/cm^3 is outside 1.1 to 1.5"),
        ({"mixture": {"A": 4, "B": 1}}, "80% of the molecules are A, the potential was trained at 33% to 50%"),
    ],
)
def test_what_lies_outside_is_said(changes, words):
    assert words in notes(**changes)[0]


def test_labels_that_do_not_say_their_temperature_are_named():
    assert "do not say" in notes(replace(WINDOW, temperature=None))[0]


def test_a_potential_that_is_wrong_by_its_own_errors_is_told_so():
    errors = LabelErrors(frames=5, energy=0.25, force=0.4, force_size=0.5, deviation=0.4)
    assert "wrong by 0.4 of 0.5 eV/angstrom (80%, more than 30%)" in unreliable(errors)[0]
    assert unreliable(replace(errors, force=0.1)) == ()
    assert "nobody knows" in unreliable(None)[0]


def test_an_element_that_the_potential_does_not_know_is_refused():
    with pytest.raises(InputError, match="box has Xe, but the potential knows Ar only"):
        check_elements(Atoms("ArXe"), ["Ar"], "box")
