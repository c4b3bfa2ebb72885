"""The electrolyte from molecules."""
