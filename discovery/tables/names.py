"""Names of columns in formulas: any name of a file has an alias that expressions can hold."""

import keyword
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from ionspice.core import InputError
from ionspice.discovery.forms.expressions import FUNCTION_NAMES

_IDENTIFIER = re.compile(r"[A-Za-z]\w{0,31}", re.ASCII)
_CONSTANT = re.compile(r"c\d+")
_WORD = re.compile(r"[A-Za-z_]\w*", re.ASCII)


def aliases(names: Sequence[str]) -> dict[str, str]:
    """Return what each column is called inside formulas: its own name where that can stand there.

    Raises:
        InputError: a name is given twice.
    """
    if len(set(names)) < len(names):
        raise InputError(f"columns {', '.join(names)}: each may be named once")
    found = {name: name for name in names if _can_stand(name)}
    taken = set(found.values())
    for name in names:
        if name not in found:
            alias = _free(_cleaned(name), taken)
            found[name] = alias
            taken.add(alias)
    return {name: found[name] for name in names}


def own_names(text: str, names: Mapping[str, str]) -> str:
    """Return an expression with the columns' own names, in brackets where they are no words.

    Args:
        text: with aliases.
        names: aliases by the columns' own names.
    """
    back = {alias: name if _WORD.fullmatch(name) else f"[{name}]" for name, alias in names.items()}
    return _WORD.sub(lambda match: back.get(match[0], match[0]), text)


def _can_stand(name: str) -> bool:
    is_taken = keyword.iskeyword(name) or name in FUNCTION_NAMES or bool(_CONSTANT.fullmatch(name))
    return bool(_IDENTIFIER.fullmatch(name)) and not is_taken


def _cleaned(name: str) -> str:
    """Return a name in ASCII letters, digits and underscores that begins with a letter."""
    ascii_name = "".join(_ascii(character) for character in unicodedata.normalize("NFKD", name))
    clean = re.sub(r"\W+", "_", ascii_name, flags=re.ASCII).strip("_")[:24]
    if not clean or not clean[0].isalpha():
        clean = f"x_{clean}".rstrip("_")
    return clean if _can_stand(clean) else f"{clean}_"


def _ascii(character: str) -> str:
    """Return a letter of another alphabet by its name, as theta; other characters as they are or as a space."""
    if character.isascii():
        return character
    if not character.isalpha():
        return "" if unicodedata.combining(character) else " "
    return unicodedata.name(character, " ").split()[-1].lower()


def _free(name: str, taken: Iterable[str]) -> str:
    """Return the name, with a number where it is taken."""
    free, number = name, 2
    while free in taken:
        free, number = f"{name}_{number}", number + 1
    return free
