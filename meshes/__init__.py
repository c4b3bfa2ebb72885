"""Slit stacks and their meshes: gmsh geometry, own meshes through meshio, names of the physical groups."""

from ionspice.meshes.convert import convert_mesh, read_mesh, write_vtu
from ionspice.meshes.generate import MESH_UNIT, write_mesh
from ionspice.meshes.grading import MeshGrading
from ionspice.meshes.stack import SlitStack

__all__ = ["MESH_UNIT", "MeshGrading", "SlitStack", "convert_mesh", "read_mesh", "write_mesh", "write_vtu"]
