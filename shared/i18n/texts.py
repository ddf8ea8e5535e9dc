"""Texts of windows: a Russian and an English sentence stand side by side where they are used.

A `Text` is declared once at import time and becomes a string when it is shown, in the language
that the person chose. Figures go in by name: `TEXT.of(count=3)`. Words that follow a number are
`Counted`. A test looks at every pair in the sources (tests/architecture/test_texts.py).
"""

from __future__ import annotations

from typing import Final, Literal

Language = Literal["ru", "en"]
LANGUAGES: Final[tuple[Language, ...]] = ("ru", "en")
NAMES: Final[dict[Language, str]] = {"ru": "Русский", "en": "English"}
_chosen: list[Language] = ["ru"]


def language() -> Language:
    """The language that texts are shown in."""
    return _chosen[0]


def choose_language(code: str) -> None:
    """Show texts in this language from now on; an unknown one is English."""
    _chosen[0] = "ru" if code == "ru" else "en"


class Text:
    """A sentence in both languages; `str(text)` is the one that is shown now."""

    __slots__ = ("en", "ru")

    def __init__(self, ru: str, en: str) -> None:
        self.ru = ru
        self.en = en

    def __str__(self) -> str:
        return self.en if _chosen[0] == "en" else self.ru

    def of(self, **facts: object) -> str:
        """The sentence with its named figures."""
        return str(self).format(**facts)

    def __repr__(self) -> str:
        return f"tr({self.ru!r}, {self.en!r})"


def tr(ru: str, en: str) -> Text:
    """Declare a text; both arguments are literals, so that the test can read them."""
    return Text(ru, en)


class Counted:
    """A word behind a number: `карта, карты, карт` and `card, cards`."""

    __slots__ = ("_en", "_ru")

    def __init__(self, ru: tuple[str, str, str], en: tuple[str, str]) -> None:
        self._ru = ru
        self._en = en

    def word(self, number: int) -> str:
        """The form that goes with the number."""
        if _chosen[0] == "en":
            return self._en[0 if number == 1 else 1]
        tens, ones = abs(number) % 100, abs(number) % 10
        if ones == 1 and tens != 11:  # noqa: PLR2004 - grammar
            return self._ru[0]
        if ones in (2, 3, 4) and tens not in (12, 13, 14):
            return self._ru[1]
        return self._ru[2]


def counted(ru: tuple[str, str, str], en: tuple[str, str]) -> Counted:
    """Declare a counted word."""
    return Counted(ru, en)
