"""How a setting is declared: key, type, default, limits and help, once for every program.

Where a value comes from - the server's file, a row of the table `setting` - is not its business; a
declaration turns text into a value and says what is allowed. The Configurator makes its pages of
the declarations.
"""

from __future__ import annotations

import difflib
import ipaddress
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from types import ModuleType
from typing import Any, Final, Generic, NamedTuple, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from shared.wire.errors import AppError, ErrorCode

T = TypeVar("T")

LONGEST: Final = 2_000
"""Characters of a value; the column `setting.value` holds no more."""

ON: Final = frozenset({"1", "on", "yes", "true", "да", "вкл"})
OFF: Final = frozenset({"0", "off", "no", "false", "нет", "выкл", ""})
_TIME: Final = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


class Text(NamedTuple):
    """A sentence in both languages."""

    ru: str
    en: str

    def in_language(self, language: str) -> str:
        """The one for `ru` or `en`."""
        return self.en if language == "en" else self.ru


class Scope(IntEnum):
    """For whom a value holds; the numbers are those of `setting.scope` (domain 1.11)."""

    SYSTEM = 0
    DIVISION = 1
    UNIT = 2
    CLASSIFIER = 3
    USER = 4
    ROLE = 5


class Kind(StrEnum):
    """What a value is, for whoever shows a field for it."""

    FLAG = "flag"
    WHOLE = "whole"
    NUMBER = "number"
    TEXT = "text"
    CHOICE = "choice"
    TIME = "time"
    SPAN = "span"
    ZONE = "zone"
    NETWORKS = "networks"
    WORDS = "words"
    FILE = "file"
    SECRET = "secret"  # noqa: S105 - the name of a kind


NO_UNIT: Final = Text("", "")
SYSTEM_ONLY: Final = frozenset({Scope.SYSTEM})
PER_CLASSIFIER: Final = frozenset({Scope.SYSTEM, Scope.CLASSIFIER})
PER_UNIT: Final = frozenset({Scope.SYSTEM, Scope.UNIT})


@dataclass(frozen=True, kw_only=True)
class Setting(Generic[T]):
    """One setting; `read` turns text into a value and raises ValueError for what it is not."""

    key: str
    kind: Kind
    default: T
    label: Text
    help: Text
    read: Callable[[str], T]
    allowed: Text
    unit: Text = NO_UNIT
    least: float | None = None
    most: float | None = None
    choices: tuple[str, ...] = ()
    scopes: frozenset[Scope] = SYSTEM_ONLY
    secret: bool = False
    restart: bool = False
    renamed_from: tuple[str, ...] = ()

    def value_of(self, text: str) -> T:
        """The value of a text; SETTING_BAD names key, value and what is allowed."""
        if len(text) > LONGEST:
            raise self.refusal(text)
        try:
            return self.read(text.strip())
        except ValueError as error:
            raise self.refusal(text) from error

    def text_of(self, value: T) -> str:
        """A value as it is stored; flags are 1 and 0."""
        return str(int(value)) if isinstance(value, bool) else str(value)

    def refusal(self, value: object) -> AppError:
        """SETTING_BAD for a value; that of a secret is not repeated."""
        return AppError(
            ErrorCode.SETTING_BAD,
            key=self.key,
            value="***" if self.secret else str(value),
            allowed=self.allowed.ru,
            allowed_en=self.allowed.en,
        )


# ---------------------------------------------------------------------- kinds


def flag(key: str, default: bool, label: Text, about: Text, **more: Any) -> Setting[bool]:  # noqa: FBT001 - a value
    """On or off."""

    def read(text: str) -> bool:
        low = text.lower()
        if low not in ON and low not in OFF:
            raise ValueError(text)
        return low in ON

    allowed = Text("да или нет (1 или 0)", "yes or no (1 or 0)")
    return Setting(
        key=key, kind=Kind.FLAG, default=default, label=label, help=about, read=read,
        allowed=allowed, **more,
    )  # fmt: skip


def whole(
    key: str, default: int, least: int, most: int, label: Text, about: Text, **more: Any
) -> Setting[int]:
    """A whole number between two."""

    def read(text: str) -> int:
        if not re.fullmatch(r"[+-]?[0-9]{1,18}", text) or not least <= int(text) <= most:
            raise ValueError(text)
        return int(text)

    allowed = Text(f"целое число от {least} до {most}", f"a whole number from {least} to {most}")
    return Setting(
        key=key, kind=Kind.WHOLE, default=default, label=label, help=about, read=read,
        allowed=allowed, least=least, most=most, **more,
    )  # fmt: skip


def number(
    key: str, default: float, least: float, most: float, label: Text, about: Text, **more: Any
) -> Setting[float]:
    """A number, maybe with decimals, between two."""

    def read(text: str) -> float:
        plain = text.replace(",", ".")
        if not re.fullmatch(r"[+-]?[0-9]{1,12}(?:\.[0-9]{1,6})?", plain):
            raise ValueError(text)
        if not least <= float(plain) <= most:
            raise ValueError(text)
        return float(plain)

    allowed = Text(f"число от {least:g} до {most:g}", f"a number from {least:g} to {most:g}")
    return Setting(
        key=key, kind=Kind.NUMBER, default=default, label=label, help=about, read=read,
        allowed=allowed, least=least, most=most, **more,
    )  # fmt: skip


