"""Holders, persons, contacts, consents, cards and accounts of the demo, written in batches."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Final

from sqlalchemy import Connection

from card_server.accounts import tables as account_tables
from card_server.cards import tables as card_tables
from card_server.demo.batches import Batches
from card_server.demo.draws import Draws
from card_server.demo.memory import CARD_GROUP, Opened
from card_server.demo.people import Guest, guests, profile
from card_server.demo.timeline import Period, moment_of, registered_s
from card_server.divisions.repository import IdBlocks
from card_server.holders import tables as holder_tables
from card_server.holders.rules import (
    EMAIL,
    PHONE,
    month_day,
    name_keys,
    normal_value,
    tail_of,
)

TYPES: Final = (1, 2, 3, 5)
GUESTS_GROUP: Final = 1
ISSUED, BOUND = 1, 2
KEEPING_DATA, MARKETING = 1, 2
ON_PAPER: Final = 1
SEARCHED: Final = ("search_name", "search_last", "search_first", "search_middle", "search_rest")
STD: Final = ("created_at", "updated_at")

Progress = Callable[[int, int], None]


class Population:
    """Writes guests and remembers their ids for the timeline."""

    def __init__(
        self,
        connection: Connection,
        *,
        draws: Draws,
        period: Period,
        ids: IdBlocks,
        levels: dict[int, int],
    ) -> None:
        self._draws = draws
        self._period = period
        self._ids = ids
        self._next_event = 0
        self.opened = Opened(TYPES, levels, GUESTS_GROUP)
        self._batches = batches = Batches(connection)
        batches.declare(
            holder_tables.holder,
            *("holder_id", "pos_number", "division_id", "group_id", "non_payer_type_id"),
            *("registered_at", "registered_unit_id", *STD),
        )
        batches.declare(
            holder_tables.person,
            *("holder_id", "l_name", "f_name", "m_name", "full_name", *SEARCHED),
            *("birth_date", "birth_md", "gender", "remarks"),
        )
        batches.declare(
            holder_tables.contact,
            *("contact_id", "holder_id", "contact_type_id", "value", "value_norm", "value_tail"),
            *("is_main", *STD),
        )
        batches.declare(
            holder_tables.consent,
            *("consent_id", "holder_id", "purpose", "channel", "granted", "at", "source"),
            "text_version",
        )
        batches.declare(
            account_tables.account,
            *("account_id", "owner_kind", "holder_id", "account_type_id", "level_id", "opened_at"),
            *STD,
        )
        batches.declare(
            card_tables.card,
            *("card_code", "holder_id", "state", "group_id", "range_id", "valid_from"),
            *("issued_at", "issued_unit_id", *STD),
        )
        batches.declare(
            card_tables.card_event,
            *("card_event_id", "card_code", "at", "event", "unit_id", "new_holder_id"),
        )

    def populate(self, count: int, units: int, progress: Progress | None) -> int:
        """Write the guests of `count` cards; returns how many holders there are."""
        draws = self._draws
        # numbers of changes are given singly, because the feed goes by them; here all at once
        self._next_event = self._ids.take_many("change", count)
        for guest in guests(count, draws):
            if guest.number < 0:
                self._unbound(guest.cards[0])
            else:
                self._guest(guest, 1 + draws.number("holder", guest.number, "home", units))
            if self._batches.is_full:
                self._batches.write()
                if progress is not None:
                    progress(guest.cards[-1], count)
        self._batches.write()
        return len(self.opened.holders)

    def _unbound(self, code: int) -> None:
        span = (self._period.end_s - self._period.begin_s) // 86_400
        day = self._draws.number("card", code, "made", max(1, span))
        made = moment_of(self._period.begin_s + day * 86_400)
        self._card(code, None, made, None)

    def _card(self, code: int, holder_id: int | None, at: datetime, unit_id: int | None) -> None:
        add, state = self._batches.add, 1 if holder_id is not None else 2
        day: date | None = at.date() if holder_id is not None else None
        issued = at if holder_id is not None else None
        add("card", code, holder_id, state, CARD_GROUP, 1, day, issued, unit_id, at, at)
        event = BOUND if holder_id is not None else ISSUED
        add("card_event", self._next_event, code, at, event, unit_id, holder_id)
        self._next_event += 1

    def _guest(self, guest: Guest, unit_id: int) -> None:
        ids, add, number = self._ids, self._batches.add, guest.number
        registered = registered_s(number, self._draws, self._period)
        at = moment_of(registered)
        holder_id, pos_number = ids.take("holder"), ids.take("pos_number")
        add("holder", holder_id, pos_number, 1, GUESTS_GROUP, 1, at, unit_id, at, at)
        who = profile(number, self._draws, self._period.as_of)
        names = (who.l_name, who.f_name, who.m_name, who.full_name)
        keys = name_keys(who.full_name, who.l_name, who.f_name, who.m_name).values()
        born = (who.birth, month_day(who.birth))
        add("person", holder_id, *names, *keys, *born, who.gender, who.remarks)
        for kind, value in ((PHONE, who.phone), (EMAIL, who.email)):
            if value is not None:
                norm = normal_value(value, kind)
                contact_id, tail = ids.take("contact"), tail_of(norm)
                add("contact", contact_id, holder_id, kind, value, norm, tail, True, at, at)
        consents = [KEEPING_DATA, MARKETING] if who.marketing else [KEEPING_DATA]
        for purpose in consents:
            key = ids.take("consent")
            add("consent", key, holder_id, purpose, None, True, at, ON_PAPER, "2024-1")
        account_ids = [ids.take("account") for _ in TYPES]
        for type_id, account_id in zip(TYPES, account_ids, strict=True):
            level = self.opened.levels.get(type_id)
            add("account", account_id, 1, holder_id, type_id, level, at, at, at)
        for code in guest.cards:
            self._card(code, holder_id, at, unit_id)
        self.opened.add(holder_id, pos_number, account_ids, guest.cards, registered)
