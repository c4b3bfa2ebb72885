"""Resistance laws: their data, discovery, constants of every element, files and rivals."""
