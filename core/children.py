"""Processes that end with the one that started them, however it ends."""

import os
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

# Linux keeps the wish to be told of the parent's death through the change of program. The parent is looked at again,
# because it may have died before.
_START = """
import ctypes, os, signal, sys
ctypes.CDLL(None).prctl(1, signal.SIGTERM)
if os.getppid() != int(sys.argv[1]):
    sys.exit(143)
os.execvp(sys.argv[2], sys.argv[2:])
"""


def start_child(command: Sequence[str], **options: Any) -> "subprocess.Popen[bytes]":
    """Start a program that gets SIGTERM when the thread that calls this, or its process, has ended.

    Args:
        command: the program and its arguments.
        options: of `subprocess.Popen`.
    """
    if not sys.platform.startswith("linux"):
        return subprocess.Popen(list(command), **options)
    starter = [sys.executable, "-I", "-S", "-c", _START, str(os.getpid()), *command]
    return subprocess.Popen(starter, **options)
