import json
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from ionspice.core import InputError
from ionspice.core.drives import parse_protocol
from ionspice.core.drives.protocol import check_charging
from ionspice.discovery import DiscoverySettings
from ionspice.fem import (
    Electrolyte,
    GalvanostaticDrive,
    Sampling,
    SineDrive,
    SolverSettings,
    StepDrive,
    TableDrive,
    TriangularDrive,
)
from ionspice.meshes import FullCell, MeshGrading, PlanarElectrode, SlitStack, StraightPore
from ionspice.pipeline import Case, parse_case, read_case
from ionspice.pipeline.cases.case import GeometrySection, with_drive

ROOT = Path(__file__).parents[3]
NEUTRAL = '{name = "A", valence = 1}, {name = "B", valence = -1}'


#: keys that stand for another one and are not in the resolved case
OPTIONAL = {
    "concentrations",
    "far_radius",
    "far_slit",
    "scan_rate",
    "solvent_diameter",
    "reference_temperature",
    "duration",
    "frequency",
    "current",
    "upper",
} | {
    "steps",
    "wall_spacing",
}


def test_the_empty_file_is_the_default_case():
    assert parse_case("") == Case()


@pytest.mark.parametrize(
    "name", ["copper", "conical_nanopore", "double_layers/mixed_ions", "double_layers/solvated_ions"]
)
def test_examples_of_other_cells_are_cases_of_fields(name):
    case = read_case(ROOT / f"examples/{name}.toml")
    assert case.only_fields


def test_the_example_is_the_default_case():
    assert read_case(ROOT / "examples/kcl_slits.toml") == Case()


@pytest.mark.parametrize("name", ["protocol.toml", "cases/protocol.toml"])
def test_the_examples_of_protocols_begin_with_charging(name):
    check_charging(read_case(ROOT / "examples" / name).drive.build())


def test_the_resolved_case_reads_back_equal():
    case = parse_case(
        '[geometry]\nslit = "20 angstrom"\nlayers = 3\n'
        '[drive]\nscan_rate = "3.3e5 V/s"\n[circuit]\nlayers = [4]\n'
        '[[electrolyte.species]]\nname = "Ca2+"\nvalence = 2\nconcentration = "0.1 M"\n'
        '[[electrolyte.species]]\nname = "Cl-"\nvalence = -1\nconcentration = "200 mmol/L"\n'
    )
    assert case.geometry.slit == 2e-9
    assert parse_case(case.to_toml()) == case
    assert case != Case()


def test_every_key_stands_in_the_resolved_case():
    lines = Case().to_toml().splitlines()
    written = {line.split("=")[0].strip() for line in lines if "=" in line and not line.startswith(" ")}
    tables = {"surfaces", "solids", "reactions", "leakages", "homogeneous_reactions"}
    sections = [
        (name, field.annotation.model_fields) for name, field in Case.model_fields.items() if name not in tables
    ]
    assert written == ({key for _, fields in sections for key in fields} | tables) - OPTIONAL
    assert [line for line in lines if line.startswith("[")] == [f"[{name}]" for name, _ in sections]


def test_sections_become_the_parameters_of_the_stages_with_the_same_defaults():
    case = Case()
    assert case.geometry.build() == SlitStack()
    assert case.electrolyte.build() == Electrolyte()
    assert case.drive.build() == TriangularDrive()
    assert case.grading == case.mesh.build() == MeshGrading()
    assert case.solver.build() == SolverSettings()
    assert case.discovery.build() == DiscoverySettings()


def test_a_scan_rate_sets_the_half_cycle():
    drive = parse_case('[drive]\namplitude = "-0.2 V"\nscan_rate = "1e5 V/s"').drive.build()
    assert drive.half_cycle == pytest.approx(2e-6, rel=1e-15)


def test_a_scan_rate_counts_the_whole_window():
    drive = parse_case('[drive]\namplitude = "0.2 V"\nlower = "-0.1 V"\nscan_rate = "1e5 V/s"').drive.build()
    assert drive.half_cycle == pytest.approx(3e-6, rel=1e-15)
    assert drive.lower == -0.1


