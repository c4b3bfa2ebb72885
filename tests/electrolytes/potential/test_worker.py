import io

import numpy as np

from ionspice.electrolytes.potential.worker import evaluate, receive, send


class Springs:
    """A model of its own: E = k sum x^2/2."""

    def __init__(self, stiffness):
        self.stiffness = stiffness

    def eval(self, coordinates, cells, types):
        frames = len(coordinates)
        energies = self.stiffness * (coordinates**2).sum(axis=(1, 2)) / 2
        return energies.reshape(frames, 1), -self.stiffness * coordinates, np.zeros((frames, 9))


def test_messages_come_back_as_they_were_sent():
    stream = io.BytesIO()
    send(stream, {"type_map": np.array(["Na", "Cl"]), "cutoff": 6.0})
    send(stream, {"error": "none"})
    stream.seek(0)
    first = receive(stream)
    assert first["type_map"].tolist() == ["Na", "Cl"]
    assert float(first["cutoff"]) == 6.0
    assert str(receive(stream)["error"]) == "none"
    assert receive(stream) is None


def test_a_message_that_was_cut_is_the_end():
    stream = io.BytesIO()
    send(stream, {"cutoff": 6.0})
    assert receive(io.BytesIO(stream.getvalue()[:-1])) is None


def test_every_model_answers_for_every_frame():
    coordinates = np.arange(12.0).reshape(2, 2, 3)
    answer = evaluate([Springs(1.0), Springs(3.0)], {"coordinates": coordinates, "types": np.array([0, 1])})
    assert answer["energies"].shape == (2, 2)
    assert np.allclose(answer["forces"], -np.array([1.0, 3.0])[:, None, None, None] * coordinates)
    assert answer["virials"].shape == (2, 2, 3, 3)
