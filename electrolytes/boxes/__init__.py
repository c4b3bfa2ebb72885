"""Molecules and the periodic boxes that they fill."""
