"""Barriers of reactions: end states in the liquid, minimum energy paths, and what a teacher says of them."""
