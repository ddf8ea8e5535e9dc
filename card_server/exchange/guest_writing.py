"""A decided row of guests or cards is written: through the editors of guests, journalled."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Connection, select

from card_server.accounts.opening import AccountDesk
from card_server.cards import tables as card_tables
from card_server.cards.batch_making import FRESH
from card_server.cards.guests import account_types_now, rungs_now
from card_server.cards.issuing import BOUND, ISSUED, last_day
from card_server.cards.records import CARD_ACTIVE, KIND_PLASTIC
from card_server.cards.service import MOVES, leave_event
from card_server.db.change_log import Action
from card_server.exchange.deciding import Decision
from card_server.exchange.guest_rows import GuestRows
from card_server.exchange.known import CardFound, RangeFound
from card_server.exchange.records import OWNER_CARD, OWNER_HOLDER, Draft, House
from card_server.exchange.repository import Made
from card_server.holders import service, tables
from card_server.holders.records import AddressWish, ContactWish, PersonWish
from card_server.holders.workbench import Workbench
from card_server.jobs.running import Pass
from card_server.licences.repository import check_issue, may_issue
from shared.wire import imports as wire
from shared.wire.errors import AppError, ErrorCode

BY_IMPORT: Final = 5
"""The source of a consent (domain 1.3)."""
VALUE_COLUMNS: Final = ("property_value_id", "value_text", "value_num", "value_date")


class GuestWriter:
    """Writes the rows of one piece of a batch."""

    def __init__(
        self,
        how: Pass,
        house: House,
        mapping: wire.Mapping,
        *,
        batch_id: int,
        division_id: int,
        user_id: int | None,
        counts_cards: bool = False,
    ) -> None:
        self._house = house
        self._mapping = mapping
        self._batch_id = batch_id
        self._bench = Workbench(
            connection=how.connection,
            ids=how.ids,
            log=how.log,
            now=how.now,
            today=how.now.date(),
            division_id=division_id,
            user_id=user_id,
            country=house.country,
            default_group=mapping.group_id or house.default_group,
            holder_groups=house.holder_groups,
            card_groups=house.card_groups,
        )
        self._accounts = AccountDesk(
            self._bench, account_types_now(how.connection), rungs_now(how.connection)
        )
        self._rows = GuestRows(self._bench, how.ids, self._accounts)
        self._may_issue = False
        self._counts_cards = counts_cards
        self._new_cards = 0

    def finish(self) -> None:
        """Write what waits for the end of the piece."""
        if self._new_cards:
            may_issue(self._bench.connection, self._new_cards)
        self._rows.write()

    def write(self, draft: Draft, decision: Decision) -> Made:
        """Make or change what the row says; gives back what the undo needs."""
        made = Made()
        holder_id = decision.holder_id
        if decision.edit_guest:
            self._rows.write()  # the guest may be of a row before
        if decision.new_guest:
            holder_id = made.holder_id = self._add_guest(draft)
        elif decision.edit_guest and holder_id is not None:
            self._edit_guest(holder_id, draft)
            made.changed_holder_id = holder_id
        if decision.new_card:
            self._add_card(draft, decision.span, holder_id, decision.card)
            made.card_code = draft.card_code
        elif decision.card is not None:
            self._edit_card(draft, decision.card, holder_id, made)
        return made

    # ------------------------------------------------------------------ guests

    def _check_licence(self) -> None:
        """New guests and cards stop when no licence allows them; asked once a piece."""
        if not self._may_issue:
            check_issue(self._bench.connection)
            self._may_issue = True

    def _wish(self, draft: Draft) -> PersonWish:
        address = AddressWish(values=dict(draft.address), type_id=draft.address_type_id)
        return PersonWish(
            values=dict(draft.person),
            holder=dict(draft.holder),
            contacts=[
                ContactWish(type_id=part.type_id, values={"value": part.value})
                for part in draft.contacts
            ],
            addresses=[address] if draft.address else [],
        )

    def _add_guest(self, draft: Draft) -> int:
        self._check_licence()
        wish = self._wish(draft)
        address = wish.addresses[0] if wish.addresses else None
        holder_id = self._rows.guest(wish, draft.contacts, address)
        self._further(holder_id, draft, is_new=True)
        return holder_id

    def _edit_guest(self, holder_id: int, draft: Draft) -> None:
        service.edit_holder(self._bench, holder_id, self._wish(draft))
        self._further(holder_id, draft, is_new=False)

    def _further(self, holder_id: int, draft: Draft, *, is_new: bool) -> None:
        bench = self._bench
        for part in draft.consents:
            self._rows.add(
                tables.consent,
                {
                    "holder_id": holder_id,
                    "purpose": part.purpose,
                    "channel": part.channel,
                    "granted": part.granted,
                    "at": bench.now,
                    "source": BY_IMPORT,
                    "evidence": f"import {self._batch_id}, {draft.row_no}",
                    "user_id": bench.user_id,
                },
            )
        self._put_properties(OWNER_HOLDER, holder_id, draft, is_new=is_new)

    def _put_properties(
        self, owner_kind: int, owner_id: int, draft: Draft, *, is_new: bool
    ) -> None:
        link, log = tables.property_link, self._bench.log
        for part in draft.properties:
            if part.owner_kind != owner_kind:
                continue
            key = {
                "owner_kind": owner_kind,
                "owner_id": owner_id,
                "property_id": part.property_id,
            }
            values = {**dict.fromkeys(VALUE_COLUMNS), part.column: part.value}
            if not is_new and _is_there(self._bench.connection, key):
                log.edit(link, key, values, is_personal=part.is_personal)
            else:
                self._rows.add(link, {**key, **values})

    # ------------------------------------------------------------------ cards

    def _add_card(
        self, draft: Draft, span: RangeFound | None, holder_id: int | None, old: CardFound | None
    ) -> None:
        self._check_licence()
        self._new_cards += self._counts_cards
        bench, code = self._bench, draft.card_code or 0
        group_id = self._mapping.card_group_id or (span.card_group_id if span else None)
        values: dict[str, Any] = {
            "state": CARD_ACTIVE,
            "kind": KIND_PLASTIC,
            "group_id": group_id if group_id in bench.card_groups else None,
            "valid_from": bench.today,
            "valid_to": last_day(bench.today, span.valid_months) if span else None,
            **draft.card,
            "holder_id": holder_id,
            "range_id": span.range_id if span else None,
            "issued_at": bench.now,
            "issued_by": bench.user_id,
            "batch_id": self._batch_id,
        }
        if old is None:
            self._rows.add(card_tables.card, {"card_code": code, **values})
        else:
            self._rows.write()  # the guest it is bound to
            fresh = {**FRESH, **values}
            bench.log.edit(card_tables.card, {"card_code": code}, fresh, action=Action.RESTORE)
        self._rows.add(
            card_tables.card_event,
            {
                "card_code": code,
                "at": bench.now,
                "event": ISSUED,
                "user_id": bench.user_id,
                "new_holder_id": holder_id,
            },
        )
        self._put_properties(OWNER_CARD, code, draft, is_new=old is None)

    def _edit_card(self, draft: Draft, old: CardFound, holder_id: int | None, made: Made) -> None:
        self._rows.write()  # its guest, or the card itself, may be of a row before
        bench, code = self._bench, old.card_code
        changes = dict(draft.card)
        state = changes.get("state", old.state)
        event = MOVES.get((old.state, state))
        if state != old.state and event is None:
            raise AppError(
                ErrorCode.WRONG_STATE, event="import", object=str(code), state=str(old.state)
            )
        if state == old.state and state != CARD_ACTIVE:
            changes.pop("block_reason", None)
        is_bound = holder_id is not None and old.holder_id is None
        if is_bound:
            changes["holder_id"] = holder_id
        changed = bench.log.edit(card_tables.card, {"card_code": code}, changes)
        if state != old.state and event is not None:
            leave_event(bench, code, event, reason=changes.get("block_reason"))
        if is_bound:
            leave_event(bench, code, BOUND, new_holder_id=holder_id)
            made.bound_code = code
        if changed is not None and (changes.keys() - {"holder_id"}):
            made.changed_code = code
        self._put_properties(OWNER_CARD, code, draft, is_new=False)


def _is_there(connection: Connection, key: dict[str, int]) -> bool:
    link = tables.property_link
    terms = [link.c[name] == value for name, value in key.items()]
    found = connection.execute(select(link.c.property_id).where(*terms)).first()
    return found is not None
