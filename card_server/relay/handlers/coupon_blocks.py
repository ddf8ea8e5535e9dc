"""Coupons as blocks of the XML API: a coupon, a holder's page of them (crm-xml.md 7.1, 7.3)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

import msgspec
from sqlalchemy import Connection

from card_server.classifiers.records import Classifier
from card_server.coupons.records import (
    COUPON_ACTIVE,
    COUPON_EXPIRED,
    COUPON_MADE,
    COUPON_USED,
    Coupon,
    CouponDetail,
    CouponType,
)
from card_server.coupons.repository import active_coupons_of, count_coupons, coupons_of
from card_server.coupons.rules import last_day, places, refusal
from card_server.ledger.calendar import Zone, zone_of
from card_server.ledger.coupon_reading import read_holder_uses
from card_server.ledger.dating import Dated
from card_server.ledger.rule_set import RuleSet
from card_server.receipts.coupon_using import case_for
from card_server.relay.escaping import cdata, text
from card_server.relay.formats import NO_END, day, maybe_number, money, percent, yes_no
from card_server.relay.handlers.context import Context
from card_server.relay.xml_tree import Node

PAGE: Final = 50
LARGEST_PAGE: Final = 1000
FLAGS: Final = 0
"""The bits of Coupon_Type_Flags are not published."""
MINUTES: Final = 60


class Page(msgspec.Struct, frozen=True):
    """Which coupons of a holder are shown; `first` counts from 1."""

    first: int = 1
    count: int = PAGE


def coupon_page(root: Node) -> Page:
    """Coupon_Index and Coupon_Count of a request."""
    first = maybe_number(root.text_of("Coupon_Index")) or 1
    count = maybe_number(root.text_of("Coupon_Count")) or PAGE
    return Page(max(1, first), min(LARGEST_PAGE, count))


def zone_here(classifier: Classifier) -> Zone:
    """The caller's zone and day start."""
    return zone_of(classifier.time_zone, classifier.day_start)


def dated_at(classifier: Classifier, now: datetime) -> Dated:
    """This moment as the caller dates it."""
    zone = zone_here(classifier)
    return Dated(now, zone.offset_minutes(now), zone.business_date(now), zone)


def status_of(coupon: Coupon, kind: CouponType | None, dated: Dated) -> str:
    """The five words for six states and the dates (7.3)."""
    if coupon.state == COUPON_MADE:
        return "Inactive"
    if coupon.state == COUPON_USED:
        return "Used"
    end = coupon.valid_to
    if kind is not None:
        end = last_day(coupon, kind, dated.zone.business_date(coupon.created_at))
    if coupon.state == COUPON_EXPIRED:
        return "Expired"
    if coupon.state != COUPON_ACTIVE:
        return "Blocked"
    if kind is not None and coupon.uses >= kind.max_uses:
        return "Used"
    return "Expired" if end is not None and end < dated.business_date else "Active"


def coupon_block(coupon: Coupon, context: Context, now: datetime) -> str:
    """Block 7.3 of one coupon."""
    rules = context.rules
    dated = dated_at(context.classifier, now)
    kind = rules.coupon_types.get(coupon.coupon_type_id)
    end = coupon.valid_to
    if kind is not None:
        end = last_day(coupon, kind, dated.zone.business_date(coupon.created_at))
    holder = coupon.holder_id if coupon.holder_id is not None else ""
    head = (
        f"<Coupon><Coupon_ID>{coupon.coupon_id}</Coupon_ID><Coupon_Code>{coupon.code}</Coupon_Code>"
    )
    allowed = places(coupon, kind) if kind is not None else coupon.classifiers
    return (
        f"{head}{_type_head(kind)}<Holder_ID>{holder}</Holder_ID>{_timing(kind)}"
        f"<Status>{status_of(coupon, kind, dated)}</Status>"
        f"<Offered>{day(coupon.valid_from)}</Offered><Expired>{day(end, NO_END)}</Expired>"
        f"<Notes>{text(coupon.notes or '')}</Notes>"
        f"<Discounts>{_discounts(kind, context)}</Discounts>"
        f"{terminals(rules, allowed, now)}</Coupon>"
    )


