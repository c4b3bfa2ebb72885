import math
from dataclasses import replace

import numpy as np
import pytest

from ionspice.core import InputError
from ionspice.electrolytes.analysis.estimate import IntervalEstimate, normal_estimate
from ionspice.electrolytes.transport.record import (
    ActivationRecord,
    ConductivityRecord,
    Diffusion,
    RunTransport,
    SpeciesTransport,
    StructureTable,
    TransportRecord,
    read_transport,
    write_transport,
)
from ionspice.electrolytes.transport.structure import StructureFactor


def record():
    motion = Diffusion(
        coefficient=normal_estimate(4e-7, 1e-8, "cm^2/s"), log_slope=normal_estimate(1.0, 0.02, "1"), diffusive=True
    )
    endless = IntervalEstimate(value=2.0, standard_error=0.5, low=1.0, high=math.inf, unit="1")
    structure = StructureFactor(
        wave_numbers=np.array([0.1, 0.2]),
        vectors=np.array([3, 6]),
        values=np.array([0.01, 0.05]),
        errors=np.array([0.001, 0.002]),
        frames=10,
    )
    run = RunTransport(
        name="a",
        composition="x1.00",
        temperature=450.0,
        ensemble="NPT",
        atoms=10,
        frames=5,
        length=100.0,
        interval=0.05,
        volume=normal_estimate(1e5, 10.0, "angstrom^3"),
        density=normal_estimate(1.2, 0.01, "g/cm^3"),
        species=(SpeciesTransport(name="EMIm+", formula="C6H11N2", charge=1, count=4, diffusion=motion),),
        elements={"Al": motion},
        conductivity=ConductivityRecord(
            nernst_einstein=normal_estimate(20, 1, "mS/cm"),
            helfand=normal_estimate(10, 4, "mS/cm"),
            haven=endless,
            diffusive=True,
        ),
        charge_structure=StructureTable.of(structure),
        missing={"vdos": "no velocities"},
    )
    activation = ActivationRecord(
        composition="x1.00",
        species="EMIm+",
        energy=normal_estimate(0.2, 0.01, "eV"),
        prefactor=1e-3,
        temperatures=(450.0, 500.0),
    )
    return TransportRecord(runs=(run, replace(run, name="b", temperature=300.0)), activation=(activation,))


def test_a_record_comes_back_as_it_was_written(tmp_path):
    written = record()
    write_transport(tmp_path / "transport.json", written)
    assert '"format": "ionspice-transport/1"' in (tmp_path / "transport.json").read_text()
    read = read_transport(tmp_path / "transport.json")
    # an endless interval has no number in JSON
    assert math.isnan(read.runs[0].conductivity.haven.high)
    assert read.activation == written.activation
    assert read.runs[0].species == written.runs[0].species
    assert read.runs[0].compressibility is None
    assert read.runs[0].charge_structure.structure().values == pytest.approx([0.01, 0.05])


def test_runs_of_a_composition_come_by_temperature():
    assert [run.name for run in record().of()] == ["b", "a"]
    with pytest.raises(InputError, match=r"there are x1\.00"):
        record().of("x2.00")


def test_a_damaged_record_is_refused(tmp_path):
    (tmp_path / "transport.json").write_text('{"format": "ionspice-transport/1", "runs": [{"name": "a"}]}')
    with pytest.raises(InputError, match="analyse"):
        read_transport(tmp_path / "transport.json")
