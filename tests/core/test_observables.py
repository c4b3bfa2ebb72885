"""Results of a whole pore as results per metre of depth."""

import numpy as np
import pytest
import xarray as xr

from ionspice.core.observables import per_depth, pore_depth


def fields(*, axisymmetric, charge_unit="C", count_unit="1"):
    """Return two variables and a coordinate of a run around a circle of 5 nm."""
    return xr.Dataset(
        {
            "slit_charge": (("time", "slit"), [[0.0], [2.0]], {"units": charge_unit, "long_name": "net"}),
            "slit_ions": (("time", "slit"), [[4.0], [6.0]], {"units": count_unit}),
            "step_order": ("time", [0, 1], {"units": "1"}),
        },
        coords={"slit": ("slit", [1], {"units": "1"}), "slit_bulk_charge": ("slit", [3.0], {"units": charge_unit})},
        attrs={"axisymmetric": int(axisymmetric), "strip_width": 5e-9},
    )


def test_a_strip_of_that_depth_has_the_area_of_the_circle():
    assert pore_depth(5e-9) * 5e-9 == pytest.approx(np.pi * 5e-9**2)


def test_what_is_of_the_pore_is_divided_by_the_depth_and_nothing_else():
    found = per_depth(fields(axisymmetric=True))
    depth = np.pi * 5e-9
    assert found["slit_charge"].values[:, 0] == pytest.approx([0.0, 2 / depth])
    assert found["slit_ions"].values[:, 0] == pytest.approx([4 / depth, 6 / depth])
    assert found["slit_bulk_charge"].values == pytest.approx([3 / depth])
    assert found["slit_charge"].attrs == {"units": "C/m", "long_name": "net"}
    assert found["slit_ions"].attrs["units"] == "1/m"
    assert found["step_order"].values.tolist() == [0, 1]
    assert found["slit"].values.tolist() == [1]


def test_it_happens_once_and_to_pores_alone():
    once = per_depth(fields(axisymmetric=True))
    assert per_depth(once).identical(once)
    strip = fields(axisymmetric=False, charge_unit="C/m", count_unit="1/m")
    assert per_depth(strip).identical(strip)
