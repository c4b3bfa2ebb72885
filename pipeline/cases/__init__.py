"""The case file: keys, units, defaults, and what is said about mistakes."""
