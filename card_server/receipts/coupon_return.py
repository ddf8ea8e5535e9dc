"""A use of a coupon is given back by hand, with a reason (domain 2.4, right `coupon.state`)."""

from __future__ import annotations

from typing import ClassVar, Final

import msgspec
from sqlalchemy import Connection, select

from card_server.coupons import tables as coupon_tables
from card_server.coupons.reading import coupon_row
from card_server.coupons.records import COUPON_VOID
from card_server.coupons.service import NAMES
from card_server.coupons.states import need_reason
from card_server.db.editing import row_of
from card_server.http.routes import Actor, Flow
from card_server.ledger import tables
from card_server.ledger.book import SUITE, Book
from card_server.ledger.facts import Facts, Wants
from card_server.ledger.manual_base import Header, Manual, Work
from card_server.ledger.records import ACCEPTED, OperationKind
from card_server.receipts.coupon_using import give_back, open_uses
from shared.wire import coupons as wire
from shared.wire.errors import AppError, ErrorCode

_use: Final = coupon_tables.coupon_use


class ReturnUse(Manual, kw_only=True, frozen=True):
    """The opposite of one use; it moves no value."""

    kind: ClassVar[OperationKind] = OperationKind.COUPON_RETURN
    coupon_use_id: int
    used_in: int
    """The operation of the use."""

    def alone(self) -> tuple[str, ...]:
        """One use is given back once."""
        return (f"coupon use:{self.coupon_use_id}",)

    def named(self) -> Wants:
        """The operation with its uses."""
        return Wants(operations={self.used_in}, coupon_operations={self.used_in})

    def needed(self, facts: Facts, book: Book) -> Wants:  # noqa: ARG002 - the protocol's shape
        """Nothing more."""
        return Wants()

    def book_it(self, work: Work) -> None:
        """Undo the use, if nothing has undone it and the coupon was not cancelled."""
        facts, book, operation = work.facts, work.book, work.draft.operation
        found = [
            row
            for row in open_uses(facts, [self.used_in])
            if row.coupon_use_id == self.coupon_use_id
        ]
        if not found:
            raise _not_used(str(self.coupon_use_id))
        coupon = book.coupon(found[0].coupon_id)
        if coupon.state == COUPON_VOID:
            raise AppError(
                ErrorCode.WRONG_STATE, event="return", object=coupon.code, state=NAMES[coupon.state]
            )
        sale = facts.operations[self.used_in]
        operation.reverses_id = self.used_in
        operation.holder_id = sale.holder_id
        operation.check_total = -(found[0].check_total or 0)
        give_back(facts, book, operation, found[0])


def _not_used(what: str) -> AppError:
    return AppError(ErrorCode.WRONG_STATE, event="return", object=what, state="not used")


class Sight(msgspec.Struct, frozen=True, kw_only=True):
    """What the command finds before it books."""

    use_id: int
    used_in: int
    division_id: int
    unit_id: int | None
    answer: wire.ReturnedCoupon | None = None
    """It had come before."""


def _look(connection: Connection, actor: Actor, asked: wire.ReturnCoupon) -> Sight:
    row = coupon_row(connection, actor, asked.coupon_id)
    answer = _answered(connection, actor, asked)
    if answer is not None:
        return Sight(use_id=0, used_in=0, division_id=0, unit_id=None, answer=answer)
    undo = _use.alias("undo")
    found = connection.execute(
        select(_use.c.coupon_use_id, _use.c.operation_id)
        .select_from(_use.outerjoin(undo, undo.c.undoes_use_id == _use.c.coupon_use_id))
        .where(
            _use.c.coupon_id == asked.coupon_id,
            _use.c.undoes_use_id.is_(None),
            undo.c.coupon_use_id.is_(None),
        )
        .order_by(_use.c.coupon_use_id.desc())
        .limit(1)
    ).one_or_none()
    if found is None:
        raise _not_used(row.code)
    sale = row_of(connection, tables.operation, {"operation_id": found.operation_id})
    actor.need_division(sale.division_id)
    return Sight(
        use_id=found.coupon_use_id,
        used_in=found.operation_id,
        division_id=sale.division_id,
        unit_id=sale.unit_id,
    )


def _answered(
    connection: Connection, actor: Actor, asked: wire.ReturnCoupon
) -> wire.ReturnedCoupon | None:
    """The first answer of a command that comes again; its key is nobody else's."""
    operation = tables.operation
    row = connection.execute(
        select(
            operation.c.operation_id, operation.c.user_id, _use.c.coupon_id, _use.c.undoes_use_id
        )
        .select_from(operation.outerjoin(_use, _use.c.operation_id == operation.c.operation_id))
        .where(
            operation.c.classifier_id == SUITE,
            operation.c.idem_key == f"m:u:{asked.operation_id}",
            operation.c.status == ACCEPTED,
        )
    ).first()
    if row is None:
        return None
    if row.user_id != actor.user_id or row.coupon_id != asked.coupon_id:
        raise AppError(ErrorCode.KEY_CONFLICT, id=asked.operation_id)
    return wire.ReturnedCoupon(
        booked_id=row.operation_id, undoes_use_id=row.undoes_use_id, repeated=True
    )


def give_use_back(asked: wire.ReturnCoupon, flow: Flow) -> wire.ReturnedCoupon:
    """Give the latest use back."""
    reason = need_reason(asked.reason)
    sight = flow.desk.read(lambda connection: _look(connection, flow.actor, asked))
    if sight.answer is not None:
        return sight.answer
    header = Header(
        key=f"u:{asked.operation_id}",
        division_id=sight.division_id,
        unit_id=sight.unit_id,
        user_id=flow.actor.user_id,
        remarks=reason,
    )
    posting = ReturnUse(header=header, coupon_use_id=sight.use_id, used_in=sight.used_in)
    outcome = flow.desk.book(posting)
    if outcome.error is not None:
        raise outcome.error
    return wire.ReturnedCoupon(
        booked_id=outcome.operation_id, undoes_use_id=sight.use_id, repeated=outcome.repeated
    )
