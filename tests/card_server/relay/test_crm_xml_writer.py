"""Accounts, cards and roots as they are written (crm-xml.md 6.1, 7.2, 7.3)."""

from __future__ import annotations

import re
from datetime import date

import msgspec
import pytest

from card_server.relay.crm_xml_writer import (
    AccountView,
    CardView,
    account,
    card,
    cards,
    root,
    transactions,
)

HEAD = (
    "Holder_ID",
    "Account_Number",
    "Status",
    "Account_Class",
    "Account_Type_ID",
    "Account_Type_Name",
    "Account_Debit_Enabled",
    "Account_Debit_Priority",
    "Account_Debit_K",
    "Account_Credit_Enabled",
    "Account_Credit_Priority",
    "Account_Credit_K",
    "Transaction_Debit_ID",
    "Transaction_Credit_ID",
    "Create",
    "Expired",
    "Credit_Depth",
    "Balance",
)
LEVELS = (
    "Account_Level_ID",
    "Account_Level_Name",
    "Scheme_ID",
    "External_ID",
    "Scheme_Name",
    "Base_Rate",
    "Auto_Change_Levels",
    "Account_Code",
    "Account_Code_Ext",
)
VIEW = AccountView(
    holder_id=10000000004711,
    number="01.00002.00000043.0001",
    status="Active",
    account_class=1,
    account_type_id=2,
    type_name="Bonuses & <more>",
    debit_enabled=True,
    debit_priority=101,
    debit_k_bp=10_000,
    credit_enabled=False,
    credit_priority=None,
    credit_k_bp=15_000,
    opened_on=date(2024, 1, 15),
    expires_on=None,
    credit_depth=0,
    balance=-6205,
    level_id=4,
    level_name="Start",
    scheme_id=6,
    scheme_name="Bonus 5",
    pos_code=2,
    base_rate=500,
)


def names(block: str) -> list[str]:
    return re.findall(r"<([A-Za-z_]+)>", block)[1:]


def value(block: str, name: str) -> str:
    found = re.search(f"<{name}>(.*?)</{name}>", block)
    assert found is not None
    return found[1]


def test_an_account_in_its_order() -> None:
    block = account(VIEW)
    assert names(block) == [*HEAD, *LEVELS]
    shown = {name: value(block, name) for name in (*HEAD, *LEVELS)}
    assert shown["Account_Type_Name"] == "Bonuses &amp; &lt;more&gt;"
    assert (shown["Account_Debit_Priority"], shown["Account_Credit_Priority"]) == ("101", "")
    assert (shown["Account_Credit_K"], shown["Balance"]) == ("1.50", "-62.05")
    assert (shown["Transaction_Debit_ID"], shown["Transaction_Credit_ID"]) == ("21", "22")
    assert (shown["Expired"], shown["Base_Rate"]) == ("2099-12-31", "5.00")
    assert (shown["Account_Code"], shown["Account_Code_Ext"], shown["External_ID"]) == (
        "6",
        "2",
        "2",
    )


def test_the_spent_account_has_no_levels() -> None:
    block = account(msgspec.structs.replace(VIEW, account_class=5))
    assert names(block) == [*HEAD]


def test_a_counter_has_code_zero_and_no_outside_code() -> None:
    block = account(msgspec.structs.replace(VIEW, account_class=99))
    shown = [value(block, name) for name in ("Account_Code", "Account_Code_Ext")]
    assert shown == ["0", ""]


def test_an_account_without_a_scheme_has_empty_elements() -> None:
    bare = msgspec.structs.replace(VIEW, scheme_id=None, scheme_name="", level_id=None)
    block = account(bare)
    shown = [value(block, n) for n in ("Account_Level_ID", "Scheme_ID", "External_ID")]
    assert shown == ["", "", ""]


@pytest.mark.parametrize(("state", "word"), [(1, "Active"), (2, "Inactive"), (4, "Blocked")])
def test_states_of_a_card(state: int, word: str) -> None:
    block = card(CardView(code="10007", state=state))
    assert value(block, "Status") == word
    assert "<Holder_ID></Holder_ID><Owner_ID></Owner_ID>" in block
    assert (value(block, "Offered"), value(block, "Expired")) == ("1899-12-30", "2099-12-31")


def test_carrier_data_comes_back_unchanged_r27() -> None:
    block = card(CardView(code="1", state=1, carrier=";5=\"'<&>?"))
    assert value(block, "Carrier_Data") == ";5=\"'&lt;&amp;&gt;?"


def test_roots() -> None:
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    assert cards([], "17").decode() == f'{head}<Cards Message_ID="17"></Cards>'
    found = root("Holders", "x", "0", ' Count="0"').decode()
    assert found == f'{head}<Holders Message_ID="0" Count="0">x</Holders>'
    rows = transactions([("1.2.3.4", 9), ("5", 10)], "0").decode()
    assert rows.count("<Transaction>") == 2
    assert rows.index("1.2.3.4") < rows.index("<Transaction_ID>10<")
