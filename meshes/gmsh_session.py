"""One gmsh session at a time, quiet and always closed."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from ionspice.core import RunError
from ionspice.core.signals import kept


@contextmanager
def gmsh_session() -> Iterator[ModuleType]:
    """Yield the gmsh module with an empty model.

    Raises:
        RunError: gmsh is not installed or a system library it loads is missing.
    """
    try:
        import gmsh
    except (ImportError, OSError) as error:
        raise RunError(
            f"gmsh cannot be loaded ({error}); install ionspice[fem] and, on Debian, the packages libglu1-mesa, "
            "libxcursor1, libxft2 and libxinerama1"
        ) from error
    with kept():
        gmsh.initialize(interruptible=False)
        try:
            gmsh.option.setNumber("General.Terminal", 0)
            gmsh.model.add("ionspice")
            yield gmsh
        finally:
            gmsh.finalize()


def write_msh(gmsh: ModuleType, path: Path) -> None:
    """Write the session's mesh as binary-free gmsh 4.1 text."""
    gmsh.option.setNumber("Mesh.MshFileVersion", 4.1)
    gmsh.option.setNumber("Mesh.Binary", 0)
    gmsh.write(str(path))
