"""The monitor over a real server: it signs in, gives jobs their times, orders what is due."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from crm_monitor.__main__ import PASSWORD as VARIABLE
from crm_monitor.__main__ import main
from crm_monitor.composition import Monitor, make_monitor
from shared.client.connection import Server
from shared.wire.errors import AppError, ErrorCode
from shared.wire.jobs import EditJob, JobFields, ListJobs, ListRuns
from tests.helpers.office import ADMINISTRATOR, PASSWORD, Office, new_operation_id

WAIT_S = 20


class Playing:
    """A monitor in a thread."""

    def __init__(self, monitor: Monitor) -> None:
        self.monitor = monitor
        self.ready = threading.Event()
        self.count = 0
        self.error: AppError | None = None
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self) -> None:
        try:
            self.monitor.run(self._say)
        except AppError as error:
            self.error = error

    def _say(self, count: int) -> None:
        self.count = count
        self.ready.set()

    def end(self) -> None:
        self.monitor.stop()
        self.thread.join(WAIT_S)
        assert not self.thread.is_alive()


@pytest.fixture
def playing(office: Office) -> Iterator[Playing]:
    server = office.open()
    made = Playing(make_monitor(server, ADMINISTRATOR, PASSWORD, clock=lambda: office.shop.now))
    assert made.ready.wait(WAIT_S)
    yield made
    made.end()


def runs(office: Office, code: str) -> int:
    return sum(run.code == code for run in office.ask(ListRuns()).rows)


def test_every_job_with_a_schedule_and_a_work_has_a_time(playing: Playing, office: Office) -> None:
    wanted = sorted(
        job.code
        for job in office.ask(ListJobs()).jobs
        if job.schedule is not None and job.is_active and job.has_work
    )
    assert wanted
    assert playing.monitor.jobs == wanted
    assert playing.count == len(wanted)


def test_what_is_due_is_ordered_once_whoever_orders_it(playing: Playing, office: Office) -> None:
    due = datetime(2026, 3, 4, 1, 10, tzinfo=UTC)
    before = runs(office, "verify.quick")
    assert playing.monitor.order("verify.quick", due)
    assert playing.monitor.order("verify.quick", due + timedelta(seconds=30))
    assert runs(office, "verify.quick") == before + 1


def test_a_job_that_was_switched_off_loses_its_time(playing: Playing, office: Office) -> None:
    (job,) = [one for one in office.ask(ListJobs()).jobs if one.code == "lots.expire"]
    office.ask(
        EditJob(
            operation_id=new_operation_id(),
            key=job.job_id,
            version=job.version,
            fields=JobFields(is_active=False),
        )
    )
    playing.monitor.look()
    assert "lots.expire" not in playing.monitor.jobs


def test_a_job_that_nobody_knows_is_not_ordered(playing: Playing) -> None:
    assert not playing.monitor.order("no.such.job", datetime(2026, 3, 4, tzinfo=UTC))


def test_a_wrong_password_ends_it(office: Office) -> None:
    wrong = Playing(make_monitor(office.open(), ADMINISTRATOR, "wrong-password-1"))
    wrong.thread.join(WAIT_S)
    assert wrong.error is not None
    assert wrong.error.code is not ErrorCode.SERVER_UNREACHABLE


def test_a_server_that_is_not_there_is_waited_for() -> None:
    gone = Playing(make_monitor(Server(port=1), ADMINISTRATOR, PASSWORD))
    gone.thread.join(0.3)
    assert gone.thread.is_alive()
    gone.end()


def test_without_a_password_it_says_where_to_put_one(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    assert main(["run", "--login", "nobody"]) != 0
    assert VARIABLE in capsys.readouterr().err
    monkeypatch.setenv(VARIABLE, "x")
    assert main(["run", "--login", "nobody", "--server", "nowhere"]) != 0
    assert "nowhere" in capsys.readouterr().err
