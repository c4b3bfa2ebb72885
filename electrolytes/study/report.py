"""[report] of liquid.toml: what the report shows beside the files themselves."""

from pydantic import Field

from ionspice.core.section import Section
from ionspice.electrolytes.study.paths import FileName


class LiquidReportSection(Section):
    """The report of a liquid."""

    title: str = Field(default="", max_length=200, description="of the page; default: the names of the molecules")
    claims: FileName = Field(default="", description="claims of a study that are judged (TOML), default none")
