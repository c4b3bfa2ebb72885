"""Whether a user's own mesh is what the solver takes it for: sound cells, closed boundaries, slits in a row."""

from collections.abc import Callable

from ionspice.meshes.own.boundary import check_boundary
from ionspice.meshes.own.cells import check_cells
from ionspice.meshes.own.order import check_order
from ionspice.meshes.own.surface import Surface

__all__ = ["Surface", "check_surface"]


def check_surface(surface: Surface, *, source: str, remark: Callable[[str], None]) -> None:
    """Check a mesh that nobody has checked yet.

    Args:
        surface: the mesh.
        source: its file, for messages.
        remark: called with what is allowed but worth a word.

    Raises:
        InputError: it cannot be what it says; the message names the place and what helps.
    """
    check_cells(surface, source)
    check_boundary(surface, source, remark)
    check_order(surface, source)
