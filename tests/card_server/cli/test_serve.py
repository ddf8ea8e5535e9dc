"""Tests of serve: a process of its own, started, asked and stopped as its user would."""

from __future__ import annotations

import json
import shutil
import signal
import socket
import sqlite3
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from card_server.cli.exit_codes import COULD_NOT_RUN, OK, USAGE
from tests.helpers.certificates import make_certificates
from tests.helpers.databases import Databases
from tests.helpers.wire import post, read_reply, rest

PORTS = ("--relay-port", "0", "--raw-port", "0", "--management-port", "0")
PATIENCE_S = 60


@pytest.fixture
def folder(databases: Databases, tmp_path: Path) -> Path:
    """A data folder with a database, under a name with blanks and Cyrillic letters."""
    folder = tmp_path / "данные сервера"
    folder.mkdir()
    shutil.copy(databases.template_file, folder / "kartoteka.db")
    return folder


def command(folder: Path, *arguments: str) -> list[str]:
    """`card-server serve` with a data folder."""
    return [sys.executable, "-m", "card_server", "serve", "--data", str(folder), *arguments]


def fails(folder: Path, *arguments: str, language: str = "ru") -> str:
    """Standard error of a server that must not start; there is never a traceback."""
    done = subprocess.run(  # noqa: S603 - our own interpreter
        [*command(folder, *arguments), "--language", language],
        capture_output=True,
        encoding="utf-8",
        timeout=PATIENCE_S,
        check=False,
    )
    assert done.returncode == COULD_NOT_RUN, done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    return done.stderr


@contextmanager
def running(folder: Path, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], Any]]:
    """A server that answers, and its ready line."""
    with subprocess.Popen(  # noqa: S603 - our own interpreter
        command(folder, *arguments),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    ) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line, process.stderr.read() if process.stderr is not None else ""
            yield process, json.loads(line)
        finally:
            process.kill()


def stop(process: subprocess.Popen[str], number: int = signal.SIGTERM) -> tuple[int, str, str]:
    """Send a signal; the exit code and what is left of both streams."""
    process.send_signal(number)
    out, err = process.communicate(timeout=PATIENCE_S)
    return process.returncode, out, err


def ask(port: int, data: bytes) -> bytes:
    """Bytes to a port and everything that comes back."""
    with socket.create_connection(("127.0.0.1", port), 10) as sock:
        sock.sendall(data)
        return rest(sock)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_server_says_it_is_ready_answers_on_each_port_and_stops_on_a_signal(
    folder: Path, number: int
) -> None:
    with running(folder, *PORTS) as (process, ready):
        assert set(ready) == {"event", "relay_port", "raw_port", "management_port"}
        assert ready["event"] == "ready"
        message = b'<Message Action="Get card info" Terminal_Type="NOPE"/>'
        request = post(message, "Connection: close")
        assert b'ErrorCode="SAC-0004"' in ask(ready["relay_port"], request)
        assert b"Message-Type: Error\r\n" in ask(ready["raw_port"], message)
        health = ask(
            ready["management_port"],
            b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        )
        assert b'"state":"running"' in health
        code, out, err = stop(process, number)
    assert (code, out) == (OK, "")
    assert "server has stopped" in err
    assert "Traceback" not in err


def test_the_log_file_tells_start_and_stop_and_settings_can_be_edited(folder: Path) -> None:
    with running(folder, *PORTS) as (process, ready):
        stop(process)
    lines = (folder / "logs" / "card-server.log").read_text("utf-8").splitlines()
    events = [json.loads(line) for line in lines]
    told = [event["event"] for event in events]
    assert told[0] == "server answers"
    assert "server stops" in told
    assert told[-1] == "server has stopped"
    assert events[0]["relay_port"] == ready["relay_port"]
    assert "#port = 9192" in (folder / "server.toml").read_text("utf-8")


def test_the_file_sets_ports_and_limits_and_the_command_line_beats_it(folder: Path) -> None:
    text = "[server]\nport = 1\nraw_port = 0\nmanage_port = 0\n[limits]\nbody_bytes = 50\n"
    (folder / "server.toml").write_text(text, "utf-8")
    with running(folder, "--relay-port", "0") as (process, ready):
        assert b" 413 " in ask(ready["relay_port"], post(b"x" * 51))
        stop(process)
    assert (folder / "server.toml").read_text("utf-8") == text


def test_a_second_server_on_the_folder_is_refused_and_the_first_goes_on(folder: Path) -> None:
    with running(folder, *PORTS) as (process, ready):
        err = fails(folder, *PORTS)
        assert f"уже работает другой сервер (PID {process.pid})" in err
        assert b"200 OK" in ask(ready["relay_port"], b"GET / HTTP/1.0\r\n\r\n")
        assert stop(process)[0] == OK


def test_a_killed_server_leaves_a_folder_that_starts_again(folder: Path) -> None:
    with running(folder, *PORTS) as (process, _):
        process.kill()
        process.wait(PATIENCE_S)
    with running(folder, *PORTS) as (process, _):
        assert stop(process)[0] == OK


