"""The application server as a process: users, reports, and a card server that needs it not."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from card_server.app_server import build_parser, main, run
from card_server.cli.exit_codes import OK, USAGE
from shared.client.client import Client, Refused, new_operation_id
from shared.client.connection import Server
from shared.wire.errors import ErrorCode
from shared.wire.operations import ListOperations
from shared.wire.reports import ListReports
from shared.wire.roles import ListUsers
from shared.wire.users import FirstPassword, FirstRun, GetMe

PASSWORD = "Надёжный-пароль-1"
WAIT_S = 30


@contextmanager
def running(folder: Path, *more: str) -> Iterator[int]:
    """The application server in a thread; its port."""
    options = build_parser().parse_args(["serve", "--data", str(folder), "--port", "0", *more])
    stop, ready = threading.Event(), threading.Event()
    ports: list[int] = []

    def say(port: int) -> None:
        ports.append(port)
        ready.set()

    thread = threading.Thread(target=lambda: run(options, ready=say, stop=stop), daemon=True)
    thread.start()
    try:
        assert ready.wait(WAIT_S)
        yield ports[0]
    finally:
        stop.set()
        thread.join(WAIT_S)


@contextmanager
def process(module: str, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """A server as a program, and its line of readiness."""
    command = [sys.executable, "-m", module, *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:  # noqa: S603 - our own programs
        try:
            assert child.stdout is not None
            yield child, json.loads(child.stdout.readline())
        finally:
            child.kill()


def client_at(port: int) -> Client:
    client = Client(Server(port=port), application="test")
    state = client.ask(FirstRun())
    if state.password_needed:
        client.ask(FirstPassword(operation_id=new_operation_id(), password=PASSWORD))
    client.sign_in(state.login, PASSWORD)
    return client


def health(port: int) -> dict[str, Any]:
    with urlopen(f"http://127.0.0.1:{port}/health", timeout=5) as reply:
        found: dict[str, Any] = json.load(reply)
    return found


def test_users_and_reports_are_answered_and_nothing_else(data_dir: Path) -> None:
    with running(data_dir) as port:
        client = client_at(port)
        assert client.ask(ListUsers()).rows
        assert client.ask(ListReports()).reports
        with pytest.raises(Refused) as refused:
            client.ask(ListOperations())
        assert refused.value.code is ErrorCode.UNKNOWN_ACTION
        assert health(port)["role"] == "app-server"
        client.close()


def test_it_is_registered_by_its_own_command(
    data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ["--data", str(data_dir), "--json"]
    assert main(["register", "127.0.0.1:9195", *where]) == 0
    assert json.loads(capsys.readouterr().out) == {"address": "127.0.0.1:9195"}
    assert main(["unregister", *where]) == 0
    assert main(["register", "nowhere", *where]) != 0
    assert "nowhere" in capsys.readouterr().err


def test_a_folder_without_a_database_is_told_in_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["serve", "--data", str(tmp_path), "--port", "0"]) != 0
    assert "Traceback" not in capsys.readouterr().err


def test_the_network_is_refused_without_tls(
    data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["serve", "--data", str(data_dir), "--host", "0.0.0.0", "--language", "en"]  # noqa: S104 - it is refused
    assert main(asked) != 0
    assert "manage_tls" in capsys.readouterr().err


def test_its_help_and_complaints_speak_the_language_of_the_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for language, began, named in (("ru", "использование: ", "порт"), ("en", "usage: ", "port")):
        assert main(["serve", "--help", "--language", language]) == OK
        assert capsys.readouterr().out.startswith(began)
        assert main(["serve", "--port", "99999", "--language", language]) == USAGE
        out = capsys.readouterr()
        last = out.err.strip().splitlines()[-1]
        assert (out.out, out.err.startswith(began)) == ("", True)
        assert "99999" in last
        assert named in last.partition("99999")[2]


def test_the_card_server_goes_on_when_it_is_killed_and_finds_it_again(data_dir: Path) -> None:
    ports = ("--relay-port", "0", "--raw-port", "0", "--management-port", "0")
    place = ("--data", str(data_dir))
    with process("card_server", "serve", *place, *ports) as (_, ready):
        card_server = ready["management_port"]
        client = client_at(card_server)
        with process("card_server.app_server", "serve", *place, "--port", "0") as (child, told):
            port = told["management_port"]
            assert main(["register", f"127.0.0.1:{port}", *place]) == 0
            _until(lambda: _alive(card_server) is True)
            other = Client(Server(port=port), application="test")
            other._token = client._token
            assert other.ask(GetMe()).login == client.ask(GetMe()).login
            other.close()
            child.kill()
            child.wait(WAIT_S)
            _until(lambda: _alive(card_server) is False)
        assert client.ask(ListUsers()).rows
        with process("card_server.app_server", "serve", *place, "--port", str(port)):
            _until(lambda: _alive(card_server) is True)
        client.close()


def _alive(port: int) -> bool | None:
    found = health(port)["application_server"]
    return None if found is None else found["is_alive"]


def _until(true: Any) -> None:
    deadline = time.monotonic() + WAIT_S
    while not true():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.1)
