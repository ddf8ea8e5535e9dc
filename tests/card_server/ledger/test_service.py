"""Operations by hand through the contract: rights, limits, divisions, repeats, dates."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import msgspec
import pytest
from sqlalchemy import insert, update

from card_server.divisions import tables as division_tables
from card_server.holders import tables as holder_tables
from card_server.ledger import tables
from card_server.ledger.manual import Header, HoldPart, OpenHold, Opening, OpeningLot
from card_server.ledger.records import OperationKind
from card_server.ledger.verify import verify
from shared.wire.base import Request
from shared.wire.divisions import CloseBooks
from shared.wire.errors import AppError
from shared.wire.holder_accounts import (
    BlockAccount,
    GetAccount,
    ListAccounts,
    SetCreditDepth,
    UnblockAccount,
)
from shared.wire.manual_operations import (
    Adjust,
    Booked,
    Correct,
    ExtendHold,
    ExtendLots,
    ReinstateLots,
    RollBack,
    TopUp,
    VoidHold,
    Withdraw,
)
from tests.helpers.office import Office, new_operation_id
from tests.helpers.shop import BONUS, DEBIT, SPENT

CARD = 4001


class Guest:
    """A guest of the office, and short words for what users do to his accounts."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.holder_id = office.shop.issue(CARD)
        self.points = office.shop.account(self.holder_id, BONUS).account_id
        self.money = office.shop.account(self.holder_id, DEBIT).account_id

    def make(self, command: type[Any], **fields: Any) -> Any:
        """A command under a new id; without an account, on the money."""
        wanted = "account_id" in command.__struct_fields__ and "holder_id" not in fields
        given = {"account_id": self.money} if wanted else {}
        return command(operation_id=new_operation_id(), **{**given, **fields})

    def do(self, command: type[Any], **fields: Any) -> Booked:
        """A command that is booked."""
        booked: Booked = self.office.ask(self.make(command, **fields))
        return booked

    def refused(self, command: type[Any], **fields: Any) -> str:
        """The code of a command that is not."""
        return self.office.refused(self.make(command, **fields))

    def facts(self, request: Request[Any]) -> dict[str, Any]:
        """The facts of a refusal."""
        with pytest.raises(AppError) as refusal:
            self.office.ask(request)
        return refusal.value.facts

    def balance(self, type_id: int = DEBIT) -> int:
        """What the ledger says."""
        return self.office.shop.balance(self.holder_id, type_id)

    def lot(self, amount: int, days: int) -> int:
        """Points that end so many days from now; returns the lot."""
        last = (self.office.shop.now + timedelta(days=days)).date()
        posting = Opening(
            header=Header(key=new_operation_id()),
            account_id=self.points,
            amount=amount,
            lots=(OpeningLot(amount=amount, expires_on=last),),
        )
        assert self.office.desk.book(posting).error is None
        return int(self.office.shop.rows(tables.lot)[-1].lot_id)

    def hold(self, amount: int) -> int:
        """A reserve on the money."""
        header = Header(key=new_operation_id())
        posting = OpenHold(header=header, parts=(HoldPart(account_id=self.money, amount=amount),))
        return int(self.office.desk.book(posting).hold_ids[0])


@pytest.fixture
def guest(office: Office) -> Guest:
    return Guest(office)


def far_away(office: Office, holder_id: int) -> None:
    """The holder belongs to a second division from now on."""
    shop = office.shop
    std = {"created_at": shop.now, "updated_at": shop.now}
    with shop.connection.begin():
        shop.connection.execute(
            insert(division_tables.division).values(
                division_id=2, id_prefix=2, name="Филиал", **std
            )
        )
        holder = holder_tables.holder
        shop.connection.execute(
            update(holder).where(holder.c.holder_id == holder_id).values(division_id=2)
        )
    shop.ledger.forget_rules()


def test_money_is_put_on_and_taken_off_under_the_name_of_the_user(guest: Guest) -> None:
    booked = guest.do(TopUp, amount=10_000, remarks="через кассу")
    assert [(e.account_id, e.amount, e.balance_after) for e in booked.entries] == [
        (guest.money, 10_000, 10_000)
    ]
    guest.do(Withdraw, account_id=None, holder_id=guest.holder_id, account_type_id=3, amount=4_000)
    assert guest.balance() == 6_000
    assert guest.refused(Withdraw, amount=6_001) == "INSUFFICIENT"
    row = guest.office.shop.rows(
        tables.operation, tables.operation.c.operation_id == booked.booked_id
    )[0]
    assert (row.kind, row.user_id, row.remarks, row.classifier_id) == (10, 1, "через кассу", 0)
    assert verify(guest.office.shop.connection).findings == []


