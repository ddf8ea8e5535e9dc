"""Takes out of log lines what must not stand there: cards, phones, e-mails, codes, secrets.

Fields are masked by their name where the name tells what they hold; every other text is searched
for what looks like one. Masking too much is a nuisance, masking too little cannot be undone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any, Final

HIDDEN: Final = "***"
KEPT_OF_A_CODE: Final = 3
KEPT_OF_A_NUMBER: Final = 2
SHORTEST_NUMBER: Final = 9
"""Digits from which on a number may be a card's or a phone's."""

SECRET_NAMES: Final = re.compile(
    r"passw|pwd|secret|token|(?:^|_)pin(?:$|_)|authorization|credential|cookie|private_key",
    re.IGNORECASE,
)
CODE_NAMES: Final = frozenset(
    {"code", "qualifier", "terminal_type", "terminal-type", "classifier_code", "global_type"}
)
NUMBER_NAMES: Final = frozenset(
    {
        "card",
        "card_code",
        "cards",
        "carrier",
        "carrier_data",
        "phone",
        "pan",
        "contact",
        "value_norm",
    }
)
MAIL_NAMES: Final = frozenset({"email", "e_mail", "mail"})
PLAIN_NAMES: Final = frozenset(
    {"timestamp", "level", "logger", "peer", "host", "reference", "pid", "port", "size", "file"}
)
"""Fields of our own making that hold nobody's data."""

_MAIL: Final = re.compile(r"[^\s@<>\"'=:,;()\[\]{}]+@[^\s@<>\"'=,;()\[\]{}]+")
_URL_SECRET: Final = re.compile(r"(://[^\s/:@]*:)[^\s@]+(@)")
_NAMED_SECRET: Final = re.compile(
    r"(?P<name>[\w-]*(?:passw|pwd|secret|token|authorization)[\w-]*[\"']?\s*[=:]\s*)"
    r"(?P<value>\"[^\"]*\"?|'[^']*'?|[^\s;,&<>]+)",
    re.IGNORECASE,
)
_NAMED_CODE: Final = re.compile(
    r"(?P<name>(?:terminal[_-]type|qualifier|global_type)[\"']?\s*[=:]\s*[\"']?)"
    r"(?P<value>[^\s\"'&<>;,]+)",
    re.IGNORECASE,
)
_TOKEN: Final = re.compile(r"(?<![0-9A-Za-z])[0-9A-Za-z]{20}(?![0-9A-Za-z])")
_PARAMETERS: Final = re.compile(r"\[parameters: .*?\](?=\s|$)", re.DOTALL)
_NUMBER: Final = re.compile(r"\d(?:[ \t\u00a0().-]{0,3}\d){8,}")
_ADDRESS_OR_TIME: Final = re.compile(
    r"(?<!\d)(?:19|20)\d\d-[01]\d-[0-3]\d"
    r"(?:[T ][0-2]\d:[0-5]\d(?::[0-5]\d(?:[.,]\d{1,6})?)?)?(?!\d)"
    r"|(?<![\d.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\d.])"
)


def mask_text(text: str) -> str:
    """A text without what looks like a card, a phone, an e-mail, a code or a secret."""
    text = _PARAMETERS.sub("[parameters: ***]", text)
    text = _URL_SECRET.sub(rf"\1{HIDDEN}\2", text)
    text = _NAMED_SECRET.sub(lambda found: found["name"] + HIDDEN, text)
    text = _NAMED_CODE.sub(lambda found: found["name"] + mask_code(found["value"]), text)
    text = _MAIL.sub(lambda found: mask_mail(found[0]), text)
    text = _TOKEN.sub(lambda found: mask_code(found[0]), text)
    return _outside(text)


def _outside(text: str) -> str:
    """Mask numbers, but let dates, times and network addresses stand."""
    parts, place = [], 0
    for found in _ADDRESS_OR_TIME.finditer(text):
        parts += [_numbers(text[place : found.start()]), found[0]]
        place = found.end()
    return "".join([*parts, _numbers(text[place:])])


def _numbers(text: str) -> str:
    return _NUMBER.sub(lambda found: mask_number(found[0]), text)


def mask_number(text: str) -> str:
    """The first two digits of a card or a phone; the length is not told either."""
    digits = [character for character in text if character.isdigit()]
    if len(digits) <= KEPT_OF_A_NUMBER:
        return HIDDEN
    return "".join(digits[:KEPT_OF_A_NUMBER]) + HIDDEN


def mask_code(text: str) -> str:
    """The first three characters of a classifier's code (crm-xml.md 4.1)."""
    return text[:KEPT_OF_A_CODE] + HIDDEN if len(text) > KEPT_OF_A_CODE else HIDDEN


def mask_mail(text: str) -> str:
    """The first letter and the domain's ending."""
    name, _, domain = text.partition("@")
    ending = domain.rpartition(".")[2] if "." in domain else ""
    return f"{name[:1]}{HIDDEN}@{HIDDEN}.{ending[:6]}" if ending.isalpha() else f"{HIDDEN}@{HIDDEN}"


def mask_field(name: str, value: Any) -> Any:
    """A field by its name; containers are gone through."""
    if value is None or isinstance(value, bool | float):
        return value
    if SECRET_NAMES.search(name):
        return HIDDEN
    if isinstance(value, Mapping):
        return {str(key): mask_field(str(key), inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [mask_field(name, inner) for inner in value]
    by_name = _BY_NAME.get(name.lower())
    return _masked(value) if by_name is None else by_name(value)


def _masked(value: Any) -> Any:
    """A value whose name tells nothing."""
    if isinstance(value, int):
        return value if len(str(abs(value))) < SHORTEST_NUMBER else mask_number(str(value))
    if isinstance(value, bytes | bytearray | memoryview):
        value = bytes(value).decode("utf-8", "replace")
    return mask_text(str(value))


def _contact(value: Any) -> str:
    return mask_mail(str(value)) if "@" in str(value) else mask_number(str(value))


_BY_NAME: Final[dict[str, Callable[[Any], Any]]] = {
    **dict.fromkeys(CODE_NAMES, lambda value: mask_code(str(value))),
    **dict.fromkeys(NUMBER_NAMES | MAIL_NAMES, _contact),
    **dict.fromkeys(PLAIN_NAMES, lambda value: value),
}


def mask_event(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """The processor of structlog: every field of an event, the sentence included."""
    return {
        name: value if name.startswith("_") or name == "exc_info" else mask_field(name, value)
        for name, value in event.items()
    }
