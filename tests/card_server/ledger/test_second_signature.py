"""Two people for one large operation: asked, signed or not, and run exactly once (domain 5)."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from sqlalchemy import update

from card_server.ledger import tables
from card_server.ledger.posting import Pipeline
from card_server.ledger.verify import verify
from card_server.users import tables as user_tables
from shared.wire import approvals as wire
from shared.wire.base import Problem
from shared.wire.errors import AppError, ErrorCode
from shared.wire.manual_operations import Adjust, Booked, Correct, RollBack, TopUp, Withdraw
from tests.card_server.ledger.test_service import Guest, far_away
from tests.helpers.office import Office, new_operation_id

CASHIER, MANAGER, OTHER = "cashier", "manager", "other"
POSTS = ("account.top_up", "account.adjust", "operation.correct", "holder.view")


class TwoPeople(Guest):
    """A cashier with a limit of 10.00, managers who sign up to 50.00, and the administrator."""

    def __init__(self, office: Office) -> None:
        super().__init__(office)
        self.chief = office.token
        office.add_user(CASHIER, *POSTS, amount_limit=1_000)
        office.add_user(MANAGER, *POSTS, "operation.approve", amount_limit=5_000)
        office.add_user(OTHER, *POSTS, "operation.approve", amount_limit=5_000)
        self.cashier = office.sign_in(CASHIER)
        self.manager = office.sign_in(MANAGER)
        self.other = office.sign_in(OTHER)
        office.token = self.cashier

    def ask_for(self, command: type[Any] = TopUp, **fields: Any) -> tuple[Any, int]:
        """A command of the cashier above his limit, and the request that it becomes."""
        wish = self.make(command, **({"amount": 2_000} | fields))
        waiting = self.office.ask(wish, self.cashier)
        assert waiting.booked_id is None
        assert waiting.approval_id is not None
        return wish, waiting.approval_id

    def ask_for_undo(self, target_id: int | None) -> tuple[Any, int]:
        """A correction of the cashier above his limit."""
        wish = self.make(Correct, target_id=target_id, reason_id=1)
        waiting = self.office.ask(wish, self.cashier)
        assert waiting.approval_id is not None
        return wish, waiting.approval_id

    def row(self, approval_id: int) -> wire.ApprovalRow:
        """The request as the administrator sees it."""
        return self.office.ask(wire.GetApproval(approval_id=approval_id), self.chief).row

    def signature(self, approval_id: int, **fields: Any) -> wire.SignApproval:
        """A signature under what stands now."""
        given = {"version": self.row(approval_id).version, **fields}
        return wire.SignApproval(operation_id=new_operation_id(), approval_id=approval_id, **given)

    def sign(self, approval_id: int, token: str | None = None) -> Booked:
        """The manager signs."""
        return self.office.ask(self.signature(approval_id), token or self.manager)

    def refusal(self, approval_id: int, reason: str = "без чека") -> wire.RefuseApproval:
        """No signature."""
        return wire.RefuseApproval(
            operation_id=new_operation_id(),
            approval_id=approval_id,
            version=self.row(approval_id).version,
            reason=reason,
        )

    def withdrawal(self, approval_id: int) -> wire.WithdrawApproval:
        """Not needed any more."""
        return wire.WithdrawApproval(
            operation_id=new_operation_id(),
            approval_id=approval_id,
            version=self.row(approval_id).version,
        )

    def operations(self) -> list[Any]:
        """What was booked by hand."""
        return self.office.shop.rows(tables.operation, tables.operation.c.user_id.is_not(None))

    def activity(self) -> list[tuple[str, int]]:
        """What the access journal says of requests."""
        table = user_tables.user_activity
        rows = self.office.shop.rows(table, table.c.what.like("approval%"))
        return [(row.what, row.user_id) for row in rows]


@pytest.fixture
def two(office: Office) -> TwoPeople:
    return TwoPeople(office)


def test_what_another_user_signs_is_booked_once_as_who_asked(two: TwoPeople) -> None:
    wish, approval_id = two.ask_for(remarks="подарок")
    assert two.balance() == 0
    assert two.operations() == []
    again = two.office.ask(wish)
    assert (again.approval_id, again.repeated) == (approval_id, True)
    mark = two.signature(approval_id)
    booked = two.office.ask(mark, two.manager)
    assert [entry.amount for entry in booked.entries] == [2_000]
    assert (booked.approval_id, booked.repeated) == (approval_id, False)
    repeated = two.office.ask(mark, two.manager)
    assert (repeated.booked_id, repeated.repeated) == (booked.booked_id, True)
    assert two.office.ask(wish).booked_id == booked.booked_id
    assert two.balance() == 2_000
    (operation,) = two.operations()
    users = two.office.shop.rows(user_tables.user, user_tables.user.c.login == CASHIER)
    assert (operation.user_id, operation.remarks) == (users[0].user_id, "подарок")
    row = two.row(approval_id)
    assert (row.state, row.booked_id, row.asked_by) == (
        wire.BOOKED,
        booked.booked_id,
        operation.user_id,
    )
    assert row.decided_by not in (None, row.asked_by)
    assert [what for what, _ in two.activity()] == [
        "approval_asked",
        "approval_signed",
        "approval_booked",
    ]
    assert verify(two.office.shop.connection).findings == []


def test_within_his_limit_nobody_is_asked(two: TwoPeople) -> None:
    booked = two.do(TopUp, amount=1_000)
    assert booked.booked_id is not None
    assert booked.approval_id is None
    assert two.office.ask(wire.MyApprovals()).approvals == []


def test_nobody_signs_his_own_request(two: TwoPeople) -> None:
    wish = two.make(TopUp, amount=6_000)
    own = two.office.ask(wish, two.manager).approval_id
    assert own is not None
    mark = two.signature(own)
    assert two.office.refused(mark, two.manager) == "SECOND_SIGNATURE"
    assert two.office.refused(two.refusal(own), two.manager) == "SECOND_SIGNATURE"
    assert two.office.refused(mark, two.other) == "AMOUNT_LIMIT"
    assert two.office.refused(mark, two.cashier) == "NO_RIGHT"
    assert two.office.refused(two.refusal(own), two.cashier) == "NO_RIGHT"
    assert two.balance() == 0
    two.sign(own, two.chief)
    assert two.balance() == 6_000


def test_a_refusal_has_a_reason_that_who_asked_reads(two: TwoPeople) -> None:
    wish, approval_id = two.ask_for()
    assert two.office.refused(two.refusal(approval_id, "нет"), two.manager) == "REASON_NEEDED"
    long = two.refusal(approval_id, "н" * 256)
    assert two.office.refused(long, two.manager) == "FIELD_BAD"
    no = two.refusal(approval_id)
    two.office.ask(no, two.manager)
    two.office.ask(no, two.manager)
    with pytest.raises(AppError) as told:
        two.office.ask(wish)
    assert (told.value.code, told.value.facts) == ("APPROVAL_REFUSED", {"reason": "без чека"})
    late = two.signature(approval_id)
    assert two.office.refused(late, two.other) == "WRONG_STATE"
    assert (two.balance(), two.row(approval_id).state) == (0, wire.REFUSED)
    assert ("approval_refused", two.row(approval_id).decided_by) in two.activity()


def test_who_asked_takes_it_back_and_nobody_else(two: TwoPeople) -> None:
    wish, approval_id = two.ask_for()
    assert two.office.refused(two.withdrawal(approval_id), two.manager) == "ROW_NOT_FOUND"
    two.office.ask(two.withdrawal(approval_id))
    assert two.office.refused(wish) == "WRONG_STATE"
    assert two.office.refused(two.signature(approval_id), two.manager) == "WRONG_STATE"
    assert two.office.refused(two.withdrawal(approval_id)) == "WRONG_STATE"
    assert two.row(approval_id).state == wire.WITHDRAWN


def test_a_request_that_nobody_decided_expires(two: TwoPeople) -> None:
    wish, approval_id = two.ask_for()
    other, second = two.ask_for()
    mark, no = two.signature(approval_id), two.refusal(second)
    two.office.shop.pass_time(hours=72)
    two.chief = two.office.sign_in()
    two.manager = two.office.sign_in(MANAGER)
    two.cashier = two.office.sign_in(CASHIER)
    assert two.row(approval_id).state == wire.EXPIRED
    open_ones = wire.ListApprovals(only_open=True)
    assert two.office.ask(open_ones, two.manager).rows == []
    for request in (mark, mark, no):
        assert two.office.refused(request, two.manager) == "APPROVAL_EXPIRED"
    for request in (wish, other):
        assert two.office.refused(request) == "APPROVAL_EXPIRED"
    assert two.balance() == 0
    assert "approval_expired" in [what for what, _ in two.activity()]


def test_the_ledger_looks_anew_when_it_is_signed(two: TwoPeople) -> None:
    two.office.ask(two.make(TopUp, amount=3_000), two.chief)
    wish, approval_id = two.ask_for(Withdraw)
    two.office.ask(two.make(Withdraw, amount=1_500), two.chief)
    mark = two.signature(approval_id)
    assert two.office.refused(mark, two.manager) == "INSUFFICIENT"
    assert two.office.refused(mark, two.manager) == "INSUFFICIENT"
    assert two.office.refused(wish) == "INSUFFICIENT"
    row = two.row(approval_id)
    assert (row.state, row.refusal_code, row.booked_id) == (wire.FAILED, "INSUFFICIENT", None)
    assert two.office.refused(two.signature(approval_id), two.other) == "WRONG_STATE"
    assert two.balance() == 1_500


def test_who_lost_the_right_since_gets_no_signature(two: TwoPeople) -> None:
    _, approval_id = two.ask_for()
    two.office.take_right(CASHIER, "account.top_up")
    mark = two.signature(approval_id)
    assert two.office.refused(mark, two.manager) == "NO_RIGHT"
    assert two.row(approval_id).state == wire.OPEN
    user = user_tables.user
    two.office.shop.change(user, user.c.login == CASHIER, is_blocked=True)
    assert two.office.refused(mark, two.manager) == "USER_BLOCKED"
    assert two.balance() == 0


def test_a_right_that_the_command_needs_besides_is_looked_at_too(two: TwoPeople) -> None:
    command = {"amount": -2_000, "reason_id": 1, "allow_negative": True}
    assert two.office.refused(two.make(Adjust, **command)) == "NO_RIGHT"
    assert two.office.refused(two.make(Adjust, amount=2_000)) == "REASON_NEEDED"
    _, approval_id = two.ask_for(Adjust, amount=-2_000, reason_id=1)
    assert two.office.refused(two.signature(approval_id), two.manager) == "INSUFFICIENT"


def test_undoing_what_moved_much_is_signed_too(two: TwoPeople) -> None:
    big = two.office.ask(two.make(TopUp, amount=2_500), two.chief)
    small = two.do(TopUp, amount=900)
    _, undoing = two.ask_for_undo(big.booked_id)
    assert two.row(undoing).amount == 2_500
    two.sign(undoing)
    assert two.balance() == 900
    two.do(RollBack, target_id=small.booked_id)
    assert two.balance() == 0
    assert verify(two.office.shop.connection).findings == []


def test_only_chosen_entries_of_value_count_against_the_limit(two: TwoPeople) -> None:
    two.office.shop.till(4001, [(3, 500_000), (2, 900)])
    sale = two.office.shop.rows(tables.operation, tables.operation.c.kind == 1)[0]
    booked = two.do(Correct, target_id=sale.operation_id, reason_id=1)
    assert booked.booked_id is not None
    assert verify(two.office.shop.connection).findings == []


def test_other_content_or_another_user_under_the_same_id_is_a_conflict(two: TwoPeople) -> None:
    wish, approval_id = two.ask_for()
    other = msgspec.structs.replace(wish, amount=2_001)
    assert two.office.refused(other) == "KEY_CONFLICT"
    assert two.office.refused(wish, two.chief) == "KEY_CONFLICT"
    small = msgspec.structs.replace(wish, amount=1)
    assert two.office.refused(small) == "KEY_CONFLICT"
    two.sign(approval_id)
    assert two.office.refused(other) == "KEY_CONFLICT"
    assert two.balance() == 2_000


def test_a_decision_about_an_older_version_is_told_what_stands(two: TwoPeople) -> None:
    _, approval_id = two.ask_for()
    mark, no = two.signature(approval_id), two.refusal(approval_id)
    back = two.withdrawal(approval_id)
    two.sign(approval_id, two.other)
    for request, token in ((mark, two.manager), (no, two.manager), (back, two.cashier)):
        replied = two.office.send(type(request).__name__, msgspec.json.encode(request), token)
        problem = msgspec.json.decode(replied.body, type=Problem)
        assert problem.code == "STALE_EDIT"
        assert problem.present["row"]["state"] == wire.BOOKED
    assert two.balance() == 2_000


def test_requests_of_foreign_divisions_are_neither_seen_nor_signed(two: TwoPeople) -> None:
    _, here = two.ask_for()
    office = two.office
    far_away(office, two.holder_id)
    office.add_user("away", *POSTS, "operation.approve", divisions=(2,))
    office.add_user("near", *POSTS, "operation.approve", divisions=(1,))
    away, near = office.sign_in("away"), office.sign_in("near")
    assert office.ask(wire.ListApprovals(), away).rows == []
    for request in (two.signature(here), two.refusal(here), wire.GetApproval(approval_id=here)):
        assert office.refused(request, away) == "DIVISION_FOREIGN"
    assert office.refused(two.signature(here), near) == "DIVISION_FOREIGN"
    assert two.row(here).state == wire.OPEN
    assert two.balance() == 0


def test_one_sees_his_own_requests_and_signers_those_they_may_sign(two: TwoPeople) -> None:
    wish, approval_id = two.ask_for()
    office = two.office
    assert [row.approval_id for row in office.ask(wire.MyApprovals()).approvals] == [approval_id]
    assert office.ask(wire.MyApprovals(), two.manager).approvals == []
    listed = office.ask(wire.ListApprovals(only_open=True), two.manager).rows
    assert [(row.approval_id, row.amount, row.request) for row in listed] == [
        (approval_id, 2_000, "TopUp")
    ]
    assert office.refused(wire.ListApprovals()) == "NO_RIGHT"
    shown = office.ask(wire.GetApproval(approval_id=approval_id))
    assert msgspec.json.decode(shown.command, type=TopUp) == wish
    office.add_user("stranger", *POSTS)
    stranger = office.sign_in("stranger")
    assert office.refused(wire.GetApproval(approval_id=approval_id), stranger) == "NO_RIGHT"
    assert office.refused(wire.GetApproval(approval_id=1), two.manager) == "ROW_NOT_FOUND"


@pytest.mark.parametrize("code", [ErrorCode.DB_UNREACHABLE, ErrorCode.PROCESSING_TIMEOUT])
def test_a_server_that_stops_between_signature_and_booking_books_once(
    two: TwoPeople, monkeypatch: pytest.MonkeyPatch, code: ErrorCode
) -> None:
    wish, approval_id = two.ask_for()
    mark, post = two.signature(approval_id), Pipeline.post

    def lost(pipeline: Pipeline, posting: Any, done: Any) -> None:
        post(pipeline, posting, lambda _outcome: done(AppError(code)))

    with monkeypatch.context() as broken:
        broken.setattr(Pipeline, "post", lost)
        assert two.office.refused(mark, two.manager) == code.value
    assert two.row(approval_id).state == wire.SIGNED
    other = two.signature(approval_id)
    for request, token in ((wish, two.cashier), (mark, two.manager)):
        assert two.office.ask(request, token).booked_id is not None
    assert two.office.refused(other, two.other) in ("STALE_EDIT", "WRONG_STATE")
    assert (two.balance(), two.row(approval_id).state) == (2_000, wire.BOOKED)
    assert len(two.operations()) == 1


def test_a_limit_that_is_raised_meanwhile_frees_no_refused_request(two: TwoPeople) -> None:
    wish, approval_id = two.ask_for()
    two.office.ask(two.refusal(approval_id), two.manager)
    role = user_tables.role
    with two.office.shop.connection.begin():
        two.office.shop.connection.execute(
            update(role).where(role.c.name == CASHIER).values(amount_limit=None)
        )
    two.office.shop.pass_time(seconds=2)
    assert two.office.refused(wish) == "APPROVAL_REFUSED"
    two.do(TopUp, amount=9_000)
    assert two.balance() == 9_000


def test_what_was_booked_before_the_limit_fell_is_repeated_not_asked_for(two: TwoPeople) -> None:
    wish = two.make(TopUp, amount=900)
    first = two.office.ask(wish)
    role = user_tables.role
    two.office.shop.change(role, role.c.name == CASHIER, amount_limit=1)
    two.office.shop.pass_time(seconds=2)
    again = two.office.ask(wish)
    assert (again.booked_id, again.repeated) == (first.booked_id, True)
    assert two.office.ask(wire.MyApprovals()).approvals == []
