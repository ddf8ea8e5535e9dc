"""Farcards replies, pure (farcards.md 3.1, 4, 5, 7, 9)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from card_server.receipts.records import Booked
from card_server.relay.escaping import attribute
from card_server.relay.formats import money
from shared.i18n.error_texts import wire_text
from shared.wire.errors import AppError

HEAD: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<Root>'
NAMES: Final = {
    "getcardinfoex": "GetCardInfoEx",
    "transactionsex": "TransactionsEx",
    "findemail": "FindEmail",
    "getcardimageex": "GetCardImageEx",
    "licenseinfo": "LicenseInfo",
}
LARGEST: Final = 2_147_483_647
NO_LIMIT: Final = 99_999_999
LONGEST: Final = 255
HOLDER_LENGTH: Final = 39


class PosCardView(msgspec.Struct, kw_only=True):
    """What the till's card window shows; sums in kopecks."""

    code: str
    deleted: bool = False
    seize: bool = False
    stop_date: bool = False
    holy: bool = False
    manager: bool = False
    locked: bool = False
    why_lock: str = ""
    holder: str = ""
    person_id: int = 0
    account: int = 0
    unpay: int = 0
    bonus: int = 0
    discount: int = 0
    discount_limit: int = NO_LIMIT
    sums: list[int] = msgspec.field(default_factory=lambda: [0] * 8)
    dop_info: str = ""
    screen: str = ""
    printer: str = ""


def card_info(view: PosCardView) -> bytes:
    """The reply of GetCardInfoEx for a card that exists, in whatever state."""
    sums = [max(-LARGEST, min(LARGEST, amount)) for amount in view.sums]
    slots = "".join(f' Sum{i}="{amount}"' for i, amount in enumerate(sums[1:], start=2))
    return (
        f'{HEAD}<GetCardInfoEx Result="0" CardCode="{attribute(view.code)}"'
        f' Deleted="{view.deleted:d}" Grab="{view.seize:d}" Seize="{view.seize:d}"'
        f' StopDate="{view.stop_date:d}" Holy="{view.holy:d}" Manager="{view.manager:d}"'
        f' Locked="{view.locked:d}" WhyLock="{attribute(view.why_lock[:LONGEST])}"'
        f' Holder="{attribute(view.holder[:HOLDER_LENGTH])}" PersonID="{view.person_id}"'
        f' Account="{min(view.account, LARGEST)}" Unpay="{view.unpay}" Bonus="{view.bonus}"'
        f' Discount="{view.discount}" DiscLimit="{min(view.discount_limit, NO_LIMIT)}"'
        f' Summa="{sums[0]}"{slots} DopInfo="{attribute(view.dop_info[:LONGEST])}"'
        f' ScrMessage="{attribute(view.screen[:LONGEST])}"'
        f' PrnMessage="{attribute(view.printer[:LONGEST])}"/></Root>'
    ).encode()


def booked(details: Sequence[Booked] = ()) -> bytes:
    """The reply of TransactionsEx when everything is done."""
    inner = "".join(
        f'<TRANSACTION ext_id="{row.entry_id}" cardcode="{row.card}" num="{row.position}"'
        f' value="{money(row.amount)}"/>'
        for row in details
    )
    response = '<TRRESPONSE error_code="0" err_text="" error_text=""'
    closed = f"{response}>{inner}</TRRESPONSE>" if inner else f"{response}/>"
    return (
        f'{HEAD}<TransactionsEx Result="0"><OutBuf OutKind="1">{closed}</OutBuf>'
        "</TransactionsEx></Root>"
    ).encode()


def refused(function: str, error: AppError, language: str) -> bytes:
    """A refusal at status 200: Result 1, the sentence, the code."""
    name = NAMES.get(function, "GetCardInfoEx")
    text = attribute(wire_text(error.code, language, error.facts)[:LONGEST])
    code = error.wire_code
    inner = "/>"
    if name == "TransactionsEx":
        digits = code.removeprefix("SAC-").lstrip("0")
        inner = (
            f'><OutBuf OutKind="1"><TRRESPONSE error_code="{digits}" err_text="{text}"'
            f' error_text="{text}"/></OutBuf></TransactionsEx>'
        )
    return (
        f'{HEAD}<{name} Result="1" ErrorText="{text}" ErrorCode="{code}"{inner}</Root>'
    ).encode()


def found_email(account: int, card: int, name: str) -> bytes:
    """The reply of FindEmail."""
    return (
        f'{HEAD}<FindEmail Result="0" Account="{min(account, LARGEST)}" CardCode="{card}"'
        f' Name="{attribute(name[:HOLDER_LENGTH])}"/></Root>'
    ).encode()
