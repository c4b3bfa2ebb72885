"""liquid.toml, the study file of a liquid: its keys, units, defaults and limits."""
