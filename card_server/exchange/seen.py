"""What a dry run has seen of a file, so that doubles inside it are found before the import."""

from __future__ import annotations

from typing import Any

from card_server.exchange.deciding import Decision, Judge
from card_server.exchange.records import Draft, House
from shared.wire import imports as wire
from shared.wire.errors import AppError, ErrorCode


class Seen:
    """Keys of the rows before; a double that the import would refuse is refused here."""

    def __init__(self, judge: Judge, house: House, mapping: wire.Mapping) -> None:
        self._judge = judge
        self._house = house
        self._mapping = mapping
        self._cards: dict[int, int] = {}
        self._carriers: dict[str, int] = {}
        self._guests: dict[str, int] = {}
        self._owners: dict[tuple[int, str], dict[str, int]] = {}

    def check(self, draft: Draft, decision: Decision) -> None:
        """Raise `ROW_TWICE` for a double, else remember the row."""
        if decision.leave_out or draft.balances:
            return
        if decision.new_card or decision.card is not None:
            self._once(self._cards, draft.card_code or 0, draft.row_no, "card_code")
        carrier = draft.card.get("carrier_data")
        if carrier:
            self._once(self._carriers, carrier, draft.row_no, "carrier_data")
        key = self._judge.key_of(draft)
        if key and decision.new_guest:
            is_card = decision.new_card or decision.card is not None
            if self._mapping.on_match == wire.REFUSE and not is_card:
                self._once(self._guests, key, draft.row_no, self._mapping.match)
        self._contacts(draft, decision, key)

    @staticmethod
    def _once(known: dict[Any, int], key: int | str, row_no: int, field: str) -> None:
        before = known.setdefault(key, row_no)
        if before != row_no:
            raise AppError(ErrorCode.ROW_TWICE, field=field, value=str(key)[:60], row=before)

    def _contacts(self, draft: Draft, decision: Decision, key: str) -> None:
        """As many guests of the file may share a contact as its type allows."""
        owner = str(decision.holder_id or key or f"row {draft.row_no}")
        for part in draft.contacts:
            most = self._house.contact_types[part.type_id].max_holders
            owners = self._owners.setdefault((part.type_id, part.norm), {})
            if most is not None and owner not in owners and len(owners) >= most:
                raise AppError(
                    ErrorCode.ROW_TWICE,
                    field=f"contact.{part.type_id}",
                    value=part.value[:60],
                    row=next(iter(owners.values())),
                )
            owners.setdefault(owner, draft.row_no)
