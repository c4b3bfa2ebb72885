"""Structure, vibrations, transport and reactions of a liquid from a trajectory that anybody made.

`reading.read_trajectory` makes a `trajectory.Trajectory` of a file: unwrapped, free of drift, evenly spaced, with an
element per atom. All else are pure functions of it, in angstrom and ps, that give estimates with their intervals.

| module | what it finds |
|---|---|
| `radial` | radial distribution functions, coordination numbers |
| `vibrations`, `normal_modes` | vibrational spectra, lines of normal modes beside them |
| `displacements`, `slopes`, `diffusion` | mean squares, diffusion coefficients, activation energies |
| `conductivity` | Nernst-Einstein, Einstein-Helfand, Haven ratio |
| `molecules` | molecules by their bonds |
| `bonds`, `species`, `conversions`, `exchange` | the graph of bonds in time, species, their conversions, hand-overs |

ASE, MDAnalysis and kinisi (the extra atomistic) are imported where they are used.
"""
