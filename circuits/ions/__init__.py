"""The circuit with one rail per ion: storage by local equilibrium, conductances by the number of ions."""
