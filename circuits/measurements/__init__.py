"""Measured voltammograms, charge-discharge curves and impedance spectra, and the files that instruments write."""
