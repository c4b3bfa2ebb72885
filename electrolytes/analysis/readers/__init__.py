"""Trajectory files of LAMMPS, CP2K and others, read into one record."""
