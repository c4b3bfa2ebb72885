"""What a label by CP2K is: the level of theory and its numerical settings.

Defaults: PBE (J. P. Perdew, K. Burke, M. Ernzerhof, Phys. Rev. Lett. 77, 3865 (1996)) with D3(BJ) dispersion
(S. Grimme, S. Ehrlich, L. Goerigk, J. Comput. Chem. 32, 1456 (2011)), GTH pseudopotentials and the short-range MOLOPT
basis (J. VandeVondele, J. Hutter, J. Chem. Phys. 127, 114105 (2007)).
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Cp2kSettings:
    """Level of theory of a label."""

    functional: str = "PBE"  #: name of CP2K's XC_FUNCTIONAL and of the GTH potentials for it
    basis: str = "DZVP-MOLOPT-SR-GTH"  #: of every element, in BASIS_MOLOPT
    dispersion: str = "D3(BJ)"  #: "D3(BJ)", "D3" or "none"
    cutoff: float = 400.0  #: of the finest grid [Ry]
    relative_cutoff: float = 40.0  #: which grid a Gaussian goes to [Ry]
    eps_default: float = 1e-8  #: accuracy of overlaps and of what Gaussians put on the grid
    eps_scf: float = 1e-5  #: largest gradient of the wave function at convergence
    scf_steps: int = 10  #: of an inner loop, before the preconditioner is made anew
    scf_restarts: int = 20  #: inner loops
    charge: int = 0  #: of the cell [e]
