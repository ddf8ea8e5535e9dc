"""Farcards replies, pure (farcards.md 3.1, 4, 5, 7, 9)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from unicodedata import combining

import msgspec

from card_server.receipts.records import Booked
from card_server.relay.coupon_buffers import Buffer
from card_server.relay.escaping import attribute, text
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
    "findcardsl": "FindCardsL",
    "findaccountsbykind": "FindAccountsByKind",
    "getdisclevelinfol": "GetDiscLevelInfoL",
    "anyinfo": "AnyInfo",
}
NO_PICTURE: Final = {"ru": "Изображения нет", "en": "There is no picture"}
NOT_OFFERED_TEXT: Final = {
    "ru": "Функция {name} не поддерживается",
    "en": "Function {name} is not offered",
}
SLIP_CODE: Final = 101
JOINER: Final = "\u200d"
JOINERS: Final = frozenset(
    {JOINER, *map(chr, range(0xFE00, 0xFE10)), *map(chr, range(0x1F3FB, 0x1F400))}
)
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
    buffer: Buffer | None = None

    def limited_sums(self) -> list[int]:
        """The eight sums within 32 bits."""
        return [max(-LARGEST, min(LARGEST, amount)) for amount in self.sums]


class Slip(msgspec.Struct, kw_only=True, frozen=True):
    """Text that the till prints after the transactions."""

    card: str
    lines: Sequence[str]


class Reply(msgspec.Struct, kw_only=True):
    """What TransactionsEx is answered with when everything is done."""

    details: Sequence[Booked] = ()
    is_quote: bool = False
    """Nothing was booked, so the details have no ext_id."""
    slips: Sequence[Slip] = ()
    buffer: Buffer | None = None


def cut(value: str, length: int = LONGEST) -> str:
    """At most so many characters, not inside a character that is written by several signs."""
    if len(value) <= length:
        return value
    end = length
    while end > 0 and (combining(value[end]) or value[end] in JOINERS or value[end - 1] == JOINER):
        end -= 1
    return value[: end or length]


def card_info(view: PosCardView) -> bytes:
    """The reply of GetCardInfoEx for a card that exists, in whatever state."""
    sums = view.limited_sums()
    inner = f">{_out(view.buffer)}</GetCardInfoEx></Root>" if view.buffer else "/></Root>"
    slots = "".join(f' Sum{i}="{amount}"' for i, amount in enumerate(sums[1:], start=2))
    return (
        f'{HEAD}<GetCardInfoEx Result="0" CardCode="{attribute(view.code)}"'
        f' Deleted="{view.deleted:d}" Grab="{view.seize:d}" Seize="{view.seize:d}"'
        f' StopDate="{view.stop_date:d}" Holy="{view.holy:d}" Manager="{view.manager:d}"'
        f' Locked="{view.locked:d}" WhyLock="{attribute(cut(view.why_lock))}"'
        f' Holder="{attribute(cut(view.holder, HOLDER_LENGTH))}" PersonID="{view.person_id}"'
        f' Account="{min(view.account, LARGEST)}" Unpay="{view.unpay}" Bonus="{view.bonus}"'
        f' Discount="{view.discount}" DiscLimit="{min(view.discount_limit, NO_LIMIT)}"'
        f' Summa="{sums[0]}"{slots} DopInfo="{attribute(cut(view.dop_info))}"'
        f' ScrMessage="{attribute(cut(view.screen))}"'
        f' PrnMessage="{attribute(cut(view.printer))}"{inner}'
    ).encode()


def _out(buffer: Buffer | None) -> str:
    return f'<OutBuf OutKind="{buffer.kind}">{buffer.xml}</OutBuf>' if buffer is not None else ""


def response(reply: Reply) -> str:
    """TRRESPONSE of a call that was done (section 7)."""
    inner = "".join(
        f'<TRANSACTION{"" if reply.is_quote else _ext(row)} cardcode="{row.card}"'
        f' num="{row.position}" value="{money(row.amount)}"/>'
        for row in reply.details
    )
    for slip in reply.slips:
        texts = "".join(
            f"<TEXT{i:02d}>{text(line)}</TEXT{i:02d}>" for i, line in enumerate(slip.lines)
        )
        inner += (
            f'<PRINTDOCUMENT code="{SLIP_CODE}" cardcode="{attribute(slip.card)}">'
            f"<DOCUMENTDATA>{texts}</DOCUMENTDATA></PRINTDOCUMENT>"
        )
    head = '<TRRESPONSE error_code="0" err_text="" error_text=""'
    return f"{head}>{inner}</TRRESPONSE>" if inner else f"{head}/>"


def _ext(row: Booked) -> str:
    return f' ext_id="{row.entry_id}"'


def booked(reply: Reply) -> bytes:
    """The reply of TransactionsEx when everything is done."""
    return (
        f'{HEAD}<TransactionsEx Result="0"><OutBuf OutKind="1">{response(reply)}</OutBuf>'
        f"{_out(reply.buffer)}</TransactionsEx></Root>"
    ).encode()


def sentence_of(error: AppError, language: str) -> str:
    """The sentence of a refusal as a till can show it."""
    return cut(wire_text(error.code, language, error.facts))


def no_picture(language: str) -> bytes:
    """GetCardImageEx of a card whose holder has no picture; no code stands for it."""
    sentence = NO_PICTURE.get(language, NO_PICTURE["en"])
    return f'{HEAD}<GetCardImageEx Result="1" ErrorText="{sentence}"/></Root>'.encode()


def not_offered(name: str, language: str) -> bytes:
    """A function of the library interface that has no known HTTP form (section 10)."""
    sentence = NOT_OFFERED_TEXT.get(language, NOT_OFFERED_TEXT["en"]).format(name=name)
    return f'{HEAD}<{name} Result="1" ErrorText="{sentence}"/></Root>'.encode()


def refused(function: str, error: AppError, language: str) -> bytes:
    """A refusal at status 200: Result 1, the sentence, the code."""
    name = NAMES.get(function, "GetCardInfoEx")
    sentence = attribute(sentence_of(error, language))
    code = error.wire_code
    inner = "/>"
    if name == "TransactionsEx":
        digits = code.removeprefix("SAC-").lstrip("0")
        inner = (
            f'><OutBuf OutKind="1"><TRRESPONSE error_code="{digits}" err_text="{sentence}"'
            f' error_text="{sentence}"/></OutBuf></TransactionsEx>'
        )
    return (
        f'{HEAD}<{name} Result="1" ErrorText="{sentence}" ErrorCode="{code}"{inner}</Root>'
    ).encode()


def found_email(account: int, card: int, name: str) -> bytes:
    """The reply of FindEmail."""
    return (
        f'{HEAD}<FindEmail Result="0" Account="{min(account, LARGEST)}" CardCode="{card}"'
        f' Name="{attribute(cut(name, HOLDER_LENGTH))}"/></Root>'
    ).encode()
