"""Sections of the report of a run."""
