"""Figures, one kind a module; they draw numbers that they are given and read no files."""
