"""[teacher] of liquid.toml: which program says what energies and forces are."""

from typing import Any, Literal

from pydantic import Field

from ionspice.core import InputError
from ionspice.core.section import Section
from ionspice.electrolytes.labels.cp2k.settings import Cp2kSettings
from ionspice.electrolytes.study.units import GridCutoff

_CP2K = Cp2kSettings()
_SZV = "SZV"


class TeacherSection(Section):
    """The program, and its level of theory; keys of another program than the chosen one are refused."""

    program: Literal["cp2k", "tblite", "ase"] = Field(default="cp2k", description="cp2k, tblite or ase")
    functional: str = Field(default=_CP2K.functional, pattern=r"^[A-Z0-9]+$", description="cp2k: density functional")
    basis: str = Field(default=_CP2K.basis, pattern=r"^[A-Za-z0-9-]+$", description="cp2k: basis of BASIS_MOLOPT")
    dispersion: Literal["D3(BJ)", "D3", "none"] = Field(default="D3(BJ)", description="cp2k: dispersion correction")
    cutoff: GridCutoff = Field(default=_CP2K.cutoff, ge=50, le=5000, description="cp2k: of the finest grid")
    relative_cutoff: GridCutoff = Field(
        default=_CP2K.relative_cutoff, ge=10, le=1000, description="cp2k: grid of a Gaussian"
    )
    eps_default: float = Field(
        default=_CP2K.eps_default, gt=0, le=1e-6, description="cp2k: of overlaps and Gaussians on the grid"
    )
    eps_scf: float = Field(default=_CP2K.eps_scf, gt=0, le=1e-4, description="cp2k: gradient at convergence")
    scf_steps: int = Field(
        default=_CP2K.scf_steps, ge=1, le=1000, strict=True, description="cp2k: steps until a new preconditioner"
    )
    scf_restarts: int = Field(
        default=_CP2K.scf_restarts, ge=1, le=1000, strict=True, description="cp2k: preconditioners until it gives up"
    )
    allow_minimal_basis: bool = Field(
        default=False, strict=True, description="cp2k: allow a basis SZV, whose forces are wrong by half"
    )
    method: Literal["GFN1-xTB", "GFN2-xTB"] = Field(default="GFN1-xTB", description="tblite: parametrisation")
    calculator: str = Field(
        default="", pattern=r"^([A-Za-z_][\w.]*:[A-Za-z_]\w*)?$", description='ase: "module:Class" of a calculator'
    )
    arguments: dict[str, Any] = Field(default={}, description="ase: its arguments by name")

    def build(self) -> Cp2kSettings | None:
        """Return the settings of CP2K, None for another program."""
        self.check_keys_of_program()
        if self.program != "cp2k":
            return None
        if _SZV in self.basis and not self.allow_minimal_basis:
            raise InputError(
                f'basis = "{self.basis}" has one function an orbital, and forces wrong by 1 eV/angstrom; use '
                f"{_CP2K.basis}, or say allow_minimal_basis = true"
            )
        return Cp2kSettings(**self.model_dump(include=set(_KEYS["cp2k"]) - {"allow_minimal_basis"}))

    def own_keys(self) -> tuple[str, ...]:
        """Return the keys that mean something to the program."""
        return ("program", *_KEYS[self.program])

    def check_keys_of_program(self) -> None:
        """Check that keys of other programs are not there, and that an ASE calculator has a name.

        Raises:
            InputError: one is, or it has none.
        """
        others = self.model_fields_set - {"program", *_KEYS[self.program]}
        if others:
            raise InputError(
                f'{min(others)} has no effect with program = "{self.program}", whose keys are '
                f"{', '.join(_KEYS[self.program])}; leave it out"
            )
        if self.program == "ase" and not self.calculator:
            raise InputError(
                'program = "ase" needs calculator = "module:Class"; for example "ase.calculators.emt:EMT"'
            )

    def settings(self) -> dict[str, Any]:
        """Return what identifies the level of theory, as JSON has it; how the way to it is stepped does not."""
        keys = {"program", *_KEYS[self.program]} - {"allow_minimal_basis", "scf_steps", "scf_restarts"}
        return self.model_dump(mode="json", include=keys)


_KEYS = {
    "cp2k": (
        "functional",
        "basis",
        "dispersion",
        "cutoff",
        "relative_cutoff",
        "eps_default",
        "eps_scf",
        "scf_steps",
        "scf_restarts",
        "allow_minimal_basis",
    ),
    "tblite": ("method",),
    "ase": ("calculator", "arguments"),
}
