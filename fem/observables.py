"""Measure the quantities of `observables.nc` on a state of the field problem.

All volume quantities come out of one assembled vector: a blocked test function whose components carry the flux
parts, the electrochemical potentials and Poisson's residual. The flux parts are those of `forms.net_flux_parts`
with the quadrature of the residual, so that their sum is the current that the time step balanced.
"""

from typing import Any

import numpy as np
import ufl
from numpy.typing import NDArray

from ionspice.fem import forms
from ionspice.fem.mpi import MPI, dolfinx
from ionspice.fem.points import PointReader
from ionspice.fem.problem import FieldProblem, assemble_owned
from ionspice.fem.record import CONDUCTED
from ionspice.fem.regions import region_weights
from ionspice.meshes import groups


class Probe:
    """Compiled forms and weights that read one problem's state; every rank gets the same numbers, in SI."""

    def __init__(self, problem: FieldProblem, *, slit_mark: float) -> None:
        self._problem = problem
        self._weights = region_weights(problem.domain, problem.space)
        self._layout = _Layout(problem.species)
        mesh = problem.domain.mesh
        space = dolfinx.fem.functionspace(mesh, ("Lagrange", problem.degree, (self._layout.size,)))
        self._form = dolfinx.fem.form(self._nodal_form(ufl.TestFunction(space)))
        self._vector = dolfinx.fem.petsc.create_vector(space)
        self._energy_form = dolfinx.fem.form(_excess_energy(problem))
        self._electrode_nodes = self._owned_nodes(problem.electrode_dofs)
        self._counter_nodes = self._owned_nodes(problem.counter_dofs)
        self._volumes = self._node_volumes()
        domain = problem.domain
        marks = [domain.mark(i, slit_mark) for i in range(1, domain.slits + 1)]
        self._marks = PointReader(problem, np.reshape(marks, (-1, 2)))

    def measure(self, ions: NDArray[np.float64], electrode_potential: float) -> dict[str, Any]:
        """Return the observables of the present state as arrays by variable name [SI].

        Args:
            ions: M(u) of this state, owned unknowns.
            electrode_potential: phi_m [V].
        """
        sums, scales = self._sums(ions), self._problem.scales
        slit_charge = sums["slit_net"] * scales.ionic_charge
        electrode_charge = self._electrode_charge(sums) * scales.electrode_charge
        far = float(sums["far_net"][0]) * scales.ionic_charge
        beyond = far + float(sums["end_net"][0]) * scales.ionic_charge
        potentials, _, conduction = self._potentials(sums["slit_means"])
        mouth_potentials, mouth_phi, mouth_conduction = self._potentials(sums["mouth_means"])
        return {
            "electrode_potential": electrode_potential,
            "electrode_charge": electrode_charge,
            **self._conducted(),
            "slit_charge": slit_charge,
            "passed_charge": np.cumsum(slit_charge[::-1])[::-1] + far,
            "open_charge": float(sums["net"]) * scales.ionic_charge - slit_charge.sum() - beyond,
            "slit_potential": self._marks.read()[:, self._problem.species] * scales.potential,
            "slit_electrochemical_potential": potentials,
            "slit_conduction_potential": conduction,
            "mouth_potential": mouth_phi[0],
            "mouth_electrochemical_potential": mouth_potentials[0],
            "mouth_conduction_potential": mouth_conduction[0],
            "gap_flux": sums["gap"] * scales.current,
            "slit_flux": sums["slit"] * scales.current,
            "open_flux": sums["open"][0] * scales.current,
            "slit_ions": sums["slit_species_ions"].sum(axis=1) * scales.ions,
            "slit_species_ions": sums["slit_species_ions"] * scales.ions,
            "open_species_ions": (
                sums["ions"] - sums["slit_species_ions"].sum(axis=0) - sums["beyond_species_ions"][0]
            )
            * scales.ions,
            "free_energy": (float(sums["energy"]) * scales.energy - self._supplied(sums)),
        }

    def slit_bulk_charge(self) -> NDArray[np.float64]:
        """Return the charge |z_i| e of all ions that each slit would hold in the bulk [C/m]; collective."""
        density = sum(
            abs(s.valence) * s.number_density / self._problem.scales.concentration
            for s in self._problem.electrolyte.species
        )
        extent = self._sum(extent=self._weights.slit_all @ self._volumes)["extent"]
        return np.asarray(density * extent * self._problem.scales.ionic_charge)

    def _sums(self, ions: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        """Return the dimensionless sums over regions that the observables are made of; collective."""
        layout, weights = self._layout, self._weights
        self._problem.refresh_ions()
        nodal = assemble_owned(self._vector, self._form).reshape(-1, layout.size)
        stored = ions.reshape(-1, self._problem.components)[:, : self._problem.species]
        net = stored @ np.array([s.valence for s in self._problem.electrolyte.species])
        means_and_volumes = np.column_stack([nodal[:, layout.means], self._volumes])
        return self._sum(
            net=net.sum(),
            ions=stored.sum(axis=0),
            far_net=weights.far @ net,
            end_net=weights.far_end @ net,
            beyond_species_ions=(weights.far + weights.far_end) @ stored,
            slit_net=weights.slit_content @ net,
            slit_species_ions=weights.slit_content @ stored,
            gap=weights.gap_step @ nodal[:, layout.gap],
            slit=weights.slit_step @ nodal[:, layout.slit],
            open=weights.open_step @ nodal[:, layout.open],
            slit_means=weights.slit_all @ means_and_volumes,
            mouth_means=weights.mouth @ means_and_volumes,
            electrode=nodal[self._electrode_nodes, layout.poisson].sum(),
            counter=nodal[self._counter_nodes, layout.poisson].sum(),
            energy=dolfinx.fem.assemble_scalar(self._energy_form),
        )

    def _nodal_form(self, test: Any) -> Any:
        problem, layout = self._problem, self._layout
        w, phi, c = problem.fields()
        k, dx, tests = problem.coefficients, problem.dx, ufl.split(test)
        fluxes = problem.net_flux_parts()
        domain = problem.domain
        form = problem.poisson(tests[layout.poisson])
        inside = (("slit", layout.slit), ("gap", layout.gap)) if domain.slits else ()
        for kind, where in ((groups.OPEN, layout.open), *inside):
            measure = dx(domain.region_numbers(kind))
            for flux, position in zip(fluxes, range(*where.indices(layout.size)), strict=True):
                form += ufl.inner(flux, ufl.grad(tests[position])) * measure
        # mu_i/(z_i e), of neutral species mu_i/e
        species = problem.electrolyte.species
        reduced = [wi / z if s.valence else wi for wi, z, s in zip(w, k.valence, species, strict=True)]
        conductances = [z**2 * d * ci for z, d, ci in zip(k.valence, k.diffusivity, c, strict=True)]
        weighted = sum(s * r for s, r in zip(conductances, reduced, strict=True))
        measure = dx((*domain.region_numbers("slit"), *domain.region_numbers(groups.OPEN)))
        values = [*reduced, phi, weighted, sum(conductances)]
        for value, position in zip(values, range(*layout.means.indices(layout.size)), strict=True):
            form += value * tests[position] * measure
        return form

    def _potentials(self, sums: Any) -> tuple[Any, Any, Any]:
        """Return mean mu_i/(z_i e), mean phi and conduction-weighted mean [V] from the regions' sums."""
        unit = self._problem.scales.potential
        species = self._problem.species
        volume = sums[:, -1:]
        means = sums[:, :-1] / volume
        return unit * means[:, :species], unit * means[:, species], unit * means[:, -2] / means[:, -1]

    def _electrode_charge(self, sums: Any) -> float:
        """Return the charge of what the drive acts on, dimensionless."""
        problem = self._problem
        return float(sums["electrode"]) if problem.terminal == groups.ELECTRODE else problem.electrode_charge()

    def _conducted(self) -> dict[str, Any]:
        """Return what reactions take from the electrode [A/m] and what flows from a second reservoir."""
        problem, scales = self._problem, self._problem.scales
        found: dict[str, Any] = {}
        if problem.reactions:
            found["faradaic_current"] = problem.faradaic_current() * scales.electrode_charge / scales.time
            found[CONDUCTED] = found["faradaic_current"]
        if problem.far is not None:
            flux = problem.far.fluxes()
            found["reservoir_flux"] = flux * scales.ions / scales.time
            found["reservoir_current"] = (
                float(flux @ [s.valence for s in problem.electrolyte.species]) * scales.current
            )
            if problem.far.driven:
                found[CONDUCTED] = found["reservoir_current"]
        return found

    def _supplied(self, sums: Any) -> float:
        """Return the energy that the electrodes' sources have supplied [J/m]."""
        problem = self._problem
        charges = {groups.ELECTRODE: sums["electrode"], groups.COUNTER: sums["counter"]}
        work = sum(float(charges[name]) * problem.bounds.effective(name) for name in problem.bounds.electrodes)
        return work * problem.scales.electrode_charge * problem.scales.potential

    def _owned_nodes(self, dofs: NDArray[np.int32]) -> NDArray[np.int64]:
        nodes = dofs // self._problem.components
        return np.asarray(nodes[nodes < self._problem.space.dofmap.index_map.size_local], dtype=np.int64)

    def _node_volumes(self) -> NDArray[np.float64]:
        """Return the integral of every owned node's shape function over slits and open electrolyte."""
        problem = self._problem
        space = dolfinx.fem.functionspace(problem.domain.mesh, ("Lagrange", problem.degree))
        numbers = (*problem.domain.region_numbers("slit"), *problem.domain.region_numbers(groups.OPEN))
        form = dolfinx.fem.form(ufl.TestFunction(space) * problem.dx(numbers))
        return assemble_owned(dolfinx.fem.petsc.create_vector(space), form)

    def _sum(self, **parts: Any) -> dict[str, NDArray[np.float64]]:
        """Sum numbers and arrays over the ranks in one message."""
        flat = np.concatenate([np.ravel(part) for part in parts.values()])
        self._problem.comm.Allreduce(MPI.IN_PLACE, flat, op=MPI.SUM)
        pieces = np.split(flat, np.cumsum([np.size(part) for part in parts.values()])[:-1])
        return {
            name: piece.reshape(np.shape(part)) for (name, part), piece in zip(parts.items(), pieces, strict=True)
        }


class _Layout:
    """Which component of the blocked test function carries what."""

    def __init__(self, species: int) -> None:
        self.gap = slice(0, 3)
        self.slit = slice(3, 6)
        self.open = slice(6, 9)
        #: mu_i/(z_i e), phi, conductivity-weighted mu/(z e), conductivity
        self.means = slice(9, 12 + species)
        self.poisson = 12 + species
        self.size = 13 + species


def _excess_energy(problem: FieldProblem) -> Any:
    """Return the form of the grand free energy above the bulk's, in kT per unit concentration.

    eps/2 |grad phi|^2 + sum_i [c_i ln(c_i/c_i0) - c_i + c_i0]
    + [(1 - P) ln((1 - P)/(1 - nu)) + P - nu]/v_0,  P = sum v_i c_i: the Bregman distance of the mixing energy to the
    bulk, which the reservoir's chemical potentials make the relevant one; with the field's energy in solids and Stern
    layers. Without the energy that the electrodes' sources supply (phi_m Q_e) it is not monotone; the caller
    subtracts that.
    """
    _, phi, _ = problem.fields()
    k = problem.coefficients
    energy = (forms.field_energy(phi, k) / k.charge_coupling + _excess_energy_density(problem)) * problem.ionic_dx
    field = ufl.inner(ufl.grad(phi), ufl.grad(phi)) / (2 * k.charge_coupling)
    for permittivity, number in problem.bounds.solids():
        energy += permittivity * field * problem.dx(number)
    if k.stern_inverse is not None:
        energy += problem.bounds.layer_energy(phi, k.stern_inverse / k.charge_coupling)
    return energy


def _excess_energy_density(problem: FieldProblem) -> Any:
    """Return the density of the ions' part."""
    _, _, c = problem.fields()
    k = problem.coefficients
    smoothed = problem.smoothed_charge()
    # eps/2 l_c^2 (lap phi)^2. Because n . grad(lap phi) = 0 is not the natural condition of this energy, it need not
    # fall at all times with correlations.
    field = 0 if smoothed is None else k.correlation * k.charge_coupling * smoothed**2 / 2
    mixing = sum(ci * ufl.ln(ci / c0) - ci + c0 for ci, c0 in zip(c, k.bulk, strict=True))
    if problem.pointwise is not None:
        return field + mixing + problem.pointwise.energy
    if problem.electrolyte.packing_fraction == 0:
        return field + mixing
    packed = k.packing * sum(c) if k.sizes is None else sum(v * ci for v, ci in zip(k.sizes.volumes, c, strict=True))
    solvent = ((1 - packed) * ufl.ln((1 - packed) / (1 - k.packing)) + packed - k.packing) / k.site_volume
    return field + mixing + solvent
