import tomllib
from dataclasses import replace

import pytest

from ionspice.core import InputError
from ionspice.electrolytes.transfer.electrolyte_file import (
    SourcedElectrolyte,
    SourcedSpecies,
    SourcedValue,
    write_electrolyte,
)
from ionspice.pipeline import parse_case


def chosen(value):
    return SourcedValue(value=value, source="chosen")


def ion(name, valence, concentration=4292.3):
    return SourcedSpecies(
        name=name,
        valence=valence,
        diffusivity=SourcedValue(value=1.23456e-10, standard_error=3.456e-12, source='simulated "here"'),
        concentration=SourcedValue(value=concentration, standard_error=4.321, source="simulated"),
    )


LIQUID = SourcedElectrolyte(
    temperature=chosen(300.0),
    relative_permittivity=SourcedValue(value=12.0, standard_error=1.0, source="doi:10.1/x"),
    ion_diameter=SourcedValue(value=0.551234e-9, standard_error=0.0023e-9, source="simulated"),
    correlation_length=SourcedValue(value=0.4987e-9, standard_error=0.0312e-9, source="simulated"),
    species=(ion("C₆-Im+", 1), ion("AlCl4-", -1)),
)


def test_a_case_reads_the_same_electrolyte(tmp_path):
    path = tmp_path / "electrolyte.toml"
    write_electrolyte(path, LIQUID, heading=["made here", ""])
    case = parse_case(f'[electrolyte]\nfile = "{path}"')
    assert case.electrolyte.build() == LIQUID.build()
    values = tomllib.loads(path.read_text(encoding="utf-8"))
    assert values["correlation_length"] == {
        "value": "0.499 nm",
        "standard_error": "0.031 nm",
        "source": "simulated",
    }
    assert values["species"][0]["diffusivity"] == {
        "value": "1.235e-10 m^2/s",
        "standard_error": "3.5e-12 m^2/s",
        "source": 'simulated "here"',
    }
    assert values["species"][0]["concentration"]["value"] == "4.2923 mol/L"
    assert values["relative_permittivity"] == {"value": 12.0, "standard_error": 1.0, "source": "doi:10.1/x"}


def test_three_kinds_of_ions_stay_neutral(tmp_path):
    liquid = replace(LIQUID, species=(ion("a", 1, 3997.4), ion("b", -1, 2798.18), ion("c", -1, 1199.22)))
    write_electrolyte(tmp_path / "electrolyte.toml", liquid)
    assert (
        parse_case(f'[electrolyte]\nfile = "{tmp_path / "electrolyte.toml"}"').electrolyte.build() == liquid.build()
    )


def test_what_is_no_electrolyte_is_not_written(tmp_path):
    with pytest.raises(InputError, match="bulk charge"):
        write_electrolyte(tmp_path / "electrolyte.toml", replace(LIQUID, species=(ion("a", 1),)))
    assert not (tmp_path / "electrolyte.toml").exists()
