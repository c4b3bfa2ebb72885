"""Programs that the electrolyte stage calls: where they are, how they are installed."""
