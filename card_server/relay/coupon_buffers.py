"""Coupon buffers of the relay, pure: one coupon's content, or a list (farcards.md 8)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from card_server.coupons.records import KIND_PERCENT, Coupon, CouponDetail, CouponType
from card_server.relay.escaping import attribute, text
from card_server.relay.formats import money

CONTENT, CHOICE = 3, 4
LARGEST: Final = 150_000
"""OutBuf takes about 150 KB."""
KINDS: Final = {1: "percent", 2: "summ", 3: "price"}
HINTS: Final = {"ru": "Выберите купон", "en": "Choose a coupon"}
GROUPS: Final = {"ru": "Купоны", "en": "Coupons"}


class Buffer(msgspec.Struct, frozen=True):
    """One OutBuf."""

    kind: int
    xml: str


def short(amount: int) -> str:
    """A value without useless zeros: `50`, `12.50`."""
    return money(amount).removesuffix(".00")


def content(kind: CouponType, classifier_id: int) -> Buffer | None:
    """What one coupon gives: its groups with their items; None for a type without content."""
    groups = "".join(
        f'<group name="{attribute(group.name)}" printname="{attribute(group.name)}"'
        f' order="{group.priority}" maxquant="{group.max_count}">'
        f"{''.join(_item(item, kind) for item in items)}</group>"
        for group, items in kind.groups(classifier_id)
        if items
    )
    xml = f"<ident_info><item_content>{groups}</item_content></ident_info>"
    return Buffer(CONTENT, xml) if groups and len(xml) <= LARGEST else None


def _item(item: CouponDetail, kind: CouponType) -> str:
    code = item.external_id if item.external_id is not None else kind.pos_code
    return (
        f'<item code="{attribute(item.external_code or "")}"'
        f' kind="{KINDS.get(item.kind or KIND_PERCENT, KINDS[KIND_PERCENT])}"'
        f' val="{short(item.value or 0)}" order="{item.priority}" max="{item.max_count}"'
        f' default="{item.auto:d}" disccode="{code or 0}"/>'
    )


def choice(coupons: Sequence[tuple[Coupon, CouponType]], language: str) -> Buffer:
    """Several coupons: the till asks again with the chosen code as Card."""
    idents = ""
    for coupon, kind in coupons:
        one = f'<ident code="{coupon.code}" printname="{attribute(kind.name)}"/>'
        if len(idents) + len(one) > LARGEST:
            break
        idents += one
    group = attribute(GROUPS.get(language, GROUPS["en"]))
    hint = text(HINTS.get(language, HINTS["en"]))
    return Buffer(
        CHOICE,
        f'<ident_list><hint>{hint}</hint><group printname="{group}" order="1">{idents}</group>'
        "</ident_list>",
    )


def offer(
    coupons: Sequence[tuple[Coupon, CouponType]], classifier_id: int, language: str
) -> Buffer | None:
    """The buffer for a guest's usable coupons: none, the content of the one, or the choice."""
    if not coupons:
        return None
    if len(coupons) == 1:
        return content(coupons[0][1], classifier_id)
    return choice(coupons, language)