def test_ions_may_have_sizes_of_their_own():
    species = '{name = "A", valence = 1, diameter = "0.4 nm"}, {name = "B", valence = -1}'
    case = parse_case(f"[electrolyte]\nspecies = [{species}]")
    assert [species.diameter for species in case.electrolyte.build().species] == [0.4e-9, None]
    assert parse_case(case.to_toml()) == case


def test_python_callers_pass_si_numbers():
    assert Case(geometry=GeometrySection(slit=2e-9)) == parse_case('[geometry]\nslit = "2 nm"')


def test_an_own_mesh_is_found_beside_the_case_file(tmp_path):
    (tmp_path / "own.msh").touch()
    (tmp_path / "case.toml").write_text('[mesh]\nfile = "own.msh"\n')
    assert read_case(tmp_path / "case.toml").mesh.file == str(tmp_path / "own.msh")


def test_an_own_mesh_that_is_not_there_is_named(tmp_path):
    (tmp_path / "case.toml").write_text('[mesh]\nfile = "absent.msh"\n')
    with pytest.raises(InputError, match=r'case\.toml: \[mesh\] file = "absent\.msh": no such file'):
        read_case(tmp_path / "case.toml")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("[geometry]\nlayers = 1", ["[geometry] layers = 1", "at least 2"]),
        ('[geometry]\nlayers = "six"', ["[geometry] layers", "whole number"]),
        ('[geometry]\nslit = "-1 nm"', ['[geometry] slit = "-1 nm"', "greater than 0"]),
        ("[geometry]\nslit = 1.5", ["[geometry] slit = 1.5", "has no unit", '"1.5 nm"']),
        ('[geometry]\nslit = "1.5 s"', ["[geometry] slit", "is not a length", '"1.5 nm"']),
        ('[geometry]\nslot = "1.5 nm"', ["[geometry] slot", "unknown key", "did you mean slit?"]),
        ("[geometri]\nlayers = 3", ["[geometri]", "unknown section", "did you mean geometry?"]),
        ("geometry = 3", ["[geometry] = 3", "table"]),
        (
            '[geometry]\nedge_gap = "10 nm"',
            ["edge_gap = 10 nm", "smaller than sheet_length = 10 nm", "reduce"],
        ),
        (
            '[electrolyte]\nion_diameter = "1.2 nm"',
            ["[electrolyte]", "nu", "2.081", "below 1", "ion_diameter"],
        ),
        ('[electrolyte]\nion_diameter = "-1 nm"', ["[electrolyte] ion_diameter", "at least 0"]),
        ('[electrolyte]\nrelative_permittivity = "80"', ["relative_permittivity", "must be a number"]),
        ("[electrolyte]\nspecies = []", ["species = []", "at least one cation and one anion"]),
        (
            f"[electrolyte]\nspecies = [{NEUTRAL.replace('-1', '-2')}]",
            ["[electrolyte]", "sum z c = -1000 mol/m^3", "must be 0", "neutral"],
        ),
        (f"[electrolyte]\nspecies = [{NEUTRAL.replace('-1', '0').replace('= 1', '= 0')}]", ["none with a charge"]),
        ('[electrolyte]\nexcess = "spheres"', ['[electrolyte] excess = "spheres"', '"bmcsl"']),
        ('[electrolyte]\nexcess = "bmcsl"\nsolvent_diameter = "0.3 nm"', ["solvent_diameter", "no effect"]),
        ('[[surfaces]]\nname = "wall"', ["[[surfaces]] number 1", "use electrode, counter, wall_1"]),
        ('[[surfaces]]\nname = "wall_1"', ["wall_1 is no boundary of the mesh", "found: electrode"]),
        ('[[surfaces]]\nname = "electrode"\ncharge = 0.1', ["[[surfaces]] number 1 charge", '"-0.02 C/m^2"']),
        ('[[surfaces]]\nname = "electrode"\ncharge = "0.1 C/m^2"', ["no effect", "[electrode] stern_layer"]),
        ('[[reactions]]\noxidised = "Cu2+"', ["species Cu2+ is not in the electrolyte (K+, Cl-)", "add it"]),
        ('[[reactions]]\noxidised = "K+"\nrate_constant = "0 m/s"', ["[[reactions]] number 1 rate_constant"]),
        ('[[reactions]]\noxidised = "K+"\nelectrons = 2', ["takes 1 electrons, but electrons = 2"]),
        ('[[solids]]\nname = "solid_1"', ["[[solids]] number 1 relative_permittivity", "is missing"]),
        ('[[solids]]\nname = "solid_1"\nrelative_permittivity = 4.0', ["solid_1 is no region of the mesh"]),
        (f"[electrolyte]\nspecies = [{NEUTRAL.replace('B', 'A')}]", ["'A'", "2 times"]),
        (f"[electrolyte]\nspecies = [{NEUTRAL}, {{valence = 1}}]", ["number 3 name", "is missing"]),
        ('[drive]\nhalf_cycle = "0 ns"', ["[drive] half_cycle", "greater than 0"]),
        ('[drive]\namplitude = "0 V"', ["[drive] amplitude = 0 V", "other than 0"]),
        ('[drive]\nhalf_cycle = "1 ns"\nscan_rate = "1 V/s"', ["half_cycle and scan_rate", "keep one"]),
        ('[drive]\nlower = "0.05 V"', ["[drive]", "lower = 0.05 V", "one side of 0 V"]),
        ('[drive]\nkind = "saw"', ['[drive] kind = "saw"', 'use "triangular", "step"']),
        ('[drive]\nkind = "sine"', ["[drive]", 'frequency is missing for kind = "sine"']),
        (
            '[drive]\nkind = "step"\nlower = "-0.1 V"',
            ['lower has no effect with kind = "step"', "amplitude, duration"],
        ),
        ('[drive]\nkind = "table"\nfile = "none.csv"', ["[drive]", "none.csv", "cannot read the drive"]),
        ('[drive]\nkind = "current"\ncurrent = "1 V"\nupper = "0.1 V"', ["[drive] current", "a current per depth"]),
        ('[geometry]\nkind = "planar"\nlayers = 3', ['layers has no effect with kind = "planar"']),
        ("[mesh]\ngrowth = 0.5", ["[mesh] growth = 0.5", "at least 1"]),
        ("[solver]\ntolerance = nan", ["[solver] tolerance", "finite number"]),
        ("[discovery]\nseed = true", ["[discovery] seed", "whole number"]),
        ("[circuit]\nlayers = [6, 1]", ["[circuit] layers[1] = 1", "at least 2"]),
        (
            '[drive]\nkind = "protocol"\nsteps = ["Rest for 1 s", "Sweep to 0,6 V at 1 V/s"]',
            ["[drive] steps[1] = \"Sweep to 0,6 V at 1 V/s\" has '0,6 V' at character 10", "with a point"],
        ),
        ('[drive]\nkind = "protocol"', ["[drive]", 'steps is missing for kind = "protocol"']),
        ('[drive]\nkind = "protocol"\nsteps = ["Sweep to 0 V at 1 V/s"]', ["[drive]", "drive nothing"]),
        ('[drive]\nsteps = ["Rest for 1 s"]', ['steps has no effect with kind = "triangular"']),
        ("[geometry", ["not valid TOML", "correct"]),
    ],
)
def test_a_mistake_is_one_line_with_file_key_value_limit_and_remedy(text, parts):
    with pytest.raises(InputError) as caught:
        parse_case(text, source="my.toml")
    message = str(caught.value)
    assert message.startswith("my.toml: ")
    assert "\n" not in message
    assert [part for part in parts if part not in message] == []


