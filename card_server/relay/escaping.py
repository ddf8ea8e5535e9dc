"""Text as XML: a no-op for the plain text that most values are."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

TEXT: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})
ATTRIBUTE: Final = str.maketrans(
    {
        "&": "&amp;",
        "<": "&lt;",
        ">": "&gt;",
        '"': "&quot;",
        "\n": "&#10;",
        "\r": "&#13;",
        "\t": "&#9;",
    }
)
FORBIDDEN: Final = dict.fromkeys(
    [*range(9), 11, 12, *range(14, 32), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF]
)
"""Characters that no XML 1.0 document may hold, escaped or not."""

DECLARED: Final = 'encoding="UTF-8"'
CDATA: Final = re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
_SPECIAL: Final = re.compile('[&<>"\x00-\x1f\ud800-\udfff\ufffe\uffff]')
"""What either of the two has to look at closely; most values have none of it."""


def _replacements(escapes: dict[int, str]) -> Callable[[re.Match[str]], str]:
    """What stands for each special character: its escape, nothing if forbidden, or itself."""
    known = {chr(code): escape for code, escape in escapes.items()} | dict.fromkeys(
        map(chr, FORBIDDEN), ""
    )
    return lambda found: known.get(found[0], found[0])


_in_text = _replacements(TEXT)
_in_attribute = _replacements(ATTRIBUTE)


def text(value: str) -> str:
    """Element text."""
    return _SPECIAL.sub(_in_text, value)


def attribute(value: str) -> str:
    """Attribute value, in double quotes."""
    return _SPECIAL.sub(_in_attribute, value)


def cdata(value: str) -> str:
    """A CDATA section."""
    inner = value.translate(FORBIDDEN).replace("]]>", "]]]]><![CDATA[>")
    return f"<![CDATA[{inner}]]>"


def windows_1251(document: bytes) -> bytes:
    """One of our documents in Windows-1251; characters outside it as numeric references.

    A CDATA section cannot hold a reference, so one with such characters becomes plain text.
    """
    plain = document.decode("utf-8").replace(DECLARED, 'encoding="windows-1251"', 1)
    try:
        return plain.encode("cp1251")
    except UnicodeEncodeError:
        plain = CDATA.sub(_opened, plain)
        return plain.encode("cp1251", "xmlcharrefreplace")


def _opened(section: re.Match[str]) -> str:
    try:
        section[1].encode("cp1251")
    except UnicodeEncodeError:
        return text(section[1])
    return section[0]
