"""From measurements to the models of a device: what `ionspice fit` computes, without files."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ionspice.circuits.fitting.comparison import Comparison, FittedModel, compare_models
from ionspice.circuits.fitting.experiments import Experiment, experiment_of
from ionspice.circuits.fitting.kramers_kronig import KramersKronig, kramers_kronig
from ionspice.circuits.fitting.least_squares import Prior
from ionspice.circuits.fitting.models import CapacitanceModes, DeviceModel, candidate_models, ladder_circuit
from ionspice.circuits.fitting.relaxation_times import RelaxationTimes, relaxation_times
from ionspice.circuits.fitting.scales import Scales, scales_of
from ionspice.circuits.fitting.steps import COARSE
from ionspice.circuits.measurements.records import Measurement, Spectrum
from ionspice.circuits.model.ladder import Charge, NanoCircuit
from ionspice.core import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class FitSettings:
    """What is asked of a fit."""

    #: sheets of the ladders
    layers: int = 21
    #: charges that the resistances may read
    readings: tuple[Charge, ...] = ("passed", "local")
    #: potential at which the device is uncharged, V
    reference: float = 0.0
    #: whether every file is left out once
    hold_out: bool = True
    #: which of the models are compared
    wanted: Callable[[DeviceModel], bool] = lambda _: True
    #: what is known beforehand
    priors: tuple[Prior, ...] = ()

    def __post_init__(self) -> None:
        """Check the number of sheets."""
        if self.layers < 2:
            raise InputError(f"layers = {self.layers}; a stack needs at least 2 sheets to have a slit")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DeviceFit:
    """A fit, with what it was made of."""

    settings: FitSettings
    records: tuple[Measurement, ...]
    experiments: tuple[Experiment, ...]
    scales: Scales
    comparison: Comparison
    #: by name of the spectrum; None where the test could not be done
    tests: dict[str, KramersKronig | None]
    #: by name of the spectrum
    relaxations: dict[str, RelaxationTimes]

    def circuit(self, fitted: FittedModel | None = None) -> NanoCircuit:
        """Return the ladder of a model, of the best that has one unless given, with every slit."""
        one = fitted or self.comparison.best_circuit
        modes = CapacitanceModes.of(self.scales.window)
        values = one.solution.values
        if "R" in values:
            return ladder_circuit(modes, 2, "stored", {**values, "Rline": values["R"], "Ropen": 0.0})
        reading = one.model.reading or self.settings.readings[0]
        return ladder_circuit(modes, self.settings.layers, reading, values, one.model.shape)


def fit_device(
    records: Sequence[Measurement],
    settings: FitSettings | None = None,
    advance: Callable[[str], None] = lambda _: None,
) -> DeviceFit:
    """Fit all models to all measurements of a device and compare them; `advance` is told which is next.

    Raises:
        InputError: a record in which nothing changes.
    """
    asked = settings or FitSettings()
    named = distinct(records)
    experiments = tuple(experiment_of(one, asked.reference) for one in named)
    scales = scales_of(named, asked.reference)
    comparison = compare_models(
        [one for one in candidate_models(scales, asked.layers, asked.readings) if asked.wanted(one)],
        experiments,
        [experiment_of(one, asked.reference, COARSE) for one in named],
        asked.priors,
        hold_out=asked.hold_out,
        advance=advance,
    )
    return DeviceFit(
        settings=asked,
        records=named,
        experiments=experiments,
        scales=scales,
        comparison=comparison,
        relaxations={one.name: relaxation_times(one) for one in named if isinstance(one, Spectrum)},
        tests={one.name: kramers_kronig(one) for one in named if isinstance(one, Spectrum)},
    )


def distinct(records: Sequence[Measurement]) -> tuple[Measurement, ...]:
    """Return the records under names of their own."""
    seen: dict[str, int] = {}
    found = []
    for one in records:
        seen[one.name] = seen.get(one.name, 0) + 1
        found.append(one if seen[one.name] == 1 else replace(one, name=f"{one.name} ({seen[one.name]})"))
    return tuple(found)
