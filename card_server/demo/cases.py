"""The fixed cases on cards 10001 to 10024 (domain 6.3): who they are, as rows.

What happened to them is in `case_story`, through the real operations.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, insert

from card_server.accounts import tables as account_tables
from card_server.cards import tables as card_tables
from card_server.divisions.repository import IdBlocks
from card_server.holders import tables as holder_tables
from card_server.holders.rules import PHONE, month_day, name_keys, normal_value, tail_of

CASE_CARDS: Final = 24
FIRST_CASE: Final = 10_001
TYPES: Final = (1, 2, 3, 5)
BONUS, DEBIT, SPENT, OWED = 1, 3, 5, 82
ACTIVE, INACTIVE, VOIDED = 1, 2, 3
STAFF_CARD: Final = 4
STAFF_HOLDERS, STAFF_CARDS = 3, 12
ISSUED, BOUND, VOIDED_EVENT, REPLACED = 1, 2, 8, 9
CASE_PHONES: Final = 9_990_000
"""Phones of the cases are counted from here: no guest has them."""


class Case(msgspec.Struct, kw_only=True, frozen=True):
    """One fixed case: the number of its card, the name, and what differs from an ordinary guest."""

    number: int
    name: tuple[str, str]
    holder: dict[str, Any] = {}
    card: dict[str, Any] = {}
    birth: str = "1985-05-05"
    phone: str | None = None
    owed: bool = False


CASES: Final = (
    Case(number=1, name=("Примерова", "Пелагея")),
    Case(number=2, name=("Запертов", "Захар")),
    Case(number=3, name=("Срокова", "Софья"), card={"valid_to": -10}),
    Case(number=5, name=("Спящев", "Степан"), card={"state": INACTIVE}),
    Case(number=7, name=("Заменова", "Зоя")),
    Case(number=8, name=("Минусов", "Матвей")),
    Case(number=9, name=("Ожидалова", "Ольга")),
    Case(number=10, name=("Горящев", "Глеб")),
    Case(number=11, name=("Сгорелова", "Серафима")),
    Case(number=12, name=("Почтев", "Павел")),
    Case(number=13, name=("Ровнова", "Раиса")),
    Case(number=14, name=("Именинников", "Илья"), birth="today"),
    Case(number=15, name=("Високосова", "Вера"), birth="1992-02-29"),
    Case(number=16, name=("Двойников", "Фёдор"), birth="1979-09-09", phone="+7 000 999-77-16"),
    Case(number=17, name=("ДВОЙНИКОВ", "Федор"), birth="1979-09-09", phone="8 (000) 999 77 16"),
    Case(number=18, name=("Слиянова", "Светлана")),
    Case(number=19, name=("Резервов", "Роман")),
    Case(number=20, name=("Долгова", "Дарья"), owed=True),
    Case(number=21, name=("", ""), holder={"is_anonymous": True}, birth=""),
    Case(number=22, name=("Узков", "Устин"), card={"limited_accounts": True}),
    Case(number=23, name=("Забытова", "Злата")),
    Case(
        number=24,
        name=("Поваров", "Прохор"),
        holder={"group_id": STAFF_HOLDERS},
        card={"kind": STAFF_CARD, "group_id": STAFF_CARDS},
    ),
    Case(number=118, name=("Слиянова", "Света"), phone="+7 000 999-77-18"),
)
"""Card 10004 has no holder, 10006 is 10007's old card, 118 is merged into the holder of 10018."""


class Holders(msgspec.Struct):
    """Ids of the cases' holders by case number, and of their accounts by number and type."""

    holders: dict[int, int] = {}
    accounts: dict[tuple[int, int], int] = {}


