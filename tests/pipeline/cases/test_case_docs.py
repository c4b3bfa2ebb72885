import json
import re
import tomllib
from pathlib import Path

from ionspice.pipeline import Case, parse_case
from ionspice.pipeline.cases.electrolyte import SpeciesSection

TEXT = (Path(__file__).parents[3] / "docs/case-file.md").read_text()


def expected_rows() -> dict[str, list[str]]:
    """Return the rows of every section's table as the model has them."""
    defaults = tomllib.loads(Case().to_toml())
    sections = {name: field.annotation for name, field in Case.model_fields.items()}
    rows = {
        name: [
            _row(key, defaults[name].get(key), field.description)
            for key, field in model.model_fields.items()
            if key != "species"
        ]
        for name, model in sections.items()
    }
    species = SpeciesSection(name="X", valence=1).model_dump(mode="json", exclude={"name", "valence"})
    rows["[electrolyte.species]"] = [
        _row(key, species.get(key), field.description) for key, field in SpeciesSection.model_fields.items()
    ]
    return rows


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
