"""The modified Poisson-Nernst-Planck field model on DOLFINx."""
