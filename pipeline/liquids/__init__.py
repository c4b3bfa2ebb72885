"""The electrolyte stage from end to end: all its chains in a row, claims about a liquid, the report."""