def test_a_request_that_runs_when_the_signal_comes_is_answered(folder: Path) -> None:
    with running(folder, *PORTS) as (process, ready):
        sock = socket.create_connection(("127.0.0.1", ready["relay_port"]), 10)
        with sock:
            sock.sendall(post(b'<Message Action="A" Terminal_Type="X"/>'))
            assert read_reply(sock).status == 200
            code, _, _ = stop(process)
            assert rest(sock) == b""
    assert code == OK


def test_tls_is_an_own_port_with_the_certificate_of_the_folder(folder: Path) -> None:
    issuer = make_certificates(folder)
    (folder / "server.toml").write_text("[server]\ntls = true\ntls_port = 0\n", "utf-8")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=issuer.decode())
    with running(folder, *PORTS) as (process, ready):
        plain = socket.create_connection(("127.0.0.1", ready["tls_port"]), 10)
        with context.wrap_socket(plain, server_hostname="localhost") as sock:
            sock.sendall(post(b'<Message Action="A" Terminal_Type="X"/>'))
            assert b"SAC-0004" in read_reply(sock).body
        assert stop(process)[0] == OK


def test_the_start_waits_for_no_library_that_answering_a_till_does_not_need() -> None:
    code = (
        "import sys, card_server.composition, card_server.__main__; "
        "late = {'openpyxl', 'PIL', 'keyring', 'psutil', 'tomlkit', 'pyodbc', 'psycopg', "
        "'card_server.demo'}; print(sorted(late & set(sys.modules)))"
    )
    done = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True
    )
    assert done.stdout.strip() == "[]"


# ------------------------------------------------------------------ what keeps it from starting


def test_wrong_settings_are_all_told_and_the_file_is_left(folder: Path) -> None:
    text = '[server]\nport = "http"\n[limits]\nidle_s = -1\n'
    (folder / "server.toml").write_text(text, "utf-8")
    err = fails(folder)
    assert "Настройка server.port: значение «http» не годится, допустимо: целое число от 0" in err
    assert "Настройка limits.idle_s: значение «-1»" in err
    assert (folder / "server.toml").read_text("utf-8") == text


def test_a_broken_settings_file_is_refused_and_left(folder: Path) -> None:
    (folder / "server.toml").write_text("[server\n", "utf-8")
    assert "1:" in fails(folder, language="en")
    assert (folder / "server.toml").read_text("utf-8") == "[server\n"


def test_an_unknown_setting_is_reported_and_the_server_starts(folder: Path) -> None:
    (folder / "server.toml").write_text("[limits]\nconnectons = 5\n", "utf-8")
    with running(folder, *PORTS) as (process, _):
        _, _, err = stop(process)
    assert "limits.connectons" in err
    assert "nearest=limits.connections" in err


def test_a_taken_port_names_its_owner(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        err = fails(folder, *PORTS[2:], "--relay-port", port)
        assert f"Порт {port} занят программой" in err
        assert "python" in err
        err = fails(folder, *PORTS[:4], "--management-port", port, language="en")
        assert f"Port {port} is taken by" in err


def test_an_address_of_another_machine_is_refused(folder: Path) -> None:
    assert "203.0.113.77" in fails(folder, *PORTS, "--host", "203.0.113.77")


@pytest.mark.parametrize("port", ["-1", "65536", "http"])
def test_a_number_that_is_no_port_is_wrong_usage(folder: Path, port: str) -> None:
    done = subprocess.run(  # noqa: S603 - our own interpreter
        command(folder, "--relay-port", port), capture_output=True, timeout=PATIENCE_S, check=False
    )
    assert done.returncode == USAGE
    assert port.encode() in done.stderr


def test_a_data_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("no folder")
    err = fails(tmp_path / "data", *PORTS)
    assert "В папку данных" in err
    assert "/data нельзя писать" in err


def test_a_missing_certificate_is_named(folder: Path) -> None:
    (folder / "server.toml").write_text("[server]\ntls = true\n", "utf-8")
    err = fails(folder, *PORTS)
    assert "RKeeper_CRM_SSLwork.cer" in err
    assert "server.tls_cert" in err


def test_a_newer_an_older_and_a_damaged_database_are_refused(folder: Path) -> None:
    file = folder / "kartoteka.db"
    for version, sign in (("9999", "9999"), ("0001", "0001")):
        with sqlite3.connect(file) as connection:
            connection.execute("UPDATE crm_migration SET version_num = ?", (version,))
        connection.close()
        assert sign in fails(folder, *PORTS)
    for rest_of_wal in folder.glob("kartoteka.db-*"):
        rest_of_wal.unlink()
    file.write_bytes(b"no database at all, but long enough to be one" * 1_000)
    err = fails(folder, *PORTS, language="en")
    assert "not a database" in err


def test_a_string_that_is_no_database_is_refused_also_from_the_file(folder: Path) -> None:
    (folder / "server.toml").write_text('[database]\naddress = "nonsense"\n', "utf-8")
    assert "nonsense" in fails(folder, *PORTS)