def test_several_mistakes_are_listed_one_on_a_line():
    with pytest.raises(InputError) as caught:
        parse_case('[geometry]\nlayers = 1\nslit = "0 nm"\n[drive]\ncycles = 0\nspeed = 1')
    assert len(str(caught.value).splitlines()) == 4


@pytest.mark.parametrize("name", ["absent.toml", "."])
def test_a_case_file_that_cannot_be_read_is_named(tmp_path, name):
    with pytest.raises(InputError, match="cannot read the case file"):
        read_case(tmp_path / name)


def test_a_packing_fraction_just_below_one_is_accepted():
    limit = (2 * 1000.0 * 6.02214076e23) ** (-1 / 3)
    assert parse_case(f'[electrolyte]\nion_diameter = "{limit * 0.999:.12e} m"')
    assert math.isclose(limit, 0.9399e-9, rel_tol=1e-4)


def test_reading_a_case_loads_nothing_heavy():
    heavy = ["dolfinx", "mpi4py", "gmsh", "PySpice", "matplotlib", "numba", "sympy"]
    code = (
        "import sys; from ionspice.pipeline import parse_case; parse_case('');"
        f"print([m for m in {heavy} if m in sys.modules])"
    )
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert output.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("text", "drive"),
    [
        ('kind = "step"\namplitude = "0.2 V"\nduration = "1 us"', StepDrive(amplitude=0.2, duration=1e-6)),
        ('kind = "sine"\nfrequency = "1 MHz"\ncycles = 3', SineDrive(amplitude=0.11, frequency=1e6, cycles=3)),
        ('kind = "current"\ncurrent = "50 mA/m"\nupper = "0.1 V"', GalvanostaticDrive(current=0.05, upper=0.1)),
    ],
)
def test_every_kind_of_drive_can_be_written(text, drive):
    case = parse_case(f"[drive]\n{text}")
    assert case.drive.build() == drive
    assert parse_case(case.to_toml()) == case


