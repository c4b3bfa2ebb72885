"""The discrete field problem of one electrolyte in one domain.

One blocked Lagrange element carries (w_1, ..., w_n, phi), and with correlations the smoothed charge density r
behind them. The residual of a time step is

    alpha/h M(u) + T(u) + P(u) + history,    M = sum int c_i v_i

where the history holds the past M vectors: what is differenced in time is the stored ions themselves, so that
ions and charge are conserved to the solver's tolerance at any step size.
"""

from dataclasses import replace
from functools import cached_property, partial
from typing import Any

import numpy as np
import ufl
from numpy.typing import NDArray

from ionspice.core.electrolyte import Electrolyte
from ionspice.fem import forms
from ionspice.fem.bounds import Bounds
from ionspice.fem.chemistry.electrodes import ElectrodeReactions
from ionspice.fem.chemistry.homogeneous import HomogeneousReactions
from ionspice.fem.domain import Domain
from ionspice.fem.far_reservoir import FarReservoir
from ionspice.fem.measures import VolumeRule, measure
from ionspice.fem.mpi import MPI, PETSc, dolfinx
from ionspice.fem.newton import NewtonReport, NewtonSolver
from ionspice.fem.pointwise import PointwiseIons
from ionspice.fem.scales import Scales
from ionspice.fem.surroundings import Surroundings
from ionspice.meshes import groups

_SMALL = 1e-10  # residual of a solved step, relative to currents and charges of the run
_DEGREES = (0.0, *10.0 ** np.arange(-8.0, 1.0))  # shares of the reactions
_BEHIND_SOLIDS = 1e-2  # of the charge of a bare electrode, where solids may keep it from the ions


