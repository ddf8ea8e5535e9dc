"""The command line: whatever is typed, a sentence and an exit code, never a traceback."""

from __future__ import annotations

import json
import os
import shlex
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from card_server.__main__ import COMMANDS, build_parser, main
from card_server.cli.exit_codes import COULD_NOT_RUN, FINDING, OK, USAGE
from shared.wire.classifiers import PRESETS


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """The exit code and both streams."""
    try:
        code = main(arguments)
    except SystemExit as stopped:
        code = int(stopped.code or 0)
    out, err = capsys.readouterr()
    return code, out, err


@pytest.mark.parametrize("command", [[], *([name] for name in COMMANDS), ["classifier", "add"]])
def test_help_tells_the_exit_codes(capsys: pytest.CaptureFixture[str], command: list[str]) -> None:
    code, out, _ = run(capsys, *command, "--help", "--language", "en")
    assert code == OK
    if command != ["classifier"]:
        assert "exit codes:" in out
        assert "3  the command line is wrong" in out


@pytest.mark.parametrize(
    "line",
    [
        "",
        "sing",
        "migrate --nonsense",
        "demo-data --size huge",
        "demo-data --size -1",
        "demo-data --seed x",
        "demo-data --seed -3",
        "demo-data --as-of yesterday",
        "demo-data --as-of 1601-01-01",
        "demo-data --months 0",
        "demo-data --mode turbo",
        "classifier",
        "classifier drop",
        "classifier add --kind roman",
        "classifier add --port 99999",
        "classifier add --time-zone Mars/Base",
        "classifier add --time-zone ../../etc/passwd",
        "classifier add --day-start 25:00",
        "classifier add --rights everything",
        "restore",
        "check --language fr",
    ],
)
def test_a_wrong_command_line_is_named_and_has_its_own_exit_code(
    capsys: pytest.CaptureFixture[str], line: str
) -> None:
    code, out, err = run(capsys, *shlex.split(line))
    assert code == USAGE
    assert out == ""
    assert err.startswith(("usage: ", "использование: "))
    assert err.count("\n") >= 2


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize(
    ("command", "database"),
    [
        (command, database)
        for command in ("migrate", "backup", "classifier list", "demo-data --size 60", "restore x")
        for database in (
            "nonsense",
            "10.0.0.1,99999:CRM",
            "mysql://root@localhost/crm",
            "postgresql://u:secret@127.0.0.1:1/crm",
            "postgresql+psycopg://u:secret@no-such-host.invalid/crm",
            "sqlite://",
            "://",
        )
    ],
)
def test_a_bad_database_is_one_sentence_without_its_password(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, command: str, database: str, language: str
) -> None:
    words = [*command.split(), "--data", str(tmp_path), "--database", database]
    code, out, err = run(capsys, *words, "--language", language)
    assert code == COULD_NOT_RUN
    assert out == ""
    assert err.strip().splitlines()[-1].startswith("card-server: ")
    assert "Traceback" not in err
    assert "secret@" not in err
    assert any("а" <= letter <= "я" for letter in err.lower()) == (language == "ru")


@pytest.mark.parametrize(
    "command",
    [
        "migrate",
        "backup",
        "verify",
        "demo-data --size 60",
        "classifier add",
        "classifier list",
        "restore FILE",
    ],
)
def test_a_folder_that_is_a_file_is_a_sentence(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, command: str
) -> None:
    file = tmp_path / "no folder, but a folder"
    file.write_text("x")
    words = [str(file) if word == "FILE" else word for word in command.split()]
    code, _, err = run(capsys, *words, "--data", str(file), "--language", "en")
    assert code == COULD_NOT_RUN
    assert "Traceback" not in err
    assert "a folder" in err


