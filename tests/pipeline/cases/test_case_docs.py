import json
import re
import tomllib
from pathlib import Path

from ionspice.core.section import Section
from ionspice.pipeline import Case, parse_case
from ionspice.pipeline.cases.electrolyte import SpeciesSection
from ionspice.pipeline.cases.surroundings import (
    HomogeneousSection,
    LeakageSection,
    ReactionSection,
    SolidSection,
    SurfaceSection,
)

TEXT = (Path(__file__).parents[3] / "docs/case-file.md").read_text()


def expected_rows() -> dict[str, list[str]]:
    """Return the rows of every section's table as the model has them."""
    defaults = tomllib.loads(Case().to_toml())
    tables = {"surfaces", "solids", "reactions", "leakages", "homogeneous_reactions"}
    sections = {name: field.annotation for name, field in Case.model_fields.items() if name not in tables}
    rows = {
        name: [
            _row(key, defaults[name].get(key), field.description)
            for key, field in model.model_fields.items()
            if key != "species"
        ]
        for name, model in sections.items()
    }
    rows["[electrolyte.species]"] = _rows_of_table(SpeciesSection(name="X", valence=1))
    rows["[surfaces]"] = _rows_of_table(SurfaceSection(name="electrode"))
    rows["[reactions]"] = _rows_of_table(ReactionSection(oxidised="O"))
    rows["[leakages]"] = _rows_of_table(LeakageSection(species="K+", resistance=1.0), "resistance")
    rows["[homogeneous_reactions]"] = _rows_of_table(HomogeneousSection(equation="A = B", rate_constant="1 1/s"))
    rows["[solids]"] = _rows_of_table(SolidSection(name="solid_1", relative_permittivity=1.0))
    return rows


def _rows_of_table(entry: Section, *given: str) -> list[str]:
    """Return the rows of a table that may be there several times; `entry` has what has to be given."""
    fields = type(entry).model_fields
    needed = {key for key, field in fields.items() if field.is_required()} | set(given)
    values = entry.model_dump(mode="json", exclude=needed)
    return [_row(key, values.get(key), field.description) for key, field in fields.items()]


def _row(key: str, default: object, meaning: str | None) -> str:
    shown = "" if default is None else f"`{_toml(default)}`"
    return f"| `{key}` | {shown} | {meaning} |"


def _toml(value: object) -> str:
    return json.dumps(value)


def test_every_key_stands_in_the_page_with_its_default_and_no_other():
    rows = expected_rows()
    headings = re.split(r"^## \[(.+)\]$", TEXT, flags=re.MULTILINE)
    documented = dict(zip(headings[1::2], headings[2::2], strict=True))
    assert documented.keys() == rows.keys()
    for name, wanted in rows.items():
        found = [line for line in documented[name].splitlines() if line.startswith("| `")]
        assert found == wanted


def test_the_examples_of_the_page_are_valid_cases():
    examples = re.findall(r"```toml\n(.*?)```", TEXT, flags=re.DOTALL)
    assert examples
    for example in examples:
        assert parse_case(example) != Case()
