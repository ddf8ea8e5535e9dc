"""The table of works: every code once, all of them in the registry."""

from __future__ import annotations

from card_server.jobs.registry import WORKS
from card_server.works import ALL, enter_works


def test_every_work_is_entered_and_a_second_time_changes_nothing() -> None:
    enter_works()
    before = dict(WORKS)
    assert ALL.items() <= before.items()
    enter_works()
    assert before == WORKS
