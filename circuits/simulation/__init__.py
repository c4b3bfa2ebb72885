"""Circuits under a drive: ngspice through PySpice, closed forms, SciPy."""
