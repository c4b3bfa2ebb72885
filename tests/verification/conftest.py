"""Fixtures shared with the field solver's own tests."""

from tests.fem.conftest import rectangle, small_drive, small_mesh, small_run, small_settings

__all__ = ["rectangle", "small_drive", "small_mesh", "small_run", "small_settings"]
