"""Whether a potential has seen what a run asks of it, elements, mixture, temperature and density, and learnt it."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ionspice.core import InputError

if TYPE_CHECKING:
    from ase import Atoms

    from ionspice.electrolytes.potential.record import LabelErrors, TrainingWindow

#: how far beyond what was seen is still within [1], of densities and temperatures, and of shares of molecules
_MARGIN, _SHARE_MARGIN = 0.02, 0.02
#: error of forces, as a share of their size, beyond which a potential is another liquid's
_WRONG = 0.3


def check_elements(box: "Atoms", type_map: Sequence[str], name: str) -> None:
    """Check that a potential knows all elements of a box.

    Raises:
        InputError: it does not.
    """
    unknown = sorted(set(box.get_chemical_symbols()) - set(type_map))
    if unknown:
        raise InputError(
            f"{name} has {', '.join(unknown)}, but the potential knows {', '.join(type_map)} only; train one with "
            "labels of such frames"
        )


def beyond(
    window: "TrainingWindow",
    *,
    temperature: float,
    density: float,
    mixture: Mapping[str, int],
    mixtures: Mapping[str, Mapping[str, int]],
) -> tuple[str, ...]:
    """Return what a potential was not trained for, in words.

    Args:
        window: what it was trained on.
        temperature: of the run [K].
        density: of its box [g/cm^3].
        mixture: molecules of the box, by name.
        mixtures: molecules of the compositions that the study names, by composition.
    """
    notes = []
    if window.temperature is None:
        notes.append("the labels of the potential do not say their temperature")
    else:
        notes += _outside("temperature", temperature, window.temperature, "K")
    notes += _outside("density", density, window.density, "g/cm^3")
    known = [mixtures[name] for name in window.compositions if name in mixtures]
    if not known:
        notes.append("the study does not say which mixtures the potential was trained on")
        return tuple(notes)
    for name in mixture:
        shares = [_share(one, name) for one in known]
        own, least, most = _share(mixture, name), min(shares), max(shares)
        if not least - _SHARE_MARGIN <= own <= most + _SHARE_MARGIN:
            notes.append(
                f"{own:.0%} of the molecules are {name}, the potential was trained at {least:.0%} to {most:.0%}"
            )
    return tuple(notes)


def unreliable(errors: "LabelErrors | None") -> tuple[str, ...]:
    """Return, in words, that a potential is too wrong for anything to follow from its runs.

    Args:
        errors: on frames held out; None where there were none.
    """
    if errors is None:
        return ("no frames were held out, so nobody knows how wrong the potential is",)
    share = errors.force / errors.force_size
    if share <= _WRONG:
        return ()
    return (
        f"on frames held out its forces are wrong by {errors.force:.2g} of {errors.force_size:.2g} eV/angstrom "
        f"({share:.0%}, more than {_WRONG:.0%}); train it on more labels, or longer",
    )


def _outside(what: str, value: float, limits: tuple[float, float], unit: str) -> list[str]:
    low, high = limits
    if low * (1 - _MARGIN) <= value <= high * (1 + _MARGIN):
        return []
    return [
        f"the {what} {value:.4g} {unit} is outside {low:.4g} to {high:.4g} {unit}, where the potential was trained"
    ]


def _share(mixture: Mapping[str, int], name: str) -> float:
    return mixture.get(name, 0) / sum(mixture.values())
