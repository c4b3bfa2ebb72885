r"""What may be measured beyond the standard observables: cuts through the domain and profiles across slits.

A cut is a plane x = X. With the nodal step psi, 0 before it and 1 behind, the current of net ions and the electric
flux through it are int J . grad psi and int D . grad psi, D = -eps grad phi (with correlations -eps (1 - l_c^2 lap)
grad phi). The time derivative of the latter is Maxwell's displacement current, and on every cut

    conduction + displacement current = -d/dt (electrode charge behind the cut),

to the solver's tolerance, because the discrete transport and Poisson equations hold with psi as test function.
"""

from typing import Any

import numpy as np
import ufl
from numpy.typing import NDArray
from scipy import sparse

from ionspice.core import InputError
from ionspice.fem.domain import Domain
from ionspice.fem.fields import physical_fields
from ionspice.fem.mpi import MPI, dolfinx
from ionspice.fem.points import PointReader
from ionspice.fem.problem import FieldProblem, assemble_owned
from ionspice.fem.settings import Sampling
from ionspice.meshes import groups


class CutProbe:
    """Measures currents through planes x = X; collective."""

    def __init__(self, problem: FieldProblem, cuts: tuple[float, ...]) -> None:
        self._problem = problem
        space = dolfinx.fem.functionspace(problem.domain.mesh, ("Lagrange", problem.degree, (4,)))
        tests = ufl.split(ufl.TestFunction(space))
        parts = zip(problem.net_flux_parts(), tests[:3], strict=True)
        terms = [ufl.inner(flow, ufl.grad(test)) * problem.ionic_dx for flow, test in parts]
        terms.append(-problem.displacement(tests[3]))
        self._form = dolfinx.fem.form(sum(terms[1:], start=terms[0]))
        self._vector = dolfinx.fem.petsc.create_vector(space)
        self._steps = _steps(problem, cuts)

    def measure(self) -> dict[str, NDArray[np.float64]]:
        """Return `cut_flux` (cuts, parts) [A/m] and `cut_electric_flux` (cuts) [C/m], positive along x."""
        scales = self._problem.scales
        self._problem.refresh_ions()
        sums: Any = self._steps @ assemble_owned(self._vector, self._form).reshape(-1, 4)
        self._problem.comm.Allreduce(MPI.IN_PLACE, sums, op=MPI.SUM)
        return {
            "cut_flux": sums[:, :3] * scales.current,
            "cut_electric_flux": sums[:, 3] * scales.electrode_charge,
        }


class ProfileProbe:
    """Reads potential and ions across the middle (`slit_mark`) of chosen slits; collective."""

    def __init__(self, problem: FieldProblem, sampling: Sampling, *, slit_mark: float) -> None:
        self._problem = problem
        self._shape = (len(sampling.profile_slits), sampling.profile_points)
        lines = [_line(problem.domain, slit, slit_mark, sampling.profile_points) for slit in sampling.profile_slits]
        points = np.array(lines)
        #: (slits, points) distance from the line's first point [m]
        self.positions = np.linalg.norm(points - points[:, :1], axis=2) * problem.scales.length
        self._reader = PointReader(problem, points.reshape(-1, 2))

    def measure(self) -> dict[str, NDArray[np.float64]]:
        """Return `profile_potential` [V] and `profile_net_ions` [mol/L] (slits, points), and the concentrations.

        `profile_concentration` [mol/L] is (slits, points, species).
        """
        fields = physical_fields(self._problem, self._reader.read())
        ions = [fields[f"concentration_{s.name}"] for s in self._problem.electrolyte.species]
        return {
            "profile_potential": fields["potential"].reshape(self._shape),
            "profile_net_ions": fields["net_ion_concentration"].reshape(self._shape),
            "profile_concentration": np.column_stack(ions).reshape(*self._shape, len(ions)),
        }


class Samplers:
    """The probes that a `Sampling` asks for; none by default."""

    def __init__(self, problem: FieldProblem, sampling: Sampling, *, slit_mark: float) -> None:
        self._sampling = sampling
        self._cuts = CutProbe(problem, sampling.cuts) if sampling.cuts else None
        self._profiles = ProfileProbe(problem, sampling, slit_mark=slit_mark) if sampling.profile_slits else None

    def measure(self) -> dict[str, NDArray[np.float64]]:
        """Return what was asked for in the present state, by variable name [SI]; collective."""
        measured: dict[str, NDArray[np.float64]] = {}
        for probe in (self._cuts, self._profiles):
            measured |= probe.measure() if probe is not None else {}
        return measured

    def coordinates(self) -> dict[str, Any]:
        """Return the coordinates of cuts and profiles as xarray takes them."""
        found: dict[str, Any] = {}
        if self._cuts is not None:
            found["cut"] = ("cut", list(self._sampling.cuts), {"units": "m", "long_name": "x of the plane"})
        if self._profiles is not None:
            meaning = {"units": "m", "long_name": "distance from the slit's first face (from a pore's axis)"}
            found["profile_slit"] = ("profile_slit", list(self._sampling.profile_slits), {"units": "1"})
            found["profile_position"] = (("profile_slit", "point"), self._profiles.positions, meaning)
        return found


def _steps(problem: FieldProblem, cuts: tuple[float, ...]) -> sparse.csr_array:
    """Return (cuts, owned nodes) steps: 0 before, 1/2 on and 1 behind the plane."""
    box, unit = problem.domain.whole, problem.scales.length
    owned = problem.owned // problem.components
    x = problem.space.tabulate_dof_coordinates()[:owned, 0]
    rows = []
    for cut in cuts:
        if not box.low[0] < cut / unit < box.high[0]:
            raise InputError(
                f"cut at x = {cut:.6g} m lies outside the mesh ({box.low[0] * unit:.6g} m to "
                f"{box.high[0] * unit:.6g} m); choose one inside"
            )
        distance = x - cut / unit
        rows.append(np.where(np.abs(distance) < 1e-9 * box.size[0], 0.5, distance > 0))
    return sparse.csr_array(np.array(rows, dtype=np.float64))


def _line(domain: Domain, slit: int, mark: float, points: int) -> NDArray[np.float64]:
    """Return (points, 2) positions from face to face of a slit, in mesh units."""
    if slit > domain.slits:
        raise InputError(f"profile_slits: slit {slit} does not exist; the mesh has {domain.slits}")
    box, centre = domain.boxes[groups.slit_name(slit)], domain.mark(slit, mark)
    across = 1 if domain.runs_along_x(slit) else 0
    line = np.tile(centre, (points, 1))
    line[:, across] = np.linspace(box.low[across], box.high[across], points)
    return line
