"""liquid.toml: molecules, mixtures, teacher, potential and runs of one liquid."""

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Self

import tomli_w
from pydantic import Field, model_validator

from ionspice.core.section import Section
from ionspice.core.toml_files import parse_toml, read_toml_text, validated
from ionspice.core.unit_types import UNITS_REQUIRED
from ionspice.electrolytes.study.analysis import AnalysisSection
from ionspice.electrolytes.study.barriers import BarrierSection
from ionspice.electrolytes.study.compositions import CompositionSection
from ionspice.electrolytes.study.jobs import JobsSection
from ionspice.electrolytes.study.molecules import MoleculeSection
from ionspice.electrolytes.study.paths import FOLDER
from ionspice.electrolytes.study.potential import ExplorationSection, PotentialSection
from ionspice.electrolytes.study.production import ProductionSection
from ionspice.electrolytes.study.report import LiquidReportSection
from ionspice.electrolytes.study.sampling import FramesSection, PretrainingSection
from ionspice.electrolytes.study.teacher import TeacherSection
from ionspice.electrolytes.study.transfer import TransferSection
from ionspice.electrolytes.study.validation import ValidationSection


class LiquidStudy(Section):
    """What is made of one liquid, from its molecules to its properties."""

    molecules: tuple[MoleculeSection, ...] = Field(min_length=1, description="what the liquid consists of")
    compositions: tuple[CompositionSection, ...] = Field(min_length=1, description="mixtures that are learnt from")
    teacher: TeacherSection = TeacherSection()
    frames: FramesSection = FramesSection()
    pretraining: PretrainingSection = PretrainingSection()
    potential: PotentialSection = PotentialSection()
    exploration: ExplorationSection = ExplorationSection()
    validation: ValidationSection = ValidationSection()
    production: ProductionSection = ProductionSection()
    barriers: tuple[BarrierSection, ...] = Field(default=(), description="reactions whose barriers are looked for")
    analysis: AnalysisSection = AnalysisSection()
    transfer: TransferSection = TransferSection()
    report: LiquidReportSection = LiquidReportSection()
    jobs: JobsSection = JobsSection()

    @model_validator(mode="after")
    def _names_differ(self) -> Self:
        for what, names in (
            ("molecule", [molecule.name for molecule in self.molecules]),
            ("composition", [one.name for one in self.compositions]),
            ("composition of [production]", [one.name for one in self.production.compositions]),
            ("barrier", [one.name for one in self.barriers]),
        ):
            double = next((name for name in names if names.count(name) > 1), None)
            if double is not None:
                raise ValueError(f"{what} {double!r} is there {names.count(double)} times; give each its own name")
        return self

    @model_validator(mode="after")
    def _mixtures_are_known_and_neutral(self) -> Self:
        charges = {molecule.name: molecule.charge for molecule in self.molecules}
        for mixture in (*self.compositions, *self.production.compositions):
            amounts: Mapping[str, float] = mixture.counts or mixture.ratio
            unknown = next((name for name in amounts if name not in charges), None)
            if unknown is not None:
                raise ValueError(
                    f"composition {mixture.name} has {unknown!r}, which is none of [[molecules]]: "
                    f"{', '.join(charges)}; correct it"
                )
            charge = sum(amount * charges[name] for name, amount in amounts.items())
            if abs(charge) > 1e-4 * sum(amounts.values()):
                raise ValueError(
                    f"composition {mixture.name} has the charge {charge:+g} e; change the numbers until it is neutral"
                )
        return self

    @model_validator(mode="after")
    def _chosen_compositions_are_known(self) -> Self:
        known = [one.name for one in self.compositions]
        chosen = {
            "frames": self.frames.compositions,
            "pretraining": self.pretraining.compositions,
            "exploration": self.exploration.compositions,
            "validation.trajectories": tuple(one.composition for one in self.validation.trajectories),
        }
        for section, names in chosen.items():
            unknown = next((name for name in names if name not in known), None)
            if unknown is not None:
                raise ValueError(
                    f"[{section}] compositions has {unknown!r}, which is none of [[compositions]]: "
                    f"{', '.join(known)}; correct it"
                )
        return self

    @model_validator(mode="after")
    def _boxes_of_barriers_are_known_and_neutral(self) -> Self:
        charges = self.charges
        for barrier in self.barriers:
            names = [name for name in (barrier.donor, barrier.acceptor, *barrier.around) if name]
            unknown = next((name for name in names if name not in charges), None)
            if unknown is not None:
                raise ValueError(
                    f"[[barriers]] {barrier.name} has {unknown!r}, which is none of [[molecules]]: "
                    f"{', '.join(charges)}; correct it"
                )
            amounts = Counter(barrier.around) + Counter(name for name in (barrier.donor, barrier.acceptor) if name)
            charge = sum(charges[name] * amount for name, amount in amounts.items())
            if charge:
                raise ValueError(
                    f"[[barriers]] {barrier.name} has the charge {charge:+d} e; change around until it is neutral"
                )
        return self

    @model_validator(mode="after")
    def _bent_molecules_are_known(self) -> Self:
        known = [molecule.name for molecule in self.molecules]
        for section, bend in (
            *(("frames", bend) for bend in self.frames.bends),
            *(("pretraining", bend) for bend in self.pretraining.bends),
        ):
            if bend.molecule not in known:
                raise ValueError(
                    f"[[{section}.bends]] molecule has {bend.molecule!r}, which is none of [[molecules]]: "
                    f"{', '.join(known)}; correct it"
                )
        return self

    def composition(self, name: str) -> CompositionSection:
        """Return the composition of a name.

        Raises:
            KeyError: there is none.
        """
        return next(one for one in self.compositions if one.name == name)

    @property
    def charges(self) -> dict[str, int]:
        """Charge of a molecule [e], by name."""
        return {molecule.name: molecule.charge for molecule in self.molecules}

    def to_toml(self) -> str:
        """Return the resolved study, every key with its unit; `parse_liquid` gives an equal study back."""
        values = self.model_dump(mode="json", exclude_none=True)
        own = self.teacher.own_keys()
        values["teacher"] = {key: value for key, value in values["teacher"].items() if key in own}
        for mixture in _mixtures(values):
            for key in ("counts", "ratio"):
                if not mixture[key]:
                    del mixture[key]
        return tomli_w.dumps(values)


def _mixtures(values: Mapping[str, "object"]) -> Iterable[dict[str, "object"]]:
    production = values["production"]
    assert isinstance(production, dict)
    yield from values["compositions"]  # type: ignore[misc]
    yield from production["compositions"]


def parse_liquid(text: str, *, source: str = "liquid", folder: Path | None = None) -> LiquidStudy:
    """Return the study that TOML text describes.

    Args:
        text: the content of a study file.
        source: its name, for messages.
        folder: from which relative paths are looked for; None checks and resolves none.

    Raises:
        InputError: not TOML, or mistakes in keys and values, each on a line of its own.
    """
    context = {UNITS_REQUIRED: True, FOLDER: folder}
    return validated(LiquidStudy, parse_toml(text, source=source), source=source, context=context)


def read_liquid(path: str | Path) -> LiquidStudy:
    """Read a study file; relative paths in it are looked for beside it.

    Raises:
        InputError: the file cannot be read, or see `parse_liquid`.
    """
    path = Path(path)
    return parse_liquid(read_toml_text(path, "study"), source=str(path), folder=path.parent)