def make_cases(
    connection: Connection, ids: IdBlocks, *, as_of: date, now: datetime, levels: dict[int, int]
) -> Holders:
    """Write holders, persons, accounts and cards of the cases as they are before their story."""
    made = Holders({}, {})
    for case in CASES:
        _holder(connection, ids, case, made, as_of, now, levels)
    std = {"created_at": now, "updated_at": now}
    plain = {"state": INACTIVE, "group_id": 11, "range_id": 1, **std}
    _card(connection, ids, FIRST_CASE + 3, None, plain, now)
    replaced = {
        **plain,
        "state": VOIDED,
        "holder_id": made.holders[7],
        "replaced_by": FIRST_CASE + 6,
        "valid_from": now.date(),
    }
    _card(connection, ids, FIRST_CASE + 5, made.holders[7], replaced, now)
    for event in (VOIDED_EVENT, REPLACED):
        _event(connection, ids, FIRST_CASE + 5, event, now, made.holders[7])
    limited = {"card_code": FIRST_CASE + 21, "account_id": made.accounts[22, DEBIT]}
    connection.execute(insert(card_tables.card_account).values(**limited))
    return made


def _holder(
    connection: Connection,
    ids: IdBlocks,
    case: Case,
    made: Holders,
    as_of: date,
    now: datetime,
    levels: dict[int, int],
) -> None:
    std = {"created_at": now, "updated_at": now}
    holder_id = made.holders[case.number] = ids.take("holder")
    values = {
        "holder_id": holder_id,
        "pos_number": ids.take("pos_number"),
        "division_id": 1,
        "group_id": 1,
        "non_payer_type_id": 1,
        "registered_at": now,
        **case.holder,
    }
    connection.execute(insert(holder_tables.holder).values(**values, **std))
    _person(connection, ids, case, holder_id, as_of, std)
    for type_id in (*TYPES, OWED) if case.owed else TYPES:
        account_id = made.accounts[case.number, type_id] = ids.take("account")
        connection.execute(
            insert(account_tables.account).values(
                account_id=account_id,
                owner_kind=1,
                holder_id=holder_id,
                account_type_id=type_id,
                level_id=levels.get(type_id),
                opened_at=now,
                **std,
            )
        )
    if case.number <= CASE_CARDS:
        card = {"state": ACTIVE, "group_id": 11, "range_id": 1, "valid_from": now.date(), **std}
        card |= case.card
        if "valid_to" in case.card:
            card["valid_to"] = as_of + timedelta(days=case.card["valid_to"])
        _card(connection, ids, FIRST_CASE - 1 + case.number, holder_id, card, now)


def _person(
    connection: Connection,
    ids: IdBlocks,
    case: Case,
    holder_id: int,
    as_of: date,
    std: dict[str, Any],
) -> None:
    last, first = case.name
    full = f"{last} {first}".strip()
    birth = _birth(case.birth, as_of)
    connection.execute(
        insert(holder_tables.person).values(
            holder_id=holder_id,
            l_name=last or None,
            f_name=first or None,
            full_name=full,
            **name_keys(full, last or None, first or None, None),
            birth_date=birth,
            birth_md=month_day(birth),
        )
    )
    if not full:
        return
    digits = f"{CASE_PHONES + case.number:07d}"
    phone = case.phone or f"+7 000 {digits[:3]}-{digits[3:5]}-{digits[5:]}"
    connection.execute(
        insert(holder_tables.contact).values(
            contact_id=ids.take("contact"),
            holder_id=holder_id,
            contact_type_id=PHONE,
            value=phone,
            value_norm=(norm := normal_value(phone, PHONE)),
            value_tail=tail_of(norm),
            is_main=True,
            **std,
        )
    )


def _birth(text: str, as_of: date) -> date | None:
    if text == "today":
        return as_of.replace(year=1988)
    return date.fromisoformat(text) if text else None


def _card(
    connection: Connection,
    ids: IdBlocks,
    code: int,
    holder_id: int | None,
    values: dict[str, Any],
    now: datetime,
) -> None:
    row = {**values, "card_code": code, "holder_id": holder_id}
    if holder_id is not None:
        row["issued_at"] = now
    connection.execute(insert(card_tables.card).values(**row))
    _event(connection, ids, code, BOUND if holder_id else ISSUED, now, holder_id)


def _event(
    connection: Connection,
    ids: IdBlocks,
    code: int,
    event: int,
    now: datetime,
    holder_id: int | None,
) -> None:
    connection.execute(
        insert(card_tables.card_event).values(
            card_event_id=ids.take("change"),
            card_code=code,
            at=now,
            event=event,
            new_holder_id=holder_id,
        )
    )