def _type_head(kind: CouponType | None) -> str:
    if kind is None:
        return ""
    return (
        f"<Coupon_Class>{kind.coupon_class}</Coupon_Class>"
        f"<Coupon_Type_ID>{kind.coupon_type_id}</Coupon_Type_ID>"
        f"<Coupon_Type_Name>{cdata(kind.name)}</Coupon_Type_Name>"
        f"<Coupon_Type_Flags>{FLAGS}</Coupon_Type_Flags>"
        f"<Is_Confirm_Manager>{yes_no(kind.confirm_manager)}</Is_Confirm_Manager>"
    )


def _timing(kind: CouponType | None) -> str:
    time_id = kind.time_id if kind is not None else None
    return f"<Timing_Scheme_ID>{time_id or 0}</Timing_Scheme_ID>"


class Discount(msgspec.Struct, kw_only=True, frozen=True):
    """What a coupon takes off, as programs see it."""

    number: int
    name: str
    rate: int
    external_id: int | None
    limit: int | None


def discounts_of(kind: CouponType, context: Context) -> list[Discount]:
    """The effect of the type: its scheme or rate, else the items of its content."""
    scheme = context.rules.schemes.get(kind.scheme_id or 0)
    if scheme is not None:
        return [
            Discount(
                number=scheme.scheme_id,
                name=scheme.name,
                rate=kind.rate if kind.rate is not None else scheme.base_rate,
                external_id=kind.pos_code if kind.pos_code is not None else scheme.external_id,
                limit=kind.discount_limit
                if kind.discount_limit is not None
                else scheme.limit_amount,
            )
        ]
    items = [item for _, items in kind.groups(context.classifier.classifier_id) for item in items]
    if items:
        return [_item_discount(item, kind) for item in items]
    if kind.rate is None and kind.pos_code is None:
        return []
    return [
        Discount(
            number=kind.coupon_type_id,
            name=kind.name,
            rate=kind.rate or 0,
            external_id=kind.pos_code,
            limit=kind.discount_limit,
        )
    ]


def _item_discount(item: CouponDetail, kind: CouponType) -> Discount:
    return Discount(
        number=item.detail_id,
        name=item.name,
        rate=(item.value or 0) if item.kind in (None, 1) else 0,
        external_id=item.external_id if item.external_id is not None else kind.pos_code,
        limit=item.discount_limit,
    )


def _discounts(kind: CouponType | None, context: Context) -> str:
    if kind is None:
        return ""
    return "".join(
        f"<Discount><Discount_ID>{row.number}</Discount_ID>"
        f"<Discount_Name>{text(row.name)}</Discount_Name>"
        f"<Discount_Rate>{percent(row.rate)}</Discount_Rate>"
        f"<External_ID>{'' if row.external_id is None else row.external_id}</External_ID>"
        "</Discount>"
        for row in discounts_of(kind, context)
    )


def terminals(rules: RuleSet, allowed: Iterable[int], now: datetime) -> str:
    """`Terminals_Types`: programs of the API where something works; none named means all."""
    wanted = set(allowed)
    blocks = []
    for number, one in sorted(rules.classifiers.items()):
        hidden = number == 0 or not one.api_visible or not one.is_active
        if hidden or (wanted and number not in wanted):
            continue
        offset = zone_here(one).offset_minutes(now)
        sign = "-" if offset < 0 else "+"
        hours, minutes = divmod(abs(offset), MINUTES)
        begin = f"{one.day_start // MINUTES:02d}:{one.day_start % MINUTES:02d}:00"
        blocks.append(
            f"<Terminal_Type><Terminal_Type_ID>{number}</Terminal_Type_ID>"
            f"<Terminal_Type_Name>{text(one.name)}</Terminal_Type_Name>"
            f"<Terminal_Type_Type>{text(one.client_type or '')}</Terminal_Type_Type>"
            f"<Terminal_Type_TimeBegin>{begin}</Terminal_Type_TimeBegin>"
            f"<Terminal_Type_TimeZone>{sign}{hours:02d}:{minutes:02d}</Terminal_Type_TimeZone>"
            "</Terminal_Type>"
        )
    return f"<Terminals_Types>{''.join(blocks)}</Terminals_Types>"


