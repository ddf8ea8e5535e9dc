"""Rows as wishes: whatever stands in a cell, it is understood or becomes a fault of its field."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from card_server.exchange.deciding import Decision, Judge, Rights
from card_server.exchange.drafting import Drafter
from card_server.exchange.fields import fields_of
from card_server.exchange.known import Known, RangeFound
from card_server.exchange.records import Cell, ContactKind, Draft, House, PropertyKind, TypeKind
from card_server.exchange.seen import Seen
from shared.wire import imports as wire
from shared.wire.errors import AppError, ErrorCode

TODAY = date(2026, 3, 2)
HOUSE = House(
    contact_types={
        1: ContactKind(type_id=1, contact_class=1, name="Телефон", max_holders=1),
        2: ContactKind(type_id=2, contact_class=2, name="Почта", max_holders=1),
        5: ContactKind(type_id=5, contact_class=5, name="Мессенджер"),
    },
    address_types={1: "Домашний"},
    holder_groups={1: "Гости", 2: "VIP"},
    card_groups={11: "Обычные"},
    non_payer_types={1: "Без ограничений"},
    properties={
        kind: PropertyKind(
            property_id=kind, property_type=kind, name=f"П{kind}", applies_to=3, values={"да": 1}
        )
        for kind in range(1, 7)
    },
    account_types={
        1: TypeKind(account_type_id=1, account_class=1, name="Бонусы", external_code="B"),
        3: TypeKind(account_type_id=3, account_class=3, name="Деньги"),
        81: TypeKind(account_type_id=81, account_class=81, name="Сертификат"),
    },
)
SPAN = RangeFound(
    range_id=1, start=1, end=10**17, division_id=1, card_group_id=None, valid_months=12
)
CELLS: st.SearchStrategy[Cell] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63),
    st.floats(allow_nan=True, allow_infinity=True),
    st.text(max_size=30),
    st.sampled_from(
        ["да", "1001", "+7 900 000-00-01", "a@b.example", "31.12.1985", "1 200,50", "VIP", "м",
         "активна", "Бонусы", "x" * 600, "'=1+1", "٣", "\u200b", "0", "-"]
    ),
)  # fmt: skip


def understood(kind: int, **cells: Cell) -> Draft:
    """A row of one column a field."""
    names = [name.replace("__", ".") for name in cells]
    mapping = wire.Mapping(
        columns=[wire.ColumnUse(column=i, field=name) for i, name in enumerate(names)],
        match="card_code",
        account_type_id=1,
    )
    return Drafter(kind, mapping, HOUSE, TODAY).draft(2, list(cells.values()))


@given(kind=st.sampled_from(wire.KINDS), data=st.data())
def test_no_row_whatever_breaks_the_reading_or_the_decision(kind: int, data: st.DataObject) -> None:
    fields = sorted(fields_of(kind, HOUSE))
    names = data.draw(st.lists(st.sampled_from(fields), unique=True, max_size=8))
    cells = data.draw(st.lists(CELLS, min_size=len(names), max_size=len(names) + 2))
    mapping = wire.Mapping(
        columns=[wire.ColumnUse(column=i, field=name) for i, name in enumerate(names)],
        dates=data.draw(st.sampled_from(["auto", "dmy", "mdy", "ymd"])),
        decimal=data.draw(st.sampled_from(["auto", ".", ","])),
        match=data.draw(st.sampled_from(["", "phone", "external_code", "holder_id", "card_code"])),
        on_match=data.draw(st.sampled_from([1, 2, 3])),
        account_type_id=1,
    )
    draft = Drafter(kind, mapping, HOUSE, TODAY).draft(2, cells)
    assert all(ErrorCode(fault.code) for fault in draft.faults)
    assert all(len(fault.value) <= 60 for fault in draft.faults)
    if draft.faults:
        return
    judge = Judge(kind, mapping, HOUSE, Rights())
    try:
        decision = judge.decide(draft, Known([SPAN]))
        Seen(judge, HOUSE, mapping).check(draft, decision)
    except AppError as error:
        assert error.code != "INTERNAL"  # noqa: PT017 - a fault is one of two ends
    else:
        assert isinstance(decision, Decision)


@pytest.mark.parametrize(
    ("field", "cell", "part", "value"),
    [
        ("gender", "Жен.", "person", {"gender": 2}),
        ("marital", "married", "person", {"marital": 2}),
        ("holder_group", "vip", "holder", {"group_id": 2}),
        ("holder_group", "2", "holder", {"group_id": 2}),
        ("non_payer_type", "без ограничений", "holder", {"non_payer_type_id": 1}),
        ("birth_date", "1985-12-31", "person", {"birth_date": date(1985, 12, 31)}),
        ("external_code", 12345, "holder", {"external_code": "12345"}),
        ("verified", True, "holder", {"verified": True}),
        ("address.zip", 170000, "address", {"zip": "170000"}),
    ],
)
def test_a_value_goes_to_its_column(field: str, cell: Cell, part: str, value: Any) -> None:
    draft = understood(wire.HOLDERS, **{field.replace(".", "__"): cell})
    assert draft.faults == []
    assert getattr(draft, part) == value


def test_several_phones_in_one_cell_are_several_contacts() -> None:
    draft = understood(wire.HOLDERS, contact__1="8900 000-00-01; +7 900 000-00-02, 89000000001")
    assert [part.norm for part in draft.contacts] == ["79000000001", "79000000002"]
    assert draft.phone == "79000000001"


@pytest.mark.parametrize(
    ("kind", "field", "cell", "code"),
    [
        (1, "l_name", "x" * 61, "TOO_LONG"),
        (1, "birth_date", "01.01.2030", "FIELD_BAD"),
        (1, "birth_date", "31.12.1899", "FIELD_BAD"),
        (1, "contact.1", 7.9e15, "DIGITS_LOST"),
        (1, "external_code", 12345678901234567, "DIGITS_LOST"),
        (1, "address.house", "1" * 11, "TOO_LONG"),
        (1, "property.5", "нет такого", "DICT_VALUE_UNKNOWN"),
        (2, "carrier_data", "x" * 201, "TOO_LONG"),
        (2, "card_kind", "золотая", "FIELD_BAD"),
        (3, "account_type", "Долги", "DICT_VALUE_UNKNOWN"),
        (3, "holder_id", "-1", "FIELD_BAD"),
        (3, "expires_on", "01.01.1980", "FIELD_BAD"),
    ],
)
def test_a_value_that_cannot_be_kept_is_a_fault_of_its_field(
    kind: int, field: str, cell: Cell, code: str
) -> None:
    draft = understood(kind, **{field.replace(".", "__"): cell})
    assert [(fault.code, fault.field) for fault in draft.faults] == [(code, field)]


def test_an_empty_cell_says_nothing_and_a_row_may_be_short() -> None:
    draft = understood(wire.HOLDERS, l_name="Иванова", f_name="", gender=None)
    assert (draft.person, draft.faults) == ({"l_name": "Иванова"}, [])
    mapping = wire.Mapping(columns=[wire.ColumnUse(column=9, field="l_name")])
    assert not Drafter(wire.HOLDERS, mapping, HOUSE, TODAY).draft(2, ["x"]).names_guest