def test_a_repeated_command_books_once(guest: Guest) -> None:
    command = guest.make(TopUp, amount=700)
    first = guest.office.ask(command)
    again = guest.office.ask(command)
    assert (again.booked_id, again.entries, again.repeated) == (
        first.booked_id,
        first.entries,
        True,
    )
    assert guest.balance() == 700
    other = msgspec.structs.replace(command, amount=701)
    assert guest.office.refused(other) == "KEY_CONFLICT"
    assert guest.balance() == 700


def test_the_key_of_another_user_is_refused(guest: Guest) -> None:
    done, refused = guest.make(TopUp, amount=700), guest.make(Withdraw, amount=900)
    guest.office.ask(done)
    assert guest.office.refused(refused) == "INSUFFICIENT"
    guest.office.add_user("other", "account.top_up")
    other = guest.office.sign_in("other")
    assert guest.office.refused(done, other) == "KEY_CONFLICT"
    assert guest.office.refused(refused, other) == "KEY_CONFLICT"
    assert guest.balance() == 700


def test_a_refusal_of_the_ledger_is_kept_under_its_key(guest: Guest) -> None:
    command = guest.make(Withdraw, amount=500)
    assert guest.office.refused(command) == "INSUFFICIENT"
    guest.do(TopUp, amount=1_000)
    assert guest.office.refused(command) == "INSUFFICIENT"
    assert guest.balance() == 1_000
    guest.do(Withdraw, amount=500)
    assert guest.balance() == 500


def test_no_user_goes_beyond_his_limit(guest: Guest) -> None:
    guest.office.add_user("limited", "account.top_up", "account.adjust", amount_limit=1_000)
    guest.office.sign_in("limited")
    guest.do(TopUp, amount=1_000)
    points = {"account_id": guest.points, "reason_id": 1}
    for over in (
        guest.make(TopUp, amount=1_001),
        guest.make(Withdraw, amount=1_001),
        guest.make(Adjust, amount=-1_001, reason_id=1),
        guest.make(ReinstateLots, amount=1_001, **points),
    ):
        waiting = guest.office.ask(over)
        assert (waiting.booked_id, waiting.entries) == (None, [])
        assert waiting.approval_id is not None
    assert guest.balance() == 1_000
    assert guest.refused(ReinstateLots, account_id=guest.points, reason_id=1) == "FIELD_MISSING"
    guest.do(Adjust, amount=-1_000, reason_id=1)
    assert guest.balance() == 0


def test_an_adjustment_needs_a_reason_and_for_less_than_nothing_a_right(guest: Guest) -> None:
    assert guest.refused(Adjust, amount=5) == "REASON_NEEDED"
    assert guest.refused(Adjust, amount=0, reason_id=1) == "FIELD_BAD"
    assert guest.refused(Adjust, amount=5, reason_id=999) == "FIELD_BAD"
    assert guest.refused(Adjust, amount=-300, reason_id=1) == "INSUFFICIENT"
    guest.office.add_user("adjuster", "account.adjust")
    administrator = guest.office.token
    guest.office.sign_in("adjuster")
    below = guest.make(Adjust, amount=-300, reason_id=1, allow_negative=True)
    assert guest.facts(below) == {"right": "account.credit"}
    guest.office.token = administrator
    guest.office.ask(below)
    assert guest.balance() == -300


def test_an_account_is_named_in_one_way(guest: Guest) -> None:
    assert guest.refused(TopUp, account_id=None, amount=1) == "FIELD_MISSING"
    assert guest.refused(TopUp, account_id=None, holder_id=1, amount=1) == "FIELD_MISSING"
    both = guest.make(TopUp, amount=1, holder_id=guest.holder_id, account_id=guest.money)
    assert guest.office.refused(both) == "FIELD_BAD"
    assert guest.refused(TopUp, account_id=77, amount=1) == "ROW_NOT_FOUND"
    assert guest.refused(TopUp, account_id=DEBIT, amount=1) in (
        "ROW_NOT_FOUND",
        "ACCOUNT_NOT_FOUND",
    )
    assert guest.refused(TopUp, holder_id=77, account_type_id=3, amount=1) == "ROW_NOT_FOUND"
    unknown = guest.make(TopUp, holder_id=guest.holder_id, account_type_id=99, amount=1)
    assert guest.office.refused(unknown) == "ACCOUNT_NOT_FOUND"
    assert guest.refused(TopUp, unit_id=99, amount=1) == "ROW_NOT_FOUND"


@pytest.mark.parametrize("amount", [0, -1, 10**15 + 1])
def test_sums_that_no_till_ever_saw_are_refused(guest: Guest, amount: int) -> None:
    assert guest.refused(TopUp, amount=amount) == "FIELD_BAD"
    assert guest.refused(Withdraw, amount=amount) == "FIELD_BAD"


