"""How large a device is: its area, or the capacitance that it shall have at a voltage, and what lies in series."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ionspice.core import InputError

if TYPE_CHECKING:
    from ionspice.circuits import CellOfTwo, NanoCircuit, Rating


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceSize:
    """What a user asks of a device."""

    #: of an electrode, m^2; that of the record, or one metre of depth, unless this or the capacitance is given
    area: float | None = None
    #: at `voltage`, F
    capacitance: float | None = None
    #: largest of the device, V; that of the learnt window unless given
    voltage: float | None = None
    #: whether it has two electrodes
    full_cell: bool = False
    #: of separator and contacts of a full cell, ohm m^2 of an electrode
    series_resistance: float = 0.0
    #: the same of the whole device, ohm, in place of it
    whole_resistance: float | None = None

    def __post_init__(self) -> None:
        """Check what fits together.

        Raises:
            InputError: two sizes at once, or a resistance between the electrodes of a half cell.
        """
        if self.area is not None and self.capacitance is not None:
            raise InputError("--area and --capacitance both say how large the device is; give one of them")
        if not self.full_cell and (self.series_resistance or self.whole_resistance is not None):
            raise InputError("--series-resistance lies between two electrodes; add --full-cell")


@dataclass(frozen=True, slots=True, kw_only=True)
class SizedDevice:
    """A size that fits a circuit."""

    #: of an electrode, m^2
    area: float
    #: what lies between two electrodes; None for a half cell
    cell: "CellOfTwo | None"
    #: at the device's largest voltage
    rating: "Rating"


def sized(circuit: "NanoCircuit", size: DeviceSize, potential: float) -> SizedDevice:
    """Return area, series resistance and data of a device.

    Args:
        circuit: an electrode.
        size: what is asked for.
        potential: largest of an electrode, V, where the size has no voltage.

    Raises:
        InputError: a voltage, capacitance or resistance out of range.
    """
    from ionspice.circuits import CellOfTwo, rating

    voltage = abs(potential) * (2 if size.full_cell else 1) if size.voltage is None else size.voltage
    per_area = rating(circuit, voltage, 0.0 if size.full_cell else None)
    area = circuit.strip_width if size.area is None else size.area
    if size.capacitance is not None:
        area = size.capacitance / per_area.capacitance
    if not size.full_cell:
        return SizedDevice(area=area, cell=None, rating=per_area.of_area(area))
    series = size.series_resistance if size.whole_resistance is None else size.whole_resistance * area
    cell = CellOfTwo(series_resistance=series)
    return SizedDevice(area=area, cell=cell, rating=rating(circuit, voltage, series).of_area(area))
