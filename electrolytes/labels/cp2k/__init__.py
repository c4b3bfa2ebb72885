"""CP2K as a teacher: its input, its output, its program."""
