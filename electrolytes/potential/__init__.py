"""Deep potentials: training on labels, refining by their own doubts, validation."""
