"""From molecules to the electrolyte: boxes, labels, potentials, trajectories of an ionic liquid or molten salt."""
