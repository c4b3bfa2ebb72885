"""A circuit as text: netlists, exported devices and test benches."""
