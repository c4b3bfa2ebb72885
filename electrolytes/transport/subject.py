"""A run while it is measured: what is known of it before, and the curves that it turns out to have."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from ionspice.electrolytes.analysis.arrays import Floats, Integers
from ionspice.electrolytes.analysis.conversions import ConversionCount
from ionspice.electrolytes.analysis.displacements import MeanSquares
from ionspice.electrolytes.analysis.radial import RadialDistribution
from ionspice.electrolytes.analysis.trajectory import Trajectory
from ionspice.electrolytes.analysis.vibrations import Spectrum
from ionspice.electrolytes.study.analysis import AnalysisSection
from ionspice.electrolytes.transport.ions import FormalCharges, formal_charges
from ionspice.electrolytes.transport.runs import RunDescription
from ionspice.electrolytes.transport.structure import IonStructure


@dataclass(frozen=True, slots=True, kw_only=True)
class Molecules:
    """What is known of the liquid's molecules."""

    charges: FormalCharges
    names: Mapping[str, str] = field(default_factory=dict)  #: as reports write them, by formula


def molecules_of(charges: Mapping[str, int], names: Mapping[str, str] | None = None) -> Molecules:
    """Return molecules by formulas, their charges [e] and names.

    Raises:
        InputError: see `ions.formal_charges`.
    """
    return Molecules(charges=formal_charges(charges), names=names or {})


@dataclass(slots=True, kw_only=True)
class Curves:
    """What a run tells as functions; parts that it does not tell are empty."""

    radial: dict[str, RadialDistribution] = field(default_factory=dict)  #: by pair of elements
    spectra: dict[str, Spectrum] = field(default_factory=dict)  #: by element or formula, "all"
    squares: dict[str, MeanSquares] = field(default_factory=dict)  #: by element or formula, "charge"
    structure: IonStructure | None = None
    times: Floats = field(default_factory=lambda: np.empty(0))  #: of the counts [ps]
    counts: dict[str, Integers] = field(default_factory=dict)  #: clusters by formula
    conversions: ConversionCount | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What measurements of one run share."""

    run: RunDescription
    trajectory: Trajectory
    molecules: Molecules
    settings: AnalysisSection
    curves: Curves = field(default_factory=Curves)  #: filled by the measurements

    @property
    def elements(self) -> list[str]:
        """The elements, each once, in the atoms' order."""
        return list(dict.fromkeys(self.trajectory.elements.tolist()))
