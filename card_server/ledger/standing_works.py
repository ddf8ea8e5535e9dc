"""Works of the standing jobs of the ledger: burn, end holds, sign, verify (domain 3.12).

Each goes page by page, remembers the last id, and may be run twice or in pieces (I-43): every
account, hold and day has its own key, or is asked anew what is still to be done.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Connection, select

from card_server.coupons import tables as coupon_tables
from card_server.coupons.records import COUPON_ACTIVE, COUPON_EXPIRED, Coupon, CouponType
from card_server.coupons.rules import last_day
from card_server.jobs.running import Pass, Piece, RunContext, Work
from card_server.ledger.calendar import Zone
from card_server.ledger.chain_key import BrokenKey, private_key, public_key
from card_server.ledger.head_checking import is_kept, keep_head, system_zone, unsigned_heads
from card_server.ledger.level_work import recalculate_levels
from card_server.ledger.signing import Head, KeySigner
from card_server.ledger.standing import ExpireHolds, ExpireLots, due_accounts, due_holds
from card_server.ledger.verify import verify
from card_server.ledger.verify_records import Finding
from shared.settings.secrets import NoKeyStore
from shared.wire.errors import AppError, ErrorCode

PAGE: Final = 50
"""Accounts or holds in one posting: tills have their turn between two."""
COUPONS_LOOKED_AT: Final = 1_000
TELL_S: Final = 1.0
SUBJECT_WIDTH: Final = 60
Find = Callable[[Connection, datetime, int, int], list[int]]


# ---------------------------------------------------------------------- lots and holds


def burn_lots(context: RunContext) -> None:
    """Burn what is due and renew the caches of what became available, account by account."""
    _post_pages(context, due_accounts, lambda ids: ExpireLots(account_ids=ids))


def end_holds(context: RunContext) -> None:
    """End open holds past their moment."""
    _post_pages(context, due_holds, lambda ids: ExpireHolds(hold_ids=ids))


def _post_pages(context: RunContext, find: Find, command: Callable[[tuple[int, ...]], Any]) -> None:
    while True:
        after = int(context.resume_at or 0)
        ids = _page(context, find, after)
        if not ids:
            return
        context.book(command(tuple(ids)))
        context.note(processed=len(ids), resume_at=str(ids[-1]))


def _page(context: RunContext, find: Find, after: int) -> list[int]:
    return context.desk.read(lambda connection: find(connection, context.begun_at, after, PAGE))


# ---------------------------------------------------------------------- coupons


def expire_coupons(context: RunContext) -> None:
    """Mark active coupons whose last day is over; the tills know it without the mark."""
    zone = context.desk.read(system_zone)
    kinds = context.desk.read(_coupon_types)
    today = zone.business_date(context.begun_at)
    while True:
        after = int(context.resume_at or 0)
        coupons = context.desk.read(lambda c, after=after: _active_coupons(c, after))  # type: ignore[misc]
        if not coupons:
            return
        over = [one.coupon_id for one in coupons if _is_over(one, kinds, zone, today)]
        place = str(coupons[-1].coupon_id)
        if over:
            context.piece(_Marking(over, len(coupons), place))
        else:
            context.note(processed=len(coupons), resume_at=place)


class _Marking:
    """One piece: these coupons are over, if they are still active."""

    def __init__(self, ids: Sequence[int], looked_at: int, place: str) -> None:
        self._ids, self._looked_at, self._place = ids, looked_at, place

    def __call__(self, how: Pass) -> Piece:
        coupon = coupon_tables.coupon
        for start in range(0, len(self._ids), PAGE):
            part = self._ids[start : start + PAGE]
            active = how.connection.execute(
                select(coupon.c.coupon_id).where(
                    coupon.c.coupon_id.in_(part),
                    coupon.c.state == COUPON_ACTIVE,
                    coupon.c.deleted_at.is_(None),
                )
            ).scalars()
            how.log.edit_many(coupon, list(active), {"state": COUPON_EXPIRED})
        return Piece(resume_at=self._place, processed=self._looked_at)


def _coupon_types(connection: Connection) -> dict[int, CouponType]:
    kind = coupon_tables.coupon_type
    rows = connection.execute(
        select(kind.c.coupon_type_id, kind.c.name, kind.c.delay_days, kind.c.valid_days)
    )
    return {
        row.coupon_type_id: CouponType(
            coupon_type_id=row.coupon_type_id,
            name=row.name,
            coupon_class=0,
            delay_days=row.delay_days,
            valid_days=row.valid_days,
        )
        for row in rows
    }


def _active_coupons(connection: Connection, after: int) -> list[Coupon]:
    coupon = coupon_tables.coupon
    names = ("coupon_id", "code", "coupon_type_id", "valid_from", "valid_to", "created_at")
    rows = connection.execute(
        select(*(coupon.c[name] for name in names))
        .where(
            coupon.c.coupon_id > after,
            coupon.c.state == COUPON_ACTIVE,
            coupon.c.deleted_at.is_(None),
        )
        .order_by(coupon.c.coupon_id)
        .limit(COUPONS_LOOKED_AT)
    ).mappings()
    return [Coupon(**row) for row in rows]


def _is_over(coupon: Coupon, kinds: dict[int, CouponType], zone: Zone, today: date) -> bool:
    kind = kinds[coupon.coupon_type_id]
    end = last_day(coupon, kind, zone.business_date(coupon.created_at))
    return end is not None and end < today


# ---------------------------------------------------------------------- the chain


def sign_chain(context: RunContext) -> None:
    """Sign the end of the chain for every business day that has ended."""
    try:
        signer = KeySigner(private_key())
    except NoKeyStore as missing:
        raise AppError(ErrorCode.HEADS_UNSIGNED, why=str(missing)) from missing
    except BrokenKey as broken:
        raise AppError(ErrorCode.CHAIN_KEY_BROKEN, name=str(broken)) from broken
    while heads := context.desk.read(
        lambda connection: unsigned_heads(
            connection, context.begun_at, zone=system_zone(connection)
        )
    ):
        for head in heads:
            context.piece(_Signing(head, signer))
    context.tell_outcome({"public_key": signer.public_key.hex()})


class _Signing:
    """One piece: the head of one day."""

    def __init__(self, head: Head, signer: KeySigner) -> None:
        self._head, self._signer = head, signer

    def __call__(self, how: Pass) -> Piece:
        if not is_kept(how.connection, self._head):
            keep_head(how.connection, self._head, self._signer, how.now)
        return Piece(resume_at=self._head.business_date.isoformat(), processed=1)


def verify_quick(context: RunContext) -> None:
    """The heads, the last links, and what they touched."""
    _verify(context, full=False)


def verify_full(context: RunContext) -> None:
    """Every link and every account."""
    _verify(context, full=True)


def _verify(context: RunContext, *, full: bool) -> None:
    """Prove the ledger as it stands at one moment; what is wrong is listed with the run.

    A run that is interrupted begins anew: it changes nothing, and half a proof is none.
    """
    told = [time.monotonic()]

    def progress(_stage: str, done: int, of: int) -> None:
        if time.monotonic() - told[0] >= TELL_S:
            told[0] = time.monotonic()
            context.tell_progress(done, of)

    report = context.desk.snapshot(
        lambda connection: verify(
            connection, full=full, now=context.begun_at, public_key=public_key(), progress=progress
        )
    )
    context.tell_progress(report.operations, report.operations)
    context.tell_errors([_told(i, one) for i, one in enumerate(report.findings, 1)])
    context.tell_outcome(
        {
            "operations": report.operations,
            "accounts": report.accounts,
            "last_chain_no": report.last_chain_no,
            "head": report.head,
            "signed_heads": report.signed_heads,
            "findings": len(report.findings),
            "notes": report.notes,
        }
    )


def _told(number: int, finding: Finding) -> tuple[str, AppError]:
    subject = f"{number:03d} {finding.table} {finding.row_id}"[:SUBJECT_WIDTH]
    error = AppError(
        ErrorCode.VERIFY_BAD,
        table=finding.table,
        id=finding.row_id,
        law=finding.invariant,
        x=finding.expected,
        y=finding.found,
    )
    return subject, error


WORKS: Final[dict[str, Work]] = {
    "holds.expire": end_holds,
    "lots.available": burn_lots,
    "lots.expire": burn_lots,
    "coupons.expire": expire_coupons,
    "levels.recalc": recalculate_levels,
    "chain.sign": sign_chain,
    "verify.quick": verify_quick,
    "verify.full": verify_full,
}