def test_another_drive_keeps_what_it_does_not_change():
    case = parse_case('[drive]\namplitude = "0.2 V"\nhalf_cycle = "1 us"')
    faster = with_drive(case, {"scan_rate": "1e6 V/s", "cycles": "3"}, source="--drive")
    assert faster.drive.build() == TriangularDrive(amplitude=0.2, half_cycle=0.2 / 1e6, cycles=3)
    assert faster.geometry == case.geometry
    step = with_drive(case, {"kind": "step", "duration": "1 us"}, source="--drive")
    assert step.drive.build() == StepDrive(amplitude=0.11, duration=1e-6)


def test_a_protocol_is_a_list_of_steps_or_a_text_of_an_option():
    steps = ("Sweep to 0.1 V at 1 V/us", "Rest for 1 us", "Repeat 2 times")
    case = parse_case('[drive]\nkind = "protocol"\nsteps = ' + json.dumps(steps))
    assert case.drive.build() == parse_protocol(steps)
    assert parse_case(case.to_toml()) == case
    given = with_drive(Case(), {"kind": "protocol", "steps": "; ".join(steps)}, source="--drive")
    assert given.drive == case.drive


def test_every_mistaken_step_of_a_protocol_is_a_line():
    with pytest.raises(InputError) as caught:
        parse_case('[drive]\nkind = "protocol"\nsteps = ["Jump", "Rest for 1 s", "Rest"]', source="my.toml")
    starts = [line.split(" = ")[0] for line in str(caught.value).splitlines()]
    assert starts == ["my.toml: [drive] steps[0]", "my.toml: [drive] steps[2]"]


def test_a_drive_table_is_looked_for_beside_the_case(tmp_path):
    (tmp_path / "drive.csv").write_text("0,0\n1e-6,0.1\n")
    (tmp_path / "case.toml").write_text('[drive]\nkind = "table"\nfile = "drive.csv"')
    case = read_case(tmp_path / "case.toml")
    assert case.drive.build() == TableDrive(times=(0.0, 1e-6), potentials=(0.0, 0.1))
    assert parse_case(case.to_toml()) == case


