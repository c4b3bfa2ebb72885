"""What the trajectories of a liquid tell of its transport: the runs, what is measured of each, transport.json."""