def usable_coupons(
    connection: Connection, context: Context, holder_id: int, now: datetime
) -> list[Coupon]:
    """Coupons of a holder that could be used at the caller's now."""
    dated = dated_at(context.classifier, now)
    coupons = active_coupons_of(connection, holder_id)
    types = context.rules.coupon_types
    limited = any(
        (kind := types.get(coupon.coupon_type_id)) is not None and kind.per_holder
        for coupon in coupons
    )
    uses = read_holder_uses(connection, holder_id) if limited else []
    guests = frozenset({holder_id})
    found = []
    for coupon in coupons:
        wish = case_for(context.rules, context.classifier, coupon, dated, guests=guests, uses=uses)
        if refusal(coupon, types.get(coupon.coupon_type_id), wish) is None:
            found.append(coupon)
    return found


def holder_coupons(
    connection: Connection,
    context: Context,
    holder_id: int,
    now: datetime,
    *,
    available: bool,
    page: Page,
) -> str:
    """`Holders_Coupons` of block 7.1: a page of all coupons, or of those usable here and now."""
    if available:
        usable = usable_coupons(connection, context, holder_id, now)
        total = len(usable)
        shown = usable[page.first - 1 : page.first - 1 + page.count]
    else:
        total = count_coupons(connection, holder_id)
        shown = coupons_of(connection, holder_id, first=page.first, count=page.count)
    span = f' IndexFrom="{page.first}" IndexTo="{page.first + len(shown) - 1}"' if shown else ""
    blocks = "".join(coupon_block(coupon, context, now) for coupon in shown)
    return (
        f'<Holders_Coupons{span} Count="{total}"><Holder_Coupon><Holder_ID>{holder_id}'
        f"</Holder_ID>{blocks}</Holder_Coupon></Holders_Coupons>"
    )


def type_block(kind: CouponType, context: Context, now: datetime) -> str:
    """A coupon type of 8.11 with its two-level content."""
    discounts = "".join(
        f"<Discount><Discount_ID>{row.number}</Discount_ID>"
        f"<Discount_Name>{text(row.name)}</Discount_Name>"
        f"<Discount_Rate>{percent(row.rate)}</Discount_Rate>"
        f"<Discount_External_ID>{'' if row.external_id is None else row.external_id}"
        "</Discount_External_ID>"
        f"<Discount_Limit>{'' if row.limit is None else money(row.limit)}</Discount_Limit>"
        "</Discount>"
        for row in discounts_of(kind, context)
    )
    tree = "".join(
        f"<Coupon_Type_Detail>{_detail_head(group)}"
        f"{''.join(_detail_item(item) for item in items)}</Coupon_Type_Detail>"
        for group, items in kind.groups(context.classifier.classifier_id)
    )
    return (
        f"<Coupon_Type>{_type_head(kind)}{_timing(kind)}<Discounts>{discounts}</Discounts>"
        f"{terminals(context.rules, kind.classifiers, now)}{tree}</Coupon_Type>"
    )


def _detail_head(group: CouponDetail) -> str:
    return (
        f"<Coupon_Type_Detail_Name>{text(group.name)}</Coupon_Type_Detail_Name>"
        f"<Coupon_Type_Detail_Notes>{text(group.notes or '')}</Coupon_Type_Detail_Notes>"
        f"<Coupon_Type_Detail_Max>{group.max_count}</Coupon_Type_Detail_Max>"
        f"<Coupon_Type_Detail_Priority>{group.priority}</Coupon_Type_Detail_Priority>"
    )


KINDS: Final = {1: "percent", 2: "summ", 3: "price"}
"""`coupon_type_detail.kind` as programs and tills write it (farcards.md 8)."""


def _detail_item(item: CouponDetail) -> str:
    code = text(item.external_code or "")
    return (
        f"<Coupon_Type_Detail><Coupon_Type_Detail_Name>{text(item.name)}</Coupon_Type_Detail_Name>"
        f"<Coupon_Type_Detail_External_Code>{code}</Coupon_Type_Detail_External_Code>"
        f"<Coupon_Type_Detail_Max>{item.max_count}</Coupon_Type_Detail_Max>"
        f"<Coupon_Type_Detail_Value>{money(item.value or 0)}</Coupon_Type_Detail_Value>"
        f"<Coupon_Type_Detail_Auto>{yes_no(item.auto)}</Coupon_Type_Detail_Auto>"
        f"<Coupon_Type_Detail_Kind>{KINDS.get(item.kind or 1, '')}</Coupon_Type_Detail_Kind>"
        "</Coupon_Type_Detail>"
    )
