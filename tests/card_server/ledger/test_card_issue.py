"""The job that issues cards: what it makes, taken numbers, crashes at every step (domain 1.4)."""

from __future__ import annotations

import time
from datetime import date

import pytest
from sqlalchemy import func, select

from card_server.accounts import tables as account_tables
from card_server.cards import batch_making, tables
from card_server.db.base import metadata
from card_server.divisions import tables as division_tables
from card_server.holders import tables as holder_tables
from card_server.jobs.registry import WORKS
from card_server.jobs.running import JobRunner
from card_server.ledger import tables as ledger_tables
from card_server.ledger.card_issue import Place, place_of
from card_server.ledger.verify import verify
from card_server.works import QUICK
from shared.wire import card_batches as wire
from shared.wire import cards, jobs
from shared.wire.errors import AppError, ErrorCode
from tests.helpers.office import Office, new_operation_id
from tests.helpers.runs import (
    add_range,
    batch,
    die_and_go_on,
    errors_of,
    issue,
    lay,
    order,
    work_off,
)
from tests.helpers.shop import BONUS, DEBIT, DISCOUNT, SPENT

BONUS_SUM = 300_00


@pytest.fixture(autouse=True)
def _small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_making, "PIECE", 3)
    monkeypatch.setattr("card_server.ledger.card_issue.PIECE", 3)


def cards_of(office: Office) -> list[tuple[int, int]]:
    """Card and state."""
    return [(row.card_code, row.state) for row in office.shop.rows(tables.card)]


def bonuses(office: Office) -> dict[int, int]:
    """Card -> balance of its holder's bonus account."""
    card, account = tables.card, account_tables.account
    with office.shop.connection.begin():
        rows = office.shop.connection.execute(
            select(card.c.card_code, account.c.balance)
            .join(account, account.c.holder_id == card.c.holder_id)
            .where(account.c.account_type_id == BONUS)
        ).all()
    return {code: balance for code, balance in rows}  # noqa: C416 - rows are no tuples of two


def operations(office: Office) -> int:
    return office.shop.count(ledger_tables.operation)


def prove(office: Office) -> None:
    with office.shop.connection.begin():
        report = verify(office.shop.connection, full=True, now=office.shop.now)
    assert report.findings == []


def test_an_issue_makes_cards_holders_accounts_events_and_bonuses(office: Office) -> None:
    range_id = add_range(office, start_bonus=BONUS_SUM, valid_months=6)
    run = issue(office, range_id, 8, first_code=1000, kind=2)
    assert (run.state, run.total, run.processed, run.failed) == (jobs.DONE, 8, 8, 0)
    assert run.outcome == '{"made":8,"first":1000,"last":1007}'
    row = office.shop.rows(tables.card)[7]
    assert (row.card_code, row.state, row.kind, row.range_id) == (1007, 1, 2, range_id)
    assert (row.valid_from, row.valid_to) == (date(2026, 3, 2), date(2026, 9, 2))
    assert (row.issued_by, row.issued_at, row.batch_id) == (1, office.shop.now, run.run_id)
    assert len({one.holder_id for one in office.shop.rows(tables.card)}) == 8
    holder = office.shop.rows(
        holder_tables.holder, holder_tables.holder.c.holder_id == row.holder_id
    )[0]
    assert (holder.is_anonymous, holder.division_id, holder.group_id) == (True, 1, 1)
    person = office.shop.rows(
        holder_tables.person, holder_tables.person.c.holder_id == row.holder_id
    )
    assert person[0].full_name == ""
    accounts = office.shop.rows(
        account_tables.account, account_tables.account.c.holder_id == row.holder_id
    )
    assert [one.account_type_id for one in accounts] == [BONUS, DISCOUNT, DEBIT, SPENT]
    assert bonuses(office) == dict.fromkeys(range(1000, 1008), BONUS_SUM)
    (event,) = office.ask(cards.GetCard(card_code=1003)).events
    assert (event.event, event.user_id) == (1, 1)
    (span,) = office.ask(cards.ListCardRanges()).rows
    assert span.current_code == 1007
    change = metadata.tables["crm_change_set"]
    told = office.shop.rows(change, change.c.table_name == "card")
    assert [(one.row_key, one.batch_id) for one in told[:1]] == [("1000", run.run_id)]
    prove(office)


def test_a_card_that_was_issued_pays_at_the_till(office: Office) -> None:
    range_id = add_range(office, start_bonus=BONUS_SUM)
    issue(office, range_id, 1)
    office.shop.ok(1000, [(3, 500_00), (0, -100_00)])
    assert bonuses(office) == {1000: BONUS_SUM - 100_00}