class FieldProblem:
    """Function space, forms and Newton solver; dimensionless (see `ionspice.fem.scales`)."""

    def __init__(
        self,
        domain: Domain,
        electrolyte: Electrolyte,
        *,
        surroundings: Surroundings | None = None,
        degree: int = 1,
        linear_solver: str = "mumps",
    ) -> None:
        self.domain = domain
        self.surroundings = surroundings or Surroundings()
        self.surroundings.check_mesh(domain.boxes, domain.boundaries, source="the mesh")
        self.electrolyte = electrolyte
        self.scales = Scales.of(electrolyte, axisymmetric=domain.axisymmetric)
        self.degree = degree
        mesh = domain.mesh
        self.comm = mesh.comm
        self.species = len(electrolyte.species)
        self.components = self.species + (1 if electrolyte.correlation_length == 0 else 2)  #: unknowns of a node
        self.space = dolfinx.fem.functionspace(mesh, ("Lagrange", degree, (self.components,)))
        self.u = dolfinx.fem.Function(self.space, name="u")
        self.coefficients = forms.coefficients(
            electrolyte, self.scales, partial(_constant, mesh), stern_layer=self.surroundings.stern_layer
        )
        self._numbers = forms.coefficients(electrolyte, self.scales, float)
        self.rule = VolumeRule.of(mesh.basix_cell(), degree, axisymmetric=domain.axisymmetric)
        self.pointwise = self._pointwise_ions()  #: None where c has a closed form
        self.dx = measure(
            "dx", mesh, axisymmetric=domain.axisymmetric, subdomain_data=domain.cell_tags, metadata=self.rule.metadata
        )
        self.ionic_dx = self.dx(domain.ionic_numbers) if domain.solids else self.dx  #: where ions are
        self.bounds = Bounds(domain, self.surroundings, self.scales)
        around = self.surroundings
        around.check_species(electrolyte)
        k = self.coefficients
        #: electron transfer and leakage at electrodes
        self.reactions = ElectrodeReactions(
            around.reactions, around.leakages, electrolyte, self.scales, self.bounds, k
        )
        self.homogeneous = HomogeneousReactions(around.homogeneous, electrolyte, self.scales, k)
        self._rate = _constant(mesh, 1.0)
        self._reacting = _constant(mesh, 1.0)  # share of the reactions' rates; only on the way to a solution below 1
        self._poisson_scale = _constant(mesh, 1.0)
        #: whether a step is solved to round-off: one behind which a very short one takes differences to its end
        self.to_round_off = False
        #: what the drive is the potential of
        self.terminal = groups.ELECTRODE if self.surroundings.has_electrode else groups.SECOND_RESERVOIR
        self.electrode_dofs = self.block_dofs_on(self.terminal, self.species)
        self.counter_dofs = self.block_dofs_on(groups.COUNTER, self.species)
        second = self.surroundings.second_reservoir
        self.far = None if second is None else FarReservoir(self, second)
        self.newton = self._newton(linear_solver)
        (w, _, c), test = self.fields(), ufl.TestFunction(self.space)
        self._mass_form = dolfinx.fem.form(forms.mass(w, c, test, k, self.ionic_dx))
        self._mass_vector = dolfinx.fem.petsc.create_vector(self.space)

    def fields(self) -> tuple[list[Any], Any, list[Any]]:
        """Return the UFL expressions (w_i, phi, c_i) of the present state."""
        parts = ufl.split(self.u)
        w, phi = list(parts[: self.species]), parts[self.species]
        if self.pointwise is not None:
            return w, phi, list(ufl.split(self.pointwise.c))
        return w, phi, forms.concentrations(w, phi, self.coefficients)

    def net_flux_parts(self) -> list[Any]:
        """Return the diffusion, migration and steric part of sum z_i J_i of the present state."""
        gradient = None if self.pointwise is None else self.pointwise.gradient
        return forms.net_flux_parts(*self.fields(), self.coefficients, gradient)

    def refresh_ions(self) -> None:
        """Bring what is solved for at quadrature points up to date with u, before forms are assembled."""
        if self.pointwise is not None:
            self.pointwise.refresh()

    def _pointwise_ions(self) -> PointwiseIons | None:
        k = self.coefficients
        if k.excess is None:
            return None
        valence = [s.valence for s in self.electrolyte.species]
        bulk = [float(c.value) for c in k.bulk]
        return PointwiseIons(self.u, k.excess, valence, bulk, self.rule)

    def smoothed_charge(self) -> Any | None:
        """Return the UFL expression r of the smoothed charge density, None without correlations."""
        return None if self.coefficients.correlation is None else ufl.split(self.u)[-1]

    @property
    def unknowns(self) -> int:
        """Number of unknowns over all ranks."""
        dofmap = self.space.dofmap
        return int(dofmap.index_map.size_global * dofmap.index_map_bs)

    @property
    def owned(self) -> int:
        """Number of unknowns that this rank owns."""
        dofmap = self.space.dofmap
        return int(dofmap.index_map.size_local * dofmap.index_map_bs)

    def set_scale(self, *, swing: float, ramp: float, small: float = _SMALL) -> None:
        """Fix what a small residual is, from the potential swing [kT/e] and the duration of a ramp.

        The charge that the electrode's double layer takes up, swing * perimeter / lambda_D, over the ramp's
        duration is the scale of the currents. Poisson's equation is divided by a time for which the same residual
        is small against that charge: the ramp's, unless it is so slow that round-off bounds the residual. A residual
        is `small` relative to the currents and charges of the run.
        """
        debye_length = self.electrolyte.debye_length / self.scales.length
        charge = swing * self.electrode_extent() / debye_length
        charge *= _BEHIND_SOLIDS if self.domain.solids else 1.0
        current = charge / (float(self.coefficients.charge_coupling) * ramp)
        # Round-off in the fluxes bounds what can be asked of very slow sweeps.
        self._absolute_tolerance = max(_SMALL * current, 1e-13)
        self._poisson_scale.value = self._absolute_tolerance / (_SMALL * charge)
        self._absolute_tolerance *= small / _SMALL

    def span(self, potential: float) -> float:
        """Return about how far [kT/e] surfaces are from the bulk where phi_m is `potential` [kT/e]."""
        surfaces = self.bounds.span(potential, self.electrolyte.debye_length / self.scales.length)
        return surfaces if self.far is None else max(surfaces, self.far.span, abs(potential))

    @property
    def is_loaded(self) -> bool:
        """Whether the uncharged bulk is no steady state at phi_m = 0."""
        return self.bounds.is_loaded or (self.far is not None and self.far.differs)

    def set_load(self, share: float) -> None:
        """Let a share of what loads the bulk act: fixed charges, potentials of zero charge, another reservoir."""
        self.bounds.set_load(share)
        if self.far is not None:
            self.far.set_load(share)

    def electrode_extent(self) -> float:
        """Return the length (of a pore the area) of what the drive acts on, in mesh units; collective."""
        one = _constant(self.domain.mesh, 1.0)
        return self._sum(dolfinx.fem.form(one * self.bounds.ds(self.terminal)))

    def root_mean_square(self, values: NDArray[np.float64]) -> float:
        """Return the root mean square of values of all unknowns, ghosts not counted; collective."""
        owned = values[: self.owned]
        return float(np.sqrt(self.comm.allreduce(float(owned @ owned), op=MPI.SUM) / self.unknowns))

    def set_electrode_potential(self, value: float) -> None:
        """Set phi_m [kT/e], and -phi_m at a counter electrode, as Dirichlet value or in the Stern condition."""
        self.bounds.set_potential(value)
        if self.far is not None:
            self.far.impose(value)
        if self.coefficients.stern_inverse is None:
            for name in self.bounds.electrodes:
                dofs = self.electrode_dofs if name == groups.ELECTRODE else self.counter_dofs
                self.u.x.array[dofs] = self.bounds.effective(name)

    def electrode_charge(self) -> float:
        """Return the electrode's charge, read from the residual of Poisson's equation; collective.

        Of a second reservoir that the drive acts on it is the electric flux from it.
        """
        self.refresh_ions()
        return self._sum(self._charge_form)

    def faradaic_current(self) -> float:
        """Return the current that reactions take from the electrode, in units of its charge over time; collective."""
        if not self.reactions:
            return 0.0
        return self._sum(self._faradaic_form) * float(self.coefficients.charge_coupling)

    def conducted_current(self) -> float:
        """Return what does not stay on what the drive acts on, in units of its charge over time; collective.

        Reactions take it from the electrode, ions from a second reservoir.
        """
        if self.far is None or not self.far.driven:
            return self.faradaic_current()
        return self.far.current() * float(self.coefficients.charge_coupling)

    def state(self) -> NDArray[np.float64]:
        """Return a copy of this rank's unknowns, ghosts included."""
        return np.array(self.u.x.array, dtype=np.float64)

    def stored_ions(self) -> NDArray[np.float64]:
        """Return M(u) of the present state, this rank's owned unknowns."""
        self.refresh_ions()
        return assemble_owned(self._mass_vector, self._mass_form)

    def solve_step(self, rate: float, history: NDArray[np.float64]) -> NewtonReport:
        """Solve rate * M(u) + T(u) + P(u) + history = 0 starting from the present u."""
        self._rate.value = rate
        self.newton.history.array_w[:] = history
        # Differences of stored ions over a tiny step cannot be had below their round-off.
        round_off = 1e-14 * float(np.sqrt(self.comm.allreduce(float(history @ history), op=MPI.SUM)))
        tolerance, guess = max(self._absolute_tolerance, round_off), self.state()
        report = self.newton.solve(absolute_tolerance=tolerance, polish=self.to_round_off)
        if report.converged or not self.reactions:
            return report
        self.u.x.array[:] = guess
        return self._solve_by_degrees(tolerance)

    def _solve_by_degrees(self, tolerance: float) -> NewtonReport:
        """Solve the equations of a step with ever larger shares of the reactions, as behind a jump of phi_m.

        Before the double layer forms a rate may be 10^6 times too large, which Newton's method does not survive.
        """
        iterations = 0
        for share in _DEGREES:
            self._reacting.value = share
            self.newton.refresh()
            report = self.newton.solve(absolute_tolerance=tolerance)
            iterations += report.iterations
            if not report.converged:
                break
        self._reacting.value = 1.0
        return replace(report, iterations=iterations)

    def poisson(self, v: Any) -> Any:
        """Return Poisson's equation tested with v, solids and fixed charges included.

        On the nodes of an electrode it is the electrode's charge.
        """
        _, phi, c = self.fields()
        form = forms.poisson(phi, c, v, self.coefficients, self.ionic_dx, self.smoothed_charge())
        for permittivity, number in self.bounds.solids():
            form += permittivity * ufl.inner(ufl.grad(phi), ufl.grad(v)) * self.dx(number)
        fixed = self.bounds.fixed_charge(v)
        return form if fixed is None else form - fixed

    def displacement(self, v: Any) -> Any:
        """Return the form int D . grad v of the displacement D = eps grad phi, with correlations of r beside it."""
        _, phi, _ = self.fields()
        k, smoothed = self.coefficients, self.smoothed_charge()
        flux = forms.permittivity(phi, k) * ufl.grad(phi)
        if smoothed is not None:  # eps (1 - l_c^2 lap) grad phi, with eps lap phi = -r
            flux += k.correlation * k.charge_coupling * ufl.grad(smoothed)
        form = ufl.inner(flux, ufl.grad(v)) * self.ionic_dx
        for permittivity, number in self.bounds.solids():
            form += permittivity * ufl.inner(ufl.grad(phi), ufl.grad(v)) * self.dx(number)
        return form

    def _newton(self, linear_solver: str) -> NewtonSolver:
        residual = self._residual(ufl.TestFunction(self.space))
        conditions = self._dirichlet_conditions()
        followers = None
        if self.pointwise is not None:
            followers = {self.pointwise.c: self.pointwise.derivative(self.components)}
        # The flux of a field that saturates bends the other way than exponentials do; full steps may go in circles.
        saturates = self.coefficients.saturation is not None
        jacobian = ufl.derivative(residual, self.u, coefficient_derivatives=followers)
        return NewtonSolver(
            residual,
            jacobian,
            self.u,
            conditions,
            linear_solver=linear_solver,
            refresh=self.refresh_ions,
            row_sizes=None if self.pointwise else self._row_sizes,
            line_search=saturates,
        )

    def _row_sizes(self) -> NDArray[np.float64]:
        """Return what conducts of an ion at the nodes for its equations and 1 for all others; owned unknowns."""
        *w, phi = self.u.x.array[: self.owned].reshape(-1, self.components).T[: self.species + 1]
        sizes = np.ones((len(phi), self.components))
        c = forms.concentrations(w, phi, self._numbers, exp=np.exp)
        sizes[:, : self.species] = np.transpose(forms.carriers(c, self._numbers))
        return sizes.ravel()

    def _residual(self, v: Any) -> Any:
        w, phi, c = self.fields()
        k, tests = self.coefficients, ufl.split(v)
        v_phi, smoothed = self._poisson_scale * tests[self.species], self.smoothed_charge()
        residual = self._rate * forms.mass(w, c, tests, k, self.ionic_dx)
        residual += forms.transport(w, c, tests, k, self.ionic_dx)
        if self.reactions:
            residual -= self._reacting * self.reactions.production(w, phi, tests)
        if self.homogeneous:
            residual -= self.homogeneous.production(w, phi, tests, self.ionic_dx)
        residual += self.poisson(v_phi)
        if smoothed is not None:
            scale = self._poisson_scale * k.charge_coupling
            residual += forms.smoothing(smoothed, c, scale * tests[-1], k, self.ionic_dx)
        if k.stern_inverse is not None:
            residual += self.bounds.stern(phi, v_phi, k.stern_inverse)
        return residual

    @cached_property
    def _charge_form(self) -> Any:
        if self.terminal == groups.SECOND_RESERVOIR:
            assert self.far is not None
            return dolfinx.fem.form(self.displacement(self.far.step))
        space = dolfinx.fem.functionspace(self.domain.mesh, ("Lagrange", self.degree))
        on_electrode = dolfinx.fem.Function(space)
        on_electrode.x.array[self.electrode_dofs // self.components] = 1.0
        return dolfinx.fem.form(self.poisson(on_electrode))

    @cached_property
    def _faradaic_form(self) -> Any:
        w, phi, _ = self.fields()
        return dolfinx.fem.form(self.reactions.current(w, phi, groups.ELECTRODE))

    def _dirichlet_conditions(self) -> list[Any]:
        zero, phi = np.float64(0), self.species
        fixed = [(i, self.block_dofs_on(groups.RESERVOIR, i)) for i in range(phi + 1)]
        if self.far is not None:
            fixed += enumerate(self.far.dofs)
        if self.coefficients.stern_inverse is None:
            fixed += [(phi, self.block_dofs_on(name, phi)) for name in self.bounds.electrodes]
        if self.domain.solids:
            nodes = self._nodes_without_ions()
            fixed += [(i, nodes * self.components + i) for i in range(self.components) if i != phi]
        return [dolfinx.fem.dirichletbc(zero, dofs, self.space.sub(i)) for i, dofs in fixed]

    def _nodes_without_ions(self) -> NDArray[np.int32]:
        """Return this rank's nodes, ghosts included, that no cell with ions touches; collective."""
        dofmap, tags = self.space.dofmap, self.domain.cell_tags
        touched = dolfinx.la.vector(dofmap.index_map)
        cells = np.concatenate([tags.find(number) for number in self.domain.ionic_numbers])
        touched.array[np.unique(dofmap.list[cells])] = 1.0
        touched.scatter_reverse(dolfinx.la.InsertMode.add)
        touched.scatter_forward()
        return np.flatnonzero(touched.array == 0).astype(np.int32)

    def block_dofs_on(self, boundary: str, component: int) -> NDArray[np.int32]:
        """Return positions in u's array (block numbering unrolled), ghosts included."""
        dofs: NDArray[np.int32] = dolfinx.fem.locate_dofs_topological(
            self.space.sub(component), 1, self.domain.facets(boundary)
        )
        return dofs

    def _sum(self, form: Any) -> float:
        return float(self.comm.allreduce(dolfinx.fem.assemble_scalar(form), op=MPI.SUM))


def assemble_owned(vector: Any, form: Any) -> NDArray[np.float64]:
    """Assemble a linear form over all ranks; return a copy of the owned entries."""
    with vector.localForm() as local:
        local.set(0.0)
    dolfinx.fem.petsc.assemble_vector(vector, form)
    vector.ghostUpdate(addv=PETSc.InsertMode.ADD, mode=PETSc.ScatterMode.REVERSE)
    return np.array(vector.array_r)


def _constant(mesh: Any, value: float) -> Any:
    return dolfinx.fem.Constant(mesh, np.float64(value))
