"""The case file, the command line, the stages and the report."""

from ionspice.pipeline.case import Case, parse_case, read_case

__all__ = ["Case", "parse_case", "read_case"]
