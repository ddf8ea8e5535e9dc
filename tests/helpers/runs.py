"""Words for tests about jobs: issues of cards, runs worked off at once, servers that die."""

from __future__ import annotations

import contextlib
from typing import Any

from sqlalchemy import insert

from card_server.cards import tables
from card_server.jobs import repository
from card_server.jobs.registry import WORKS
from card_server.jobs.running import JobRunner
from shared.wire import card_batches as wire
from shared.wire import cards, jobs
from tests.helpers.office import Office, new_operation_id

REASON = "напечатаны с ошибкой"


def add_range(office: Office, start: int = 1000, end: int = 1999, **fields: Any) -> int:
    """A range of the first division."""
    values = {"name": f"{start}", "division_id": 1, "make_anonymous": True, **fields}
    wanted = cards.CardRangeFields(start_code=start, end_code=end, **values)
    return office.ask(cards.AddCardRange(operation_id=new_operation_id(), fields=wanted)).key


def batch(range_id: int, count: int, **fields: Any) -> wire.CardBatch:
    """What is asked for."""
    return wire.CardBatch(range_id=range_id, count=count, **fields)


def order(office: Office, range_id: int, count: int, **fields: Any) -> int:
    """An issue that is planned; the number of its run."""
    asked = wire.IssueRange(operation_id=new_operation_id(), batch=batch(range_id, count, **fields))
    return office.ask(asked).run_id


def order_undo(office: Office, run_id: int, reason: str = REASON) -> int:
    """The way back, planned."""
    asked = wire.UndoIssue(operation_id=new_operation_id(), run_id=run_id, reason=reason)
    return office.ask(asked).run_id


def work_off(office: Office, run_id: int, desk: Any = None) -> jobs.Run:
    """Work a planned run off in this thread, as the runner does, and show how it ended."""
    runner = JobRunner(desk or office.desk, WORKS)
    due = next(one for one in office.desk.read(repository.due_runs) if one.run_id == run_id)
    runner.run(due)
    return office.ask(jobs.GetRun(run_id=run_id))


def issue(office: Office, range_id: int, count: int, **fields: Any) -> jobs.Run:
    """An issue from order to end."""
    return work_off(office, order(office, range_id, count, **fields))


def run_job(office: Office, code: str) -> jobs.Run:
    """A standing job, started by who may and worked off."""
    started = office.ask(jobs.StartJob(operation_id=new_operation_id(), code=code))
    return work_off(office, started.run_id)


def errors_of(office: Office, run_id: int) -> dict[str, str]:
    """Subject -> code of what a run could not work off."""
    rows = office.ask(jobs.ListRunErrors(run_id=run_id, limit=1000)).rows
    return {row.subject: row.code for row in rows}


def lay(office: Office, *codes: int, **values: Any) -> None:
    """Cards that stand already."""
    std = {"created_at": office.shop.now, "updated_at": office.shop.now}
    with office.shop.connection.begin():
        for code in codes:
            office.shop.connection.execute(
                insert(tables.card).values(card_code=code, **{"state": 2, **values}, **std)
            )


class Killed(BaseException):
    """The process is gone."""


class DyingDesk:
    """Does `left` changes or bookings and dies with the next one, before or after it."""

    def __init__(self, office: Office, left: int, *, after: bool) -> None:
        self._desk = office.desk
        self._left = left
        self._after = after
        self.is_dead = False

    def read(self, work: Any) -> Any:
        """A question."""
        return self._desk.read(work)

    def snapshot(self, work: Any) -> Any:
        """A long question."""
        return self._desk.snapshot(work)

    def edit(self, work: Any) -> Any:
        """A change, if it lives."""
        return self._do(lambda: self._desk.edit(work))

    def book(self, posting: Any) -> Any:
        """A booking, if it lives."""
        return self._do(lambda: self._desk.book(posting))

    def _do(self, act: Any) -> Any:
        self._left -= 1
        if self._left < 0 and not (self._after and self._left == -1):
            self.is_dead = True
            raise Killed
        done = act()
        if self._left < 0:
            self.is_dead = True
            raise Killed
        return done


def die_and_go_on(office: Office, run_id: int, left: int, *, after: bool) -> bool:
    """Work a run off until the process dies at its `left`-th change; whether it died.

    Whatever is left is planned again, as the next start of the server does.
    """
    if run_id not in {due.run_id for due in office.desk.read(repository.due_runs)}:
        return False
    desk = DyingDesk(office, left, after=after)
    with contextlib.suppress(Killed):
        work_off(office, run_id, desk)
    if desk.is_dead:
        office.desk.edit(lambda c, _now, _ids: repository.plan_interrupted(c))
    return desk.is_dead
