"""Search requests as they are read (crm-xml.md section 10)."""

from __future__ import annotations

import pytest

from card_server.holders.search_language import Mask, Span, read_mask
from card_server.relay.crm_xml_search_reader import SearchRequest, read_search
from card_server.relay.limits import Limits
from card_server.relay.xml_tree import parse
from shared.wire.errors import AppError, ErrorCode

CLEAR = '<Item Mode="Clear"/>'


def read(inner: str) -> SearchRequest:
    return read_search(parse(f"<Message>{inner}</Message>".encode(), Limits()), Limits())


def add(name: str) -> str:
    return f'<Item Mode="Add"><Holders><L_Name Value="{name}"/></Holders></Item>'


def masks(request: SearchRequest) -> list[Mask]:
    return [mask for item in request.items for mask in item.l_names]


@pytest.mark.parametrize(
    ("inner", "names", "anew", "after"),
    [
        ("", [], False, False),
        (CLEAR, [], True, False),
        (CLEAR + add("a"), ["a"], True, False),
        (add("a") + CLEAR, ["a"], False, True),
        (add("a") + CLEAR + add("b"), ["b"], True, False),
        (CLEAR + add("a") + CLEAR, ["a"], True, True),
        (add("a").replace(' Mode="Add"', ""), ["a"], False, False),
    ],
)
def test_clears_and_adds(inner: str, names: list[str], *, anew: bool, after: bool) -> None:
    request = read(inner)
    assert masks(request) == [read_mask(name) for name in names]
    assert (request.starts_anew, request.clears_after) == (anew, after)
    assert request.has_items is bool(inner)


def test_values_stand_in_the_attribute_or_as_text_and_empty_ones_are_none() -> None:
    fields = '<L_Name Value=" Ёж "/><L_Name>петр*</L_Name><L_Name Value=""/><F_Name/>'
    (item,) = read(f"<Item><Holders>{fields}</Holders></Item>").items
    assert item.l_names == [read_mask("еж"), read_mask("петр*")]
    assert item.f_names == []


def test_every_group_and_field() -> None:
    (item,) = read(
        "<Item><Holders><External_Code Value='A'/><Image Value='No'/><Group_ID Value='3'/>"
        "<Group_ID Value='4'/></Holders><Cards><Card_Code Value='5'/><Carrier_Data Value=';'/>"
        "<Group_ID Value='11'/></Cards><Contacts><Phone Value='12' IsNumber='1'/>"
        "<Phone Value='12*'/><EMail Value='A@B'/></Contacts><Addresses><City Value='Тверь'/>"
        "<Street Value='Мира'/><House Value='5А'/></Addresses></Item>"
    ).items
    assert (item.holder_groups, item.card_groups, item.has_image) == ([3, 4], [11], False)
    assert item.card_codes == [Span(5, 5)]
    assert (item.phone_digits, item.phones) == (["12"], [read_mask("12*")])
    assert item.emails == [read_mask("a@b")]
    assert item.houses == [read_mask("5а")]


def test_sort_words_count_in_their_order() -> None:
    request = read("<Include>Sort_Birth; X, sort_l_name Sort_Birth</Include>")
    assert request.sort == ("birth_date", "l_name")


def test_index_and_count() -> None:
    request = read("<Index>0</Index><Count>x</Count>")
    assert (request.index, request.count) == (1, None)
    assert read("<Index>7</Index><Count>20</Count>").count == 20


@pytest.mark.parametrize(
    ("inner", "code"),
    [
        ("<Item Mode='Subtract'/>", ErrorCode.SEARCH_CONDITION),
        ("<Item/>" * 101, ErrorCode.TOO_MANY_ITEMS),
        (
            "<Item><Holders>" + "<L_Name>a</L_Name>" * 101 + "</Holders></Item>",
            ErrorCode.TOO_MANY_ITEMS,
        ),
        (f"<Include>{'x' * 5000}</Include>", ErrorCode.TOO_LONG),
    ],
)
def test_bounds(inner: str, code: ErrorCode) -> None:
    with pytest.raises(AppError) as caught:
        read(inner)
    assert caught.value.code is code
