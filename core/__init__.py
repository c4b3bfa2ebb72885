"""What every stage shares: the base error and atomic writing of files."""

from ionspice.core.errors import InputError, IonspiceError, RunError
from ionspice.core.files import replacing, sha256_of

__all__ = ["InputError", "IonspiceError", "RunError", "replacing", "sha256_of"]
