r"""Open electrolyte before a face as a row of nodes along x, each with potentials of its own.

Linear elements and lumped charge as in `cells`, from the bulk to the face on graded nodes; nearer to the face than
the mouth all of them have the mouth's w, farther away every node has its own:

    A phi = sum_s z_s g c_s(w_j - z phi_j) / I,      phi = 0 in the bulk, u at the face
    n_s,j = W g_j c_s,j
    J_s   = (W D_s / h) sqrt(c_j c_j+1) 2 sinh((w_j - w_j+1)/2) d / sinh d,     2 d = ln(e^w / c)_j - ln(e^w / c)_j+1

J is the flow of Scharfetter and Gummel (IEEE Trans. Electron Devices 16, 64, 1969, doi:10.1109/T-ED.1969.16566),
exact for a steady flow where ln(e^w / c), z phi and crowding together, is linear. It has the sign of the drop of w,

    n_s = dPi/dw_s,  charge of the face over e = dPi/du,  Pi(w, u) = W I lambda_D min over phi of
                                                            [phi A phi / 2 + sum_j g_j p(w_j - z phi_j)/I]

with Pi convex in w and u together, so that the column is reciprocal and passive. What its ions leave over of the
face's charge stands at the bulk's end: where double layers reach that far, part of the current is displacement
current.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ionspice.circuits.ions.cells import first_spacing, graded
from ionspice.circuits.ions.solution import FloatArray, IonSolution
from ionspice.core import InputError

#: growth of the spacing where the row goes on from the mouth towards the bulk
_ONWARD = 1.3
#: least spacing there over the mean one: space charge spreads into the row where a limiting current is exceeded
LEAST_SHARE = 0.7
#: fewest spacings between face and mouth, and between mouth and bulk
_LEAST_NEAR, _LEAST_FAR = 4, 8


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Column:
    """A row of nodes whose first and last potential are held."""

    #: lambda_D over the distance of neighbours, times the share of W, 1, shape (nodes - 1,)
    bond: FloatArray
    #: length of electrolyte at the nodes, times the share of W, m, shape (nodes,)
    weight: FloatArray
    #: width over the distance of neighbours, 1, shape (nodes - 1,)
    way: FloatArray
    #: which node of the chain's part the nodes share w with, rising from 0, shape (nodes,)
    owner: NDArray[np.intp]
    #: node of the chain where that part begins
    first: int = 0
    #: W, m
    width: float
    #: Debye length, m
    unit: float
    #: whether a face at -u stands at the first node instead of the bulk
    sealed: bool = False

    @property
    def nodes(self) -> int:
        """Number of nodes, both ends included."""
        return int(self.owner.size)

    @property
    def length(self) -> float:
        """Length of the row, m."""
        return float(self.width * (1 / self.way).sum())

    @property
    def parts(self) -> int:
        """Number of nodes of the chain."""
        return int(self.owner[-1]) + 1

    @property
    def chain(self) -> slice:
        """The nodes of the chain."""
        return slice(self.first, self.first + self.parts)

    @property
    def crossed(self) -> NDArray[np.intp]:
        """First nodes of the neighbours between which ions flow, shape (parts - 1,)."""
        return np.flatnonzero(np.diff(self.owner))

    @property
    def held(self) -> FloatArray:
        """Potentials of the first and the last node over u, 1."""
        return np.array([-1.0 if self.sealed else 0.0, 1.0])


def open_column(
    solution: IonSolution,
    *,
    length: float,
    width: float,
    depth: float,
    face: float,
    nodes: int,
    window: float,
    stern_layer: float = 0.0,
    least_share: float = LEAST_SHARE,
) -> Column:
    """Return the row between the bulk and a face.

    Args:
        solution: the ions.
        length: from the bulk to the face, m.
        width: W, m.
        depth: distance of the mouth from the face, m.
        face: share of W that the face covers, 1.
        nodes: about as many as across half a slit and its surroundings; half of them lie beyond the mouth.
        window: largest |e phi_m/kT| that is meant, 1; it sets the first spacing.
        stern_layer: lambda_S, m.
        least_share: least spacing beyond the mouth over the mean one there, 1; 0 resolves the double layer's tail.

    Raises:
        InputError: a mouth beyond the bulk or a share that is none.
    """
    if not 0 < depth < length:
        raise InputError(f"the mouth lies {depth:g} m before the face; it must be less than the bulk's {length:g} m")
    if not 0 < face <= 1:
        raise InputError(f"the face covers {face:g} of the strip; its share must be positive and at most 1")
    near, far = max(_LEAST_NEAR, nodes // 4), max(_LEAST_FAR, (nodes + 1) // 2)
    inner = graded(depth, near + 1, first_spacing(solution, 2 * depth, near + 1, window))
    rest = length - depth
    start = max(_ONWARD * (inner[-1] - inner[-2]), least_share * rest / far)
    outer = depth + graded(rest, far + 1, min(start, rest / far))
    x = np.concatenate([outer[:0:-1], inner[::-1]])
    spacing = -np.diff(x)
    share = np.where(np.arange(spacing.size) < far, 1.0, face)
    column = Column(
        bond=solution.debye_length / spacing * share,
        weight=(np.append(spacing * share, 0.0) + np.append(0.0, spacing * share)) / 2,
        way=width / spacing,
        owner=np.minimum(np.arange(x.size), far),
        width=width,
        unit=solution.debye_length,
    )
    return column if stern_layer == 0 else _behind_stern_layer(column, stern_layer, face)


def facing(column: Column, first: int) -> Column:
    """Return a row with its mirror image in the place of the bulk, from node `first` of the chain on."""
    weight = np.concatenate([column.weight[:0:-1], 2 * column.weight[:1], column.weight[1:]])
    last = column.parts - 1
    return replace(
        column,
        bond=np.concatenate([column.bond[::-1], column.bond]),
        weight=weight,
        way=np.concatenate([column.way[::-1], column.way]),
        owner=np.concatenate([last - column.owner[:0:-1], last + column.owner]),
        first=first,
        sealed=True,
    )


def _behind_stern_layer(column: Column, stern_layer: float, face: float) -> Column:
    """Return a row whose last node stands behind a layer without ions."""
    return replace(
        column,
        bond=np.append(column.bond, column.unit / stern_layer * face),
        weight=np.append(column.weight, 0.0),
        way=np.append(column.way, column.width / stern_layer),
        owner=np.append(column.owner, column.owner[-1]),
    )
