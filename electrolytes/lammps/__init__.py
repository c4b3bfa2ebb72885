"""Molecular dynamics by a deep potential in LAMMPS, stopped at once where the potential cannot be trusted."""
