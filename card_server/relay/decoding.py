"""Bytes of a request to text: which encoding senders mean, whatever they declare.

The rule is crm-xml section 2: a UTF-16 byte-order mark decides, then UTF-8 wherever the bytes allow
it, then the declared one-byte encoding, then Windows-1251.
"""

from __future__ import annotations

import codecs
import re
from typing import Final

UTF16_MARKS: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
BLANKS: Final = b" \t\r\n"
TRAILING: Final = b" \t\r\n\0"
_TRAILING_TEXT: Final = " \t\r\n\0"
_FALLBACK: Final = "cp1251"

_DECLARED: Final = re.compile(
    rb"""\A<\?\s*xml\b[^>]{0,200}?\bencoding\s*=\s*["']\s*([A-Za-z0-9._:-]{1,40})\s*["']""",
    re.IGNORECASE,
)
_DECLARATION: Final = re.compile(r"\A<\?xml\b[^>]*\?>", re.IGNORECASE)
_FORBIDDEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def _one_byte_codecs() -> dict[str, str]:
    known = {"koi8-r": "koi8_r", "koi8-u": "koi8_u", "cp866": "cp866", "ibm866": "cp866"}
    for number in range(1250, 1259):
        known[f"windows-{number}"] = known[f"cp{number}"] = f"cp{number}"
    for part in (*range(1, 12), 13, 14, 15):  # part 12 was never published
        known[f"iso-8859-{part}"] = f"iso8859_{part}"
    return known


_ONE_BYTE: Final = _one_byte_codecs()


def trimmed(body: bytes) -> bytes:
    """Without a UTF-8 mark and the blanks before, and the blanks and NULs behind (R01, R05, R06).

    A UTF-16 body is returned as it is: there a NUL is half a character.
    """
    if body[:2] in UTF16_MARKS:
        return body
    body = body.lstrip(BLANKS).removeprefix(codecs.BOM_UTF8)
    return body.strip(TRAILING) if body[:1] in BLANKS else body.rstrip(TRAILING)


def decode(body: bytes) -> str:
    """Text of a request body, without forbidden characters; never fails (crm-xml section 2, 1-6).

    The declaration is still there: whoever parses wants line and column as they were sent.
    """
    return _FORBIDDEN.sub("", _decoded(trimmed(body))).strip(_TRAILING_TEXT)


def without_declaration(text: str) -> str:
    """Blank out `<?xml ...?>`, keeping its length so that positions in errors stay true."""
    return _DECLARATION.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text, count=1)


def _decoded(body: bytes) -> str:
    if body[:2] == codecs.BOM_UTF16_LE:
        return body[2:].decode("utf-16-le", "ignore")
    if body[:2] == codecs.BOM_UTF16_BE:
        return body[2:].decode("utf-16-be", "ignore")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        declared = _DECLARED.match(body)
        name = declared[1].decode("ascii").lower().replace("_", "-") if declared else ""
        return body.decode(_ONE_BYTE.get(name, _FALLBACK), "replace")
