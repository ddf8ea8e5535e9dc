"""Help, usage and complaints of the command line in the reader's language."""

from __future__ import annotations

import re
import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from card_server.__main__ import COMMANDS, build_parser, main
from card_server.cli.exit_codes import OK, USAGE
from card_server.cli.parsing import about, asked_language, in_russian

Captured = pytest.CaptureFixture[str]

WRONG = {
    "sing": "'sing' не подходит; можно: ",
    "": "не указано: command",
    "migrate --nonsense": "лишнее или незнакомое: --nonsense",
    "migrate --json=1": "значение '1' здесь не нужно",
    "restore": "не указано: copy",
    "restore --data": "--data: нужно одно значение",
    "verify --account x": "--account: 'x' - не целое число",
    "verify --full --as-of 2026-01-01": "--as-of: нельзя вместе с --full",
    "verify --a 5": "--a можно понять по-разному: --account, --as-of",
    "serve --relay-port 99999": "'99999' - не порт: нужно число от 0 до 65535",
    "classifier add --port 0": "'0' - не порт: нужно число от 1 до 65535",
    "classifier add --day-start 25:00": "'25:00' - не время суток: пишите чч:мм",
    "classifier add --time-zone Mars/Base": "'Mars/Base' - не часовой пояс",
    "classifier add --rights everything": "'everything' - не набор прав; можно: rk7",
    "demo-data --seed x": "'x' - не целое число от 0 до",
    "demo-data --as-of yesterday": "'yesterday' - не день: пишите ГГГГ-ММ-ДД",
    "demo-data --as-of 1601-01-01": "1601-01-01 вне пределов: от 2016 до 2100",
    "demo-data --size huge": "'huge' - не размер",
    "demo-data --size 1e9": "1e9 карт нельзя: от",
}


def told(capsys: Captured, language: str, line: str) -> tuple[int, str, str]:
    """Exit code and both streams of a line that ends in the parser."""
    words = shlex.split(line)
    try:
        build_parser(language).parse_args(words)
    except SystemExit as stopped:
        out, err = capsys.readouterr()
        return int(stopped.code or 0), out, err
    raise AssertionError(line)


@pytest.mark.parametrize("line", WRONG)
def test_a_wrong_command_line_is_told_in_russian(capsys: Captured, line: str) -> None:
    code, out, err = told(capsys, "ru", line)
    last = err.strip().splitlines()[-1]
    assert (code, out) == (USAGE, "")
    assert err.startswith("использование: ")
    assert WRONG[line] in last
    assert re.search(r"argument|invalid|required|expected|usage| is n", err) is None


@pytest.mark.parametrize("line", WRONG)
def test_and_in_english_as_it_was(capsys: Captured, line: str) -> None:
    code, _, err = told(capsys, "en", line)
    assert code == USAGE
    assert err.startswith("usage: ")
    assert re.search("[а-яё]", err, re.IGNORECASE) is None


@pytest.mark.parametrize("command", [[], *([name] for name in COMMANDS), ["classifier", "add"]])
def test_help_speaks_the_language_of_the_line(capsys: Captured, command: list[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main([*command, "--help", "--language", "ru"])
    russian = capsys.readouterr().out
    assert (stopped.value.code or OK) == OK
    assert russian.startswith("использование: ")
    assert "показать эту справку" in russian
    assert re.search("(?m)^(usage|options|positional|exit codes)", russian) is None
    with pytest.raises(SystemExit):
        main([*command, "--help", "--language=en"])
    english = capsys.readouterr().out
    assert english.startswith("usage: ")
    assert re.search("[а-яё]", english, re.IGNORECASE) is None


def test_a_description_has_no_indentation_of_the_source(capsys: Captured) -> None:
    _, out, _ = told(capsys, "en", "restore --help")
    assert "\nThe server of the data folder must be stopped" in out
    assert about(None) == ""


def test_the_language_is_known_before_the_line_is_parsed() -> None:
    assert asked_language(["check", "--language", "ru"]) == "ru"
    assert asked_language(["--language=en", "check"]) == "en"
    assert asked_language(["check", "--language", "fr"]) is None
    assert asked_language(["check", "--language"]) is None
    assert asked_language(["check", "ru"]) is None
    assert asked_language([]) is None


@given(st.text(max_size=80))
def test_whatever_stands_in_a_complaint_stays_in_it(word: str) -> None:
    assert in_russian(f"unrecognized arguments: {word}x").endswith(f"{word}x")
    assert in_russian(f"argument --data: unrecognized arguments: {word}x").endswith(f"{word}x")
    assert isinstance(in_russian(word), str)


@given(st.lists(st.text(max_size=12), max_size=6))
def test_no_words_make_a_language_of_their_own(words: list[str]) -> None:
    assert asked_language(words) in (None, "ru", "en")
