"""Text and numbers as programs and countries write them, made plain."""

import codecs
import re

_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")
_WITH_COMMA = re.compile(r"[-+]?(\d{1,3}(\.\d{3})+|\d*),\d+([eE][-+]?\d+)?")
_THOUSANDS = re.compile(r"[-+]?\d{1,3}(,\d{3})+(\.\d*)?")
#: what groups of three digits are set apart by, beside points and commas
_APART = re.compile(r"(?<=\d)[ \u00a0\u2009\u202f'\u2019](?=\d{3}(?!\d))")
_FORTRAN = re.compile(r"(?<=[\d.])[dD](?=[-+]?\d+$)")


def decoded(content: bytes) -> str:
    """Return the text of a file in UTF-8, in UTF-16 with its mark or, if it is neither, in Windows' Latin letters.

    Raises:
        UnicodeDecodeError: it is no text.
    """
    for mark, name in _MARKS.items():
        if content.startswith(mark):
            return content.decode(name)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        if b"\0" in content:
            raise
        return content.decode("cp1252")


def plain_number(cell: str, *, decimal_comma: bool) -> str:
    """Return the text of a number as Python writes it, other text as it is.

    1.234,5 is 1234.5 where commas are decimal, 1,234.5 is where they are not; so are 1 234.5, 1'234.5 and 1.2345D3.
    """
    text = _APART.sub("", cell.replace("\u2212", "-"))
    if decimal_comma and _WITH_COMMA.fullmatch(text):
        text = text.replace(".", "").replace(",", ".")
    elif not decimal_comma and _THOUSANDS.fullmatch(text):
        text = text.replace(",", "")
    text = _FORTRAN.sub("e", text)
    return text if _NUMBER.fullmatch(text) else cell


def is_plain_number(text: str) -> bool:
    """Return whether text is a finite number as Python writes it."""
    return _NUMBER.fullmatch(text) is not None


def has_decimal_comma(cell: str) -> bool:
    """Return whether a cell is a number with a decimal comma."""
    return _WITH_COMMA.fullmatch(_APART.sub("", cell.replace("\u2212", "-"))) is not None
