"""The runs that properties are taken from: every mixture of [production] by the potential, as jobs."""
