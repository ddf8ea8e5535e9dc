"""Coupon actions of the XML API, bytes to bytes (crm-xml.md 8.6, 8.9 to 8.11)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select

from card_server.accounts.records import Account
from card_server.classifiers import tables as classifier_tables
from card_server.coupons import tables
from card_server.coupons.rules import check_digit
from card_server.ledger.verify import verify
from card_server.schemes import tables as scheme_tables
from shared.wire.ids import account_number
from tests.helpers.coupons import DESSERT, code_number, make_coupon, make_type, state_of
from tests.helpers.shop import BONUS, CODE, SPENT, Shop
from tests.helpers.till import Till

CARD = 10007
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'


@pytest.fixture(autouse=True)
def _dessert(shop: Shop) -> None:
    make_type(shop, name="Dessert 50 %")


def item(code: str, amount: str, **fields: str) -> str:
    given = {"External_ID": "881", "External_Index": "1", "Operation_Type": "16", **fields}
    inner = "".join(f"<{name}>{value}</{name}>" for name, value in given.items() if value)
    return (
        f"<Transaction><Account_Number>0.0.{code}.922001</Account_Number>"
        f"<Amount>{amount}</Amount>{inner}</Transaction>"
    )


def number(account: Account, account_class: int) -> str:
    return account_number(account_class, account.account_type_id, account.account_id)


def posting(account: Account, account_class: int, amount: str, **fields: str) -> str:
    given = {"External_ID": "881", "External_Index": "1", **fields}
    inner = "".join(f"<{name}>{value}</{name}>" for name, value in given.items())
    return (
        f"<Transaction><Account_Number>{number(account, account_class)}</Account_Number>"
        f"<Amount>{amount}</Amount>{inner}</Transaction>"
    )


def transaction_id(till: Till, inner: str) -> str:
    root = till.act("Transaction", inner)
    assert root.tag == "Transactions", root.attrib
    return root.findtext("Transaction/Transaction_ID") or ""


# -------------------------------------------------------------------------- issue


def test_coupons_are_issued_with_random_codes_and_a_check_digit(till: Till) -> None:
    root = till.act(
        "Add coupons", f"<Coupon><Coupon_Type_ID>{DESSERT}</Coupon_Type_ID></Coupon>" * 3
    )
    codes = [node.findtext("Coupon_Code") or "" for node in root]
    assert root.tag == "Coupons"
    assert len(set(codes)) == 3
    for node, code in zip(root, codes, strict=True):
        assert len(code) == 13
        assert code[12] == check_digit(code[:12])
        assert node.findtext("Coupon_ID") == f"922001{code}"
        assert state_of(till.shop, code) == (1, 0), "made, not active"


def test_an_external_id_given_twice_gets_the_first_coupon(till: Till) -> None:
    one = (
        f"<Coupon><Coupon_Type_ID>{DESSERT}</Coupon_Type_ID><Status>Active</Status>"
        "<External_ID>A-1</External_ID></Coupon>"
    )
    first = till.act("Add coupons", one + one)
    again = till.act("Add coupons", one)
    codes = {node.findtext("Coupon_Code") for root in (first, again) for node in root}
    assert len(codes) == 1
    assert till.shop.count(tables.coupon) == 1


def test_all_are_issued_or_none(till: Till) -> None:
    good = f"<Coupon><Coupon_Type_ID>{DESSERT}</Coupon_Type_ID></Coupon>"
    for bad, code in [
        ("<Coupon><Coupon_Type_ID>99</Coupon_Type_ID></Coupon>", "SAC-9506"),
        (good.replace("</Coupon>", "<Holder_ID>12</Holder_ID></Coupon>"), "SAC-0075"),
        (good.replace("</Coupon>", "<Status>Maybe</Status></Coupon>"), "SAC-9010"),
        (good.replace("</Coupon>", "<Offered>soon</Offered></Coupon>"), "SAC-9010"),
        (good.replace("</Coupon>", f"<External_ID>{'x' * 41}</External_ID></Coupon>"), "SAC-9012"),
        (
            good.replace(
                "</Coupon>",
                "<Terminals_Types><Terminal_Type_ID>77</Terminal_Type_ID></Terminals_Types></Coupon>",
            ),
            "SAC-9305",
        ),
        ("<Coupon/>", "SAC-9009"),
    ]:
        assert till.refusal("Add coupons", good + bad) == code
    assert till.refusal("Add coupons") == "SAC-9009"
    assert till.refusal("Add coupons", good * 1001) == "SAC-9011"
    assert till.shop.count(tables.coupon) == 0


def test_a_closed_type_issues_nothing_and_still_answers_a_repeat(till: Till) -> None:
    shop = till.shop
    one = f"<Coupon><Coupon_Type_ID>{DESSERT}</Coupon_Type_ID><External_ID>A</External_ID></Coupon>"
    first = till.act("Add coupons", one)
    yesterday = shop.now.date() - timedelta(days=1)
    shop.change(
        tables.coupon_type, tables.coupon_type.c.coupon_type_id == DESSERT, active_to=yesterday
    )
    again = till.act("Add coupons", one)
    assert again[0].findtext("Coupon_Code") == first[0].findtext("Coupon_Code")
    assert till.refusal("Add coupons", one.replace(">A<", ">B<")) == "SAC-9506"


def test_the_printed_coupon_is_answered_as_printed(till: Till) -> None:
    """The third example of 8.10, whole."""
    shop = till.shop
    holder = shop.issue(CARD)
    std = {"created_at": shop.now, "updated_at": shop.now}
    with shop.connection.begin():
        shop.connection.execute(
            insert(scheme_tables.scheme).values(
                scheme_id=99, name="Dessert", base_rate=5000, external_id=31, **std
            )
        )
    table = tables.coupon_type
    shop.change(table, table.c.coupon_type_id == DESSERT, scheme_id=99)
    code = make_coupon(
        shop,
        holder_id=holder,
        valid_from=shop.now.date(),
        valid_to=shop.now.date() + timedelta(days=92),
        notes="Spring",
    )
    message = (
        f'<Message Action="Get coupon info" Terminal_Type="{CODE}">'
        f"<Coupon_ID>{code}</Coupon_ID></Message>"
    )
    who = shop.classifier_id
    expected = (
        f'{HEAD}<Coupons Message_ID="0" IndexFrom="1" IndexTo="1" Count="1"><Coupon>'
        f"<Coupon_ID>922001{code}</Coupon_ID><Coupon_Code>{code}</Coupon_Code>"
        "<Coupon_Class>1</Coupon_Class><Coupon_Type_ID>7</Coupon_Type_ID>"
        "<Coupon_Type_Name><![CDATA[Dessert 50 %]]></Coupon_Type_Name>"
        "<Coupon_Type_Flags>0</Coupon_Type_Flags><Is_Confirm_Manager>No</Is_Confirm_Manager>"
        f"<Holder_ID>{holder}</Holder_ID><Timing_Scheme_ID>0</Timing_Scheme_ID>"
        "<Status>Active</Status><Offered>2026-03-02</Offered><Expired>2026-06-02</Expired>"
        "<Notes>Spring</Notes><Discounts><Discount><Discount_ID>99</Discount_ID>"
        "<Discount_Name>Dessert</Discount_Name><Discount_Rate>50.00</Discount_Rate>"
        "<External_ID>31</External_ID></Discount></Discounts><Terminals_Types><Terminal_Type>"
        f"<Terminal_Type_ID>{who}</Terminal_Type_ID><Terminal_Type_Name>RK7</Terminal_Type_Name>"
        "<Terminal_Type_Type>RK7</Terminal_Type_Type>"
        "<Terminal_Type_TimeBegin>04:00:00</Terminal_Type_TimeBegin>"
        "<Terminal_Type_TimeZone>+03:00</Terminal_Type_TimeZone></Terminal_Type>"
        "</Terminals_Types></Coupon></Coupons>"
    )
    assert till.xml(message).decode() == expected
    assert till.xml(message.replace(f">{code}<", f">922001{code}<")).decode() == expected


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ({"state": 1}, "Inactive"),
        ({"state": 3, "uses": 1}, "Used"),
        ({"state": 4, "block_reason": "lost"}, "Blocked"),
        ({"state": 5}, "Expired"),
        ({"state": 6}, "Blocked"),
        ({"yesterday": True}, "Expired"),
    ],
)
def test_the_status_of_a_coupon(till: Till, values: dict[str, Any], status: str) -> None:
    if values.pop("yesterday", False):
        values["valid_to"] = till.shop.now.date() - timedelta(days=1)
    code = make_coupon(till.shop, **values)
    root = till.act("Get coupon info", f"<Coupon_ID>{code}</Coupon_ID>")
    assert root.findtext("Coupon/Status") == status


def test_unknown_coupons_are_named(till: Till) -> None:
    code = make_coupon(till.shop)
    for sent in ("4600000000022", f"922002{code}", "abc", "9" * 30):
        assert till.refusal("Get coupon info", f"<Coupon_ID>{sent}</Coupon_ID>") == "SAC-9501"
    assert till.refusal("Get coupon info") == "SAC-9009"


def test_r44_a_coupon_is_found_by_its_code_without_the_prefix(till: Till) -> None:
    code = make_coupon(till.shop, state=1)
    for sent in (code, f" {code} ", f"922001{code}"):
        root = till.act("Get coupon info", f"<Coupon_ID>{sent}</Coupon_ID>")
        assert root.findtext("Coupon/Coupon_ID") == f"922001{code}"
        assert root.findtext("Coupon/Coupon_Code") == code


def test_coupon_active_gives_a_sum_coupon_its_value(till: Till) -> None:
    shop = till.shop
    make_type(shop, 8, content=True, coupon_class=2, fixed_sum=10000)
    code = make_coupon(shop, 8, 8, state=1)
    root = till.act("Coupon active", f"<Coupon_ID>922001{code}</Coupon_ID><Summ>250.00</Summ>")
    assert (root.tag, root.attrib) == ("Data", {"Message_ID": "0"})
    value = shop.connection.execute(
        select(tables.coupon.c.value).where(tables.coupon.c.code == code)
    ).scalar()
    shop.connection.rollback()
    assert value == 25000
    assert state_of(shop, code) == (2, 0)
    assert till.act("Coupon active", f"<Coupon_ID>{code}</Coupon_ID>").get("ErrorCode") is None


def test_a_used_coupon_does_not_become_active(till: Till) -> None:
    code = make_coupon(till.shop, state=3, uses=1)
    assert till.refusal("Coupon active", f"<Coupon_ID>{code}</Coupon_ID>") == "SAC-9207"
    unknown = f"<Coupon_ID>{code_number(5)}</Coupon_ID>"
    assert till.refusal("Coupon active", unknown) == "SAC-9501"
    minus = f"<Coupon_ID>{code}</Coupon_ID><Summ>-1</Summ>"
    assert till.refusal("Coupon active", minus) == "SAC-9405"


def test_coupon_types_come_as_a_tree(till: Till) -> None:
    root = till.act("Get coupons types info")
    assert root.tag == "Coupons_Types"
    kind = next(node for node in root if node.findtext("Coupon_Type_ID") == str(DESSERT))
    assert kind.findtext("Discounts/Discount/Discount_External_ID") == "31"
    group = kind.find("Coupon_Type_Detail")
    assert group is not None
    assert group.findtext("Coupon_Type_Detail_Name") == "Desserts"
    cake = group.find("Coupon_Type_Detail")
    assert cake is not None
    assert {node.tag.removeprefix("Coupon_Type_Detail_"): node.text for node in cake} == {
        "Name": "Cake",
        "External_Code": "312",
        "Max": "1",
        "Value": "50.00",
        "Auto": "No",
        "Kind": "percent",
    }


@pytest.mark.parametrize(
    ("action", "right"),
    [
        ("Get coupon info", "coupon.read"),
        ("Get coupons types info", "dict.read"),
        ("Add coupons", "coupon.issue"),
        ("Coupon active", "coupon.issue"),
    ],
)
def test_each_action_needs_its_right(till: Till, action: str, right: str) -> None:
    till.forbid(right)
    assert till.refusal(action, "<Coupon_ID>1</Coupon_ID>") == "SAC-9101"


# -------------------------------------------------------------------------- booking


def test_a_coupon_account_is_used_and_given_back(till: Till) -> None:
    code = make_coupon(till.shop)
    body = f'<Message Action="Transaction" Terminal_Type="{CODE}">{item(code, "1240.00")}</Message>'
    first = till.xml(body)
    assert state_of(till.shop, code) == (3, 1)
    till.shop.pass_time(days=1)
    assert till.xml(body) == first, "a repeat gets the first id"
    assert f"<Account_Number>0.0.{code}.922001</Account_Number>" in first.decode()
    assert till.refusal("Transaction", item(code, "10", External_ID="882")) == "SAC-9504"
    back = transaction_id(till, item(code, "-1240.00"))
    assert state_of(till.shop, code) == (2, 0)
    assert transaction_id(till, item(code, "-1240.00")) == back
    assert state_of(till.shop, code) == (2, 0)
    report = verify(till.shop.connection, full=True)
    till.shop.connection.rollback()
    assert report.ok, report.findings


def test_a_refused_coupon_stays_refused_until_something_changes(till: Till) -> None:
    code = make_coupon(till.shop, state=1)
    time = "<Transaction_Time>2026-03-02 12:00:00 +03:00</Transaction_Time>"
    sent = item(code, "10").replace("</Transaction>", f"{time}</Transaction>")
    assert till.refusal("Transaction", sent) == "SAC-9502"
    till.act("Coupon active", f"<Coupon_ID>{code}</Coupon_ID>")
    assert till.refusal("Transaction", sent) == "SAC-9502"
    assert transaction_id(till, sent.replace("12:00:00", "12:00:01"))


def test_a_coupon_inside_a_sale_comes_back_with_its_return(till: Till) -> None:
    shop = till.shop
    holder = shop.issue(CARD)
    code = make_coupon(shop)
    spent, bonus = shop.account(holder, SPENT), shop.account(holder, BONUS)
    till.act(
        "Transaction",
        posting(spent, 5, "100.00") + item(code, "100.00") + posting(bonus, 1, "5.00"),
    )
    assert state_of(shop, code) == (3, 1)
    till.act("Transaction", posting(spent, 5, "-40.00") + posting(bonus, 1, "-2.00"))
    assert state_of(shop, code) == (3, 1)
    rest = posting(spent, 5, "-60.00") + posting(bonus, 1, "-3.00")
    root = till.act("Transaction", rest)
    assert root.tag == "Transactions", root.attrib
    assert state_of(shop, code) == (2, 0)
    assert shop.balance(holder, SPENT) == 0


def test_a_personal_coupon_is_not_used_in_another_guests_sale(till: Till) -> None:
    shop = till.shop
    holder, other = shop.issue(CARD), shop.issue(10008)
    code = make_coupon(shop, holder_id=other)
    sale = posting(shop.account(holder, SPENT), 5, "100.00") + item(code, "100.00")
    assert till.refusal("Transaction", sale) == "SAC-9509"
    assert shop.balance(holder, SPENT) == 0
    assert state_of(shop, code) == (2, 0)


def test_zero_uses_nothing(till: Till) -> None:
    code = make_coupon(till.shop)
    assert transaction_id(till, item(code, "0"))
    assert state_of(till.shop, code) == (2, 0)


def test_a_use_that_never_was_is_given_back_as_the_classifier_says(till: Till) -> None:
    code = make_coupon(till.shop)
    assert transaction_id(till, item(code, "-5"))
    table = classifier_tables.classifier
    till.shop.change(table, table.c.classifier_id == till.shop.classifier_id, refund_unmatched=1)
    assert till.refusal("Transaction", item(code, "-6")) == "SAC-9425"


def test_the_rights_are_those_of_the_items(till: Till) -> None:
    shop = till.shop
    holder = shop.issue(CARD)
    first, second = make_coupon(shop, 1), make_coupon(shop, 2)
    till.allow("coupon.use")
    assert transaction_id(till, item(first, "5"))
    spent = posting(shop.account(holder, SPENT), 5, "1.00")
    assert till.refusal("Transaction", spent) == "SAC-9101"
    till.allow("txn.write")
    assert till.refusal("Transaction", item(second, "5")) == "SAC-9101"
    assert state_of(shop, second) == (2, 0)


def test_a_wrong_prefix_or_code_is_no_coupon(till: Till) -> None:
    code = make_coupon(till.shop)
    wrong = item(code, "5").replace(".922001<", ".922002<")
    assert till.refusal("Transaction", wrong) == "SAC-9501"
    assert till.refusal("Transaction", item(code_number(9), "5")) == "SAC-9501"


def test_the_same_triple_on_many_coupons_has_a_key_each(till: Till) -> None:
    """R26."""
    codes = [make_coupon(till.shop, n) for n in range(1, 40)]
    root = till.act("Transaction", "".join(item(code, "5.00") for code in codes))
    ids = {node.findtext("Transaction_ID") for node in root}
    assert len(ids) == len(codes)
    assert all(state_of(till.shop, code) == (3, 1) for code in codes)


def test_a_multiple_coupon_is_used_up_by_its_last_use(till: Till) -> None:
    shop = till.shop
    table = tables.coupon_type
    shop.change(table, table.c.coupon_type_id == DESSERT, max_uses=2)
    code = make_coupon(shop)
    transaction_id(till, item(code, "5", External_ID="1"))
    assert state_of(shop, code) == (2, 1)
    transaction_id(till, item(code, "5", External_ID="2"))
    assert state_of(shop, code) == (3, 2)
    transaction_id(till, item(code, "-5", External_ID="1"))
    assert state_of(shop, code) == (2, 1)