def test_what_belongs_to_a_foreign_division_is_not_touched(guest: Guest) -> None:
    office = guest.office
    lot_id, hold_id = guest.lot(500, 10), 0
    guest.do(TopUp, amount=2_000)
    hold_id = guest.hold(300)
    booked = guest.do(TopUp, amount=100)
    far_away(office, guest.holder_id)
    later = office.shop.now + timedelta(minutes=5)
    everything = office.everyone_but("user.edit")
    office.add_user("near", *everything, divisions=(1,))
    office.add_user("away", *everything, divisions=(2,))
    commands = [
        guest.make(TopUp, amount=1),
        guest.make(TopUp, holder_id=guest.holder_id, account_type_id=DEBIT, amount=1),
        guest.make(Withdraw, amount=1),
        guest.make(Adjust, amount=1, reason_id=1),
        guest.make(ReinstateLots, account_id=guest.points, reason_id=1),
        guest.make(
            ExtendLots, account_id=guest.points, expires_on=date(2026, 9, 1), lot_ids=(lot_id,)
        ),
        guest.make(VoidHold, hold_ids=(hold_id,)),
        guest.make(ExtendHold, hold_ids=(hold_id,), expires_at=later),
        guest.make(BlockAccount, version=1, reason="по просьбе"),
        guest.make(UnblockAccount, version=1, reason="по просьбе"),
        guest.make(SetCreditDepth, version=1, credit_depth=1, reason="по просьбе"),
        ListAccounts(holder_id=guest.holder_id),
        GetAccount(account_id=guest.money),
    ]
    near = office.sign_in("near")
    for command in commands:
        assert office.refused(command, near) == "DIVISION_FOREIGN", command
    away = office.sign_in("away")
    undo = [
        guest.make(RollBack, target_id=booked.booked_id),
        guest.make(Correct, target_id=booked.booked_id, reason_id=1),
        guest.make(TopUp, amount=1, unit_id=1),
    ]
    for command in undo:
        assert office.refused(command, away) == "DIVISION_FOREIGN", command
    assert guest.balance() == 2_100
    done = guest.do(TopUp, amount=1)
    row = office.shop.rows(tables.operation, tables.operation.c.operation_id == done.booked_id)[0]
    assert row.division_id == 2


def test_closed_books_take_nothing(guest: Guest) -> None:
    office, day = guest.office, date(2026, 3, 1)
    yesterday = guest.make(TopUp, amount=5, business_date=day)
    office.ask(yesterday)
    close = CloseBooks(
        operation_id=new_operation_id(),
        division_id=1,
        version=1,
        until=day,
        reason="месяц сверен",
    )
    office.ask(close)
    office.shop.ledger.forget_rules()
    assert guest.refused(TopUp, amount=6, business_date=day) == "BOOKS_CLOSED"
    assert office.ask(yesterday).repeated
    guest.do(TopUp, amount=7)
    assert guest.balance() == 12


def test_only_who_may_backdate_does(guest: Guest) -> None:
    office, now = guest.office, guest.office.shop.now
    office.add_user("today", "account.top_up")
    office.add_user("any", "account.top_up", "operation.backdate")
    late = guest.make(TopUp, amount=5, occurred_at=now - timedelta(days=2))
    day = guest.make(TopUp, amount=5, business_date=date(2026, 3, 1))
    morning = guest.make(TopUp, amount=5, occurred_at=now - timedelta(hours=1))
    office.sign_in("today")
    assert guest.facts(late) == guest.facts(day) == {"right": "operation.backdate"}
    office.ask(morning)
    office.sign_in("any")
    office.ask(late)
    office.ask(day)
    assert guest.refused(TopUp, amount=5, occurred_at=now + timedelta(days=3)) == "IN_FUTURE"
    assert guest.refused(TopUp, amount=5, occurred_at=now - timedelta(days=900)) == "BACKDATE"
    assert guest.refused(TopUp, amount=5, business_date=date(1, 1, 1)) == "FIELD_BAD"
    assert guest.refused(TopUp, amount=5, business_date=date(9999, 12, 31)) == "FIELD_BAD"
    naive = guest.make(TopUp, amount=5, occurred_at=now.replace(tzinfo=None))
    assert office.refused(naive) == "FIELD_BAD"


