"""From what trajectories tell of a liquid to the electrolyte of the field model, each value with error and source."""
