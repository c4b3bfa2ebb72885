"""Energies and forces of frames by a teacher, kept one by one."""
