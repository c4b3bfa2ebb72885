"""Names for arrays."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

type Floats = NDArray[np.float64]
type Integers = NDArray[np.int64]
type Flags = NDArray[np.bool_]
type Names = NDArray[np.str_]
type Points = NDArray[Any]