@pytest.mark.parametrize(
    ("text", "geometry"),
    [
        ('kind = "planar"\nopen_length = "5 nm"', PlanarElectrode(open_length=5e-9)),
        ('kind = "slit"\nslit = "2 nm"', StraightPore(half_width=1e-9)),
        ('kind = "pore"\nradius = "1 nm"\nwall = "3 nm"', StraightPore(half_width=1e-9, cylindrical=True, wall=3e-9)),
        ("layers = 3\ncounter = true", FullCell(half=SlitStack(layers=3))),
    ],
)
def test_every_kind_of_geometry_can_be_written(text, geometry):
    case = parse_case(f"[geometry]\n{text}")
    assert case.geometry.build() == geometry
    assert parse_case(case.to_toml()) == case


@pytest.mark.parametrize(
    ("text", "layers"),
    [("layers = 3", 3), ('kind = "pore"\nsections = 7', 8), ('kind = "slit"', 11), ('kind = "planar"', 1)],
)
def test_circuits_have_the_layers_of_the_fields_among_theirs(text, layers):
    case = parse_case(f"[geometry]\n{text}\n[circuit]\nlayers = [20]")
    assert case.geometry.circuit_layers == layers
    assert case.circuit_layers == ((1,) if layers == 1 else (layers, 20))


def test_a_constant_current_of_a_pore_is_per_metre_of_depth_in_circuits():
    drive = '[drive]\nkind = "current"\ncurrent = "1e-10 A/m"\nupper = "0.1 V"'
    pore = parse_case(f'[geometry]\nkind = "pore"\nradius = "1 nm"\nwall = "3 nm"\n{drive}')
    assert pore.circuit_drive().current == pytest.approx(1e-10 / (np.pi * 4e-9))
    assert parse_case(f'[geometry]\nkind = "slit"\n{drive}').circuit_drive().current == pytest.approx(1e-10)


def test_the_example_of_a_pore_is_one_in_ten_sections():
    case = read_case(ROOT / "examples/cylindrical_pore.toml")
    assert case.geometry.build() == StraightPore(cylindrical=True)
    assert case.circuit_layers == (11, 21)


def test_correlations_and_sampling_reach_the_solver():
    text = '[electrolyte]\ncorrelation_length = "1 nm"\n[sampling]\ncuts = ["-5 nm"]\nprofile_slits = [1]'
    case = parse_case(text)
    assert case.electrolyte.build().correlation_length == 1e-9
    assert case.sampling.build() == Sampling(cuts=(-5e-9,), profile_slits=(1,))
    assert parse_case(case.to_toml()) == case


WEAK_ACID = """
[[homogeneous_reactions]]
equation = "HA = H+ + A-"
rate_constant = "8e5 1/s"
equilibrium_constant = "1.75e-5 mol/L"
[electrolyte]
species = [
    { name = "HA", valence = 0, concentration = "0.175 mol/L" },
    { name = "H+", valence = 1, concentration = "1.75 mmol/L" },
    { name = "A-", valence = -1, concentration = "1.75 mmol/L" },
]
"""


def test_constants_of_reactions_have_the_units_of_their_order():
    reaction = parse_case(WEAK_ACID).surroundings().homogeneous[0]
    assert (reaction.rate_constant, reaction.equilibrium_constant) == pytest.approx((8e5, 1.75e-2))
    back = WEAK_ACID.replace("HA = H+ + A-", "H+ + A- = HA").replace("8e5 1/s", "1e7 L/mol/s")
    reaction = parse_case(back.replace("1.75e-5 mol/L", "57143 L/mol")).surroundings().homogeneous[0]
    assert (reaction.rate_constant, reaction.equilibrium_constant) == pytest.approx((1e4, 57.143))
    for change, message in (
        (("8e5 1/s", "8e5 L/mol/s"), "is not a constant of 1 species"),
        (("1.75e-5 mol/L", "1.75e-5"), "has no unit"),
        (("1.75e-5 mol/L", "1.75e-4 mol/L"), "HA would be 0.0175 mol/L"),
    ):
        with pytest.raises(InputError, match=message):
            parse_case(WEAK_ACID.replace(*change))
