"""In which form a till is answered: XML, or the JSON variant (farcards.md 2, 11)."""

from __future__ import annotations

import base64
from typing import Any, Final, Protocol

import msgspec

from card_server.relay import farcards_writer as xml
from card_server.relay.coupon_buffers import Buffer
from card_server.relay.exchange import Answer
from card_server.relay.farcards_writer import PosCardView, Reply
from card_server.relay.formats import money
from shared.wire.errors import AppError

JSON_TYPE: Final = "application/json; charset=utf-8"


class Form(Protocol):
    """Turns what was decided into an answer."""

    def card_info(self, view: PosCardView) -> Answer:
        """GetCardInfoEx of something that exists."""
        ...

    def booked(self, reply: Reply) -> Answer:
        """TransactionsEx, all done."""
        ...

    def found_email(self, account: int, card: int, name: str) -> Answer:
        """FindEmail."""
        ...

    def no_picture(self, language: str) -> Answer:
        """GetCardImageEx without a picture."""
        ...

    def refused(self, function: str, error: AppError, language: str) -> Answer:
        """A refusal."""
        ...


class XmlForm:
    """The vendor's form."""

    def card_info(self, view: PosCardView) -> Answer:
        """GetCardInfoEx of something that exists."""
        return Answer(xml.card_info(view))

    def booked(self, reply: Reply) -> Answer:
        """TransactionsEx, all done."""
        return Answer(xml.booked(reply))

    def found_email(self, account: int, card: int, name: str) -> Answer:
        """FindEmail."""
        return Answer(xml.found_email(account, card, name))

    def no_picture(self, language: str) -> Answer:
        """GetCardImageEx without a picture."""
        return Answer(xml.no_picture(language))

    def refused(self, function: str, error: AppError, language: str) -> Answer:
        """A refusal at status 200."""
        return Answer(xml.refused(function, error, language), is_error=True)


class JsonForm:
    """The variant of some relays: sums in currency units, buffers in base64."""

    def card_info(self, view: PosCardView) -> Answer:
        """GetCardInfoEx of something that exists."""
        sums = view.limited_sums()
        info: dict[str, Any] = {
            "Deleted": view.deleted,
            "Grab": view.seize,
            "StopDate": view.stop_date,
            "Holy": view.holy,
            "Manager": view.manager,
            "Locked": view.locked,
            "WhyLock": xml.cut(view.why_lock),
            "Holder": xml.cut(view.holder, xml.HOLDER_LENGTH),
            "PersonID": view.person_id,
            "Account": min(view.account, xml.LARGEST),
            "Unpay": view.unpay,
            "Bonus": view.bonus,
            "Discount": view.discount,
            "DiscLimit": units(min(view.discount_limit, xml.NO_LIMIT)),
            "Summa": units(sums[0]),
        }
        info |= {f"Sum{i}": units(amount) for i, amount in enumerate(sums[1:], start=2)}
        info |= {
            "DopInfo": xml.cut(view.dop_info),
            "ScrMessage": xml.cut(view.screen),
            "PrnMessage": xml.cut(view.printer),
        }
        return _answer({"Result": 0, "CardInfo": info, **_out(view.buffer)})

    def booked(self, reply: Reply) -> Answer:
        """TransactionsEx, all done; without details there is nothing to say."""
        buffer = reply.buffer
        if reply.details or reply.slips:
            buffer = Buffer(1, xml.response(reply))
        return _answer({"Result": 0, **_out(buffer)})

    def found_email(self, account: int, card: int, name: str) -> Answer:
        """FindEmail."""
        return _answer(
            {
                "Result": 0,
                "Account": min(account, xml.LARGEST),
                "CardCode": card,
                "Name": xml.cut(name, xml.HOLDER_LENGTH),
            }
        )

    def no_picture(self, language: str) -> Answer:
        """GetCardImageEx without a picture."""
        sentence = xml.NO_PICTURE.get(language, xml.NO_PICTURE["en"])
        return _answer({"Result": 1, "ErrorText": sentence})

    def refused(self, function: str, error: AppError, language: str) -> Answer:
        """A refusal at status 200."""
        del function
        sentence = xml.sentence_of(error, language)
        return _answer({"Result": 1, "ErrorText": sentence, "ErrorCode": error.wire_code})


XML_FORM: Final = XmlForm()
JSON_FORM: Final = JsonForm()


def units(amount: int) -> msgspec.Raw:
    """Kopecks as a JSON number in currency units: `0`, `62.00`."""
    return msgspec.Raw(money(amount).encode() if amount else b"0")


def _out(buffer: Buffer | None) -> dict[str, Any]:
    if buffer is None:
        return {"OutBuf": None, "OutKind": 0}
    return {"OutBuf": base64.b64encode(buffer.xml.encode()).decode(), "OutKind": buffer.kind}


def _answer(document: dict[str, Any]) -> Answer:
    return Answer(msgspec.json.encode(document), content_type=JSON_TYPE)
