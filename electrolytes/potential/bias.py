"""The program that adds energies per atom to frozen models; it runs under the Python of the potential's venv.

    python bias.py '[0.1, -0.2]' GIVEN MADE [GIVEN MADE ...]

Energies of DeePMD-kit's models are a network's and a constant for each type, which is not trained and stands in the
graph; `dp change-bias` (3.2) does not know frozen models.
"""

import json
import sys
from pathlib import Path

import numpy as np

_CONSTANT = "fitting_attr/t_bias_atom_e"


def main(shift: list[float], given: str, made: str) -> None:
    """Write a model whose energies are higher by a shift [eV] for each atom of a type."""
    from deepmd.tf.env import tf

    graph = tf.GraphDef()
    graph.ParseFromString(Path(given).read_bytes())
    (node,) = [node for node in graph.node if node.name == _CONSTANT]
    value = tf.make_ndarray(node.attr["value"].tensor)
    moved = value + np.reshape(shift, value.shape)
    node.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(moved, dtype=value.dtype, shape=value.shape))
    Path(made).write_bytes(graph.SerializeToString())


if __name__ == "__main__":
    for source, target in zip(sys.argv[2::2], sys.argv[3::2], strict=True):
        main(json.loads(sys.argv[1]), source, target)
