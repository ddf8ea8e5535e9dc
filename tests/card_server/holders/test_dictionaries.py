"""Dictionaries of the house through the contract: each of them made, changed, kept, deleted."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import insert, update

from card_server.holders import tables
from card_server.management import ROUTES
from tests.helpers.office import Office, new_operation_id

KINDS: dict[str, dict[str, Any]] = {
    "ContactType": {"contact_class": 1},
    "AddressType": {},
    "HolderGroup": {},
    "CardGroup": {},
    "NonPayerType": {"forbid_order": True},
    "Property": {"code_name": "shoe", "property_type": 2, "applies_to": 1},
    "Reason": {"needs_text": True},
}

GROUPS = ("HolderGroup", "CardGroup")


def send(office: Office, name: str, **body: Any) -> tuple[int, Any]:
    if not name.startswith(("Get", "List")):
        body = {"operation_id": new_operation_id(), **body}
    replied = office.send(name, msgspec.json.encode(body))
    return replied.status, msgspec.json.decode(replied.body)


def add(office: Office, kind: str, name: str = "Новый", **more: Any) -> tuple[int, Any]:
    links = {part: more.pop(part) for part in ("defaults", "values") if part in more}
    return send(office, f"Add{kind}", fields={"name": name, **KINDS[kind], **more}, **links)


def refusal(replied: tuple[int, Any]) -> str:
    assert replied[0] >= 400, replied
    code: str = replied[1]["code"]
    return code


def test_every_dictionary_is_made_changed_listed_and_deleted(office: Office) -> None:
    for kind in KINDS:
        many = "ListProperties" if kind == "Property" else f"List{kind}s"
        _, made = add(office, kind, "  Новая строка ")
        key = made["key"]
        fields = {"name": "Другое имя", "sort_no": 9}
        _, done = send(office, f"Edit{kind}", key=key, version=1, fields=fields)
        assert done["version"] == 2, kind
        _, shown = send(office, f"Get{kind}", key=key)
        row = shown.get("row", shown)
        assert (row["name"], row["sort_no"]) == ("Другое имя", 9)
        _, page = send(office, many, where=[{"field": "sort_no", "value": 9}])
        assert page["rows"] == [row]
        status, problem = send(office, f"Edit{kind}", key=key, version=1, fields={"name": "X"})
        assert (status, problem["present"]) == (409, shown)
        assert send(office, f"Delete{kind}", key=key, version=2)[0] == 200
        assert refusal(send(office, f"Get{kind}", key=key)) == "ROW_NOT_FOUND"
        _, gone = send(office, many, deleted=True)
        assert [one["name"] for one in gone["rows"]] == ["Другое имя"]


def test_names_are_needed_short_and_unique_in_every_dictionary(office: Office) -> None:
    for kind in KINDS:
        add(office, kind, "Занято")
        assert refusal(add(office, kind, "занято")) == "VALUE_TAKEN", kind
        assert refusal(add(office, kind, " ")) == "FIELD_MISSING", kind
        assert refusal(add(office, kind, "x" * 61)) == "TOO_LONG", kind


def test_groups_of_both_kinds_have_one_counter(office: Office) -> None:
    keys = [add(office, kind, f"{kind} {i}")[1]["key"] for i in (1, 2) for kind in GROUPS]
    assert keys == list(range(keys[0], keys[0] + 4))


def test_trees_have_five_storeys_and_no_ring(office: Office) -> None:
    for kind in (*GROUPS, "NonPayerType"):
        first = at = add(office, kind, "Этаж 1")[1]["key"]
        for storey in range(2, 6):
            at = add(office, kind, f"Этаж {storey}", parent_id=at)[1]["key"]
        assert refusal(add(office, kind, "Лишний", parent_id=at)) == "FIELD_BAD"
        assert refusal(add(office, kind, "Лишний", parent_id=9_999)) == "DICT_VALUE_UNKNOWN"
        ring = send(office, f"Edit{kind}", key=first, version=1, fields={"parent_id": at})
        assert refusal(ring) == "FIELD_BAD"
        top = add(office, kind, "Крыша")[1]["key"]
        lifted = send(office, f"Edit{kind}", key=first, version=1, fields={"parent_id": top})
        assert refusal(lifted) == "FIELD_BAD"
        assert refusal(send(office, f"Delete{kind}", key=first, version=1)) == "IN_USE"


def test_defaults_of_a_group_are_replaced_where_they_are_sent(office: Office) -> None:
    for kind in GROUPS:
        wanted = {"account_type_id": 1, "level_id": None, "credit_depth": 50_00}
        key = add(office, kind, defaults=[wanted])[1]["key"]
        assert send(office, f"Get{kind}", key=key)[1]["defaults"] == [wanted]
        kept = send(office, f"Edit{kind}", key=key, version=1, fields={})
        assert kept[1]["version"] == 1
        for wrong, code in (
            ({**wanted, "account_type_id": 99}, "DICT_VALUE_UNKNOWN"),
            ({**wanted, "level_id": 999}, "DICT_VALUE_UNKNOWN"),
            ({**wanted, "account_type_id": 3, "level_id": 1}, "FIELD_BAD"),
            ({**wanted, "credit_depth": -1}, "FIELD_BAD"),
            (wanted, "VALUE_TAKEN"),
        ):
            defaults = [wanted, wrong]
            edit = send(office, f"Edit{kind}", key=key, version=1, fields={}, defaults=defaults)
            assert refusal(edit) == code
        emptied = send(office, f"Edit{kind}", key=key, version=1, fields={}, defaults=[])
        assert emptied[1]["version"] == 2
        assert send(office, f"Get{kind}", key=key)[1]["defaults"] == []


def test_what_is_in_use_stays(office: Office) -> None:
    connection = office.shop.connection
    office.shop.issue(3001)
    connection.execute(update(tables.holder).values(group_id=2, non_payer_type_id=1))
    connection.commit()
    for kind, key in (("HolderGroup", 2), ("NonPayerType", 1)):
        assert refusal(send(office, f"Delete{kind}", key=key, version=1)) == "IN_USE"
    free = send(office, "DeleteHolderGroup", key=3, version=1)
    assert free[0] == 200


def test_a_list_property_keeps_its_items(office: Office) -> None:
    fields = {"property_type": 5, "code_name": "size"}
    items = [{"name": "Малый"}, {"name": "Большой", "value": "L"}]
    key = add(office, "Property", "Размер", values=items, **fields)[1]["key"]
    shown = send(office, "GetProperty", key=key)[1]["values"]
    assert [item["name"] for item in shown] == ["Малый", "Большой"]
    office.shop.connection.execute(
        insert(tables.property_link).values(
            owner_kind=1,
            owner_id=1,
            property_id=key,
            property_value_id=shown[1]["property_value_id"],
        )
    )
    office.shop.connection.commit()

    def edit(values: list[Any], **changes: Any) -> tuple[int, Any]:
        return send(office, "EditProperty", key=key, version=1, fields=changes, values=values)

    assert refusal(edit(shown[:1])) == "IN_USE"
    assert refusal(edit(shown, property_type=6)) == "IN_USE"
    assert refusal(edit([*shown, {"name": "малый"}])) == "VALUE_TAKEN"
    assert edit([{**shown[1], "name": "Крупный"}])[1]["version"] == 2
    (left,) = send(office, "GetProperty", key=key)[1]["values"]
    assert (left["name"], left["value"]) == ("Крупный", "L")
    assert refusal(send(office, "DeleteProperty", key=key, version=2)) == "IN_USE"
    number = add(office, "Property", "Число", code_name="n", values=items)
    assert refusal(number) == "FIELD_BAD"


def test_values_that_do_not_fit_are_refused(office: Office) -> None:
    for kind, field, value, code in (
        ("ContactType", "contact_class", 6, "FIELD_BAD"),
        ("ContactType", "max_holders", 0, "FIELD_BAD"),
        ("ContactType", "external_code", "x" * 41, "TOO_LONG"),
        ("NonPayerType", "external_id", -1, "FIELD_BAD"),
        ("NonPayerType", "notes", "x" * 501, "TOO_LONG"),
        ("Property", "property_type", 7, "FIELD_BAD"),
        ("Property", "applies_to", 8, "FIELD_BAD"),
        ("Property", "code_name", "", "FIELD_MISSING"),
        ("Reason", "applies_to", -1, "FIELD_BAD"),
    ):
        wrong: dict[str, Any] = {field: value}
        status, problem = add(office, kind, **wrong)
        assert (status, problem["code"], problem["field"]) == (422, code, field)


def test_every_change_of_a_dictionary_needs_its_right() -> None:
    rights = {route.request.__name__: route.request.right for route in ROUTES}
    for kind in KINDS:
        assert {rights[f"{verb}{kind}"] for verb in ("Add", "Edit", "Delete")} == {"dict.edit"}
