"""Rows as wishes: each cell goes to its field, what cannot be read becomes a fault of the row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Final

from card_server.cards import tables as card_tables
from card_server.cards.records import CARD_ACTIVE, CARD_BLOCKED, CARD_INACTIVE
from card_server.db.editing import check_texts
from card_server.exchange import rules
from card_server.exchange.records import (
    OWNER_CARD,
    OWNER_HOLDER,
    BalancePart,
    Cell,
    ConsentPart,
    ContactPart,
    Draft,
    Fault,
    Formats,
    House,
    PropertyPart,
)
from card_server.holders import tables
from card_server.holders.rules import PHONE, check_contact, fold, good_birth, normal_phone
from shared.wire import imports as wire
from shared.wire.errors import AppError, ErrorCode

PERSON_TEXTS: Final = frozenset("l_name f_name m_name full_name source remarks inn".split())  # noqa: SIM905 - a list of names reads best as words
PLACES: Final = frozenset({"country", "city", "street", "metro_station"})
CARD_DAYS: Final = frozenset({"valid_from", "valid_to"})
LEDGER_DAYS: Final = frozenset({"business_date", "available_on", "expires_on"})
CHOICES: Final = {
    "gender": {0: "неизвестно unknown", 1: "м муж мужской m male", 2: "ж жен женский f w female"},
    "marital": {0: "неизвестно unknown", 1: "нет no single холост", 2: "да yes married женат"},
    "card_state": {
        CARD_ACTIVE: "активна активная активен active ok",
        CARD_INACTIVE: "неактивна неактивная inactive",
        CARD_BLOCKED: "заблокирована блокирована blocked",
    },
    "card_kind": {
        1: "пластиковая пластик plastic",
        2: "виртуальная virtual",
        3: "временная temporary",
        4: "служебная сотрудник staff",
    },
}
YES_NO, INTEGER, AMOUNT, DAY, LIST = 1, 2, 3, 4, 5
"""Types of properties (domain 1.3)."""
LARGEST_ID: Final = (1 << 63) - 1
EARLIEST, LATEST = date(1990, 1, 1), date(2199, 12, 31)


def fault_of(error: AppError, field: str = "", value: Cell = None) -> Fault:
    """A refusal as a fault of a row."""
    shown = rules.text_of(value)[:60] or str(error.facts.get("value") or "")[:60]
    where = field or str(error.facts.get("field") or "")
    return Fault(code=error.code.value, field=where, value=shown, facts=dict(error.facts))


class Drafter:
    """Reads the rows of a batch by its mapping."""

    def __init__(self, kind: int, mapping: wire.Mapping, house: House, today: date) -> None:
        self._kind = kind
        self._mapping = mapping
        self._house = house
        self._today = today
        self._formats = Formats(dates=mapping.dates, decimal=mapping.decimal, country=house.country)
        self._uses = [(use.column, use.field, self._reader(use.field)) for use in mapping.columns]

    def draft(self, row_no: int, cells: Sequence[Cell]) -> Draft:
        """A row as it is understood, with its faults."""
        draft = Draft(row_no=row_no)
        for column, field, put in self._uses:
            cell = cells[column] if column < len(cells) else None
            if rules.text_of(cell) == "":
                continue
            try:
                put(draft, field, cell)
            except AppError as error:
                draft.faults.append(fault_of(error, field, cell))
        if not draft.faults:
            try:
                self._complete(draft)
            except AppError as error:
                draft.faults.append(fault_of(error))
        return draft

    # ------------------------------------------------------------------ one field

    def _reader(self, field: str) -> Callable[[Draft, str, Cell], None]:
        family = field.partition(".")[0]
        many = {
            "contact": self._contact,
            "consent": self._consent,
            "property": self._property,
            "address": self._address,
            "amount": self._amount,
        }
        if family in many:
            return many[family]
        if field in PERSON_TEXTS and self._kind != wire.OPENING:
            return self._person_text
        if field in CARD_DAYS:
            return self._card_day
        if field in LEDGER_DAYS:
            return self._ledger_day
        one: Callable[[Draft, str, Cell], None] = getattr(self, f"_{field}")
        return one

    def _person_text(self, draft: Draft, field: str, cell: Cell) -> None:
        draft.person[field] = _fitting(tables.person, field, cell)

    def _birth_date(self, draft: Draft, field: str, cell: Cell) -> None:
        birth = rules.day(cell, self._formats, self._today)
        if good_birth(birth, self._today) is None:
            raise AppError(ErrorCode.FIELD_BAD, field=field, value=birth.isoformat())
        draft.person[field] = birth

    def _gender(self, draft: Draft, field: str, cell: Cell) -> None:
        draft.person[field] = _choice(field, cell)

    _marital = _gender

    def _smokes(self, draft: Draft, field: str, cell: Cell) -> None:
        draft.person[field] = rules.flag(cell)

    def _verified(self, draft: Draft, field: str, cell: Cell) -> None:
        draft.holder[field] = rules.flag(cell)

    def _external_code(self, draft: Draft, field: str, cell: Cell) -> None:
        rules.digits_kept(cell)
        draft.holder[field] = _fitting(tables.holder, field, cell)

    def _holder_id(self, draft: Draft, field: str, cell: Cell) -> None:
        rules.digits_kept(cell)
        text = rules.text_of(cell)
        if not (text.isascii() and text.isdigit()) or int(text[:20]) > LARGEST_ID:
            raise AppError(ErrorCode.FIELD_BAD, field=field, value=text[:60])
        draft.holder_id = int(text)

    def _holder_group(self, draft: Draft, field: str, cell: Cell) -> None:
        draft.holder["group_id"] = _named(self._house.holder_groups, field, cell)

    def _non_payer_type(self, draft: Draft, field: str, cell: Cell) -> None:
        draft.holder["non_payer_type_id"] = _named(self._house.non_payer_types, field, cell)

    def _contact(self, draft: Draft, field: str, cell: Cell) -> None:
        kind = self._house.contact_types.get(_number_of(field, 1))
        if kind is None:
            raise AppError(ErrorCode.DICT_VALUE_UNKNOWN, field=field, value=field)
        if kind.contact_class == PHONE:
            rules.digits_kept(cell)
        text = rules.text_of(cell)
        for part in text.replace(",", ";").split(";") if kind.contact_class == PHONE else [text]:
            value = part.strip()
            if not value:
                continue
            check_texts(tables.contact, {"value": value})
            norm = check_contact(value, kind.contact_class, self._formats.country)
            found = ContactPart(
                type_id=kind.type_id, contact_class=kind.contact_class, value=value, norm=norm
            )
            if kind.contact_class == PHONE and not draft.phone:
                draft.phone = norm
            if all((known.type_id, known.norm) != (kind.type_id, norm) for known in draft.contacts):
                draft.contacts.append(found)

    def _phone(self, draft: Draft, field: str, cell: Cell) -> None:  # noqa: ARG002 - one shape for all fields
        rules.digits_kept(cell)
        check_contact(rules.text_of(cell), PHONE, self._formats.country)
        draft.phone = normal_phone(rules.text_of(cell), self._formats.country)

    def _consent(self, draft: Draft, field: str, cell: Cell) -> None:
        purpose, channel = _number_of(field, 1), _number_of(field, 2)
        granted = rules.flag(cell)
        draft.consents.append(
            ConsentPart(purpose=purpose, channel=channel or None, granted=granted)
        )

    def _address(self, draft: Draft, field: str, cell: Cell) -> None:
        part = field.partition(".")[2]
        if part == "type":
            draft.address_type_id = _named(self._house.address_types, field, cell)
        elif part in PLACES:
            draft.address[part] = _fitting(getattr(tables, part), "name", cell)
        else:
            draft.address[part] = _fitting(tables.address, part, cell)

    def _property(self, draft: Draft, field: str, cell: Cell) -> None:
        kind = self._house.properties.get(_number_of(field, 1))
        if kind is None:
            raise AppError(ErrorCode.DICT_VALUE_UNKNOWN, field=field, value=field)
        column, value = self._property_value(kind.property_type, kind.values, field, cell)
        of_card = not kind.applies_to & OWNER_HOLDER
        draft.properties.append(
            PropertyPart(
                property_id=kind.property_id,
                column=column,
                value=value,
                is_personal=kind.is_personal,
                owner_kind=OWNER_CARD if of_card else OWNER_HOLDER,
            )
        )

    def _property_value(
        self, kind: int, items: Mapping[str, int], field: str, cell: Cell
    ) -> tuple[str, str | int | date]:
        if kind == YES_NO:
            return "value_num", int(rules.flag(cell))
        if kind == INTEGER:
            return "value_num", rules.integer(cell, self._formats)
        if kind == AMOUNT:
            return "value_num", rules.amount(cell, self._formats)
        if kind == DAY:
            return "value_date", rules.day(cell, self._formats, self._today)
        if kind == LIST:
            found = items.get(fold(rules.text_of(cell)))
            if found is None:
                raise AppError(
                    ErrorCode.DICT_VALUE_UNKNOWN, field=field, value=rules.text_of(cell)[:60]
                )
            return "property_value_id", found
        return "value_text", _fitting(tables.property_link, "value_text", cell)

    # ------------------------------------------------------------------ cards

    def _card_code(self, draft: Draft, field: str, cell: Cell) -> None:  # noqa: ARG002 - one shape for all fields
        draft.card_code = rules.card_code(cell)

    def _card_group(self, draft: Draft, field: str, cell: Cell) -> None:
        draft.card["group_id"] = _named(self._house.card_groups, field, cell)

    def _card_kind(self, draft: Draft, field: str, cell: Cell) -> None:
        draft.card["kind"] = _choice(field, cell)

    def _card_state(self, draft: Draft, field: str, cell: Cell) -> None:
        draft.card["state"] = _choice(field, cell)

    def _block_reason(self, draft: Draft, field: str, cell: Cell) -> None:
        draft.card[field] = _fitting(card_tables.card, field, cell)

    def _carrier_data(self, draft: Draft, field: str, cell: Cell) -> None:
        rules.digits_kept(cell)
        draft.card[field] = _fitting(card_tables.card, field, cell)

    def _card_day(self, draft: Draft, field: str, cell: Cell) -> None:
        draft.card[field] = self._near_day(field, cell)

    # ------------------------------------------------------------------ balances

    def _amount(self, draft: Draft, field: str, cell: Cell) -> None:
        type_id = _number_of(field, 1) or (self._mapping.account_type_id or 0)
        minor = rules.amount(cell, self._formats)
        if minor:
            draft.balances.append(BalancePart(account_type_id=type_id, amount=minor))

    def _account_type(self, draft: Draft, field: str, cell: Cell) -> None:
        kinds = self._house.account_types
        by_code = {kind.external_code: i for i, kind in kinds.items() if kind.external_code}
        named = by_code.get(rules.text_of(cell))
        if named is None:
            named = _named({i: kind.name for i, kind in kinds.items()}, field, cell)
        draft.holder[field] = named  # the type of `amount`, put in its place by `_complete`

    def _ledger_day(self, draft: Draft, field: str, cell: Cell) -> None:
        setattr(draft, field, self._near_day(field, cell))

    def _near_day(self, field: str, cell: Cell) -> date:
        found = rules.day(cell, self._formats, self._today)
        if not EARLIEST <= found <= LATEST:
            raise AppError(ErrorCode.FIELD_BAD, field=field, value=found.isoformat())
        return found

    def _remarks(self, draft: Draft, field: str, cell: Cell) -> None:  # noqa: ARG002 - one shape for all fields
        draft.remarks = rules.text_of(cell)[:255]

    # ------------------------------------------------------------------ the row as a whole

    def _complete(self, draft: Draft) -> None:
        if self._kind == wire.OPENING:
            self._complete_balance(draft)
            return
        if draft.address_type_id is not None and not draft.address:
            draft.address_type_id = None
        if self._kind == wire.CARDS:
            _complete_card(draft)

    def _complete_balance(self, draft: Draft) -> None:
        type_id = draft.holder.pop("account_type", None)
        if type_id is not None:
            draft.balances = [
                BalancePart(account_type_id=type_id, amount=part.amount)
                if part.account_type_id == (self._mapping.account_type_id or 0)
                else part
                for part in draft.balances
            ]
        for part in draft.balances:
            if part.account_type_id not in self._house.account_types:
                raise AppError(ErrorCode.FIELD_MISSING, field="account_type")
        if draft.business_date is not None and draft.business_date > self._today:
            raise AppError(
                ErrorCode.FIELD_BAD, field="business_date", value=draft.business_date.isoformat()
            )
        ends, starts = draft.expires_on, draft.available_on or self._today
        if ends is not None and ends < max(starts, self._today):
            raise AppError(ErrorCode.BAD_LIFE, field="expires_on", value=ends.isoformat())


def _complete_card(draft: Draft) -> None:
    if draft.card_code is None:
        raise AppError(ErrorCode.FIELD_MISSING, field="card_code")
    card = draft.card
    is_blocked = card.get("state") == CARD_BLOCKED
    if is_blocked and not card.get("block_reason"):
        raise AppError(ErrorCode.FIELD_MISSING, field="block_reason")
    if not is_blocked:
        card.pop("block_reason", None)
    starts, ends = card.get("valid_from"), card.get("valid_to")
    if starts is not None and ends is not None and ends < starts:
        raise AppError(ErrorCode.FIELD_BAD, field="valid_to", value=ends.isoformat())


def _fitting(table: Any, field: str, cell: Cell) -> str:
    """A text that its column can keep."""
    text = rules.text_of(cell)
    check_texts(table, {field: text})
    return text


def _choice(field: str, cell: Cell) -> int:
    word = fold(rules.text_of(cell)).rstrip(".")
    for number, words in CHOICES[field].items():
        if word == str(number) or word in words.split():
            return number
    raise AppError(ErrorCode.FIELD_BAD, field=field, value=rules.text_of(cell)[:60])


def _named(names: Mapping[int, str], field: str, cell: Cell) -> int:
    """The row of a dictionary by its name, else by its id."""
    word = fold(rules.text_of(cell))
    found = next((number for number, name in names.items() if fold(name) == word), None)
    if found is None and word.isascii() and word.isdigit() and int(word[:12]) in names:
        found = int(word[:12])
    if found is None:
        raise AppError(ErrorCode.DICT_VALUE_UNKNOWN, field=field, value=rules.text_of(cell)[:60])
    return found


def _number_of(field: str, place: int) -> int:
    parts = field.split(".")
    return int(parts[place]) if len(parts) > place and parts[place].isdigit() else 0
