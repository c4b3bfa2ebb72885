"""Reactions: what a user describes, and their terms in the equations, at electrodes and between ions."""