@pytest.mark.skipif(
    os.name == "nt" or os.geteuid() == 0, reason="rights do not bind the administrator"
)
def test_a_read_only_folder_is_a_sentence(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    tmp_path.chmod(0o555)
    code, _, err = run(capsys, "migrate", "--data", str(tmp_path), "--language", "en")
    assert code == COULD_NOT_RUN
    assert "Traceback" not in err


def test_the_wrong_file_given_to_restore_touches_nothing(
    capsys: pytest.CaptureFixture[str], data_dir: Path
) -> None:
    before = (data_dir / "kartoteka.db").read_bytes()
    for content in (b"", b"not a database at all", b"SQLite format 3\0" + bytes(200)):
        wrong = data_dir / "wrong.db"
        wrong.write_bytes(content)
        code, _, err = run(capsys, "restore", str(wrong), "--data", str(data_dir))
        assert code == COULD_NOT_RUN
        assert "wrong.db" in err
    code, _, err = run(capsys, "restore", str(data_dir / "missing.db"), "--data", str(data_dir))
    assert code == COULD_NOT_RUN
    assert "missing.db" in err
    assert (data_dir / "kartoteka.db").read_bytes() == before


def test_a_life_of_a_database(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    data = ["--data", str(tmp_path / "Данные сервера"), "--json", "--language", "en"]
    assert run(capsys, "check", *data)[0] == FINDING
    code, out, _ = run(capsys, "migrate", *data)
    assert (code, json.loads(out)["ran"]) == (OK, ["0001", "0002"])
    assert json.loads(run(capsys, "migrate", *data)[1])["ran"] == []
    code, out, _ = run(capsys, "check", *data, "--thorough")
    assert (code, json.loads(out)["faults"]) == (OK, [])
    code, out, _ = run(capsys, "classifier", "add", *data, "--name", "Касса", "--mode", "crm")
    made = json.loads(out)
    assert code == OK
    assert f"Qualifier={made['code']}" in made["farcards_ini"]
    code, out, _ = run(capsys, "classifier", "list", *data)
    assert json.loads(out)["classifiers"] == [
        {"classifier_id": 1, "name": "Касса", "code": made["code"], "mode": "crm"}
    ]
    assert run(capsys, "classifier", "add", *data, "--code", made["code"])[0] == COULD_NOT_RUN
    code, out, _ = run(capsys, "backup", *data)
    copy = json.loads(out)["backup"]
    code, out, _ = run(capsys, "restore", copy, *data)
    assert code == OK
    assert Path(json.loads(out)["kept"]).exists()
    code, out, err = run(capsys, "demo-data", "--size", "60", *data)
    assert (code, out) == (COULD_NOT_RUN, "")
    assert "already holds data" in err


def test_demo_data_prints_one_object(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    words = ["demo-data", "--size", "60", "--months", "1", "--data", str(tmp_path), "--json"]
    code, out, err = run(capsys, *words)
    made = json.loads(out)
    assert code == OK
    assert {"classifiers", "cards", "users", "dump_hash"} <= made.keys()
    assert set(made["classifiers"][0]) == {"name", "code", "mode"}
    assert len(made["users"]) == 6
    assert set(made["users"][0]) == {"login", "password", "role"}
    assert made["cards"] == 60
    assert "plan" in err


@pytest.mark.parametrize("encoding", ["cp866", "cp1251", "ascii"])
def test_a_console_of_any_code_page_gets_its_answer(tmp_path: Path, encoding: str) -> None:
    command = [sys.executable, "-m", "card_server", "check", "--data", str(tmp_path / "Ёж 🦔")]
    done = subprocess.run(  # noqa: S603 - our own program
        [*command, "--language", "ru"],
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONIOENCODING": encoding},
    )
    assert done.returncode == FINDING
    assert done.stderr == b""
    assert "kartoteka.db" in done.stdout.decode(encoding)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(
        st.one_of(
            st.sampled_from([*COMMANDS, "--data", "--json", "--size", "--language", "ru", "add"]),
            st.text(max_size=12).filter(lambda text: "\0" not in text),
        ),
        max_size=5,
    )
)
def test_odd_words_never_raise_anything_but_the_parsers_exit(words: list[str]) -> None:
    code: object = OK
    try:
        build_parser().parse_args(words)
    except SystemExit as stopped:
        code = stopped.code
    assert code in (OK, USAGE)


def test_a_program_gets_the_rights_it_was_added_with(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    data = ["--data", str(tmp_path), "--json"]
    run(capsys, "migrate", *data)
    run(capsys, "classifier", "add", *data, "--name", "Касса")
    code, _, _ = run(capsys, "classifier", "add", *data, "--name", "Сайт", "--rights", "site")
    assert code == OK
    with sqlite3.connect(tmp_path / "kartoteka.db") as connection:
        rows = connection.execute("SELECT classifier_id, right_code FROM crm_classifier_right")
        rights: dict[int, set[str]] = {}
        for classifier_id, right in rows:
            rights.setdefault(classifier_id, set()).add(right)
    connection.close()
    assert rights[2] == set(PRESETS["site"])
    assert "holder.add" in rights[2] - rights[1]
    assert "quote" in rights[1] - rights[2]
