"""Command lines in the language of the person at the console: help, usage and complaints."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from typing import Any, Final

from card_server.cli.exit_codes import USAGE
from card_server.cli.help_texts import COMPLAINTS, HEADINGS, RUSSIAN

_COMPLAINTS: Final = [(re.compile(p, re.DOTALL), told) for p, told in COMPLAINTS]
_NAMED: Final = re.compile(r"argument ([^:]+): (.+)", re.DOTALL)
USAGE_PREFIX: Final = "использование: "


class RussianHelp(argparse.RawDescriptionHelpFormatter):
    """Help texts in Russian; what has none stays as it was declared."""

    def add_usage(self, usage: Any, actions: Any, groups: Any, prefix: str | None = None) -> None:
        """The line of usage."""
        super().add_usage(usage, actions, groups, USAGE_PREFIX if prefix is None else prefix)

    def start_section(self, heading: str | None) -> None:
        """A heading of argparse."""
        super().start_section(HEADINGS.get(heading or "", heading))

    def add_text(self, text: str | None) -> None:
        """What a command is for, what its exit code says."""
        super().add_text(RUSSIAN.get(text or "", text))

    def _get_help_string(self, action: argparse.Action) -> str | None:
        return RUSSIAN.get(action.help or "", action.help)


class Parser(argparse.ArgumentParser):
    """Wrong usage has its own exit code."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"formatter_class": argparse.RawDescriptionHelpFormatter, **options})

    def error(self, message: str) -> None:  # type: ignore[override]
        """Say what is wrong and how it goes."""
        self.print_usage(sys.stderr)
        sys.stderr.write(f"{self.prog}: {self.complaint(message)}\n")
        raise SystemExit(USAGE)

    def complaint(self, message: str) -> str:
        """What is wrong, as the person reads it."""
        return message


class RussianParser(Parser):
    """The same for a reader of Russian."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"formatter_class": RussianHelp, **options})

    def complaint(self, message: str) -> str:
        """What is wrong, in Russian; words that nobody knows stay."""
        return in_russian(message)


def parser_class(language: str) -> type[Parser]:
    """The parser that speaks `ru` or `en`."""
    return RussianParser if language == "ru" else Parser


def in_russian(message: str) -> str:
    """A complaint of argparse or of a type of ours."""
    named = _NAMED.fullmatch(message)
    if named is not None:
        return f"{named[1]}: {in_russian(named[2])}"
    for pattern, told in _COMPLAINTS:
        found = pattern.fullmatch(message)
        if found is not None:
            return told.format(*found.groups())
    return message


def about(docstring: str | None) -> str:
    """A docstring as a description: without the indentation of the source."""
    return "\n".join(line.strip() for line in (docstring or "").strip().splitlines())


def asked_language(arguments: Sequence[str]) -> str | None:
    """`ru` or `en` if the command line says so: it is needed before the line is parsed."""
    for place, word in enumerate(arguments):
        after = arguments[place + 1] if place + 1 < len(arguments) else ""
        name, equals, value = word.partition("=")
        asked = value if equals else after
        if name == "--language" and asked in ("ru", "en"):
            return asked
    return None
