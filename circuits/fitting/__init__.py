"""Circuits of measured devices: models, fast simulation, least squares, comparison."""
