"""`card-server demo`: the exit code tells whether all of it held; ports and folders in use."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from card_server.__main__ import main
from card_server.cli import demo
from card_server.cli.exit_codes import COULD_NOT_RUN, FINDING, OK
from card_server.db.engine import address_of
from card_server.demo.generator import Wish, generate
from card_server.demo.visit import Step

SMALL = Wish(size="60", months=1)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A demo of sixty cards is enough here."""
    monkeypatch.setattr(demo, "generate", lambda address, *_: generate(address, SMALL))


def test_once_tells_the_story_and_writes_the_report(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "Отчёт о показе"
    assert main(["demo", "--once", "--out", str(out), "--language", "ru"]) == OK
    report = json.loads((out / "report.json").read_text(encoding="utf-8"))
    assert report["held"] is True
    assert [step["name"] for step in report["steps"]][-1] == "again"
    assert all(step["held"] for step in report["steps"])
    assert {"request", "answer", "expected", "found"} <= report["steps"][1].keys()
    assert report["verify"]["findings"] == []
    assert report["verify"]["operations"] > 0
    told = capfd.readouterr().out
    assert "Всё сошлось." in told
    assert "РЕСТОРАН" in told


def test_a_ledger_that_is_not_proven_is_exit_code_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    finding = {"ok": False, "operations": 5, "findings": ["x"], "exit_code": FINDING}
    monkeypatch.setattr(demo, "prove", lambda _folder: finding)
    assert main(["demo", "--once", "--out", str(tmp_path)]) == FINDING
    assert json.loads((tmp_path / "report.json").read_text("utf-8"))["held"] is False


def test_a_visit_that_breaks_is_exit_code_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = demo.tell_visit

    def lying(*arguments: Any) -> Any:
        visit = told(*arguments)
        balance = {"bonus": 0, "debit": 0}
        wrong = Step(
            name="wrong",
            request="",
            answer="",
            expected={"points": 1},
            found={"points": 2},
            balance_before=balance,
            balance_after=balance,
        )
        visit.steps.append(wrong)
        return visit

    monkeypatch.setattr(demo, "tell_visit", lying)
    assert main(["demo", "--once", "--out", str(tmp_path)]) == FINDING


class QuietServer:
    """Stands for the child process: remembers its ports."""

    asked: dict[str, int]

    def __init__(self, _data: Path, ports: dict[str, int]) -> None:
        QuietServer.asked = ports
        self.ports = {"relay_port": 1, "raw_port": 2, "management_port": 3}

    def wait(self) -> None:
        """Ends at once."""

    def stop(self) -> int:
        """Nothing to end."""
        return OK


class NothingSeen:
    """A visit without steps."""

    steps: tuple[Step, ...] = ()


@pytest.fixture
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """No server and no visit."""
    monkeypatch.setattr(demo, "Server", QuietServer)
    monkeypatch.setattr(demo, "tell_visit", lambda *_: NothingSeen())


@pytest.mark.usefixtures("quiet")
def test_a_busy_port_is_said_and_a_free_one_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as busy, socket.socket() as other:
        for one in (busy, other):
            one.bind(("127.0.0.1", 0))
        busy.listen()
        taken = busy.getsockname()[1]
        free = other.getsockname()[1]
        other.close()
        monkeypatch.setattr(demo, "PORTS", {"--relay-port": taken, "--raw-port": free})
        assert main(["demo", "--data", str(tmp_path / "d"), "--language", "en"]) == OK
    assert QuietServer.asked == {"--relay-port": 0, "--raw-port": free}
    out = capsys.readouterr().out
    assert f"Port {taken} is taken by another program" in out
    assert "Users of the demo:" in out


@pytest.mark.usefixtures("quiet")
def test_the_demo_of_a_folder_is_made_once_and_made_anew_if_it_was_cut_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "PORTS", {})
    made: list[Any] = []

    def counted(address: Any, *_: Any) -> Any:
        made.append(address)
        return generate(address, SMALL)

    monkeypatch.setattr(demo, "generate", counted)
    words = ["demo", "--data", str(tmp_path)]
    assert main(words) == OK
    assert main(words) == OK
    assert len(made) == 1
    (tmp_path / "demo.json").unlink()
    assert main(words) == OK
    assert len(made) == 2


@pytest.mark.usefixtures("quiet")
def test_a_real_database_is_never_made_anew(
    data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["classifier", "add", "--data", str(data_dir)]) == OK
    before = (data_dir / "kartoteka.db").stat().st_size
    assert main(["demo", "--data", str(data_dir), "--language", "en"]) == COULD_NOT_RUN
    assert "already holds data" in capsys.readouterr().err
    assert (data_dir / "kartoteka.db").stat().st_size == before
    assert main(["classifier", "list", "--data", str(data_dir)]) == OK


def test_a_server_that_does_not_start_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]
        monkeypatch.setattr(demo, "PORTS", {"--relay-port": port})
        monkeypatch.setattr(demo, "is_free", lambda _port: True)
        generate(address_of(None, tmp_path), SMALL)
        assert main(["demo", "--data", str(tmp_path), "--language", "en"]) == COULD_NOT_RUN
    told = capfd.readouterr()
    assert "did not start" in told.out
    assert "Traceback" not in told.err
    assert str(port) in told.err


BESIDE = """
import os, sys
sys.exit(0 if os.environ["KARTOTEKA_DEMO_PASSWORD"] and sys.argv[1:3] == ["--out", "x"] else 3)
"""


def test_a_program_runs_beside_the_demo_and_its_failure_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "beside_demo.py").write_text(BESIDE, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")
    server: Any = SimpleNamespace(ports={"management_port": 1})
    made: Any = SimpleNamespace(users=[SimpleNamespace(login="анна", password="demo")])
    assert demo.run_beside(server, made, ["beside_demo", "--out", "x"]) == OK
    assert demo.run_beside(server, made, ["beside_demo", "--out", "y"]) == 3
