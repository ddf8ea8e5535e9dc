"""Accounts as they stand at this moment, held against what the ledger itself would say."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, event, update

from card_server.accounts import tables as account_tables
from card_server.http.routes import Actor, Reading
from card_server.ledger.manual import Adjust, Header, HoldPart, OpenHold
from card_server.ledger.standing import ExpireLots
from shared.wire.holder_accounts import AccountRow, BurningValue, GetAccount, ListAccounts
from shared.wire.operations import GetOperation
from tests.helpers.office import Office, new_operation_id
from tests.helpers.shop import BONUS, DEBIT, DISCOUNT, SPENT


def bonus(office: Office, holder_id: int) -> AccountRow:
    account_id = office.shop.account(holder_id, BONUS).account_id
    return office.ask(GetAccount(account_id=account_id)).account


def figures(row: AccountRow) -> tuple[int, int, int, int, int]:
    return (row.balance, row.pending, row.burnt, row.held, row.spendable)


def credit(office: Office, holder_id: int, amount: int, **dates: object) -> None:
    header = Header(key=new_operation_id(), reason_id=1)
    posting = Adjust(
        header=header,
        holder_id=holder_id,
        account_type_id=BONUS,
        amount=amount,
        **dates,  # type: ignore[arg-type]
    )
    assert office.desk.book(posting).error is None


def test_a_holder_has_his_accounts_by_type(office: Office) -> None:
    holder_id = office.shop.issue(5001)
    office.shop.grant(holder_id, DEBIT, 700)
    found = office.ask(ListAccounts(holder_id=holder_id)).accounts
    assert [row.account_type_id for row in found] == [BONUS, DISCOUNT, DEBIT, SPENT]
    assert [row.balance for row in found] == [0, 0, 700, 0]
    counter = found[2].account_id % 10**13
    assert found[2].number == f"03.00003.{counter:08d}.0001"
    assert office.refused(ListAccounts(holder_id=99)) == "ROW_NOT_FOUND"
    assert office.refused(GetAccount(account_id=99)) == "ROW_NOT_FOUND"


def test_a_closed_account_is_shown_by_its_id_only(office: Office) -> None:
    holder_id = office.shop.issue(5002)
    account = account_tables.account
    with office.shop.connection.begin():
        office.shop.connection.execute(
            update(account)
            .where(account.c.holder_id == holder_id, account.c.account_type_id == SPENT)
            .values(state=3)
        )
    assert len(office.ask(ListAccounts(holder_id=holder_id)).accounts) == 3
    closed = office.shop.account(holder_id, SPENT).account_id
    assert office.ask(GetAccount(account_id=closed)).account.state == 3


def test_pending_burnt_and_held_value_is_not_spendable_at_this_very_moment(
    office: Office,
) -> None:
    shop = office.shop
    holder_id, start = shop.issue(5003), shop.now
    last = (start + timedelta(days=3)).date()
    credit(office, holder_id, 1_000, expires_on=last)
    credit(office, holder_id, 200, available_at=start + timedelta(days=2))
    credit(office, holder_id, 4_000, expires_on=(start + timedelta(days=200)).date())
    assert figures(bonus(office, holder_id)) == (5_200, 200, 0, 0, 5_000)
    assert bonus(office, holder_id).burning == [BurningValue(day=last, amount=1_000)]
    account_id = shop.account(holder_id, BONUS).account_id
    header = Header(key=new_operation_id())
    part = HoldPart(account_id=account_id, amount=300)
    office.desk.book(OpenHold(header=header, parts=(part,)))
    assert figures(bonus(office, holder_id)) == (5_200, 200, 0, 300, 4_700)
    shop.pass_time(days=10)
    office.sign_in()
    seen = figures(bonus(office, holder_id))
    assert seen == (5_200, 0, 1_000, 0, 4_200)
    office.desk.book(ExpireLots(account_ids=(account_id,)))
    assert figures(bonus(office, holder_id)) == (4_200, 0, 0, 0, 4_200)


def test_a_floor_holds_where_no_credit_is_given(office: Office) -> None:
    holder_id = office.shop.issue(5004)
    office.shop.type_of(DEBIT, min_balance=100)
    office.shop.grant(holder_id, DEBIT, 1_000)
    row = office.ask(ListAccounts(holder_id=holder_id)).accounts[2]
    assert (row.spendable, row.uncovered) == (900, 0)


def test_the_lots_of_an_account_come_with_it(office: Office) -> None:
    holder_id = office.shop.issue(5005)
    credit(office, holder_id, 1_000)
    credit(office, holder_id, 500)
    credit(office, holder_id, -1_200)
    account_id = office.shop.account(holder_id, BONUS).account_id
    detail = office.ask(GetAccount(account_id=account_id))
    assert [(lot.amount, lot.remaining) for lot in detail.lots] == [(500, 300)]
    assert detail.holder_id == holder_id
    assert detail.account.balance == sum(lot.remaining for lot in detail.lots)


@pytest.mark.parametrize("asked", ["accounts", "operation"])
def test_nothing_is_looked_for_row_by_row(office: Office, asked: str) -> None:
    """A table that grows with every guest or cheque is entered by an index."""
    if office.shop.connection.dialect.name != "sqlite":
        pytest.skip("the plan is SQLite's")
    holder_id = office.shop.issue(5006)
    office.shop.grant(holder_id, BONUS, 100, days=9)
    lot = office.ask(GetAccount(account_id=office.shop.account(holder_id, BONUS).account_id))
    request: Any = ListAccounts(holder_id=holder_id)
    if asked == "operation":
        request = GetOperation(operation_id=lot.lots[0].operation_id)
    route = office.dispatcher.routes[type(request).__name__]
    told: list[tuple[str, Any]] = []

    def look(connection: Connection) -> list[str]:
        def keep(_c: Any, _k: Any, sql: str, values: Any, *_rest: Any) -> None:
            told.append((sql, values))

        event.listen(connection, "before_cursor_execute", keep)
        actor = Actor(user_id=1, divisions=None)
        route.run(request, Reading(connection=connection, actor=actor, now=office.shop.now))
        event.remove(connection, "before_cursor_execute", keep)
        plans = [
            row[-1]
            for sql, values in told
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values).all()
        ]
        return [line for line in plans if line.startswith("SCAN") and "account_type" not in line]

    assert office.desk.read(look) == []
    assert told
