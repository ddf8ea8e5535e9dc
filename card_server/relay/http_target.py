"""The target of an HTTP request, pure: path segments and query (crm-xml.md 1.2, farcards.md 2)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Final
from urllib.parse import parse_qsl, unquote

NOTHING: Final[dict[str, str]] = {}
MOST_PARAMETERS: Final = 50


def function_name(segment: str) -> str:
    """A function of Farcards by its path segment: letter case and `.php` do not count."""
    return segment.lower().removesuffix(".php")


@lru_cache(maxsize=512)
def target(url: bytes) -> tuple[tuple[str, ...], Mapping[str, str]]:
    """Path segments and query of a request target; names of parameters in lower case."""
    if url == b"/":
        return (), NOTHING
    path, _, query = url.decode("latin-1").partition("?")
    segments = tuple(unquote(part) for part in path.partition("#")[0].split("/") if part)
    if not query:
        return segments, NOTHING
    try:
        pairs = parse_qsl(query, max_num_fields=MOST_PARAMETERS)
    except ValueError:
        pairs = []
    return segments, {name.lower(): value for name, value in reversed(pairs)}
