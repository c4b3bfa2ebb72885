"""Measure all that claims and pictures of a reproduction need: which function for which entry of measures.json."""

from collections.abc import Callable

from ionspice.core import IonspiceError, RunError
from ionspice.core.console import Advance
from ionspice.pipeline.study import measure_circuit, measure_curves, measure_flux, measure_law
from ionspice.pipeline.study.files import StudyFiles
from ionspice.pipeline.study.measures import Measured

#: by letter of the claim
CLAIM_MEASURES: dict[str, Callable[[StudyFiles], Measured]] = {
    "A": measure_flux.open_electrolyte,
    "B": measure_flux.slit_directions,
    "C": measure_flux.steric_direction,
    "D": measure_flux.slit_order,
    "E": measure_law.resistance_ratio,
    "F": measure_law.forms,
    "G": measure_law.extremes,
    "H": measure_flux.profiles,
    "I": measure_law.trends,
    "J": measure_law.capacitance,
    "K": measure_circuit.agreement,
    "L": measure_circuit.loops,
    "M": measure_circuit.current_peaks,
    "N": measure_circuit.cost,
}
#: by name of the picture or table
PICTURE_MEASURES: dict[str, Callable[[StudyFiles], Measured]] = {
    "open_flux": measure_curves.open_flux,
    "slit_flux": measure_curves.slit_flux,
    "profiles": measure_curves.slit_profiles,
    "voltammogram": measure_curves.voltammogram,
    "deep_voltammogram": measure_curves.deep_voltammogram,
    "loops_over_rates": measure_curves.loops_over_rates,
    "loops_over_layers": measure_curves.loops_over_layers,
    "slit_charges": measure_curves.slit_charges,
    "slit_capacitances": measure_curves.slit_capacitances,
    "current_map": measure_curves.current_map,
    "window_laws": measure_curves.window_laws,
    "costs": measure_circuit.costs,
}
MEASURES = CLAIM_MEASURES | PICTURE_MEASURES


def measure(name: str, study: StudyFiles) -> Measured:
    """Return one entry, with the reason where it has no numbers."""
    try:
        return MEASURES[name](study)
    except IonspiceError as error:
        return Measured(missing=str(error), again=isinstance(error, RunError))


def measure_all(study: StudyFiles, advance: Advance = lambda done, whole: None) -> dict[str, Measured]:
    """Return every entry by its name."""
    found = {}
    for name in MEASURES:
        found[name] = measure(name, study)
        advance(len(found), len(MEASURES))
    return found
