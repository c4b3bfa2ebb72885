"""The case file, the command line, the stages and the report."""
