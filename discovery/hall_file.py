"""The hall of fame as a file, so that a search that was stopped goes on where it was.

The file names every member by its link and its genes as infix text; gene weights are not kept, they follow from the
data. Text from a file passes the whitelist parser and errors are computed anew, so a file can slow a search but not
mislead it.
"""

import json
import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import sympy as sp

from ionspice.core import InputError
from ionspice.core.json_files import write_json
from ionspice.core.reading import reading
from ionspice.discovery.evolution import operators as op
from ionspice.discovery.evolution.encoding import encode_gene
from ionspice.discovery.evolution.evolve import Epoch, EpochCallback
from ionspice.discovery.evolution.hall_of_fame import Candidate, HallOfFame
from ionspice.discovery.evolution.islands import Chromosomes
from ionspice.discovery.evolution.links import LINKS
from ionspice.discovery.evolution.operators import CONSTANT
from ionspice.discovery.evolution.settings import EvolutionSettings
from ionspice.discovery.forms.builders import terminals
from ionspice.discovery.forms.canonical import gene_expression
from ionspice.discovery.forms.expressions import parse_expression, to_infix
from ionspice.discovery.reduction import Reduction

FORMAT = "ionspice-hall/1"
_MOST_MEMBERS = 1000
#: s between two writings
_PAUSE = 1.0

_log = logging.getLogger(__name__)


def write_hall(hall: HallOfFame, names: Sequence[str], path: str | Path, reduction: Reduction | None = None) -> None:
    """Write the members of a hall of fame, simplest first.

    Args:
        hall: the members.
        names: of the variables.
        path: of the file.
        reduction: what further variables of the genes stand for, or None.

    Raises:
        InputError: the folder cannot be written.
    """
    variables = terminals(reduction, [sp.Symbol(name, real=True) for name in names])
    candidates = hall.candidates(_MOST_MEMBERS)
    written = [_member(candidate, variables) for candidate in candidates]
    content = {
        "variables": list(names),
        "members": [m for m, one in zip(written, candidates, strict=True) if _is_readable(m["genes"], names, one)],
    }
    write_json(path, FORMAT, content)


def _is_readable(genes: Sequence[str], names: Sequence[str], candidate: Candidate) -> bool:
    """Return whether no real power has an exponent that is too large for expressions in files."""
    if not np.any(candidate.codes == op.POW):
        return True
    try:
        for gene in genes:
            parse_expression(gene, names)
    except InputError:
        return False
    return True


def _member(candidate: Candidate, variables: tuple[sp.Expr, ...]) -> dict[str, Any]:
    return {
        "complexity": candidate.size,
        "error": candidate.error,
        "link": candidate.link.plain,
        "genes": [
            to_infix(gene_expression(gene, values, variables))
            for gene, values in zip(candidate.codes, candidate.values, strict=True)
            if gene[0] != CONSTANT
        ],
    }


def read_hall(path: str | Path, names: Sequence[str], settings: EvolutionSettings) -> Chromosomes:
    """Return the chromosomes of a hall of fame.

    Members that the settings cannot hold (too many or too long genes, operators not in use) are left out.

    Args:
        path: of the file.
        names: of the variables; those of the file must be the same.
        settings: of the search that goes on.

    Raises:
        InputError: the file is missing, damaged, of other variables, or holds anything but expressions.
    """
    try:
        content = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"cannot read hall of fame {path}: {error}; delete the file to start anew") from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise InputError(f"{path} is not a hall of fame of format {FORMAT!r}; name another file")
    if content.get("variables") != list(names):
        raise InputError(
            f"{path} is of variables {content.get('variables')!r}, the data have {list(names)}; name another file"
        )
    members = content.get("members")
    if not isinstance(members, list) or len(members) > _MOST_MEMBERS:
        raise InputError(f"{path} is damaged: members must be a list of at most {_MOST_MEMBERS}; delete the file")
    length = 2 * settings.head + 1
    codes = np.full((len(members), settings.genes, length), CONSTANT)
    values = np.ones(codes.shape)
    fits = [_decode(m, names, settings, codes[k], values[k], path) for k, m in enumerate(members)]
    if not all(fits):
        _log.warning("%d of %d members of %s do not fit this search's genes", fits.count(False), len(fits), path)
    return codes[fits], values[fits]


def _decode(
    member: object,
    names: Sequence[str],
    settings: EvolutionSettings,
    codes: np.ndarray,
    values: np.ndarray,
    path: str | Path,
) -> bool:
    """Fill one chromosome, shape (genes, length); return whether it fits."""
    genes = member.get("genes") if isinstance(member, dict) else None
    if not isinstance(member, dict) or member.get("link") not in LINKS or not isinstance(genes, list):
        raise InputError(f"{path} is damaged: a member needs a link and genes; delete the file to start anew")
    variables = [sp.Symbol(name, real=True) for name in names]
    with reading(path, remedy="delete the file to start anew"):
        expressions = [parse_expression(text, names) for text in genes]
    if len(expressions) > settings.genes:
        return False
    for g, expression in enumerate(expressions):
        gene = encode_gene(expression, variables, settings.codes, codes.shape[1])
        if gene is None:
            return False
        codes[g], values[g] = gene
    return True


def known_hall(path: str | Path | None, names: Sequence[str], settings: EvolutionSettings) -> Chromosomes | None:
    """Return what `read_hall` returns, or None where no file is named or it does not exist yet."""
    return None if path is None or not Path(path).exists() else read_hall(path, _readable(names), settings)


def _readable(names: Sequence[str]) -> list[str]:
    """Return names that may stand in an expression."""
    return list(names) if all(name.isidentifier() for name in names) else [f"x{j}" for j in range(len(names))]


@contextmanager
def keeping_hall(
    path: str | Path | None,
    names: Sequence[str],
    callback: EpochCallback | None,
    reduction: Reduction | None = None,
) -> Iterator[EpochCallback | None]:
    """Yield a callback for `search` that keeps the hall of fame in a file, about once a second and at the end.

    However the block ends, also by Ctrl-C, the file then holds the last epoch's members.

    Args:
        path: of the file, or None to keep none.
        names: of the variables.
        callback: called by the one that is yielded.
        reduction: what further variables of the genes stand for, or None.
    """
    if path is None:
        yield callback
        return
    latest: HallOfFame | None = None
    due = time.monotonic() + _PAUSE

    def watch(epoch: Epoch) -> bool | None:
        nonlocal latest, due
        latest = epoch.hall
        if time.monotonic() > due:
            write_hall(latest, _readable(names), path, reduction)
            due = time.monotonic() + _PAUSE
        return None if callback is None else callback(epoch)

    try:
        yield watch
    finally:
        if latest is not None:
            write_hall(latest, _readable(names), path, reduction)
