"""Isolated molecules and ions by CP2K and by the potential: geometry, charges, normal modes."""
