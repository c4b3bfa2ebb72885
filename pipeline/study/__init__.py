"""The reference study reproduced: conditions, claims, and its report."""
