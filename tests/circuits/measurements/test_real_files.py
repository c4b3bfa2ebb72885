"""Files as instruments wrote them are read as they are."""

from pathlib import Path

import numpy as np
import pytest

from ionspice.circuits.measurements.reader import read_measurements
from ionspice.circuits.measurements.records import Spectrum, Voltammogram
from ionspice.core import InputError

FILES = Path(__file__).parent / "files"


@pytest.mark.parametrize(
    ("file", "points", "frequency", "impedance", "bias"),
    [
        ("exampleDataBioLogic.mpt", 43, 1.0003201e3, 65.470886 - 0.38998979j, -2.7e-4),
        ("exampleDataCHInstruments.txt", 73, 9.961e4, 98.91 - 2.748j, 0.0),
        ("exampleDataGamry.DTA", 72, 200015.6, 825.8584 - 1367.239j, -0.05),
        ("exampleDataZPlot.z", 21, 3e5, 147.77 - 11.335j, 0.0),
        ("gamry_eispot_data.dta", 10, 1e4, 224.6075 - 3.767681j, 1.3),
    ],
)
def test_a_spectrum_has_every_point_of_the_file(
    file: str, points: int, frequency: float, impedance: complex, bias: float
) -> None:
    (found,) = read_measurements(FILES / file)
    assert isinstance(found, Spectrum)
    assert found.frequency.size == points
    assert found.frequency[0] == pytest.approx(frequency)
    assert found.impedance[0] == pytest.approx(impedance)
    assert found.bias == pytest.approx(bias, abs=1e-4)


def test_the_cycles_of_a_voltammogram_follow_each_other() -> None:
    (found,) = read_measurements(FILES / "gamry_cv_data.dta")
    assert isinstance(found, Voltammogram)
    assert found.time.size == 50
    assert found.time[[0, -1]] == pytest.approx([0.1, 601.1])
    assert found.current[10] == pytest.approx(6.57772e-7)
    assert np.ptp(found.potential) == pytest.approx(0.898 - 0.490, abs=0.01)


def test_an_experiment_that_never_began_says_so() -> None:
    with pytest.raises(InputError, match=r"incompleteheader.*no curve.*CV.*stopped before its first point"):
        read_measurements(FILES / "gamry_cv_data_incompleteheader.dta")
