"""The nano-circuitry model: netlists, ngspice through PySpice, exports."""
