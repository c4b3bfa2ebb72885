"""Slit stacks and their meshes: gmsh geometry, own meshes through meshio, names of the physical groups."""
