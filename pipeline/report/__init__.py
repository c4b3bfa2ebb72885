"""report.html of a run: page, sections and figures."""
