"""Campaigns: many cases, several at once or as a Slurm array, and what is made of them all."""
