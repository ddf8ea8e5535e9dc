"""The envelope and the fields of requests (crm-xml.md 3, 7.4, 8.6)."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from card_server.receipts.records import XmlItem
from card_server.relay.crm_xml_reader import includes, needed, read_envelope, read_items
from card_server.relay.limits import Limits
from card_server.relay.xml_tree import Node, parse
from shared.wire.errors import AppError, ErrorCode

LIMITS = Limits()


def tree(text: str) -> Node:
    return parse(text.encode(), LIMITS)


def read(inner: str) -> list[XmlItem]:
    return read_items(tree(f"<Message>{inner}</Message>"), LIMITS, lambda: 180)


def one(fields: str) -> XmlItem:
    (item,) = read(f"<Transaction><Amount>1</Amount>{fields}</Transaction>")
    return item


def refused(inner: str) -> ErrorCode:
    with pytest.raises(AppError) as caught:
        read(inner)
    return caught.value.code


def test_the_action_is_compared_without_case_and_double_blanks() -> None:
    envelope = read_envelope(tree('<Message Action="  Get  CARD info "/>'), "")
    assert envelope.action == "get card info"


def test_the_attribute_beats_the_header() -> None:
    assert (
        read_envelope(tree('<Message Action="a" Terminal_Type=" T "/>'), "H").terminal_type == "T"
    )
    assert (
        read_envelope(tree('<Message Action="a" Terminal_Type=" "/>'), " H ").terminal_type == "H"
    )


@pytest.mark.parametrize(
    ("attributes", "unit", "user"),
    [("", 1, "1"), ('Unit_ID="" User_ID=""', 1, "1"), ('Unit_ID="x" User_ID="cashier"', 1, "1"),
     ('Unit_ID=" 007" User_ID="012"', 7, "12")],
)  # fmt: skip
def test_unit_and_user_are_one_unless_they_are_numbers_r14(
    attributes: str, unit: int, user: str
) -> None:
    envelope = read_envelope(tree(f'<Message Action="a" {attributes}/>'), "")
    assert (envelope.unit_id, envelope.user) == (unit, user)


@pytest.mark.parametrize(
    ("sent", "session"),
    [
        ("{00000000-0000-0000-0000-000000000000}", ""),
        ("", ""),
        ("{6B0E5D1C-0000-4000-8000-0000000000A1}", "6b0e5d1c-0000-4000-8000-0000000000a1"),
    ],
)
def test_a_session_of_zeros_is_none_r42(sent: str, session: str) -> None:
    envelope = read_envelope(tree(f'<Message Action="a" Session="{sent}"/>'), "")
    assert envelope.session == session


def test_another_root_and_no_action_are_refused() -> None:
    for text, code in (
        ("<message Action='a'/>", ErrorCode.WRONG_ROOT),
        ("<Message Action=' '/>", ErrorCode.ACTION_MISSING),
    ):
        with pytest.raises(AppError) as caught:
            read_envelope(tree(text), "")
        assert caught.value.code is code


def test_include_words_in_any_mixture_r16() -> None:
    root = tree(
        "<m><Include> Account;;\n Holder ,\tX</Include><Include/><Include>ACCOUNT</Include></m>"
    )
    assert includes(root, LIMITS) == {"account", "holder", "x"}
    old = tree("<m><Include>Holders_Contact</Include></m>")
    assert includes(old, LIMITS) == {"holders_contact", "holder_contact"}


def test_a_long_include_is_refused() -> None:
    with pytest.raises(AppError) as caught:
        includes(tree(f"<m><Include>{'ж' * 2049}</Include></m>"), LIMITS)
    assert caught.value.code is ErrorCode.TOO_LONG
    assert caught.value.facts["limit"] == 4096


def test_an_obligatory_element_is_named() -> None:
    with pytest.raises(AppError) as caught:
        needed(tree("<m><A> </A></m>"), "A")
    assert (caught.value.code, caught.value.facts["field"]) == (ErrorCode.FIELD_MISSING, "A")


def test_an_item_with_everything() -> None:
    item = one(
        "<Account_Number>01.00002.00000043.0001</Account_Number><External_ID>00881</External_ID>"
        "<External_Index> 3 </External_Index><External_Date>05.03.2024</External_Date>"
        "<Transaction_Time>2024-03-05T18:40:11.25 +03:00</Transaction_Time>"
        "<Transaction_Life>20240905</Transaction_Life><Operation_Type>16</Operation_Type>"
        "<Transaction_Parent>10000000009001</Transaction_Parent><Remarks> Table 7 </Remarks>"
    )
    assert (item.account_id, item.account_class, item.number_type) == (10000000000043, 1, 2)
    assert (item.ext_id, item.ext_index, item.ext_date) == ("881", 3, date(2024, 3, 5))
    assert item.time == datetime(2024, 3, 5, 15, 40, 11, 250_000, tzinfo=UTC)
    assert (item.time_off, item.life, item.operation_type) == (180, date(2024, 9, 5), 16)
    assert (item.parent, item.remarks) == (10000000009001, "Table 7")


def test_account_id_is_another_name_and_a_bare_id_will_do_r25() -> None:
    item = one("<Account_ID>10000000000043</Account_ID>")
    assert item.account_id == 10000000000043
    assert refused("<Transaction><Amount>1</Amount></Transaction>") is ErrorCode.FIELD_MISSING
    undefined = "<Account_Number>undefined</Account_Number>"
    code = refused(f"<Transaction><Amount>1</Amount>{undefined}</Transaction>")
    assert code is ErrorCode.ACCOUNT_NOT_FOUND


def test_limits_of_a_message() -> None:
    assert refused("") is ErrorCode.NOTHING_TO_BOOK
    account = "<Account_ID>1</Account_ID>"
    item = f"<Transaction><Amount>1</Amount>{account}</Transaction>"
    assert len(read(item * 1000)) == 1000
    assert refused(item * 1001) is ErrorCode.TOO_MANY_ITEMS
    assert refused(f"<Transaction>{account}</Transaction>") is ErrorCode.FIELD_MISSING
    long_id = f"<External_ID>{'x' * 41}</External_ID>"
    assert refused(item.replace(account, account + long_id)) is ErrorCode.TOO_LONG
    assert one(f"{account}<Remarks>{'r' * 300}</Remarks>").remarks == "r" * 255
