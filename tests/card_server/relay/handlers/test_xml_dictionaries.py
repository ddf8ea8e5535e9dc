"""Dictionaries from bytes to bytes (crm-xml.md 8.11)."""

from __future__ import annotations

import pytest

from card_server.accounts import tables as account_tables
from card_server.holders import tables
from tests.helpers.till import Till


def test_account_types_with_their_levels(till: Till) -> None:
    kind = account_tables.account_type
    till.shop.change(kind, kind.c.account_type_id == 3, is_active=False)
    root = till.act("Get accounts types info")
    assert root.tag == "Accounts_Types"
    assert [n.findtext("Account_Type_ID") for n in root] == ["1", "2", "3", "5"]
    assert [n.findtext("Status") for n in root] == ["Active", "Active", "Blocked", "Active"]
    first = root[0]
    assert [c.tag for c in first] == [
        "Status", "Account_Class", "Account_Type_ID", "Account_Type_Name", "Date_From", "Date_To",
        "Accounts_Levels",
    ]  # fmt: skip
    levels = first.findall("Accounts_Levels/Account_Level")
    assert [n.findtext("Account_Level_No") for n in levels] == ["1", "2", "3"]
    assert [c.tag for c in levels[0]] == [
        "Account_Level_ID", "Account_Level_Name", "Account_Level_No", "Status",
    ]  # fmt: skip
    assert (first.findtext("Date_From"), first.findtext("Date_To")) == ("1899-12-30", "2099-12-31")


def test_contact_types_with_their_flags(till: Till) -> None:
    kind = tables.contact_type
    till.shop.change(kind, kind.c.contact_type_id == 5, deleted_at=till.shop.now)
    till.shop.change(kind, kind.c.contact_type_id == 4, external_code="VK<")
    root = till.act("Get contacts types info")
    assert root.tag == "Contacts_Types"
    assert [n.findtext("Contact_Type_ID") for n in root] == ["1", "2", "3", "4"]
    assert [c.tag for c in root[0]] == [
        "Contact_Type_ID", "Contact_Type_Name", "Contact_Type_Code", "Contact_Type_Phone",
        "Contact_Type_Class", "Contact_Type_EMail", "Contact_Type_Skype",
        "Contact_Type_Social_Network", "Contact_Type_Dispatch",
    ]  # fmt: skip
    flags = ("Phone", "EMail", "Skype", "Social_Network")
    found = [[n.findtext(f"Contact_Type_{flag}") for flag in flags] for n in root]
    assert found == [["Yes" if i == j else "No" for j in range(4)] for i in range(4)]
    assert root[3].findtext("Contact_Type_Code") == "VK<"
    assert [n.findtext("Contact_Type_Class") for n in root] == [
        "Phone", "Email", "Skype", "Social_Network",
    ]  # fmt: skip


def test_address_types(till: Till) -> None:
    root = till.act("Get addresses types info")
    assert root.tag == "Addresses_Types"
    found = [(n.findtext("Address_Type_ID"), n.findtext("Address_Type_Name")) for n in root]
    assert found == [("1", "Домашний"), ("2", "Рабочий"), ("3", "Доставка")]


@pytest.mark.parametrize("kind", ["accounts", "contacts", "addresses", "coupons"])
def test_dictionaries_need_their_right(till: Till, kind: str) -> None:
    till.forbid("dict.read")
    assert till.refusal(f"Get {kind} types info") == "SAC-9101"
