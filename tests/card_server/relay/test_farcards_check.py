"""The CHECK of a till: figures and identities, wherever they stand (farcards.md 6)."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from card_server.receipts.records import DiscountMark
from card_server.relay.farcards_check import CheckFacts, facts_of, lay_out, values_of
from card_server.relay.limits import Limits
from card_server.relay.xml_tree import Node, parse


def read(check: Node) -> CheckFacts:
    return facts_of(lay_out(check, values_of))


def tree(document: str) -> Node:
    return parse(document.encode(), Limits(), fold=True)


def test_a_check_is_read_wherever_its_parts_stand() -> None:
    check = tree(
        '<CHECK STATIONCODE="4" restaurantcode=" 100010001 " chmode="1" shiftdate="2026-03-02"'
        ' shiftnum="12" generateddatetime="2026-03-02T18:40:11"><EXTINFO><INTERFACES>'
        '<INTERFACE cardcode="7"><HOLDERS><ITEM cardcode="5"/><ITEM/></HOLDERS><ALLCARDS>'
        '<ITEM cardcode="6"/></ALLCARDS></INTERFACE></INTERFACES></EXTINFO>'
        '<PROPERTY name="main_phone_number" value="+7900"/>'
        '<CHECKDATA checknum="881" orderguid="{0B1C2D3E-0000-4000-8000-00000000A057}"'
        ' closedatetime="2026-03-02T18:40:10"/>'
        '<CHECKPERSONS><PERSON code="21"/><PERSON code="22"/></CHECKPERSONS>'
        '<CHECKLINES><LINE code="201" type="dish" sum="1240.00" pr_list_sum="1300"/>'
        '<LINE code="9" type="modify" sum="5"/><LINE code="8" type="combo" sum="7"/>'
        '<LINE code="312" type="dish" sum="-10,5"/><LINE sum="rubbish"/></CHECKLINES>'
        '<CHECKDISCOUNTS><DISCOUNT code="31" cardcode="4600000000015"/><DISCOUNT code="5"/>'
        "</CHECKDISCOUNTS></CHECK>"
    )
    facts = read(check)
    assert (facts.chmode, facts.station, facts.restaurant_code) == (1, 4, "100010001")
    assert facts.order_guid == "0b1c2d3e-0000-4000-8000-00000000a057"
    assert (facts.check_no, facts.shift_date, facts.shift_no) == (881, date(2026, 3, 2), 12)
    assert facts.cards == ["5", "7"], "holders, then the interface, no other cards"
    assert (facts.phone, facts.pos_user) == ("+7900", "21")
    assert (facts.cheque.net, facts.cheque.gross, facts.cheque.lines) == (122950, 128950, 3)
    assert facts.cheque.dishes == ["201", "312"]
    assert facts.discounts == [DiscountMark(code=31, card="4600000000015")]


@pytest.mark.parametrize("guid", ["", "{00000000-0000-0000-0000-000000000000}", "  "])
def test_an_empty_order_is_no_order(guid: str) -> None:
    assert read(tree(f'<CHECK><CHECKDATA orderguid="{guid}"/></CHECK>')).order_guid is None


@given(st.text(max_size=20))
def test_any_sum_of_a_line_counts_or_counts_nothing(text: str) -> None:
    line = Node("line", {"sum": text, "pr_list_sum": text}, [], "")
    facts = read(Node("check", {}, [line], ""))
    assert facts.cheque.lines == 1
    assert facts.cheque.net == facts.cheque.gross


@pytest.mark.parametrize("text", ["¹", "12.¹", "1²"])
def test_what_only_looks_like_a_digit_counts_nothing(text: str) -> None:
    line = Node("line", {"sum": text}, [], "")
    assert read(Node("check", {}, [line], "")).cheque.net == 0
