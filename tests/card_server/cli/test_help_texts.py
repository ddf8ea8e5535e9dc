"""Every text of the command line's help has its Russian, and no Russian is left over."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator

from card_server import app_server
from card_server.__main__ import build_parser
from card_server.cli.help_texts import COMPLAINTS, HEADINGS, RUSSIAN

CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)


def texts_of(parser: argparse.ArgumentParser) -> Iterator[str]:
    """Every text that a person sees in a help, of sub-commands too."""
    yield from (text for text in (parser.description, parser.epilog) if text)
    for action in parser._actions:
        if action.help:
            yield action.help
        if isinstance(action, argparse._SubParsersAction):
            yield from (choice.help for choice in action._choices_actions if choice.help)
            for one in action.choices.values():
                yield from texts_of(one)


def test_every_text_has_its_russian_and_no_russian_is_left_over() -> None:
    parsers = (build_parser(), app_server.build_parser())
    assert {text for parser in parsers for text in texts_of(parser)} == set(RUSSIAN)


def test_the_russian_is_russian() -> None:
    told = [*RUSSIAN.values(), *HEADINGS.values(), *(text for _, text in COMPLAINTS)]
    assert [text for text in told if not CYRILLIC.search(text)] == []


def test_headings_are_those_of_argparse() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("thing")
    shown = parser.format_help()
    assert all(f"{heading}:" in shown for heading in HEADINGS)


def test_exit_codes_and_names_in_brackets_are_the_same_in_both() -> None:
    for english, russian in RUSSIAN.items():
        for word in re.findall(r"\((server\.\w+)\)", english):
            assert word in russian
        assert re.findall(r"(?m)^  \d", english) == re.findall(r"(?m)^  \d", russian)
