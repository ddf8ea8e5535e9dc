"""The running monitor: a signed-in client, APScheduler, and jobs that follow their schedules."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from crm_monitor.schedule import House, is_open, missed, run_id, trigger_of
from shared.client.client import Client
from shared.client.connection import Server
from shared.settings.house import DAY_START, TIME_ZONE
from shared.wire.errors import AppError, ErrorCode
from shared.wire.jobs import JobRow, ListJobs, StartJob
from shared.wire.settings import GetSettings

log = structlog.get_logger(__name__)
LOOK_S: Final = 30.0
"""How often the schedules are read again."""
RETRY_S: Final = 15.0
MISFIRE_S: Final = 3600
"""A computer that slept makes up for a run that was due within this time."""
WORKERS: Final = 4
NAME: Final = "crm-monitor"
UTC_ZONE: Final = ZoneInfo("UTC")
Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """The moment by the computer's clock."""
    return datetime.now(UTC)  # noqa: TID251 - the one clock of the monitor


class Monitor:
    """Orders standing jobs when they are due, until it is stopped."""

    def __init__(self, client: Client, login: str, password: str, clock: Clock) -> None:
        self._client = client
        self._login = login
        self._password = password
        self._clock = clock
        self._stop = threading.Event()
        self._known: dict[str, JobRow] = {}
        self._house = House(UTC_ZONE, 0)
        self._scheduler = BackgroundScheduler(
            executors={"default": ThreadPoolExecutor(WORKERS)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": MISFIRE_S},
            timezone=UTC_ZONE,
        )

    @property
    def jobs(self) -> list[str]:
        """Codes of the jobs that have a time."""
        return sorted(job.id for job in self._scheduler.get_jobs())

    def stop(self) -> None:
        """End `run`."""
        self._stop.set()

    def run(self, ready: Callable[[int], None]) -> None:
        """Follow the schedules until `stop`; `ready` is told how many jobs have a time.

        A wrong password ends it; a server that is not there is waited for.
        """
        try:
            self._sign_in_patiently()
            if not self._stop.is_set():
                self._follow(ready)
        finally:
            self._client.close()

    def _follow(self, ready: Callable[[int], None]) -> None:
        self._scheduler.start(paused=True)
        try:
            self.look()
            self._scheduler.resume()
            ready(len(self.jobs))
            while not self._stop.wait(LOOK_S):
                self._look_again()
        finally:
            self._scheduler.shutdown(wait=True)

    # ------------------------------------------------------------------ signing in

    def _sign_in_patiently(self) -> None:
        while not self._stop.is_set():
            try:
                self._client.sign_in(self._login, self._password)
            except AppError as error:
                if error.code is not ErrorCode.SERVER_UNREACHABLE:
                    raise
                log.warning("server does not answer, trying again", server=self._server)
                self._stop.wait(RETRY_S)
            else:
                log.info("signed in", server=self._server, login=self._login)
                return

    @property
    def _server(self) -> str:
        return self._client.server.shown

    # ------------------------------------------------------------------ schedules

    def _look_again(self) -> None:
        try:
            self.look()
        except AppError as error:
            if error.code is ErrorCode.SESSION_LOST:
                self._sign_in_patiently()
            else:
                log.warning("schedules could not be read", code=error.code.value)

    def look(self) -> None:
        """Read the jobs; those whose schedule changed get their new time."""
        house = self._read_house()
        jobs = {job.code: job for job in self._client.ask(ListJobs()).jobs}
        for code, job in jobs.items():
            before = self._known.get(code)
            if before is None or before.version != job.version or house != self._house:
                self._place(job, house)
            if before is None:
                self._make_up(job, house)
        for code in self._known.keys() - jobs.keys():
            self._drop(code)
        self._known, self._house = jobs, house

    def _read_house(self) -> House:
        found = self._client.ask(GetSettings(scope=0, scope_id=0))
        values = {one.key: one.in_force for one in found.values}
        hours, _, minutes = values[DAY_START.key].partition(":")
        try:
            zone = ZoneInfo(values[TIME_ZONE.key])
        except (ZoneInfoNotFoundError, ValueError):
            log.warning("unknown time zone, UTC counts", zone=values[TIME_ZONE.key])
            zone = UTC_ZONE
        return House(zone, int(hours) * 60 + int(minutes))

    def _place(self, job: JobRow, house: House) -> None:
        trigger = trigger_of(job.schedule, house) if job.schedule is not None else None
        if trigger is None or not job.is_active or not job.has_work:
            self._drop(job.code)
            return
        self._scheduler.add_job(
            self._due, trigger, args=(job.code,), id=job.code, replace_existing=True
        )
        log.info("job has a time", job=job.code, trigger=str(trigger))

    def _drop(self, code: str) -> None:
        if self._scheduler.get_job(code) is not None:
            self._scheduler.remove_job(code)

    def _make_up(self, job: JobRow, house: House) -> None:
        due = missed(job, self._clock(), house)
        if due is not None:
            log.info("a run was missed and is made up for", job=job.code, due=due.isoformat())
            self.order(job.code, due)

    # ------------------------------------------------------------------ ordering

    def _due(self, code: str) -> None:
        now = self._clock()
        job = self._known.get(code)
        if job is not None and is_open(job, now, self._house):
            self.order(code, now)

    def order(self, code: str, due: datetime) -> bool:
        """Order the run that is due; whether the server has it now."""
        command = StartJob(operation_id=run_id(code, due), code=code)
        began = self._clock()
        while not self._stop.is_set():
            try:
                ordered = self._client.ask(command)
            except AppError as error:
                if error.code is ErrorCode.SESSION_LOST:
                    self._sign_in_patiently()
                    continue
                if error.code is not ErrorCode.SERVER_UNREACHABLE:
                    log.warning("job was not started", job=code, code=error.code.value)
                    return False
                if (self._clock() - began).total_seconds() > MISFIRE_S:
                    log.exception("job was not started in time", job=code)
                    return False
                self._stop.wait(RETRY_S)
            else:
                log.info("job was ordered", job=code, run=ordered.run_id)
                return True
        return False


def make_monitor(
    server: Server, login: str, password: str, *, clock: Clock = system_clock
) -> Monitor:
    """A monitor that has not begun yet."""
    return Monitor(Client(server, application=NAME), login, password, clock)
