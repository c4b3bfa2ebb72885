"""Transport records with known answers."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import constants

from ionspice.core import InputError
from ionspice.electrolytes.analysis.conductivity import haven_ratio
from ionspice.electrolytes.analysis.estimate import normal_estimate
from ionspice.electrolytes.study.transfer import TransferSection
from ionspice.electrolytes.transfer.electrolyte_file import write_electrolyte
from ionspice.electrolytes.transfer.make import make_electrolyte
from ionspice.electrolytes.transfer.response import charge_response
from ionspice.electrolytes.transport.record import (
    ActivationRecord,
    ConductivityRecord,
    Diffusion,
    RunTransport,
    SpeciesTransport,
    StructureTable,
    TransportRecord,
)
from ionspice.electrolytes.transport.structure import StructureFactor, wave_vectors
from ionspice.pipeline import parse_case

EDGE, PAIRS = 55.0, 430
DENSITY = 2 * PAIRS / (EDGE * 1e-10) ** 3  # of all ions [1/m^3]
ENERGY = 0.2


def estimate(value, share=0.02, unit="cm^2/s"):
    return normal_estimate(value, value * share, unit)


def motion(value, temperature, diffusive=True):
    scaled = value * np.exp(-ENERGY * constants.e / constants.k * (1 / temperature - 1 / 300))
    return Diffusion(coefficient=estimate(scaled), log_slope=normal_estimate(1, 0.02, "1"), diffusive=diffusive)


def structure(values_of, temperature):
    _, lengths = wave_vectors(np.diag([EDGE] * 3), 1.5)
    k, vectors = np.unique(lengths.round(9), return_counts=True)
    values = values_of(k, temperature)
    errors = values / np.sqrt(100 * vectors)
    return StructureTable.of(
        StructureFactor(wave_numbers=k, vectors=vectors, values=values, errors=errors, frames=100)
    )


def charge_values(k, temperature):
    strength = DENSITY * constants.e**2 / (12 * constants.epsilon_0 * constants.k * temperature)
    return charge_response(k, strength * 1e-20, 25.0)


def run(temperature, *, diffusive=True, ensemble="NPT", haven=1.6):
    independent, collective = estimate(27.4 * haven, unit="mS/cm"), estimate(27.4, 0.05, "mS/cm")
    return RunTransport(
        name=f"{temperature:g}K",
        composition="x1.00",
        temperature=temperature,
        ensemble=ensemble,
        atoms=10320,
        frames=2000,
        length=100.0,
        interval=0.05,
        volume=estimate(EDGE**3, 1e-3, "angstrom^3"),
        density=estimate(1.28, 1e-3, "g/cm^3"),
        species=(
            SpeciesTransport(
                name="EMIm+", formula="C6H11N2", charge=1, count=PAIRS, diffusion=motion(8e-7, temperature, diffusive)
            ),
            SpeciesTransport(
                name="AlCl4-", formula="AlCl4", charge=-1, count=PAIRS, diffusion=motion(4e-7, temperature, diffusive)
            ),
        ),
        conductivity=ConductivityRecord(
            nernst_einstein=independent,
            helfand=collective,
            haven=haven_ratio(independent, collective),
            diffusive=True,
        ),
        compressibility=estimate(4e-10, 0.1, "1/Pa") if ensemble == "NPT" else None,
        charge_structure=structure(charge_values, temperature),
        number_structure=structure(lambda k, _: 0.02 + 0.1 * k**2, temperature),
    )


def test_a_run_at_the_temperature_gives_every_value_with_error_and_source(tmp_path):
    made = make_electrolyte(TransportRecord(runs=(run(300.0),)), TransferSection())
    electrolyte = made.electrolyte
    cation, anion = electrolyte.species
    assert cation.diffusivity.value == pytest.approx(8e-11 / 1.6)
    assert anion.diffusivity.value == pytest.approx(4e-11 / 1.6)
    assert cation.diffusivity.standard_error / cation.diffusivity.value == pytest.approx(0.057, abs=0.002)
    assert "Haven ratio 1.6" in cation.diffusivity.source
    assert cation.concentration.value == pytest.approx(1e3 * 4.292, rel=1e-3)
    assert electrolyte.correlation_length.value == pytest.approx(0.5e-9, rel=1e-3)
    assert made.notes == ()
    reduced = 4e-10 * DENSITY * constants.k * 300
    assert electrolyte.ion_diameter.value == pytest.approx(((1 - reduced) / DENSITY) ** (1 / 3))
    assert electrolyte.relative_permittivity.source == "chosen"
    write_electrolyte(tmp_path / "electrolyte.toml", electrolyte, heading=["a", ""])
    case = parse_case(f'[electrolyte]\nfile = "{tmp_path / "electrolyte.toml"}"')
    assert case.electrolyte.build() == electrolyte.build()


def test_an_activation_energy_takes_the_case_to_other_temperatures(tmp_path):
    energy = normal_estimate(ENERGY, 0.01, "eV")
    line = ActivationRecord(
        composition="x1.00", species="AlCl4-", energy=energy, prefactor=1e-3, temperatures=(300.0, 350.0)
    )
    made = make_electrolyte(TransportRecord(runs=(run(300.0),), activation=(line,)), TransferSection()).electrolyte
    write_electrolyte(tmp_path / "electrolyte.toml", made)
    case = f'[electrolyte]\nfile = "{tmp_path / "electrolyte.toml"}"\n'
    cold, hot = (parse_case(f'{case}temperature = "{t} K"').electrolyte.build().species for t in (300, 350))
    faster = np.exp(-ENERGY * constants.e / constants.k * (1 / 350 - 1 / 300))
    assert [hot[ion].diffusivity / cold[ion].diffusivity for ion in (0, 1)] == pytest.approx([1.0, faster], rel=1e-3)


def test_nernst_and_einstein_then_give_the_collective_conductivity():
    one = run(300.0, haven=1.0)
    total = sum(ion.diffusion.coefficient.value * 1e-4 * PAIRS for ion in one.species)
    independent = constants.e**2 / (constants.k * 300) * total / (EDGE * 1e-10) ** 3 * 10  # mS/cm
    helfand = estimate(0.7 * independent, 0.05, "mS/cm")
    haven = haven_ratio(estimate(independent, unit="mS/cm"), helfand)
    conductivity = replace(one.conductivity, helfand=helfand, haven=haven)
    made = make_electrolyte(
        TransportRecord(runs=(replace(one, conductivity=conductivity),)), TransferSection()
    ).electrolyte
    drift = sum(ion.diffusivity.value * ion.concentration.value * constants.N_A for ion in made.species)
    assert constants.e**2 / (constants.k * 300) * drift * 10 == pytest.approx(0.7 * independent, rel=1e-4)


def test_diffusion_follows_arrhenius_to_a_temperature_that_was_not_run():
    runs = (run(450.0), run(500.0), run(600.0), run(300.0, diffusive=False))
    made = make_electrolyte(TransportRecord(runs=runs), TransferSection())
    assert made.electrolyte.species[0].diffusivity.value == pytest.approx(8e-11 / 1.6, rel=0.01)
    assert "Arrhenius' line through runs at 450 to 600 K" in made.electrolyte.species[0].diffusivity.source


def test_a_constant_volume_leaves_the_number_structure_factor():
    made = make_electrolyte(TransportRecord(runs=(run(300.0, ensemble="NVT"),)), TransferSection())
    assert made.electrolyte.ion_diameter.value == pytest.approx((0.98 / DENSITY) ** (1 / 3), rel=1e-3)
    assert made.electrolyte.species[0].concentration.standard_error is None
    assert "chosen: density of the box" in made.electrolyte.species[0].concentration.source


def test_given_values_go_before_measured_ones():
    section = TransferSection(ion_diameter=5.5, correlation_length=4.0, correlation_source="doi:10.1/x")
    made = make_electrolyte(TransportRecord(runs=(run(300.0),)), section)
    assert made.electrolyte.ion_diameter.value == pytest.approx(0.55e-9)
    assert made.electrolyte.correlation_length.source == "doi:10.1/x"
    assert made.fit is None


def test_a_permittivity_that_the_structure_contradicts_is_noted():
    made = make_electrolyte(TransportRecord(runs=(run(300.0),)), TransferSection(relative_permittivity=6.0))
    assert "relative permittivity would be 12" in made.notes[0]


def test_ions_that_do_not_diffuse_yet_are_refused():
    runs = (run(300.0, diffusive=False), run(450.0))
    with pytest.raises(InputError, match="no run tells the diffusion of C6H11N2 at 300 K"):
        make_electrolyte(TransportRecord(runs=runs), TransferSection())


def test_a_study_that_allows_guesses_gets_them_marked():
    short = replace(run(300.0, diffusive=False), charge_structure=None, number_structure=None, compressibility=None)
    made = make_electrolyte(TransportRecord(runs=(short,)), TransferSection(guesses=True)).electrolyte
    for value in (made.ion_diameter, made.correlation_length, *(ion.diffusivity for ion in made.species)):
        assert value.source.startswith("a guess, ")
    assert made.ion_diameter.value**3 * DENSITY == pytest.approx(0.6)
    assert made.species[0].diffusivity.value == pytest.approx(8e-11)
    made.build()


def test_a_correlation_length_that_is_known_worse_than_an_ion_is_no_number():
    """As of 50 atoms for 2.5 ps, whose smallest wave numbers lie at the peak."""
    values = np.array([1.77, 0.86, 0.8])
    scattered = StructureFactor(
        wave_numbers=np.array([0.7, 0.99, 1.21]),
        vectors=np.array([3, 6, 4]),
        values=values,
        errors=values / 10,
        frames=500,
    )
    small = replace(run(300.0), charge_structure=StructureTable.of(scattered))
    with pytest.raises(InputError, match=r"tells less than the size of an ion, 0\.49 nm; run longer"):
        make_electrolyte(TransportRecord(runs=(small,)), TransferSection())
    made = make_electrolyte(TransportRecord(runs=(small,)), TransferSection(guesses=True)).electrolyte
    assert made.correlation_length.source.startswith("a guess, ")
    assert made.correlation_length.value**3 * DENSITY == pytest.approx(0.6)
