"""What becomes of a row: a new guest, a known one, a card to be made or bound, or a fault.

The same decisions are taken by the dry run and by the import.
"""

from __future__ import annotations

from typing import Final

import msgspec

from card_server.accounts.records import CLASS_CERTIFICATE
from card_server.cards.records import CARD_BLOCKED, CARD_VOIDED
from card_server.exchange.known import CardFound, Known, RangeFound
from card_server.exchange.records import Draft, House
from shared.wire import imports as wire
from shared.wire.errors import AppError, ErrorCode

NAMES: Final = ("l_name", "f_name", "full_name")


class Rights(msgspec.Struct, frozen=True, kw_only=True):
    """What the user who ordered the work may do, as it was then."""

    divisions: tuple[int, ...] | None = None
    any_card: bool = False

    def need_division(self, division_id: int) -> None:
        """Refuse a guest or a range of a division that is not the user's."""
        if self.divisions is not None and division_id not in self.divisions:
            raise AppError(ErrorCode.DIVISION_FOREIGN, division=division_id)


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be done with a row."""

    leave_out: bool = False
    holder_id: int | None = None
    """The guest that is there already."""
    new_guest: bool = False
    edit_guest: bool = False
    card: CardFound | None = None
    new_card: bool = False
    span: RangeFound | None = None


class Judge:
    """Decides rows of one batch."""

    def __init__(self, kind: int, mapping: wire.Mapping, house: House, rights: Rights) -> None:
        self._kind = kind
        self._mapping = mapping
        self._house = house
        self._rights = rights

    def decide(self, draft: Draft, known: Known) -> Decision:
        """What to do with a row; its fault as a refusal."""
        if self._kind == wire.CARDS:
            return self._card(draft, known)
        found = self._found(draft, known, self._mapping.match)
        if self._kind == wire.OPENING:
            return self._balance(draft, found)
        return self._guest(draft, known, found)

    def key_of(self, draft: Draft) -> str:
        """How the row names its guest; empty if it does not."""
        return {
            "card_code": str(draft.card_code or ""),
            "phone": draft.phone,
            "external_code": str(draft.holder.get("external_code") or ""),
            "holder_id": str(draft.holder_id or ""),
        }.get(self._mapping.match, "")

    # ------------------------------------------------------------------ guests

    def _found(self, draft: Draft, known: Known, match: str) -> int | None:
        """The guest that a row names; None if there is none or the row names none."""
        ids: set[int] = set()
        if match == "card_code" and draft.card_code is not None:
            card = known.cards.get(draft.card_code)
            if card is None or card.is_deleted:
                raise _of_card(ErrorCode.CARD_NOT_FOUND, draft.card_code)
            if card.holder_id is None:
                raise _of_card(ErrorCode.CARD_UNBOUND, draft.card_code)
            ids = {card.holder_id}
        elif match == "holder_id" and draft.holder_id is not None:
            ids = {draft.holder_id}
        elif match == "phone":
            ids = known.by_phone.get(draft.phone, set())
        elif match == "external_code":
            ids = known.by_external.get(draft.holder.get("external_code", ""), set())
        if len(ids) > 1:
            raise AppError(ErrorCode.HOLDERS_MANY, count=len(ids), field=match)
        for holder_id in ids:
            division_id = known.divisions.get(holder_id)
            if division_id is None:
                raise AppError(ErrorCode.HOLDER_NOT_FOUND, field=match)
            self._rights.need_division(division_id)
            return holder_id
        return None

    def _guest(self, draft: Draft, known: Known, found: int | None) -> Decision:
        if found is not None and self._mapping.on_match == wire.SKIP:
            return Decision(leave_out=True, holder_id=found)
        if found is not None and self._mapping.on_match == wire.REFUSE:
            raise AppError(
                ErrorCode.VALUE_TAKEN, field=self._mapping.match, value=self.key_of(draft)[:60]
            )
        self._check_contacts(draft, known, found)
        if found is None:
            _need_name(draft)
        return Decision(holder_id=found, new_guest=found is None, edit_guest=found is not None)

    def _check_contacts(self, draft: Draft, known: Known, own: int | None) -> None:
        for part in draft.contacts:
            most = self._house.contact_types[part.type_id].max_holders
            others = known.takers.get((part.type_id, part.norm), set()) - {own}
            if most is not None and len(others) >= most:
                raise AppError(
                    ErrorCode.CONTACT_TAKEN,
                    field=f"contact.{part.type_id}",
                    value=part.value[:60],
                    limit=most,
                    n=most,
                )

    # ------------------------------------------------------------------ cards

    def _card(self, draft: Draft, known: Known) -> Decision:
        code = draft.card_code or 0
        card = known.cards.get(code)
        if card is not None and not card.is_deleted:
            return self._known_card(draft, known, card)
        if card is not None and card.state == CARD_VOIDED:
            raise _of_card(ErrorCode.CARD_DELETED, code)
        span = known.range_of(code)
        if span is None and not self._rights.any_card:
            raise _of_card(ErrorCode.CARD_OUT_OF_RANGE, code)
        if span is not None:
            self._rights.need_division(span.division_id)
        self._check_carrier(draft, known)
        found = self._found(draft, known, self._mapping.match)
        guest = self._owner(draft, known, found)
        return Decision(
            holder_id=found,
            new_guest=guest.new_guest,
            edit_guest=guest.edit_guest,
            card=card,
            new_card=True,
            span=span,
        )

    def _known_card(self, draft: Draft, known: Known, card: CardFound) -> Decision:
        if self._mapping.on_match == wire.SKIP:
            return Decision(leave_out=True, holder_id=card.holder_id, card=card)
        if self._mapping.on_match == wire.REFUSE:
            raise AppError(ErrorCode.VALUE_TAKEN, field="card_code", value=str(card.card_code))
        if card.state == CARD_VOIDED:
            raise _of_card(ErrorCode.CARD_DELETED, card.card_code)
        self._check_carrier(draft, known)
        if card.holder_id is not None:
            division_id = known.divisions.get(card.holder_id)
            if division_id is None:
                raise AppError(ErrorCode.HOLDER_NOT_FOUND, field="card_code")
            self._rights.need_division(division_id)
        elif card.state == CARD_BLOCKED and draft.names_guest:
            raise _of_card(ErrorCode.CARD_BLOCKED, card.card_code)
        found = self._found(draft, known, self._mapping.match)
        if found is not None and card.holder_id not in (None, found):
            raise _of_card(ErrorCode.CARD_TAKEN, card.card_code)
        owner = found if found is not None else card.holder_id
        guest = self._owner(draft, known, owner)
        return Decision(
            holder_id=owner, new_guest=guest.new_guest, edit_guest=guest.edit_guest, card=card
        )

    def _owner(self, draft: Draft, known: Known, found: int | None) -> Decision:
        """The guest of a card: the one that is known, a new one, or nobody."""
        if not draft.names_guest:
            return Decision(holder_id=found)
        if found is not None and self._mapping.on_match != wire.UPDATE:
            return Decision(holder_id=found)
        self._check_contacts(draft, known, found)
        if found is None:
            _need_name(draft)
        return Decision(holder_id=found, new_guest=found is None, edit_guest=found is not None)

    def _check_carrier(self, draft: Draft, known: Known) -> None:
        carrier = draft.card.get("carrier_data")
        owner = known.carriers.get(carrier or "")
        if owner is not None and owner != draft.card_code:
            raise AppError(ErrorCode.VALUE_TAKEN, field="carrier_data", value=str(carrier)[:60])

    # ------------------------------------------------------------------ balances

    def _balance(self, draft: Draft, found: int | None) -> Decision:
        if found is None:
            raise AppError(
                ErrorCode.HOLDER_NOT_FOUND,
                field=self._mapping.match,
                value=self.key_of(draft)[:60],
            )
        for part in draft.balances:
            kind = self._house.account_types[part.account_type_id]
            if kind.account_class == CLASS_CERTIFICATE:
                raise AppError(
                    ErrorCode.DICT_VALUE_UNKNOWN, field="account_type", value=kind.name[:60]
                )
        return Decision(holder_id=found, leave_out=not draft.balances)


def _of_card(code: ErrorCode, card: int) -> AppError:
    return AppError(code, field="card_code", card=card, code=card, reason="")


def _need_name(draft: Draft) -> None:
    """A new guest has a name, or at least something to be found by."""
    if any(draft.person.get(name) for name in NAMES):
        return
    if not (draft.contacts or draft.holder.get("external_code")):
        raise AppError(ErrorCode.NAME_MISSING, field="l_name")
