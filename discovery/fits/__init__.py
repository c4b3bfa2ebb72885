"""Constants of a form fitted to data: misfit, starts, errors, and the choice among forms."""
