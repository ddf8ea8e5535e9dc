"""The start bonus of cards that programs had issued: ordered with the card, booked once (1.4)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from card_server.accounts import tables as account_tables
from card_server.cards import tables
from card_server.cards.batch_making import bench_for
from card_server.cards.issuing import CardDesk, CardWish
from card_server.db.change_log import ChangeLog, Editor
from card_server.jobs import repository
from card_server.ledger import tables as ledger_tables
from shared.wire import cards, jobs
from shared.wire.errors import AppError
from tests.helpers.office import Office
from tests.helpers.runs import add_range, die_and_go_on, work_off
from tests.helpers.shop import BONUS, SPENT

BONUS_SUM = 300_00


def as_program(office: Office, work: Callable[[CardDesk], Any]) -> Any:
    """An edit as programs make it."""

    def change(connection: Any, now: Any, ids: Any) -> Any:
        log = ChangeLog(connection, ids, Editor(classifier_id=1), now)
        bench = bench_for(connection, ids, log, now)
        return work(CardDesk(bench, may_issue=True, may_unbind=False))

    return office.desk.edit(change)


def waiting(office: Office) -> list[int]:
    """Runs that are planned."""
    return [due.run_id for due in office.desk.read(repository.due_runs)]


def test_the_next_number_of_a_range_brings_the_bonus(office: Office) -> None:
    holder_id, range_id = office.shop.issue(77), add_range(office, start_bonus=BONUS_SUM)
    code = as_program(office, lambda desk: desk.issue_next(holder_id, range_id))
    (run_id,) = waiting(office)
    run = work_off(office, run_id)
    assert (run.state, run.processed, run.code) == (jobs.DONE, 1, "cards.bonus")
    assert office.shop.balance(holder_id, BONUS) == BONUS_SUM
    (booked,) = office.shop.rows(ledger_tables.operation)
    assert (booked.card_code, booked.batch_id) == (code, run_id)


@pytest.mark.parametrize("after", [False, True])
def test_a_server_that_dies_books_it_once(office: Office, *, after: bool) -> None:
    holder_id, range_id = office.shop.issue(77), add_range(office, start_bonus=BONUS_SUM)
    as_program(office, lambda desk: desk.issue_next(holder_id, range_id))
    (run_id,), left = waiting(office), 0
    while die_and_go_on(office, run_id, left, after=after):
        left += 1
        assert left < 20
    assert office.shop.balance(holder_id, BONUS) == BONUS_SUM
    assert office.shop.count(ledger_tables.operation) == 1


def test_a_card_that_is_refused_leaves_no_order(office: Office) -> None:
    holder_id = office.shop.issue(77)
    add_range(office, start_bonus=BONUS_SUM)

    def two(desk: CardDesk) -> None:
        desk.apply(holder_id, CardWish(code=1000, shown="1000"))
        desk.apply(holder_id, CardWish(code=5, shown="5"))

    with pytest.raises(AppError, match="CARD_OUT_OF_RANGE"):
        as_program(office, two)
    assert waiting(office) == []
    assert office.shop.count(tables.card) == 1


def test_a_card_of_a_limited_range_is_limited_to_what_the_holder_has(office: Office) -> None:
    holder_id = office.shop.issue(77)
    add_range(office, start_bonus=BONUS_SUM, account_types=[BONUS, SPENT])
    as_program(office, lambda desk: desk.apply(holder_id, CardWish(code=1000, shown="1000")))
    card = office.ask(cards.GetCard(card_code=1000))
    allowed = [office.shop.account(holder_id, type_id).account_id for type_id in (BONUS, SPENT)]
    assert card.row.limited_accounts
    assert [limit.account_id for limit in card.accounts] == sorted(allowed)
    assert work_off(office, waiting(office)[0]).state == jobs.DONE


def test_where_no_bonus_account_fits_the_run_says_so(office: Office) -> None:
    holder_id = office.shop.issue(77)
    add_range(office, start_bonus=BONUS_SUM, account_types=[SPENT])
    as_program(office, lambda desk: desk.apply(holder_id, CardWish(code=1000, shown="1000")))
    run = work_off(office, waiting(office)[0])
    assert (run.state, run.message) == (jobs.FAILED, 'BONUS_TYPE {"n":0}')


def test_a_bonus_on_a_blocked_account_is_told(office: Office) -> None:
    holder_id, range_id = office.shop.issue(77), add_range(office, start_bonus=BONUS_SUM)
    as_program(office, lambda desk: desk.issue_next(holder_id, range_id))
    account = account_tables.account
    office.shop.change(account, account.c.account_type_id == BONUS, state=2)
    run = work_off(office, waiting(office)[0])
    assert (run.state, (run.message or "").split()[0]) == (jobs.FAILED, "ACCOUNT_BLOCKED")
    assert office.shop.balance(holder_id, BONUS) == 0


def test_a_range_without_a_bonus_orders_nothing(office: Office) -> None:
    holder_id, range_id = office.shop.issue(77), add_range(office)
    as_program(office, lambda desk: desk.issue_next(holder_id, range_id))
    assert waiting(office) == []
