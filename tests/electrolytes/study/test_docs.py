import json
import re
from pathlib import Path

from ionspice.electrolytes.study.analysis import BondSection
from ionspice.electrolytes.study.barriers import BarrierSection
from ionspice.electrolytes.study.compositions import BoxSection, CompositionSection
from ionspice.electrolytes.study.file import LiquidStudy
from ionspice.electrolytes.study.molecules import MoleculeSection
from ionspice.electrolytes.study.sampling import BendSection
from ionspice.electrolytes.study.validation import ReferenceSection

TEXT = (Path(__file__).parents[3] / "docs/electrolytes.md").read_text()
LISTS = {
    "[molecules]": MoleculeSection,
    "[compositions]": CompositionSection,
    "[compositions.boxes]": BoxSection,
    "[frames.bends]": BendSection,
    "[barriers]": BarrierSection,
    "[validation.trajectories]": ReferenceSection,
    "analysis.bonds": BondSection,
}


def test_every_key_stands_in_the_page_with_its_default_and_no_other():
    sections = {name: field.annotation for name, field in LiquidStudy.model_fields.items()}
    models = LISTS | {name: sections[name] for name in sections if f"[{name}]" not in LISTS}
    headings = re.split(r"^## \[(.+)\]$", TEXT, flags=re.MULTILINE)
    documented = dict(zip(headings[1::2], headings[2::2], strict=True))
    assert documented.keys() == models.keys()
    for name, model in models.items():
        found = [line for line in documented[name].splitlines() if line.startswith("| `")]
        assert found == [_row(model, key) for key in model.model_fields]


def _row(model, key: str) -> str:
    field = model.model_fields[key]
    value = None if field.is_required() else model.model_construct().model_dump(mode="json").get(key)
    shown = "" if value in (None, "", {}) else f"`{json.dumps(value)}`"
    return f"| `{key}` | {shown} | {field.description} |"
