"""The way back of an issue: unused cards go, used ones stay and say why (domain 1.4)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from card_server.accounts import tables as account_tables
from card_server.cards import tables
from card_server.coupons import tables as coupon_tables
from card_server.holders import tables as holder_tables
from card_server.ledger import card_undo
from card_server.ledger.manual import Adjust, Header, OpenHold
from card_server.ledger.manual_holds import HoldPart
from card_server.ledger.verify import verify
from shared.wire import cards, holders, jobs
from shared.wire.errors import AppError
from tests.helpers.office import Office, new_operation_id
from tests.helpers.runs import (
    REASON,
    add_range,
    die_and_go_on,
    errors_of,
    issue,
    lay,
    order_undo,
    work_off,
)
from tests.helpers.shop import BONUS, DEBIT

BONUS_SUM = 300_00
COUNT = 8


@pytest.fixture(autouse=True)
def _small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(card_undo, "PIECE", 3)


def undo(office: Office, run: jobs.Run) -> jobs.Run:
    return work_off(office, order_undo(office, run.run_id))


def standing(office: Office) -> list[int]:
    """Cards that were not deleted."""
    card = tables.card
    return [row.card_code for row in office.shop.rows(card, card.c.deleted_at.is_(None))]


def open_accounts(office: Office) -> int:
    account = account_tables.account
    return len(office.shop.rows(account, account.c.holder_id.is_not(None), account.c.state != 3))


def living(office: Office) -> int:
    holder = holder_tables.holder
    return len(office.shop.rows(holder, holder.c.deleted_at.is_(None)))


def points(office: Office) -> int:
    account = account_tables.account
    rows = office.shop.rows(account, account.c.account_type_id == BONUS)
    return sum(row.balance or 0 for row in rows if row.holder_id is not None)


def prove(office: Office) -> None:
    with office.shop.connection.begin():
        report = verify(office.shop.connection, full=True, now=office.shop.now)
    assert report.findings == []


def made(office: Office, **fields: Any) -> jobs.Run:
    """An issue of eight cards, a minute ago."""
    run = issue(office, add_range(office, **{"start_bonus": BONUS_SUM, **fields}), COUNT)
    office.shop.pass_time(minutes=1)
    return run


def test_an_issue_that_nobody_used_is_undone_whole(office: Office) -> None:
    run = made(office)
    assert points(office) == COUNT * BONUS_SUM
    back = undo(office, run)
    assert (back.state, back.total, back.processed, back.failed) == (jobs.DONE, COUNT, COUNT, 0)
    assert back.outcome == '{"undone":8,"kept":0}'
    assert standing(office) == []
    assert (living(office), open_accounts(office), points(office)) == (0, 0, 0)
    event = office.shop.rows(tables.card_event, tables.card_event.c.card_code == 1003)[-1]
    assert (event.event, event.reason, event.user_id) == (12, REASON, 1)
    assert office.ask(cards.ListCardRanges()).rows[0].current_code == 999
    prove(office)


def test_the_numbers_may_be_issued_again_with_all_their_history(office: Office) -> None:
    run = made(office)
    undo(office, run)
    range_id = office.ask(cards.ListCardRanges()).rows[0].range_id
    again = issue(office, range_id, COUNT + 1, kind=2)
    assert (again.state, again.failed) == (jobs.DONE, 0)
    assert standing(office) == list(range(1000, 1000 + COUNT + 1))
    card = office.ask(cards.GetCard(card_code=1000))
    assert [event.event for event in card.events] == [1, 12, 1]
    assert (card.row.kind, card.row.state) == (2, 1)
    assert points(office) == (COUNT + 1) * BONUS_SUM
    office.shop.ok(1000, [(3, 500_00), (0, -100_00)])
    back = undo(office, again)
    assert errors_of(office, back.run_id) == {"1000": "CARD_USED"}
    assert standing(office) == [1000]
    prove(office)


def test_a_card_that_was_voided_is_neither_undone_nor_issued_again(office: Office) -> None:
    run = made(office)
    version = office.ask(cards.GetCard(card_code=1002)).row.version
    office.ask(
        cards.VoidCard(
            operation_id=new_operation_id(), card_code=1002, version=version, reason="сломана"
        )
    )
    back = undo(office, run)
    assert errors_of(office, back.run_id) == {"1002": "CARD_USED"}
    again = issue(office, run_range(office), 1, first_code=1002)
    assert again.state == jobs.FAILED


def run_range(office: Office) -> int:
    return office.ask(cards.ListCardRanges()).rows[0].range_id


def pay(office: Office) -> None:
    office.shop.ok(1004, [(3, 500_00)])


def holder_of(office: Office) -> int:
    return office.shop.holder(1004)


def adjust(office: Office) -> None:
    posting = Adjust(
        header=Header(key="a", reason_id=1),
        holder_id=holder_of(office),
        account_type_id=DEBIT,
        amount=5_00,
    )
    assert office.shop.run(posting)[0].error is None


def hold(office: Office) -> None:
    account_id = office.shop.account(holder_of(office), BONUS).account_id
    posting = OpenHold(
        header=Header(key="h", card_code=1004),
        parts=(HoldPart(account_id=account_id, amount=1_00),),
        minutes=60,
    )
    assert office.shop.run(posting)[0].error is None


def block(office: Office) -> None:
    card = office.ask(cards.GetCard(card_code=1004)).row
    office.ask(
        cards.BlockCard(
            operation_id=new_operation_id(),
            card_code=1004,
            version=card.version,
            reason="проверка",
        )
    )


def name(office: Office) -> None:
    person = holder_tables.person
    with office.shop.connection.begin():
        office.shop.connection.execute(
            update(person)
            .where(person.c.holder_id == holder_of_open(office))
            .values(full_name="Анна", search_name="анна")
        )


def holder_of_open(office: Office) -> int:
    card = tables.card
    found = office.shop.connection.execute(
        select(card.c.holder_id).where(card.c.card_code == 1004)
    ).scalar_one()
    return int(found)


def contact(office: Office) -> None:
    fields = holders.ContactFields(contact_type_id=1, value="+79161234567")
    office.ask(
        holders.AddContact(
            operation_id=new_operation_id(), holder_id=holder_of(office), fields=fields
        )
    )


def second_card(office: Office) -> None:
    lay(office, 5555, holder_id=holder_of(office), state=1)


def coupon(office: Office) -> None:
    kind, table = coupon_tables.coupon_type, coupon_tables.coupon
    std = {"created_at": office.shop.now, "updated_at": office.shop.now}
    holder_id = holder_of(office)
    with office.shop.connection.begin():
        connection = office.shop.connection
        type_id = connection.execute(select(kind.c.coupon_type_id)).scalar()
        if type_id is None:
            type_id = 1
            connection.execute(
                insert(kind).values(coupon_type_id=1, name="Купон", **{"class": 1}, **std)
            )
        connection.execute(
            insert(table).values(
                coupon_id=1, code="1", coupon_type_id=type_id, holder_id=holder_id, **std
            )
        )


@pytest.mark.parametrize(
    ("use", "where"),
    [
        (pay, "operation"),
        (adjust, "operation"),
        (hold, "operation"),
        (block, "card"),
        (name, "person"),
        (contact, "contact"),
        (second_card, "card"),
        (coupon, "coupon"),
    ],
)
def test_a_card_that_was_used_stays_and_says_what_for(
    office: Office, use: Callable[[Office], None], where: str
) -> None:
    run = made(office)
    use(office)
    before = points(office) - COUNT * BONUS_SUM
    back = undo(office, run)
    assert (back.state, back.processed, back.failed) == (jobs.DONE_WITH_ERRORS, COUNT, 1)
    (error,) = office.ask(jobs.ListRunErrors(run_id=back.run_id)).rows
    assert (error.subject, error.code) == ("1004", "CARD_USED")
    assert f'"where":"{where}"' in (error.text or "")
    assert 1004 in standing(office)
    assert len(set(standing(office)) & set(range(1000, 1000 + COUNT))) == 1
    assert points(office) == BONUS_SUM + before
    assert office.ask(cards.ListCardRanges()).rows[0].current_code == 1004


def test_cards_without_holders_are_undone_too(office: Office) -> None:
    run = made(office, start_bonus=0, make_anonymous=False)
    holder_id = office.shop.issue(77)
    version = office.ask(cards.GetCard(card_code=1001)).row.version
    office.ask(
        cards.BindCard(
            operation_id=new_operation_id(), card_code=1001, version=version, holder_id=holder_id
        )
    )
    back = undo(office, run)
    assert errors_of(office, back.run_id) == {"1001": "CARD_USED"}
    assert standing(office) == [77, 1001]
    assert living(office) == 1


@pytest.mark.parametrize("after", [False, True])
def test_a_server_that_dies_at_any_step_of_the_way_back_leaves_nothing_half_done(
    office: Office, *, after: bool
) -> None:
    run = made(office)
    pay(office)
    undo_id = order_undo(office, run.run_id)
    left = 0
    while die_and_go_on(office, undo_id, left, after=after):
        left += 1
        assert left < 60
    back = office.ask(jobs.GetRun(run_id=undo_id))
    assert (back.state, back.processed, back.failed) == (jobs.DONE_WITH_ERRORS, COUNT, 1)
    assert (standing(office), living(office), open_accounts(office)) == ([1004], 1, 4)
    assert points(office) == BONUS_SUM
    prove(office)


def test_an_undone_card_is_gone_for_tills_and_windows(office: Office) -> None:
    run = made(office)
    undo(office, run)
    outcome = office.shop.till(1000, [(3, 500_00)])
    error = outcome if isinstance(outcome, AppError) else outcome.error
    assert error.code == "CARD_INACTIVE"
    assert office.refused(cards.GetCard(card_code=1000)) == "CARD_NOT_FOUND"
