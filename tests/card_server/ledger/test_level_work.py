"""Levels go up with their reward and down, in pieces, twice, over a crash (3.11, 3.12, I-43)."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import update

from card_server.accounts import tables as account_tables
from card_server.divisions.repository import bump_rules_version
from card_server.ledger import level_work, tables
from card_server.ledger.level_reading import measure
from card_server.ledger.levels import ChangeLevels
from card_server.ledger.records import OperationKind, Purpose
from card_server.ledger.rule_loading import load_rules
from card_server.ledger.verify import verify
from card_server.schemes import tables as scheme_tables
from shared.wire import jobs
from tests.helpers.office import Office, new_operation_id
from tests.helpers.runs import die_and_go_on, run_job
from tests.helpers.shop import BONUS, SPENT, Shop

LEVEL = scheme_tables.level


@pytest.fixture(autouse=True)
def _small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(level_work, "PAGE", 2)
    monkeypatch.setattr(level_work, "POSTED", 1)


def rungs(shop: Shop) -> list[Any]:
    found = shop.rows(LEVEL, LEVEL.c.account_type_id == BONUS)
    return sorted(found, key=lambda row: row.level_no)


def ladder(shop: Shop, **values: Any) -> None:
    """Change every rung of the bonus ladder."""
    shop.change(LEVEL, LEVEL.c.account_type_id == BONUS, **values)


def reward(shop: Shop, level_id: int, amount: int) -> None:
    shop.change(LEVEL, LEVEL.c.level_id == level_id, reward=amount, reward_type_id=BONUS)


def guests(office: Office, *spent: int) -> list[int]:
    """Guests who have spent so much each, signed in at the office."""
    found = [office.shop.issue(card) for card in range(1, len(spent) + 1)]
    for card, amount in enumerate(spent, start=1):
        if amount:
            office.shop.ok(card, [(3, amount)])
    office.sign_in()
    return found


def level_of(shop: Shop, guest: int) -> int | None:
    return shop.account(guest, BONUS).level_id


def prove(shop: Shop) -> None:
    with shop.connection.begin():
        assert verify(shop.connection, full=True, now=shop.now).findings == []


def test_the_threshold_is_reached_exactly_and_its_reward_paid_once(office: Office) -> None:
    shop = office.shop
    first, second, *_ = rungs(shop)
    reward(shop, second.level_id, 50_00)
    exact, short = guests(office, second.threshold, second.threshold - 1)
    assert run_job(office, "levels.recalc").state == jobs.DONE
    assert level_of(shop, exact) == second.level_id
    assert level_of(shop, short) == first.level_id
    assert (shop.balance(exact, BONUS), shop.balance(short, BONUS)) == (50_00, 0)
    assert run_job(office, "levels.recalc").state == jobs.DONE
    assert shop.balance(exact, BONUS) == 50_00
    (entry,) = shop.rows(tables.entry, tables.entry.c.purpose == Purpose.LEVEL_REWARD)
    assert (entry.amount, entry.level_id) == (50_00, second.level_id)
    (row,) = shop.rows(
        tables.level_history,
        tables.level_history.c.account_id == shop.account(exact, BONUS).account_id,
    )
    assert (row.old_level_id, row.new_level_id, row.cause) == (None, second.level_id, 1)
    assert row.measure == second.threshold
    prove(shop)


def test_i36_the_crossing_cheque_is_served_at_the_old_level(office: Office) -> None:
    shop = office.shop
    first, second, *_ = rungs(shop)
    (guest,) = guests(office, 0)
    run_job(office, "levels.recalc")
    shop.ok(1, [(2, 10_00), (3, second.threshold)])
    run_job(office, "levels.recalc")
    shop.ok(1, [(2, 10_00), (3, 1_00)])
    earned = shop.rows(tables.entry, tables.entry.c.purpose == Purpose.EARN)
    assert [entry.level_id for entry in earned] == [first.level_id, second.level_id]
    assert level_of(shop, guest) == second.level_id


def test_a_level_falls_when_its_window_has_passed_unless_kept(office: Office) -> None:
    shop = office.shop
    first, second, *_ = rungs(shop)
    ladder(shop, range_kind=1, range_value=30)
    shop.change(LEVEL, LEVEL.c.level_id == second.level_id, keep_days=60)
    shop.type_of(BONUS, level_change=2)
    (guest,) = guests(office, second.threshold)
    run_job(office, "levels.recalc")
    shop.pass_time(days=40)
    office.sign_in()
    run_job(office, "levels.recalc")
    assert level_of(shop, guest) == second.level_id
    shop.pass_time(days=21)
    office.sign_in()
    run_job(office, "levels.recalc")
    assert level_of(shop, guest) == first.level_id
    prove(shop)


def test_a_second_climb_brings_no_second_reward(office: Office) -> None:
    shop = office.shop
    second = rungs(shop)[1]
    reward(shop, second.level_id, 50_00)
    ladder(shop, range_kind=1, range_value=30)
    shop.type_of(BONUS, level_change=2)
    (guest,) = guests(office, second.threshold)
    run_job(office, "levels.recalc")
    shop.pass_time(days=31)
    office.sign_in()
    run_job(office, "levels.recalc")
    shop.ok(1, [(3, second.threshold)])
    run_job(office, "levels.recalc")
    assert level_of(shop, guest) == second.level_id
    assert shop.balance(guest, BONUS) == 50_00
    changes = shop.rows(tables.operation, tables.operation.c.kind == OperationKind.LEVEL_CHANGE)
    mine = [row for row in changes if row.idem_key.endswith(str(shop.account(guest, 1).account_id))]
    assert len(mine) == 3
    prove(shop)


@pytest.mark.parametrize("after", [False, True])
def test_i43_the_work_goes_on_after_a_crash_at_any_step(office: Office, *, after: bool) -> None:
    shop = office.shop
    second = rungs(shop)[1]
    reward(shop, second.level_id, 50_00)
    found = guests(office, *[second.threshold] * 3)
    start = jobs.StartJob(operation_id=new_operation_id(), code="levels.recalc")
    run_id, left = office.ask(start).run_id, 0
    while die_and_go_on(office, run_id, left, after=after):
        left += 1
        assert left < 40
    assert office.ask(jobs.GetRun(run_id=run_id)).state == jobs.DONE
    assert [level_of(shop, guest) for guest in found] == [second.level_id] * 3
    assert [shop.balance(guest, BONUS) for guest in found] == [50_00] * 3
    prove(shop)


def test_an_account_that_moved_while_it_was_measured_is_left(shop: Shop) -> None:
    second = rungs(shop)[1]
    guest = shop.issue(1)
    shop.ok(1, [(3, second.threshold)])
    account_id = shop.account(guest, BONUS).account_id
    today = shop.now.date()
    with shop.connection.begin():
        rules = load_rules(shop.connection)
        (measured,) = measure(shop.connection, rules, [account_id], today)
    assert measured.measures == {SPENT: second.threshold}
    shop.pass_time(minutes=1)
    shop.ok(1, [(3, -1_00)], chmode=3)
    (outcome,) = shop.run(ChangeLevels(measured=(measured,), today=today))
    assert (outcome.operations, outcome.moved) == ([], [account_id])


def test_opening_balances_count_and_transfers_do_not(shop: Shop) -> None:
    guest = shop.issue(1)
    shop.grant(guest, SPENT, 700_00)
    shop.ok(1, [(3, 300_00)])
    account_id = shop.account(guest, BONUS).account_id
    with shop.connection.begin():
        shop.connection.execute(
            update(tables.entry)
            .where(tables.entry.c.amount == 300_00)
            .values(purpose=int(Purpose.TRANSFER))
        )
        bump_rules_version(shop.connection, shop.now)
        rules = load_rules(shop.connection)
        (measured,) = measure(shop.connection, rules, [account_id], shop.now.date())
    assert measured.measures == {SPENT: 700_00}


def test_a_reward_for_a_blocked_account_is_told_in_the_trace(office: Office) -> None:
    shop = office.shop
    second = rungs(shop)[1]
    reward(shop, second.level_id, 50_00)
    (guest,) = guests(office, second.threshold)
    table = account_tables.account
    mine = shop.account(guest, BONUS).account_id
    shop.change(table, table.c.account_id == mine, state=2, block_reason="проверка")
    run_job(office, "levels.recalc")
    assert (level_of(shop, guest), shop.balance(guest, BONUS)) == (second.level_id, 0)
    traces = [row.trace for row in shop.rows(tables.operation_trace)]
    assert any('"reward not booked"' in trace for trace in traces)
