"""Formulas for columns of a table, with units."""
