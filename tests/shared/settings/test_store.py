"""Tests of store: a settings file is read as it stands and never spoiled."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.i18n.error_texts import window_text
from shared.settings.declare import Kind, Text, by_key, whole
from shared.settings.server_file import DATABASE, HOST, PORT, SETTINGS, TLS
from shared.settings.store import change_file, read_file, replace_file, template
from shared.wire.errors import AppError, ErrorCode
from tests.helpers.refusals import refusal_of

GOOD = """# Касса у входа
[server]
port = 9292      # не менять
host = "0.0.0.0"
tls = true

[limits]
stop_s = 2.5
"""
BROKEN = "[server]\nport = 9192\nhost = 0.0.0.0\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the file would be."""
    return tmp_path / "папка данных" / "server.toml"


def write(path: Path, text: str | bytes) -> Path:
    """A file as somebody left it."""
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def test_a_file_that_is_not_there_says_nothing(path: Path) -> None:
    found = read_file(path, SETTINGS)
    assert (found.values, found.faults, found.notes) == ({}, [], [])
    assert found.get(PORT) == 9192


@pytest.mark.parametrize(
    "data", [GOOD.encode(), b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode()]
)
def test_values_are_read_with_their_types(path: Path, data: bytes) -> None:
    found = read_file(write(path, data), SETTINGS)
    assert found.values == {
        "server.port": 9292,
        "server.host": "0.0.0.0",  # noqa: S104 - what the file says
        "server.tls": True,
        "limits.stop_s": 2.5,
    }
    assert (found.faults, found.notes) == ([], [])
    assert (found.get(PORT), found.get(TLS), found.get(DATABASE)) == (9292, True, "")


@pytest.mark.parametrize(
    "text",
    [
        "[server]\nport = 70000",
        '[server]\nport = "http"',
        "[server]\nport = true",
        "[server]\nport = 9192.5",
        "[server]\nport = [1]",
        "[server]\nport = 2024-03-05",
        "[server]\ntls = 2",
        "[limits]\nbody_bytes = 0",
        "[limits]\nstop_s = nan",
        "[limits]\nstop_s = inf",
        '[database]\npassword = "hunter22"',
    ],
)
def test_a_wrong_value_is_a_fault_that_names_key_and_what_is_allowed(path: Path, text: str) -> None:
    found = read_file(write(path, text), SETTINGS)
    (error,) = found.faults
    assert error.code is ErrorCode.SETTING_BAD
    sentence = window_text(error.code, "en", error.facts)
    assert str(error.facts["key"]) in text.replace("[", "").replace("]\n", ".")
    assert "allowed: " in sentence
    assert "hunter22" not in sentence


def test_all_faults_are_told_at_once(path: Path) -> None:
    text = "[server]\nport = -1\nraw_port = -1\n[limits]\nidle_s = 'x'\n"
    assert len(read_file(write(path, text), SETTINGS).faults) == 3


def test_an_unknown_key_is_noted_with_the_nearest_name(path: Path) -> None:
    found = read_file(write(path, "prot = 1\n[limits]\nconnectons = 5\n[x.y]\nz = 1\n"), SETTINGS)
    notes = [(note.facts["key"], note.facts["nearest"]) for note in found.notes]
    assert notes == [
        ("prot", "server.port"),
        ("limits.connectons", "limits.connections"),
        ("x.y.z", "-"),
    ]
    assert found.values == {}


def test_an_old_name_is_read_and_noted_and_the_new_one_wins(path: Path) -> None:
    text = Text("а", "a")
    known = by_key(whole("server.new", 1, 0, 9, text, text, renamed_from=("server.old",)))
    found = read_file(write(path, "[server]\nold = 5\n"), known)
    assert found.values == {"server.new": 5}
    assert found.notes[0].facts == {"key": "server.old", "nearest": "server.new"}
    both = write(path, "[server]\nnew = 4\nold = 5\n")
    assert read_file(both, known).values == {"server.new": 4}