def choice(
    key: str, default: str, choices: Iterable[str], label: Text, about: Text, **more: Any
) -> Setting[str]:
    """One of a few words, letter case ignored."""
    known = tuple(choices)
    by_name = {one.lower(): one for one in known}

    def read(text: str) -> str:
        if text.lower() not in by_name:
            raise ValueError(text)
        return by_name[text.lower()]

    shown = ", ".join(known)
    return Setting(
        key=key, kind=Kind.CHOICE, default=default, label=label, help=about, read=read,
        allowed=Text(shown, shown), choices=known, **more,
    )  # fmt: skip


def _plain(
    kind: Kind, key: str, default: str, label: Text, about: Text, allowed: Text,
    good: Callable[[str], bool], **more: Any,
) -> Setting[str]:  # fmt: skip
    def read(text: str) -> str:
        if not good(text):
            raise ValueError(text)
        return text

    return Setting(
        key=key, kind=kind, default=default, label=label, help=about, read=read,
        allowed=allowed, **more,
    )  # fmt: skip


def text(key: str, default: str, label: Text, about: Text, **more: Any) -> Setting[str]:
    """Any text of up to 2 000 characters."""
    allowed = Text(f"текст до {LONGEST} знаков", f"a text of up to {LONGEST} characters")
    return _plain(Kind.TEXT, key, default, label, about, allowed, lambda _: True, **more)


def file(key: str, default: str, label: Text, about: Text, **more: Any) -> Setting[str]:
    """A file; a relative one lies in the data folder."""
    allowed = Text("путь к файлу", "the path of a file")
    return _plain(Kind.FILE, key, default, label, about, allowed, lambda t: "\0" not in t, **more)


def secret(key: str, label: Text, about: Text, **more: Any) -> Setting[str]:
    """What stands in the key store of the system and nowhere else."""
    allowed = Text(
        "только в хранилище ключей: card-server set-secret",
        "only in the key store: card-server set-secret",
    )
    more = {"secret": True, **more}
    return _plain(Kind.SECRET, key, "", label, about, allowed, lambda t: not t, **more)


def time_of_day(key: str, default: str, label: Text, about: Text, **more: Any) -> Setting[str]:
    """`hh:mm`."""
    allowed = Text("время чч:мм", "a time hh:mm")

    def good(value: str) -> bool:
        return _TIME.fullmatch(value) is not None

    return _plain(Kind.TIME, key, default, label, about, allowed, good, **more)


def span_of_day(key: str, default: str, label: Text, about: Text, **more: Any) -> Setting[str]:
    """`hh:mm-hh:mm`, maybe over midnight; empty for none."""
    allowed = Text("промежуток чч:мм-чч:мм или пусто", "a span hh:mm-hh:mm or nothing")

    def good(value: str) -> bool:
        begin, dash, end = value.partition("-")
        return not value or (bool(dash) and bool(_TIME.fullmatch(begin) and _TIME.fullmatch(end)))

    return _plain(Kind.SPAN, key, default, label, about, allowed, good, **more)


def time_zone(key: str, default: str, label: Text, about: Text, **more: Any) -> Setting[str]:
    """A name of the time zone database."""
    allowed = Text("часовой пояс, например Europe/Moscow", "a time zone, for example Europe/Moscow")
    return _plain(Kind.ZONE, key, default, label, about, allowed, _is_zone, **more)


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return bool(name)


def networks(key: str, default: str, label: Text, about: Text, **more: Any) -> Setting[str]:
    """Addresses and networks, parted by commas; empty for any."""
    allowed = Text(
        "адреса и сети через запятую, например 10.0.0.5, 192.168.1.0/24",
        "addresses and networks with commas, for example 10.0.0.5, 192.168.1.0/24",
    )
    return _plain(Kind.NETWORKS, key, default, label, about, allowed, _are_networks, **more)


def _are_networks(value: str) -> bool:
    for part in split_words(value):
        try:
            ipaddress.ip_network(part, strict=False)
        except ValueError:
            return False
    return True


def words(key: str, default: str, label: Text, about: Text, **more: Any) -> Setting[str]:
    """Words or pairs, parted by commas."""
    allowed = Text("слова через запятую", "words with commas")
    return _plain(Kind.WORDS, key, default, label, about, allowed, lambda _: True, **more)


def split_words(value: str) -> tuple[str, ...]:
    """The parts of a list of words; commas and semicolons part them."""
    return tuple(p for part in value.replace(";", ",").split(",") if (p := part.strip()))


# ---------------------------------------------------------------------- tables of settings


def by_key(*settings: Setting[Any]) -> dict[str, Setting[Any]]:
    """Settings by their key and by every key they had before."""
    found: dict[str, Setting[Any]] = {}
    for one in settings:
        for key in (one.key, *one.renamed_from):
            if key in found:
                message = f"setting {key} is declared twice"
                raise ValueError(message)
            found[key] = one
    return found


def declared_in(module: ModuleType) -> list[Setting[Any]]:
    """The settings that a module declares, in the order of their lines."""
    return [value for value in vars(module).values() if isinstance(value, Setting)]


def nearest(key: str, known: Mapping[str, object]) -> str:
    """The declared key that is most like an unknown one; `-` where none is."""
    found = difflib.get_close_matches(key, list(known), n=1, cutoff=0.6)
    if found:
        return found[0]
    by_end = {one.rpartition(".")[2]: one for one in known}
    found = difflib.get_close_matches(key.rpartition(".")[2], list(by_end), n=1, cutoff=0.7)
    return by_end[found[0]] if found else "-"
