"""Geometries and their meshes: gmsh, own meshes through meshio, names of the physical groups."""

from ionspice.meshes.blocks import Block, Geometry
from ionspice.meshes.channel import Channel
from ionspice.meshes.convert import convert_mesh, named_cells, read_mesh, write_vtu
from ionspice.meshes.counting import count_cells
from ionspice.meshes.full_cell import FullCell
from ionspice.meshes.generate import MESH_UNIT, write_mesh
from ionspice.meshes.grading import FINEST_SPACING, MeshGrading
from ionspice.meshes.membrane import SheetMembrane
from ionspice.meshes.planar import PlanarElectrode
from ionspice.meshes.pore import StraightPore
from ionspice.meshes.stack import SlitStack

__all__ = [
    "FINEST_SPACING",
    "MESH_UNIT",
    "Block",
    "Channel",
    "FullCell",
    "Geometry",
    "MeshGrading",
    "PlanarElectrode",
    "SheetMembrane",
    "SlitStack",
    "StraightPore",
    "convert_mesh",
    "count_cells",
    "named_cells",
    "read_mesh",
    "write_mesh",
    "write_vtu",
]
