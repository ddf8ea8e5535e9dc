"""Farcards requests: functions, CHECK, items (farcards.md 2, 4, 5, 6)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from card_server.relay.farcards_reader import (
    function_of,
    local_moment,
    read_card_query,
    read_kopecks,
    read_quoted,
    read_transactions,
)
from card_server.relay.limits import Limits
from card_server.relay.quoted_shapes import QuotedShapes
from card_server.relay.xml_tree import Node, parse
from shared.wire.errors import AppError, ErrorCode


def tree(document: str) -> Node:
    return parse(document.encode(), Limits(), fold=True)


@pytest.mark.parametrize(
    ("path", "document", "function"),
    [
        (("getcardinfoex.php",), "<ROOT/>", "getcardinfoex"),
        (("x", "TransactionsEx"), "<ROOT/>", "transactionsex"),
        (("x",), "<ROOT><Transactions/></ROOT>", "transactionsex"),
        ((), "<ROOT><TransactionsEx/></ROOT>", "transactionsex"),
        ((), '<ROOT><QRY Email="a@b"/></ROOT>', "findemail"),
        ((), '<ROOT><QRY CardCode="1"/></ROOT>', "getcardimageex"),
        ((), '<ROOT><QRY Card="1"/></ROOT>', "getcardinfoex"),
        ((), "<ROOT><QRY/><INPBUF/></ROOT>", "getcardinfoex"),
        ((), "<ROOT/>", "licenseinfo"),
    ],
)
def test_the_function_is_the_path_else_what_the_root_holds(
    path: tuple[str, ...], document: str, function: str
) -> None:
    assert function_of(path, tree(document)) == function


@pytest.mark.parametrize(
    ("document", "card"),
    [
        ('<ROOT><QRY Card="007"/></ROOT>', "007"),
        ('<ROOT><QRY Card="0"/></ROOT>', ""),
        ('<ROOT><QRY Card="TRACK0"/></ROOT>', "TRACK0"),
        (
            '<ROOT><QRY Card="x"/><INPBUF><CHECK><INTERFACE cardcode="5"/></CHECK></INPBUF></ROOT>',
            "5",
        ),
        (
            '<ROOT><QRY Card="9"/><INPBUF><CHECK><INTERFACE cardcode="5"/></CHECK></INPBUF></ROOT>',
            "9",
        ),
    ],
)
def test_the_card_is_that_of_the_query_else_of_the_check(document: str, card: str) -> None:
    assert read_card_query(tree(document)).card == card


def test_items_stand_under_transactions_or_the_root() -> None:
    item = '<TransactionsEx Card="10007" PersonID="5" Kind="2" Summa="6200"/>'
    for document in (f"<ROOT><Transactions>{item * 2}</Transactions></ROOT>", f"<r>{item * 2}</r>"):
        message = read_transactions(tree(document), document.encode())
        assert [(line.card, line.person_id, line.position) for line in message.lines] == [
            (10007, 5, 1),
            (10007, 5, 2),
        ]
        assert message.document is None


@pytest.mark.parametrize("form", ["<CHECK/>", "<CHECK a='1'>x</CHECK >", "<check>x</check>"])
def test_the_check_is_cut_out_of_the_body(form: str) -> None:
    body = f"<ROOT><INPBUF>{form}</INPBUF></ROOT>"
    assert read_transactions(tree(body), body.encode()).document == form.encode()
    escaped = form.replace("<", "&lt;")
    hidden = f"<ROOT><INPBUF>{escaped}</INPBUF></ROOT>"
    assert read_transactions(tree(hidden), hidden.encode()).document == form.encode()


def test_a_check_in_windows_1251_is_kept_in_utf_8() -> None:
    body = "<ROOT><INPBUF><CHECK t='стол'/></INPBUF></ROOT>".encode("cp1251")
    message = read_transactions(parse(body, Limits(), fold=True), body)
    assert message.document == "<CHECK t='стол'/>".encode()


@pytest.mark.parametrize(
    ("text", "kopecks"),
    [("", 0), ("-2000", -2000), ("124000.00", 124000), ("+5", 5), ("7,0", 7)],
)
def test_kopecks_are_whole_numbers(text: str, kopecks: int) -> None:
    assert read_kopecks(text, "Summa") == kopecks


@pytest.mark.parametrize("text", ["12.5", "¹", "٣", "+-5", "--5", "-", "1e3", "9" * 17, "1_000"])
def test_what_is_no_whole_number_of_kopecks_is_refused(text: str) -> None:
    with pytest.raises(AppError) as refused:
        read_kopecks(text, "Summa")
    assert refused.value.code is ErrorCode.FIELD_BAD


@given(st.text(max_size=30))
def test_any_sum_is_kopecks_or_a_refusal_with_its_value(text: str) -> None:
    refusal = None
    try:
        read_kopecks(text, "Summa")
    except AppError as error:
        refusal = error
    if refusal is not None:
        assert refusal.code is ErrorCode.FIELD_BAD
        assert refusal.facts["value"] == text


@pytest.mark.parametrize("text", ["", "rubbish", "2026-13-40T00:00:00", "2026-03-02T25:00"])
def test_a_moment_that_cannot_be_read_is_none(text: str) -> None:
    assert local_moment(text, 0) is None


ESCAPED = "<ROOT><INPBUF>&lt;CHECK chmode='1'/></INPBUF><TransactionsEx Card=\"%s\"/></ROOT>"
LINES = (
    '<ROOT><Transactions><TransactionsEx Card="%s" Kind="%s" Summa="%s" RKDate="%s" RKUni="%s"/>'
    '<TransactionsEx PersonID="%s" Kind="%s" RKUnit="%s" RKCheck="%s"/></Transactions></ROOT>'
)
CHEQUE = (
    '<ROOT><TransactionsEx Card="%s" Summa="%s"/><INPBUF InpKind="1"><CHECK chmode="%s" '
    'stationcode="%s" restaurantcode="%s" shiftdate="%s"><EXTINFO><INTERFACES><INTERFACE '
    'cardcode="%s"><HOLDERS><ITEM cardcode="%s"/></HOLDERS></INTERFACE></INTERFACES></EXTINFO>'
    '<PROPERTY name="%s" value="%s"/><CHECKDATA checknum="%s" orderguid="%s"/><PERSON code="%s"/>'
    '<LINE code="%s" type="%s" sum="%s"/><LINE sum="%s" pr_list_sum="%s"/><CHECKDISCOUNTS>'
    '<DISCOUNT code="%s" cardcode="%s"/></CHECKDISCOUNTS></CHECK></INPBUF></ROOT>'
)
SENT = [
    LINES,
    CHEQUE,
    '<ROOT><INPBUF InpKind="%s"/><TransactionsEx Card="%s"/></ROOT>',
    ESCAPED,
]
said = st.sampled_from(
    ["", "0", "1", "3", " 7 ", "-620", "124000", "12.40", "10,5", "2026-03-02", "dish", "combo"]
) | st.sampled_from(["MAIN_PHONE_NUMBER", "{0b1c}", "4600000000015", "rubbish", "\u0451"])


@given(st.sampled_from(SENT), st.lists(st.lists(said, min_size=20, max_size=20), min_size=3))
def test_a_known_markup_is_read_as_an_unknown_one(form: str, rows: list[list[str]]) -> None:
    known = QuotedShapes(Limits())
    for row in rows:
        body = (form % tuple(row[: form.count("%s")])).encode()
        quoted = known.find(body, fold=True)
        outcomes: list[object] = []
        for read in (
            lambda quoted=quoted, body=body: read_quoted(quoted, body) if quoted else None,
            lambda body=body: read_transactions(parse(body, Limits(), fold=True), body),
        ):
            try:
                outcomes.append(read())
            except AppError as error:
                outcomes.append((error.code, error.facts))
        assert outcomes[0] in (None, outcomes[1])
    assert (outcomes[0] is None) == (form == ESCAPED)
