"""Every reader of files and text that anyone may have written, with a good content."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xarray as xr

SEEDS = Path(__file__).parent / "seeds"
PROTOCOL = b"""Start at 0.2 V
Sweep to 0.6 V at 20 mV/s
Hold for 10 s or until 1 uA/m
Repeat the last 2 steps 3 times
Rest for 1 min
Discharge at 0.05 A/m until 0 V
Repeat until periodic within 0.1 % or 9 times
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A reader."""

    file: str  #: name of the file that it reads
    content: bytes  #: a good one
    read: Callable[[Path], object]


def targets(folder: Path) -> dict[str, Target]:
    """Return all readers by name; good contents are made in a folder."""
    return _texts() | _measurements() | _records() | _netcdf(folder) | _meshes(folder) | _arrays() | _trajectories()


def _text_of(read: Callable[[str], object]) -> Callable[[Path], object]:
    return lambda path: read(path.read_bytes().decode("utf-8", errors="replace"))


def _texts() -> dict[str, Target]:
    from ionspice.core import InputError
    from ionspice.core.drives import parse_protocol, read_drive
    from ionspice.core.quantities import to_base
    from ionspice.discovery.forms.expressions import parse_expression
    from ionspice.discovery.tables.columns import parse_units, read_columns
    from ionspice.discovery.tables.dimensions import parse_unit
    from ionspice.pipeline import Case
    from ionspice.pipeline.campaigns.plan_file import read_study_file
    from ionspice.pipeline.cases.case import read_case, with_drive
    from ionspice.pipeline.cases.quantities import read_area, read_potential

    def quantity(text: str) -> None:
        for read in (
            lambda: read_potential(text, source="--bias"),
            lambda: read_area(text, source="--area"),
            lambda: with_drive(Case(), {"amplitude": text}, source="--drive"),
            lambda: [parse_unit(unit) for unit in parse_units(text).values()],
        ):
            try:
                read()
            except InputError:
                continue
        try:
            to_base(text)
        except ValueError as error:  # its way of saying no
            raise InputError(str(error)) from error

    def table(path: Path) -> None:
        columns = read_columns(path)
        for name in columns.names:
            columns.numbers(name)

    electrolyte = b'temperature = { value = "300 K", standard_error = "1 K", source = "measured" }\nspecies = [\n'
    electrolyte += b'{ name = "K+", valence = 1, diffusivity = "2e-9 m^2/s", concentration = "1 mol/L" },\n'
    electrolyte += b'{ name = "Cl-", valence = -1, diffusivity = "2e-9 m^2/s", concentration = "1 mol/L" }]\n'

    def electrolyte_file(path: Path) -> None:
        case = path.with_name("case.toml")
        case.write_text(f'[electrolyte]\nfile = "{path.name}"\n')
        read_case(case)

    study = b'until = "solve"\nranks = 1\n[grid]\n"geometry.slit" = ["1.5 nm", "2 nm"]\n'
    study += b'[zip]\n"drive.amplitude" = ["0.1 V"]'
    expression = b"Rc*(1 - gamma*Q/Qmax) + exp(-2.5*Q)/(1 + sqrt(Q**2 + 1.5e-3))"
    return {
        "case": Target(file="c.toml", content=Case().to_toml().encode(), read=read_case),
        "study": Target(file="s.toml", content=study, read=read_study_file),
        "electrolyte": Target(file="electrolyte.toml", content=electrolyte, read=electrolyte_file),
        "quantity": Target(file="q.txt", content=b"1.5e-3 C/(m s^2)", read=_text_of(quantity)),
        "expression": Target(
            file="e.txt",
            content=expression,
            read=_text_of(lambda text: parse_expression(text, {"Q", "Rc", "gamma", "Qmax"})),
        ),
        "drive": Target(file="d.csv", content=b"time [ns],V\n0,0\n5,0.1\n9,0.2\n", read=read_drive),
        "protocol": Target(
            file="p.txt", content=PROTOCOL, read=_text_of(lambda text: parse_protocol(text.splitlines()))
        ),
        "table": Target(file="t.csv", content=b"charge [C/m],y (V*s)\n0,0\n1e-9,2e-9\n3,4\n", read=table),
    }


def _measurements() -> dict[str, Target]:
    from ionspice.circuits.measurements.reader import read_measurements

    zplot = b"ZPLOT2 ASCII\n  Potential-DC:  0\nEnd Comments\n"
    zplot += b"".join(b"%d\t0.01\t0\t1\t%d\t-%d\n" % (10**k, 20 - k, 9 - k) for k in range(6))
    versastudio = b"<Segment1>\nDefinition=Segment #, Point #, E(V), I(A), Elapsed Time(s), Frequency(Hz)\n"
    versastudio += b"".join(b"0,%d,0.%d,1e-3,%d,0\n" % (k, k, k) for k in range(8)) + b"</Segment1>\n"
    chi = b"Cyclic Voltammetry\nInstrument Model:  CHI660E\nScan Rate (V/s) = 0.1\nPotential/V, Current/A\n"
    chi += b"".join(b"0.%d, 1e-3\n" % k for k in range(8))
    gamry = b"EXPLAIN\nTAG\tCV\nCURVE\tTABLE\t8\n\tPt\tT\tVf\tIm\n\t#\ts\tV\tA\n"
    gamry += b"".join(b"\t%d\t%d\t0.%d\t1e-3\n" % (k, k, k) for k in range(8))
    table = b"time [s];potential [V];current [mA]\n" + b"".join(b"%d;0,%d;1,5\n" % (k, k) for k in range(8))
    contents = {
        "cell.z": zplot,
        "cell.par": versastudio,
        "cell.txt": chi,
        "cell.dta": gamry,
        "cell.csv": table,
        "cell.mpt": b"EC-Lab ASCII FILE\nNb header lines : 3\n" + table.replace(b";", b"\t"),
    }
    return {
        f"measurement {name}": Target(file=name, content=content, read=read_measurements)
        for name, content in contents.items()
    }


def _records() -> dict[str, Target]:
    from ionspice.circuits import read_circuit_record
    from ionspice.circuits.ions.record import read_rails
    from ionspice.core.integrity import recorded
    from ionspice.core.manifest import read_manifest
    from ionspice.discovery import read_law
    from ionspice.discovery.evolution.operators import OPERATORS
    from ionspice.discovery.evolution.settings import EvolutionSettings
    from ionspice.discovery.hall_file import read_hall
    from ionspice.discovery.laws.conductance_file import read_conductance
    from ionspice.pipeline.results.comparison import read_comparison
    from ionspice.pipeline.study.campaign_law import read_campaign_law
    from ionspice.pipeline.study.claims import read_claims
    from ionspice.pipeline.study.files import read_failures
    from ionspice.pipeline.study.measures import read_measures

    def law(path: Path) -> None:
        found = read_law(path)
        for element in found.elements:
            found.resistance_at(element, np.linspace(0, 1e-9, 5))

    def manifest(path: Path) -> None:
        read_manifest(path.parent)
        recorded(path.parent)

    settings = EvolutionSettings(functions=tuple(OPERATORS), genes=3)
    hall = b'{"format": "ionspice-hall/1", "variables": ["x0"], "members": [{"complexity": 3, "error": 0.1, "link": '
    hall += b'"identity", "genes": ["x0*1.5 + exp(x0)"]}, {"complexity": 1, "error": 2, "link": "identity", '
    hall += b'"genes": ["x0"]}]}'
    claims = b'[{"id": "A", "statement": "s", "value": 1.5, "unit": "1", "condition": "c", "verdict": "depends", '
    claims += b'"evidence": ["a"], "detail": "", "values": {"x": [1, null]}}]'
    measures = b'{"format": "ionspice-measures/1", "entries": {"A": {"numbers": {"x": 1.5}, "evidence": ["a"], '
    measures += b'"missing": "", "again": false}}}'

    plan = b'{"cases": ["default", "slit-2"], "failed": {"slit-2": "no law"}}'
    campaign = (
        b'{"format": "ionspice-campaign-law/1", "factor": "2 - exp(nu)", "conditions": {"default": {"h": 1.5}}, '
    )
    campaign += b'"left_out": [{"rival": "study", "axis": "slit", "error": 0.01}]}'

    def seed(name: str) -> bytes:
        return (SEEDS / name).read_bytes()

    return {
        "law": Target(file="law.json", content=seed("law.json"), read=law),
        "circuit": Target(file="circuit.json", content=seed("circuit.json"), read=read_circuit_record),
        "conductance": Target(file="conductance.json", content=seed("conductance.json"), read=read_conductance),
        "rails": Target(file="rails.json", content=seed("rails.json"), read=read_rails),
        "comparison": Target(file="comparison.json", content=seed("comparison.json"), read=read_comparison),
        "manifest": Target(file="manifest.json", content=seed("manifest.json"), read=manifest),
        "claims": Target(file="claims.json", content=claims, read=read_claims),
        "measures": Target(file="measures.json", content=measures, read=read_measures),
        "plan": Target(file="study.json", content=plan, read=lambda path: read_failures(path.parent)),
        "campaign law": Target(file="campaign_law.json", content=campaign, read=read_campaign_law),
        "hall": Target(file="hall.json", content=hall, read=lambda path: read_hall(path, ["x0"], settings)),
    }


def observables() -> xr.Dataset:
    """Return fields of two slits with every variable of the schema."""
    from ionspice.core.observables import ATTRIBUTES, COORDINATES, PARTS, VARIABLES

    sizes = {"time": 12, "slit": 2, "species": 2, "part": len(PARTS)}
    rng = np.random.default_rng(1)
    variables = {
        name: (
            ("time", *dims),
            rng.normal(size=(12, *(sizes[dim] for dim in dims))),
            {"units": units, "long_name": words},
        )
        for name, (dims, units, words) in VARIABLES.items()
    }
    coordinates = {name: (dim, np.arange(1.0, 3.0)) for name, (dim, *_) in COORDINATES.items()}
    coordinates |= {"time": np.linspace(0.0, 1.0, 12), "species": ["K+", "Cl-"], "part": list(PARTS)}
    return xr.Dataset(variables, coordinates, dict.fromkeys(ATTRIBUTES, 1.0) | {"case": "", "versions": "{}"})


def _netcdf(folder: Path) -> dict[str, Target]:
    from ionspice.circuits import read_circuit
    from ionspice.core.netcdf import write_netcdf
    from ionspice.core.observables import load_observables
    from ionspice.pipeline.campaigns.table import read_campaign

    fields = observables()
    runs = xr.Dataset({"electrode_current": (("model", "time"), np.ones((2, 40)))}, {"model": ["NCM", "TLM"]})
    campaign = xr.Dataset({"Rc": ("case", [1.0, 2.0])}, {"case": ["a", "b"]})
    write_netcdf(folder / "observables.nc", {"/": fields})
    write_netcdf(folder / "circuit.nc", {"layers_6": runs, "layers_20": runs})
    write_netcdf(folder / "campaign.nc", {"/": campaign})
    readers = {
        "observables": load_observables,
        "circuit": read_circuit,
        "campaign": lambda path: read_campaign(path.parent),
    }
    return {
        f"{name}.nc": Target(file=f"{name}.nc", content=(folder / f"{name}.nc").read_bytes(), read=read)
        for name, read in readers.items()
    }


def _meshes(folder: Path) -> dict[str, Target]:
    import meshio

    from ionspice.meshes import MeshGrading, PlanarElectrode, convert_mesh, read_mesh, write_mesh
    from ionspice.pipeline.results.field_files import read_field_map, read_strip

    write_mesh(folder / "m.msh", PlanarElectrode(), MeshGrading(wall_spacing=1e-9, growth=2.0))
    mesh = read_mesh(folder / "m.msh")
    numbers = {"group": mesh.cell_data["gmsh:physical"]}
    meshio.write(folder / "m.xdmf", meshio.Mesh(mesh.points, mesh.cells, cell_data=numbers), data_format="XML")
    points = {"potential": np.ones(len(mesh.points)), "net_ion_concentration": np.ones(len(mesh.points))}
    meshio.write(folder / "m.vtu", meshio.Mesh(mesh.points, mesh.cells_dict, point_data=points))

    def convert(path: Path) -> None:
        convert_mesh(path, path.with_name("converted.msh"))

    return {
        "msh": Target(file="m.msh", content=(folder / "m.msh").read_bytes(), read=read_strip),
        "own msh": Target(file="own.msh", content=(folder / "m.msh").read_bytes(), read=convert),
        "vtu": Target(file="m.vtu", content=(folder / "m.vtu").read_bytes(), read=read_field_map),
        "xdmf": Target(file="m.xdmf", content=(folder / "m.xdmf").read_bytes(), read=convert),
    }


def _arrays() -> dict[str, Target]:
    from ionspice.fem.checkpoint import load_checkpoint

    nodes = np.random.default_rng(2).normal(size=(30, 2))
    content = io.BytesIO()
    arrays = {
        "record/time": np.arange(4.0),
        "record/charge": np.ones((4, 2)),
        "identity": "same",
        "times": [2.0, 1.0],
    }
    arrays |= {"potentials": [0.1, 0.0], "reacted": [0.0, 0.0], "nodes": nodes, "states": np.ones((2, 30, 3))}
    arrays |= {"wanted_step": 0.1, "since_corner": 2, "leg": 0, "leg_begin": 0.0}
    np.savez(content, allow_pickle=False, **arrays)
    return {
        "checkpoint": Target(
            file="checkpoint.npz", content=content.getvalue(), read=lambda path: load_checkpoint(path, "same")
        )
    }


def _trajectories() -> dict[str, Target]:
    from ionspice.electrolytes.analysis.normal_modes import mode_lines, read_molden
    from ionspice.electrolytes.analysis.readers.lammps_data import read_data_file
    from ionspice.electrolytes.analysis.reading import Source, read_trajectory

    head = "ITEM: UNITS\nmetal\nITEM: TIME\n0.{0}\nITEM: TIMESTEP\n{0}\nITEM: NUMBER OF ATOMS\n2\n"
    head += "ITEM: BOX BOUNDS xy xz yz pp pp pp\n0 12 1\n0 12 -1\n0 12 0.5\n"
    head += "ITEM: ATOMS id type x y z ix iy iz vx vy vz\n"
    dump = "".join(head.format(k) + f"1 1 1.{k} 2 3 0 0 0 1 2 3\n2 2 4 5.{k} 6 1 0 0 3 2 1\n" for k in range(3))
    lattice = 'Lattice="12 0 0 0 12 0 0 0 12" Properties=species:S:1:pos:R:3:momenta:R:3'
    xyz = "".join(f"2\n{lattice} time_ps=0.{k}\nAl 1.{k} 2 3 1 2 3\nCl 4 5.{k} 6 3 2 1\n" for k in range(3))
    data = b"made up\n\nMasses\n\n1 26.98\n2 35.45\n\nAtoms # full\n\n1 1 1 0.5 0 0 0\n2 1 2 -0.5 0 0 0\n"
    modes = b" [Molden Format]\n [FREQ]\n 100.0\n [FR-COORD]\n H 0 0 0\n Cl 0 0 2.4\n [FR-NORM-COORD]\n"
    modes += b" vibration 1\n 0 0 1\n 0 0 0\n"
    run = b'{"format": "ionspice-dynamics/1", "composition": "salt", "temperature": 900.0, "ensemble": "NPT", '
    run += b'"positions": "a.dump", "timestep": 0.0005, "type_map": ["Na", "Cl"], "seed": 7, "cell": [9, 9, 9.5]}'

    from ionspice.electrolytes.study.transfer import TransferSection
    from ionspice.electrolytes.transfer.make import read_electrolyte_of
    from ionspice.electrolytes.transport.runs import read_run

    def transfer(path: Path) -> None:
        _, made = read_electrolyte_of(path, TransferSection())
        made.electrolyte.build()

    def read_modes(path: Path) -> None:
        frequencies, displacements, elements = read_molden(path)
        mode_lines(frequencies, displacements, elements.tolist())

    return {
        "dump": Target(
            file="d.dump",
            content=dump.encode(),
            read=lambda path: read_trajectory(path, Source(type_map=("Al", "Cl"))),
        ),
        "xyz": Target(file="x.xyz", content=xyz.encode(), read=read_trajectory),
        "lammps data": Target(file="run.data", content=data, read=read_data_file),
        "modes": Target(file="m.mol", content=modes, read=read_modes),
        "run": Target(file="run.json", content=run, read=read_run),
        "transport": Target(file="transport.json", content=(SEEDS / "transport.json").read_bytes(), read=transfer),
    }
