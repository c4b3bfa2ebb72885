"""One base class, so that a caller can catch everything ionspice raises on purpose.

A message gives the offending value, the limit it broke and the remedy.
"""


class IonspiceError(Exception):
    """Base of all errors that ionspice raises on purpose."""

    #: exit status of the command line
    exit_status = 1


class InputError(IonspiceError):
    """A file, key or argument that the user can correct; nothing was written."""

    exit_status = 2


class RunError(IonspiceError):
    """A run that could not finish (no convergence, missing library); what it had is kept."""
