"""Gene expression programming: genes, their values and weights, and how islands of them evolve."""
