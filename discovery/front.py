"""From forms to the front of laws: fit, shorten, refuse, cross-validate, fit to all rows."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ionspice.core import RunError
from ionspice.discovery.clock import Clock
from ionspice.discovery.fits.fitting import fit
from ionspice.discovery.fits.misfit import Dataset
from ionspice.discovery.fits.selection import FrontMember, assess, judged, pareto_front, simplicity
from ionspice.discovery.forms.canonical import Form
from ionspice.discovery.forms.constraints import is_admissible
from ionspice.discovery.forms.demands import meets
from ionspice.discovery.forms.soundness import is_sound
from ionspice.discovery.ordering import ranked
from ionspice.discovery.pruning import shortened
from ionspice.discovery.settings import SearchSettings

_MOST_FRONT = 18
_MOST_SHORTENED = 8


def admissible_front(
    forms: Sequence[tuple[float, Form]], datasets: Sequence[Dataset], settings: SearchSettings, clock: Clock
) -> list[FrontMember]:
    """Return the front of the forms, the more promising of which come with a lower number, once they are fitted.

    Raises:
        RunError: none is admissible.
    """
    members = _fitted(forms, datasets, clock)
    # however short the time, the law without variables is among them
    members += [assess(form, datasets) for number, form in forms if number == np.inf and clock.is_limited]
    front = _shortened_front([member for member in members if np.isfinite(member.error)], datasets, settings, clock)
    if not front:
        raise RunError(
            f"none of {len(forms)} candidate laws is finite, rising, free of poles, of right units and as demanded "
            "on the data; widen `functions`, raise `generations` or drop the constraint"
        )
    return front


def _fitted(forms: Sequence[tuple[float, Form]], datasets: Sequence[Dataset], clock: Clock) -> list[FrontMember]:
    """Return fitted forms; under a time budget from the constants of the search first, then from a grid."""
    members = clock.done_in_time(
        "fits", forms, lambda one: assess(one[1], datasets, grid=not clock.is_limited), lambda one: one[0]
    )
    if not clock.is_limited:
        return members
    again = clock.done_in_time(
        "grid",
        members,
        lambda one: (one, assess(one.form, datasets, [fitted.values for fitted in one.fits])),
        lambda one: one.description,
    )
    better = {id(old): new for old, new in again if new.error < old.error}
    return [better.get(id(one), one) for one in members]


def _shortened_front(
    members: list[FrontMember], datasets: Sequence[Dataset], settings: SearchSettings, clock: Clock
) -> list[FrontMember]:
    """Return the front of admissible laws after the most promising have been shortened."""
    promising = ranked(members, lambda member: member.description, tie=simplicity)[:_MOST_SHORTENED]
    known = {member.form.key for member in members}
    chains = clock.done_in_time(
        "shorter",
        promising,
        lambda member: shortened(member, datasets, round_constants=settings.round_constants, anchor=settings.anchor),
        lambda member: member.description,
    )
    for chain in chains:
        for shorter in chain:
            if shorter.form.key not in known:
                known.add(shorter.form.key)
                members.append(shorter)
    accepts = settings.accepts or (lambda form: True)
    front = pareto_front(
        members,
        lambda m: (
            accepts(m.form)
            and is_admissible(m, datasets, settings.increasing)
            and is_sound(m, datasets)
            and meets(m, datasets, settings.demands)
        ),
    )
    return front[:_MOST_FRONT]


def fitted_to_all(
    front: Sequence[FrontMember], chosen: int, whole: Sequence[Dataset], datasets: Sequence[Dataset], clock: Clock
) -> list[FrontMember]:
    """Return a front with the constants fitted to all rows, those of the chosen law first."""
    complete = [replace(data, loss=part.loss) for data, part in zip(whole, datasets, strict=True)]

    def fitted(member: FrontMember) -> FrontMember:
        fits = [fit(member.form, data, one.values) for data, one in zip(complete, member.fits, strict=True)]
        found = judged(member.form, complete, fits)
        if not np.isfinite(found.error):
            return member
        return replace(found, held_out_error=member.held_out_error, held_out_squares=member.held_out_squares)

    known = {id(member): k for k, member in enumerate(front)}
    done = clock.done_in_time("end", front, lambda m: (m, fitted(m)), lambda m: known[id(m)] != chosen)
    again = {id(old): new for old, new in done}
    return [again.get(id(member), member) for member in front]
