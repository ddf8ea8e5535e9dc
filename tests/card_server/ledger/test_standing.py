"""Standing commands: a page may be posted twice, or in pieces (I-43), and finds what is due."""

from __future__ import annotations

from card_server.ledger.manual import Header, HoldPart, OpenHold
from card_server.ledger.records import OperationKind
from card_server.ledger.standing import ExpireHolds, ExpireLots, due_accounts, due_holds
from card_server.ledger.tables import operation
from card_server.ledger.verify import verify
from tests.helpers.shop import BONUS, Shop


def _due(shop: Shop, after: int = 0, limit: int = 200) -> list[int]:
    found = due_accounts(shop.connection, shop.now, after, limit)
    shop.connection.rollback()
    return found


def _three_guests_with_due_points(shop: Shop) -> list[int]:
    guests = [shop.issue(card) for card in (1, 2, 3)]
    for card in (1, 2, 3):
        shop.ok(card, [(2, 1_000 * card)])
    shop.pass_time(days=366)
    return guests


def test_due_points_burn_once_however_often_the_page_is_posted(shop: Shop) -> None:
    guests = _three_guests_with_due_points(shop)
    accounts = [shop.account(guest, BONUS).account_id for guest in guests]
    assert _due(shop) == accounts
    page = ExpireLots(account_ids=tuple(accounts))
    (first,) = shop.run(page)
    (second,) = shop.run(page)
    assert (first.processed, len(first.operations)) == (3, 3)
    assert (second.processed, second.operations) == (3, [])
    assert [shop.balance(guest, BONUS) for guest in guests] == [0, 0, 0]
    assert _due(shop) == []
    assert verify(shop.connection, full=True).ok


def test_pages_go_on_after_the_last_account(shop: Shop) -> None:
    guests = _three_guests_with_due_points(shop)
    accounts = [shop.account(guest, BONUS).account_id for guest in guests]
    assert _due(shop, limit=2) == accounts[:2]
    assert _due(shop, after=accounts[1], limit=2) == accounts[2:]


def test_each_account_has_the_key_of_job_day_and_subject(shop: Shop) -> None:
    guest = shop.issue(1)
    shop.ok(1, [(2, 500)])
    shop.pass_time(days=366)
    account_id = shop.account(guest, BONUS).account_id
    shop.run(ExpireLots(account_ids=(account_id,)))
    rows = shop.rows(operation, operation.c.kind == OperationKind.EXPIRE)
    assert [row.idem_key for row in rows] == [f"j:lots.expire:2027-03-03:{account_id}"]


def test_points_that_became_available_renew_the_caches_without_an_operation(shop: Shop) -> None:
    guest = shop.issue(1)
    shop.type_of(BONUS, delay_kind=3, delay_value=2)
    shop.ok(1, [(2, 500)])
    assert shop.account(guest, BONUS).pending == 500
    shop.pass_time(days=3)
    account_id = shop.account(guest, BONUS).account_id
    assert _due(shop) == [account_id]
    before = shop.count(operation)
    shop.run(ExpireLots(account_ids=(account_id,)))
    assert shop.account(guest, BONUS).pending == 0
    assert shop.count(operation) == before
    assert _due(shop) == []


def test_an_account_that_is_not_there_is_passed_over(shop: Shop) -> None:
    (outcome,) = shop.run(ExpireLots(account_ids=(77,)))
    assert (outcome.processed, outcome.operations) == (0, [])


def test_a_hold_past_its_moment_ends_and_what_it_kept_past_its_date_burns(shop: Shop) -> None:
    guest = shop.issue(1)
    shop.ok(1, [(2, 1_000)])
    account_id = shop.account(guest, BONUS).account_id
    shop.pass_time(days=365)
    part = HoldPart(account_id=account_id, amount=400)
    (opened,) = shop.run(OpenHold(header=Header(key="h"), parts=(part,), minutes=2_880))
    shop.pass_time(days=3)
    found = due_holds(shop.connection, shop.now)
    shop.connection.rollback()
    assert found == opened.hold_ids
    (first,) = shop.run(ExpireHolds(hold_ids=tuple(found)))
    (second,) = shop.run(ExpireHolds(hold_ids=tuple(found)))
    assert len(first.operations) == 2
    assert second.operations == []
    account = shop.account(guest, BONUS)
    assert (account.balance, account.held) == (0, 0)
    assert verify(shop.connection, full=True).ok


def test_a_burning_of_the_same_day_after_a_hold_was_voided_is_a_new_attempt(shop: Shop) -> None:
    guest = shop.issue(1)
    shop.ok(1, [(2, 1_000)])
    account_id = shop.account(guest, BONUS).account_id
    shop.pass_time(days=365)
    part = HoldPart(account_id=account_id, amount=400)
    shop.run(OpenHold(header=Header(key="h"), parts=(part,), minutes=1_500))
    shop.pass_time(hours=24)
    shop.run(ExpireLots(account_ids=(account_id,)))
    assert shop.balance(guest, BONUS) == 400, "what a hold pins does not burn"
    shop.pass_time(hours=2)
    shop.run(ExpireLots(account_ids=(account_id,)))
    assert shop.balance(guest, BONUS) == 0
    rows = shop.rows(operation, operation.c.kind == OperationKind.EXPIRE)
    assert [row.attempt_no for row in rows] == [1, 2]