@pytest.mark.parametrize(
    ("data", "where"),
    [
        (BROKEN.encode(), "3:"),
        (b"[server\n", "1:"),
        ("[server]\nhost = 'Касса'\n".encode("cp1251"), "UTF-8"),
        (b"\x00", "1:1"),
        (b"x" * 2_000_000, "MiB"),
        (b"a=" + b"[" * 100_000, ""),
    ],
)
def test_a_broken_file_is_refused_in_a_sentence_and_left_as_it_is(
    path: Path, data: bytes, where: str
) -> None:
    write(path, data)
    for work in (
        lambda: read_file(path, SETTINGS),
        lambda: change_file(path, {"server.port": 1}, SETTINGS),
    ):
        with pytest.raises(AppError) as caught:
            work()
        assert caught.value.code is ErrorCode.SETTINGS_BROKEN
        assert where in str(caught.value.facts["why"])
        assert str(path) in window_text(caught.value.code, "ru", caught.value.facts)
    assert path.read_bytes() == data
    assert [one.name for one in path.parent.iterdir()] == ["server.toml"]


def test_a_folder_in_the_place_of_the_file_is_refused(path: Path) -> None:
    path.mkdir(parents=True)
    assert refusal_of(lambda: read_file(path, SETTINGS)) is ErrorCode.SETTINGS_BROKEN


# ------------------------------------------------------------------ writing


def test_a_change_keeps_comments_order_and_everything_else(path: Path) -> None:
    write(path, GOOD)
    change_file(path, {"server.port": 9393, "server.tls": None, "limits.idle_s": 5.0}, SETTINGS)
    assert path.read_text("utf-8") == GOOD.replace("9292", "9393").replace("tls = true\n", "") + (
        "idle_s = 5.0\n"
    )


def test_a_change_makes_file_and_sections(path: Path) -> None:
    change_file(path, {"server.port": 9393, "database.address": "10.0.0.1,1433:CRM"}, SETTINGS)
    found = read_file(path, SETTINGS)
    assert found.values == {"server.port": 9393, "database.address": "10.0.0.1,1433:CRM"}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"server.port": 70_000}, ErrorCode.SETTING_BAD),
        ({"server.prot": 1}, ErrorCode.SETTING_UNKNOWN),
        ({"server.host": "x", "database.password": "hunter22"}, ErrorCode.SETTING_BAD),
    ],
)
def test_a_wrong_change_leaves_the_file_as_it_is(
    path: Path, changes: dict[str, Any], code: ErrorCode
) -> None:
    write(path, GOOD)
    assert refusal_of(lambda: change_file(path, changes, SETTINGS)) is code
    assert path.read_text("utf-8") == GOOD


def test_a_section_that_is_no_table_is_refused(path: Path) -> None:
    write(path, "server = 5\n")
    assert refusal_of(lambda: change_file(path, {"server.port": 1}, SETTINGS)) is (
        ErrorCode.SETTINGS_BROKEN
    )


def test_a_file_is_replaced_whole_or_not_at_all(path: Path) -> None:
    write(path, b"old")
    with pytest.raises(TypeError):
        replace_file(path, "text")  # type: ignore[arg-type]
    assert path.read_bytes() == b"old"
    assert [one.name for one in path.parent.iterdir()] == ["server.toml"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(
    st.fixed_dictionaries(
        {},
        optional={
            "server.host": st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=40).map(
                str.strip
            ),
            "server.port": st.integers(0, 65_535),
            "server.tls": st.booleans(),
            "limits.idle_s": st.floats(0.1, 1000).map(lambda number: round(number, 3)),
        },
    )
)
def test_what_is_written_is_what_is_read(path: Path, changes: dict[str, Any]) -> None:
    path.unlink(missing_ok=True)
    change_file(path, changes, SETTINGS)
    found = read_file(path, SETTINGS)
    assert found.values == changes
    assert (found.faults, found.notes) == ([], [])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=80) | st.text("[]serv.port=\"'\n#{}019 ", max_size=60).map(str.encode))
def test_rubbish_is_refused_and_never_changed(path: Path, data: bytes) -> None:
    write(path, data)
    assert refusal_of(lambda: read_file(path, SETTINGS)) in (None, ErrorCode.SETTINGS_BROKEN)
    assert path.read_bytes() == data


@pytest.mark.parametrize("language", ["ru", "en"])
def test_the_template_changes_nothing_and_shows_every_default(path: Path, language: str) -> None:
    text = template(SETTINGS, language)
    assert read_file(write(path, text), SETTINGS).values == {}
    bare = "\n".join(line.removeprefix("#") for line in text.splitlines() if line[:2] != "# ")
    shown = tomllib.loads(bare)
    for setting in SETTINGS.values():
        section, _, name = setting.key.partition(".")
        if setting.kind is Kind.SECRET:
            assert name not in shown[section]
        else:
            assert shown[section][name] == setting.default
    assert HOST.label.in_language(language) in text
