"""The chain of a single run: which stage makes what, and tables of laws without a run."""
