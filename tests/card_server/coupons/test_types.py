"""Types of coupons through the contract: fields, content in two storeys, programs (domain 1.8)."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
import pytest

from shared.wire import coupon_types as wire
from tests.helpers.coupon_desk import add_type, issue
from tests.helpers.office import Office, new_operation_id


def see(office: Office, key: int) -> wire.CouponType:
    return office.ask(wire.GetCouponType(key=key))


def edit(office: Office, key: int, **more: Any) -> wire.EditCouponType:
    parts = {name: more.pop(name) for name in ("groups", "classifiers") if name in more}
    return wire.EditCouponType(
        operation_id=new_operation_id(),
        key=key,
        version=see(office, key).row.version,
        fields=wire.CouponTypeFields(**more),
        **parts,
    )


def refused(office: Office, **fields: Any) -> str:
    values = {"name": "Проба", "coupon_class": 1, **fields}
    parts = {name: values.pop(name) for name in ("groups", "classifiers") if name in values}
    wanted = wire.CouponTypeFields(**values)
    return office.refused(
        wire.AddCouponType(operation_id=new_operation_id(), fields=wanted, **parts)
    )


DESSERTS = wire.CouponGroup(
    name="Десерты",
    items=[
        wire.CouponItem(name="Торт", external_code="501", kind=1, value=10_000),
        wire.CouponItem(name="Мороженое", external_code="502", kind=3, value=50_00, max_count=2),
    ],
)
DRINKS = wire.CouponGroup(name="Напитки", priority=1, items=[wire.CouponItem(name="Чай")])


def test_a_type_with_content_and_programs_is_read_as_it_was_written(office: Office) -> None:
    program = office.shop.classifier_id
    key = add_type(
        office,
        "  Десерт с чаем ",
        groups=[DESSERTS, DRINKS],
        classifiers=[program, program],
        valid_days=30,
        active_from=date(2026, 1, 1),
        per_holder=2,
        per_holder_days=7,
    )
    found = see(office, key)
    row = found.row
    assert (row.name, row.coupon_class, row.valid_days) == ("Десерт с чаем", 1, 30)
    assert (row.pool_prefix, row.max_uses, row.return_on_refund) == (922_001, 1, True)
    assert found.classifiers == [program]
    assert [(g.name, [i.name for i in g.items]) for g in found.groups] == [
        ("Десерты", ["Торт", "Мороженое"]),
        ("Напитки", ["Чай"]),
    ]
    assert found.groups[0].items[1].max_count == 2


def test_content_that_is_not_sent_is_taken_away_and_what_was_there_stays_itself(
    office: Office,
) -> None:
    key = add_type(office, groups=[DESSERTS, DRINKS])
    first = see(office, key).groups[0]
    kept = wire.CouponGroup(
        detail_id=first.detail_id,
        name="Сладкое",
        items=[first.items[1], wire.CouponItem(name="Пирог")],
    )
    office.ask(edit(office, key, groups=[kept]))
    (group,) = see(office, key).groups
    assert (group.detail_id, group.name) == (first.detail_id, "Сладкое")
    assert [item.name for item in group.items] == ["Мороженое", "Пирог"]
    assert group.items[0].detail_id == first.items[1].detail_id
    version = see(office, key).row.version
    office.ask(edit(office, key, groups=see(office, key).groups))
    assert see(office, key).row.version == version
    foreign = add_type(office, "Другой", groups=[DRINKS])
    stolen = see(office, foreign).groups
    assert office.refused(edit(office, key, groups=stolen)) == "ROW_NOT_FOUND"
    twice = [group, group]
    assert office.refused(edit(office, key, groups=twice)) == "ROW_NOT_FOUND"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"name": " "}, "FIELD_MISSING"),
        ({"name": "x" * 61}, "TOO_LONG"),
        ({"coupon_class": 0}, "FIELD_BAD"),
        ({"coupon_class": 5}, "FIELD_BAD"),
        ({"time_id": 99}, "DICT_VALUE_UNKNOWN"),
        ({"scheme_id": 99}, "DICT_VALUE_UNKNOWN"),
        ({"stackable_group_id": 99}, "DICT_VALUE_UNKNOWN"),
        ({"parent_id": 99}, "DICT_VALUE_UNKNOWN"),
        ({"classifiers": [99]}, "DICT_VALUE_UNKNOWN"),
        ({"classifiers": [0] * 501}, "TOO_MANY_ITEMS"),
        ({"max_uses": 0}, "FIELD_BAD"),
        ({"max_uses": 32_768}, "FIELD_BAD"),
        ({"delay_days": -1}, "FIELD_BAD"),
        ({"valid_days": 0}, "FIELD_BAD"),
        ({"pool_prefix": 1}, "FIELD_BAD"),
        ({"pool_prefix": 922_337}, "FIELD_BAD"),
        ({"per_holder_days": 3}, "FIELD_MISSING"),
        ({"active_from": date(2026, 2, 2), "active_to": date(2026, 2, 1)}, "FIELD_BAD"),
        ({"groups": [wire.CouponGroup(name="")]}, "FIELD_MISSING"),
        ({"groups": [wire.CouponGroup(name="x", kind=4)]}, "FIELD_BAD"),
        ({"groups": [wire.CouponGroup(name="x", kind=1, value=10_001)]}, "FIELD_BAD"),
        ({"groups": [wire.CouponGroup(name="x", max_count=0)]}, "FIELD_BAD"),
        ({"groups": [wire.CouponGroup(name="x", classifier_id=99)]}, "DICT_VALUE_UNKNOWN"),
        ({"groups": [wire.CouponGroup(name="x", detail_id=7)]}, "ROW_NOT_FOUND"),
        ({"groups": [DRINKS] * 101}, "TOO_MANY_ITEMS"),
    ],
)
def test_values_that_do_not_fit_are_refused(
    office: Office, fields: dict[str, Any], code: str
) -> None:
    assert refused(office, **fields) == code
    assert office.ask(wire.ListCouponTypes(count=True)).total == 1


def test_the_refusal_of_a_part_names_its_place(office: Office) -> None:
    group = wire.CouponGroup(name="x", items=[wire.CouponItem(name="y" * 61)])
    asked = wire.AddCouponType(
        operation_id=new_operation_id(),
        fields=wire.CouponTypeFields(name="Проба", coupon_class=1),
        groups=[group],
    )
    replied = office.send("AddCouponType", msgspec.json.encode(asked))
    assert office.refusal_of(replied).facts["field"] == "groups[0].items[0].name"


def test_a_type_with_coupons_keeps_its_class_and_is_not_deleted(office: Office) -> None:
    key = add_type(office)
    office.ask(edit(office, key, coupon_class=2))
    issue(office, key)
    assert office.refused(edit(office, key, coupon_class=1)) == "IN_USE"
    gone = wire.DeleteCouponType(
        operation_id=new_operation_id(), key=key, version=see(office, key).row.version
    )
    assert office.refused(gone) == "IN_USE"
    spare = add_type(office, "Лишний")
    version = see(office, spare).row.version
    office.ask(wire.DeleteCouponType(operation_id=new_operation_id(), key=spare, version=version))
    present = {row.coupon_type_id for row in office.ask(wire.ListCouponTypes()).rows}
    assert key in present
    assert spare not in present


def test_a_stale_edit_gets_the_type_as_it_stands(office: Office) -> None:
    key = add_type(office)
    late = edit(office, key, valid_days=3)
    office.ask(edit(office, key, valid_days=5))
    assert office.refused(late) == "STALE_EDIT"


def test_the_rules_of_tills_know_a_new_type_with_its_content(office: Office) -> None:
    key = add_type(office, groups=[DESSERTS])
    office.shop.ledger.forget_rules()
    office.shop.issue(1)
    office.desk.book(office.shop.call(1, [(3, 1000)]))
    rules = office.pipeline.rules
    assert [d.name for d in rules.coupon_types[key].details] == ["Десерты", "Торт", "Мороженое"]