def test_cards_without_holders_lie_ready(office: Office) -> None:
    range_id = add_range(office, make_anonymous=False)
    run = issue(office, range_id, 4)
    assert run.state == jobs.DONE
    assert cards_of(office) == [(code, 2) for code in range(1000, 1004)]
    assert office.shop.count(holder_tables.holder) == 0
    assert operations(office) == 0


def test_taken_numbers_are_left_out_and_told(office: Office) -> None:
    range_id = add_range(office, start_bonus=BONUS_SUM)
    lay(office, 1001, 1004, 1005)
    run = issue(office, range_id, 7, first_code=1000)
    assert (run.state, run.processed, run.failed) == (jobs.DONE_WITH_ERRORS, 7, 3)
    assert errors_of(office, run.run_id) == dict.fromkeys(("1001", "1004", "1005"), "CARD_TAKEN")
    assert sorted(bonuses(office)) == [1000, 1002, 1003, 1006]
    assert (run.outcome or "").startswith('{"made":4,')
    nothing = issue(office, range_id, 7, first_code=1000)
    assert (nothing.state, (nothing.message or "")[:10]) == (jobs.FAILED, "CARD_TAKEN")


def test_numbers_before_the_issue_stay_to_be_issued(office: Office) -> None:
    range_id = add_range(office)
    issue(office, range_id, 3, first_code=1500)
    assert office.ask(cards.ListCardRanges()).rows[0].current_code == 999
    issue(office, range_id, 2)
    assert [code for code, _ in cards_of(office)] == [1000, 1001, 1500, 1501, 1502]


def test_cards_of_a_limited_range_are_limited_to_its_types(office: Office) -> None:
    kind = account_tables.account_type
    office.shop.add(
        kind, account_type_id=30, name="Обеды", **{"class": 3}, value_unit=1, open_for_all=False
    )
    range_id = add_range(office, account_types=[30, BONUS])
    issue(office, range_id, 2)
    card = office.ask(cards.GetCard(card_code=1001))
    holder_id = card.row.holder_id or 0
    assert card.row.limited_accounts
    allowed = [office.shop.account(holder_id, type_id).account_id for type_id in (BONUS, 30)]
    assert [limit.account_id for limit in card.accounts] == sorted(allowed)
    office.shop.account(holder_id, SPENT)


def test_a_bonus_that_is_refused_is_told_and_the_card_stands(office: Office) -> None:
    range_id = add_range(office, start_bonus=BONUS_SUM)
    division = division_tables.division
    closed = date(2026, 3, 31)
    office.shop.change(division, division.c.division_id == 1, books_closed_until=closed)
    run = issue(office, range_id, 4)
    assert (run.state, run.processed, run.failed) == (jobs.DONE_WITH_ERRORS, 4, 4)
    told = dict.fromkeys(("1000", "1001", "1002", "1003"), "BOOKS_CLOSED")
    assert errors_of(office, run.run_id) == told
    assert [code for code, _ in cards_of(office)] == [1000, 1001, 1002, 1003]
    assert set(bonuses(office).values()) == {0}


@pytest.mark.parametrize("after", [False, True])
def test_a_server_that_dies_at_any_step_neither_doubles_nor_skips(
    office: Office, *, after: bool
) -> None:
    range_id = add_range(office, start_bonus=BONUS_SUM)
    lay(office, 1004)
    run_id = order(office, range_id, 8, first_code=1000)
    left = 0
    while die_and_go_on(office, run_id, left, after=after):
        left += 1
        assert left < 60
    run = office.ask(jobs.GetRun(run_id=run_id))
    made = [code for code in range(1000, 1008) if code != 1004]
    assert (run.state, run.processed, run.failed) == (jobs.DONE_WITH_ERRORS, 8, 1)
    assert [code for code, state in cards_of(office) if state == 1] == made
    assert bonuses(office) == dict.fromkeys(made, BONUS_SUM)
    assert operations(office) == 7
    assert office.shop.count(holder_tables.holder) == 7
    assert office.shop.count(tables.card_event) == 7
    prove(office)


def test_a_cancelled_issue_has_the_bonus_of_every_card_it_made(office: Office) -> None:
    range_id = add_range(office, start_bonus=BONUS_SUM)
    run_id = order(office, range_id, 9)
    assert die_and_go_on(office, run_id, 4, after=False)  # cards of a piece, no bonus yet
    cancel = jobs.CancelRun(operation_id=new_operation_id(), run_id=run_id)
    office.ask(cancel)
    assert work_off(office, run_id).state == jobs.CANCELLED
    assert bonuses(office)
    assert set(bonuses(office).values()) == {BONUS_SUM}


def test_the_place_of_a_run_is_kept_as_text() -> None:
    for place in (Place(7), Place(10**18 - 1, 10**18 - 60)):
        assert place_of(place.text(), 1) == place
        assert len(place.text()) <= 60
    assert place_of(None, 5) == Place(5)


