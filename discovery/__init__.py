"""Discovery of resistance laws from time series by gene expression programming."""
