import numpy as np
import pytest

from ionspice.core import InputError
from ionspice.electrolytes.analysis.trajectory import Trajectory
from ionspice.electrolytes.analysis.vibrations import (
    autocorrelation,
    overlap,
    superposition,
    vibrational_spectrum,
)

MASSES = {"Al": 26.98, "Cl": 35.45, "H": 1.008}
TONES = {"Al": 5.0, "Cl": 30.0, "H": 95.0}


def oscillators(rng, *, interval, frames=4000, each=3):
    """Atoms that vibrate at 5 (Al), 30 (Cl) and 95 THz (H), each with the same kinetic energy."""
    elements = np.repeat(list(TONES), each)
    masses = np.array([MASSES[e] for e in elements])
    tones = np.array([TONES[e] for e in elements])
    times = interval * np.arange(frames)
    phases = 2 * np.pi * rng.random((len(elements), 3))
    turns = 2 * np.pi * tones[None, :, None] * times[:, None, None] + phases
    return Trajectory(
        times=times,
        positions=np.zeros((frames, len(elements), 3)),
        cells=np.broadcast_to(10.0 * np.eye(3), (frames, 3, 3)),
        velocities=np.cos(turns) / np.sqrt(masses)[None, :, None],
        elements=elements,
        masses=masses,
        molecules=np.arange(len(elements)),
    )


@pytest.mark.parametrize(("element", "tone"), TONES.items())
def test_oscillators_are_found_at_their_frequency(rng, element, tone):
    motion = oscillators(rng, interval=2e-3)
    spectrum = vibrational_spectrum(motion, motion.of(element))
    assert spectrum.frequencies[np.argmax(spectrum.values)] == pytest.approx(tone, abs=0.2)


def test_parts_add_up_to_three_modes_an_atom(rng):
    motion = oscillators(rng, interval=2e-3)
    whole = vibrational_spectrum(motion)
    parts = [vibrational_spectrum(motion, motion.of(element)) for element in TONES]
    np.testing.assert_allclose(sum(part.values for part in parts), whole.values, atol=1e-9)
    step = whole.frequencies[1]
    assert whole.values.sum() * step == pytest.approx(27, rel=0.01)
    assert parts[0].values.sum() * step == pytest.approx(9, rel=0.02)
    three = superposition([(part, 1) for part in parts], whole.frequencies)
    assert overlap(three, whole.values) == pytest.approx(1.0)
    assert overlap(parts[0].values, parts[2].values) < 0.05


def test_frames_too_far_apart_are_refused_with_the_step_needed(rng):
    sparse = oscillators(rng, interval=10e-3)
    with pytest.raises(InputError, match=r"every 10 fs .* 50 THz only.* every 5 fs or less"):
        vibrational_spectrum(sparse)
    spectrum = vibrational_spectrum(sparse, sparse.of("Al", "Cl"), highest=50.0)
    assert spectrum.frequencies[-1] == pytest.approx(50.0)
    assert vibrational_spectrum(oscillators(rng, interval=5e-3)).frequencies[-1] == pytest.approx(100.0)


def test_short_or_still_trajectories_are_refused(rng):
    with pytest.raises(InputError, match="at least 2 ps"):
        vibrational_spectrum(oscillators(rng, interval=2e-3, frames=500))
    motion = oscillators(rng, interval=2e-3, frames=2000)
    for velocities, message in ((None, "no velocities"), (0 * motion.velocities, "all velocities are 0")):
        still = Trajectory(
            times=motion.times,
            positions=motion.positions,
            cells=motion.cells,
            velocities=velocities,
            elements=motion.elements,
            masses=motion.masses,
            molecules=motion.molecules,
        )
        with pytest.raises(InputError, match=message):
            vibrational_spectrum(still)


def test_the_correlation_is_that_of_tidynamics(rng):
    tidynamics = pytest.importorskip("tidynamics", reason="needs the extra atomistic")
    series = rng.standard_normal((200, 3))
    np.testing.assert_allclose(autocorrelation(series, 50), tidynamics.acf(series)[:50], atol=1e-12)