def test_the_count_of_holders_and_cards_agrees(office: Office) -> None:
    issue(office, add_range(office), 5)
    holder = holder_tables.holder
    with office.shop.connection.begin():
        found = office.shop.connection.execute(
            select(func.count(), func.count(holder.c.pos_number.distinct()))
        ).one()
    assert tuple(found) == (5, 5)


def test_cards_are_issued_over_loopback_while_tills_sell(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch_making, "PIECE", 25)
    monkeypatch.setattr("card_server.ledger.card_issue.PIECE", 25)
    guest = office.shop.issue(77)
    range_id = add_range(office, start_bonus=BONUS_SUM)
    client = office.client()
    runner = JobRunner(office.desk, WORKS, office.feed.edited, quick=QUICK)
    runner.start()
    try:
        asked = batch(range_id, 300)
        assert client.ask(wire.CheckIssue(batch=asked)).problems == []
        ordered = client.ask(wire.IssueRange(operation_id=new_operation_id(), batch=asked))
        sales, deadline = 0, time.monotonic() + 60
        while client.ask(jobs.GetRun(run_id=ordered.run_id)).state not in jobs.ENDED:
            assert time.monotonic() < deadline
            outcome = office.desk.book(office.shop.call(77, [(3, 100_00), (2, 5_00)]))
            assert outcome.error is None
            sales += 1
    finally:
        runner.stop()
    run = client.ask(jobs.GetRun(run_id=ordered.run_id))
    assert (run.state, run.processed) == (jobs.DONE, 300)
    assert sales > 1
    assert office.shop.balance(guest, BONUS) == sales * 5_00
    assert len(bonuses(office)) == 301
    prove(office)


def cancelled(office: Office) -> tuple[int, int]:
    """A range, and an issue that was cancelled after some pieces."""
    range_id = add_range(office, start_bonus=BONUS_SUM)
    run_id = order(office, range_id, 9)
    assert die_and_go_on(office, run_id, 4, after=False)
    office.ask(jobs.CancelRun(operation_id=new_operation_id(), run_id=run_id))
    assert work_off(office, run_id).state == jobs.CANCELLED
    return range_id, run_id


def resume(run_id: int) -> jobs.ResumeRun:
    return jobs.ResumeRun(operation_id=new_operation_id(), run_id=run_id)


def test_a_cancelled_issue_goes_on_where_it_stood(office: Office) -> None:
    _, run_id = cancelled(office)
    assert 0 < len(cards_of(office)) < 9
    office.ask(resume(run_id))
    run = work_off(office, run_id)
    assert (run.state, run.processed, run.failed, run.cancel_asked) == (jobs.DONE, 9, 0, False)
    assert bonuses(office) == dict.fromkeys(range(1000, 1009), BONUS_SUM)
    assert operations(office) == 9
    assert office.refused(resume(run_id)) == "WRONG_STATE"
    prove(office)


def test_a_bonus_that_failed_is_booked_when_its_run_goes_on(office: Office) -> None:
    range_id = add_range(office, start_bonus=BONUS_SUM)
    run_id = order(office, range_id, 3)

    class Unreachable:
        """The ledger breaks once."""

        read, edit, snapshot = office.desk.read, office.desk.edit, office.desk.snapshot
        book_all = office.desk.book_all

        def book(self, _posting: object) -> None:
            raise AppError(ErrorCode.INTERNAL, ref="1")

    failed = work_off(office, run_id, Unreachable())
    assert (failed.state, set(bonuses(office).values())) == (jobs.FAILED, {0})
    office.ask(resume(run_id))
    assert work_off(office, run_id).state == jobs.DONE
    assert bonuses(office) == dict.fromkeys(range(1000, 1003), BONUS_SUM)


def test_only_who_may_issue_lets_a_run_go_on(office: Office) -> None:
    _, run_id = cancelled(office)
    office.add_user("runner", "job.run")
    assert office.refused(resume(run_id), office.sign_in("runner")) == "NO_RIGHT"
    office.add_user("issuer", "card.issue")
    assert office.refused(resume(run_id), office.sign_in("issuer")) == "NO_RIGHT"
    office.add_user("both", "card.issue", "job.run")
    office.ask(resume(run_id), office.sign_in("both"))


def test_a_job_without_a_way_to_go_on_is_not_resumed(office: Office) -> None:
    office.ask(jobs.StartJob(operation_id=new_operation_id(), code="verify.quick"))
    (run,) = office.ask(jobs.MyRuns()).runs
    office.ask(jobs.CancelRun(operation_id=new_operation_id(), run_id=run.run_id))
    assert work_off(office, run.run_id).state == jobs.CANCELLED
    assert office.refused(resume(run.run_id)) == "WRONG_STATE"
    assert office.refused(resume(5)) == "ROW_NOT_FOUND"
