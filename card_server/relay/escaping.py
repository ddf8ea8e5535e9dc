"""Text as XML: a no-op for the plain text that most values are."""

from __future__ import annotations

from typing import Final

TEXT: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
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
FORBIDDEN: Final = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF])


def text(value: str) -> str:
    """Element text."""
    if value.isalnum():
        return value
    return value.translate(FORBIDDEN).translate(TEXT)


def attribute(value: str) -> str:
    """Attribute value, in double quotes."""
    if value.isalnum():
        return value
    return value.translate(FORBIDDEN).translate(ATTRIBUTE)


def cdata(value: str) -> str:
    """A CDATA section."""
    inner = value.translate(FORBIDDEN).replace("]]>", "]]]]><![CDATA[>")
    return f"<![CDATA[{inner}]]>"