def test_burnt_points_come_back_and_points_live_longer(guest: Guest) -> None:
    lot_id = guest.lot(900, 1)
    until = date(2026, 3, 20)
    longer = {"account_id": guest.points, "expires_on": until, "lot_ids": (lot_id,)}
    guest.do(ExtendLots, **longer)
    assert guest.refused(ExtendLots, **longer) == "WRONG_STATE"
    past = guest.make(ExtendLots, account_id=guest.points, expires_on=date(2026, 1, 1))
    assert guest.office.refused(past) == "BAD_LIFE"
    far = guest.make(ExtendLots, account_id=guest.points, expires_on=date(9999, 12, 31))
    assert guest.office.refused(far) == "FIELD_BAD"
    lot = guest.office.ask(GetAccount(account_id=guest.points)).lots[0]
    assert (lot.lot_id, lot.expires_on) == (lot_id, until)
    guest.office.shop.pass_time(days=25)
    guest.office.sign_in()
    back = {"account_id": guest.points, "reason_id": 1}
    assert guest.refused(ReinstateLots, account_id=guest.points) == "REASON_NEEDED"
    assert guest.refused(ReinstateLots, amount=901, **back) == "WRONG_STATE"
    guest.office.shop.till(CARD, [(3, 100)])
    booked = guest.do(ReinstateLots, amount=900, **back)
    assert [entry.amount for entry in booked.entries] == [900]
    assert verify(guest.office.shop.connection).findings == []


def test_reserves_are_extended_and_given_free(guest: Guest) -> None:
    guest.do(TopUp, amount=1_000)
    hold_id = guest.hold(400)
    until = guest.office.shop.now + timedelta(days=2)
    guest.do(ExtendHold, hold_ids=(hold_id,), expires_at=until)
    account = guest.office.ask(GetAccount(account_id=guest.money))
    assert [(hold.hold_id, hold.expires_at) for hold in account.holds] == [(hold_id, until)]
    guest.do(VoidHold, hold_ids=(hold_id,))
    assert guest.refused(VoidHold, hold_ids=(hold_id,)) == "HOLD_ENDED"
    assert guest.refused(VoidHold, hold_ids=()) == "FIELD_BAD"
    assert guest.refused(VoidHold, hold_ids=(123,)) == "ROW_NOT_FOUND"
    assert guest.office.ask(GetAccount(account_id=guest.money)).account.held == 0


def test_a_wrong_operation_is_rolled_back_or_corrected(guest: Guest) -> None:
    first, second = guest.do(TopUp, amount=300), guest.do(TopUp, amount=50)
    undo = guest.make(RollBack, target_id=first.booked_id)
    booked = guest.office.ask(undo)
    assert guest.office.ask(undo).booked_id == booked.booked_id
    assert guest.refused(RollBack, target_id=first.booked_id) == "WRONG_STATE"
    assert guest.refused(Correct, target_id=second.booked_id) == "REASON_NEEDED"
    entry_id = second.entries[0].entry_id
    guest.do(Correct, target_id=second.booked_id, entry_ids=(entry_id,), reason_id=1)
    assert guest.balance() == 0
    assert guest.refused(Correct, target_id=second.booked_id, reason_id=1) == "WRONG_STATE"
    assert guest.refused(RollBack, target_id=12) == "ROW_NOT_FOUND"
    kinds = [row.kind for row in guest.office.shop.rows(tables.operation) if row.reverses_id]
    assert kinds[0] == OperationKind.SALE_ROLLBACK
    assert OperationKind.CORRECTION in kinds


def test_an_account_is_blocked_and_given_credit_by_version(guest: Guest) -> None:
    office, reason = guest.office, "по письму гостя"
    version = office.ask(GetAccount(account_id=guest.money)).account.version
    assert guest.refused(BlockAccount, version=version, reason="нет") == "REASON_NEEDED"
    done = office.ask(guest.make(BlockAccount, version=version, reason=reason))
    account = office.ask(GetAccount(account_id=guest.money)).account
    assert (account.state, account.block_reason, account.version) == (2, reason, done.version)
    assert guest.refused(TopUp, amount=5) == "ACCOUNT_BLOCKED"
    assert guest.refused(UnblockAccount, version=version, reason=reason) == "STALE_EDIT"
    done = office.ask(guest.make(UnblockAccount, version=done.version, reason=reason))
    deep = {"version": done.version, "reason": reason}
    assert guest.refused(SetCreditDepth, credit_depth=-1, **deep) == "FIELD_BAD"
    office.ask(guest.make(SetCreditDepth, credit_depth=2_000, **deep))
    account = office.ask(GetAccount(account_id=guest.money)).account
    assert (account.state, account.block_reason, account.spendable) == (1, None, 2_000)
    guest.do(TopUp, amount=5)
    assert guest.refused(
        TopUp, account_id=office.shop.account(guest.holder_id, SPENT).account_id, amount=5
    ) == ("CREDIT_FORBIDDEN")
