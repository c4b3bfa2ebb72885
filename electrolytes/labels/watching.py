"""Work that ends with the process that it is for, even if a shell or dpdispatcher stands between them."""

import os
import subprocess
from contextlib import suppress

from ionspice.core.signals import StoppedError

_LOOK_EVERY = 1.0  # s


def is_alive(process: int) -> bool:
    """Return whether a process of this number runs; 0 stands for none that matters."""
    if process == 0:
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def wait_for(process: "subprocess.Popen[bytes]", watch: int) -> int:
    """Return the exit status of a child when it has ended; end it when the watched process has.

    Raises:
        StoppedError: the watched process has ended.
    """
    try:
        while is_alive(watch):
            with suppress(subprocess.TimeoutExpired):
                return process.wait(timeout=_LOOK_EVERY)
        raise StoppedError(f"process {watch}, for which this was done, has ended")
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait()
