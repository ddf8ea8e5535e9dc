"""TransactionsEx, bytes to bytes: every cheque mode, the sequences of 5.2, the examples."""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from sqlalchemy import insert, select

from card_server.accounts import tables as account_tables
from card_server.cards import tables as card_tables
from card_server.classifiers import tables as classifier_tables
from card_server.divisions import tables as division_tables
from card_server.divisions.repository import bump_rules_version, set_setting
from card_server.holders import tables as holder_tables
from card_server.ledger import tables
from card_server.receipts import tables as receipt_tables
from card_server.receipts.documents import open_document
from card_server.schemes import tables as scheme_tables
from tests.helpers.coupons import DISH, make_coupon, make_type, state_of
from tests.helpers.printed import shape
from tests.helpers.shop import BONUS, DEBIT, SPENT, Shop
from tests.helpers.till import Till

CARD = 10007
DONE = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    '<Root><TransactionsEx Result="0"><OutBuf OutKind="1">'
    '<TRRESPONSE error_code="0" err_text="" error_text=""/></OutBuf></TransactionsEx></Root>'
)
LINES = (
    '<CHECKLINES count="1"><LINE id="1000201" code="201" name="Set menu" uni="1" type="dish"'
    ' price="{net}" quantity="1" sum="{net}"/></CHECKLINES>'
)


def configure(till: Till, key: str, value: str) -> None:
    shop = till.shop
    with shop.connection.begin():
        set_setting(shop.connection, key, value, shop.now)
        bump_rules_version(shop.connection, shop.now)
    shop.ledger.forget_rules()


def call(
    lines: list[tuple[int, int]],
    chmode: int | None = 1,
    *,
    card: int | str = CARD,
    order: str = "{0B1C2D3E-0000-4000-8000-00000000A057}",
    stamp: str = "2026-03-02T12:00:10",
    net: str = "1240.00",
    check: str = "",
    no_check: bool = False,
) -> str:
    items = "".join(
        f'<TransactionsEx Card="{card}" PersonID="0" Account="0" Kind="{kind}" Summa="{amount}"'
        ' Restaurant="1" RKDate="2026-03-02T00-00-00" RKUni="4" RKCheck="881" VatSumA="0"'
        ' VatPrcA="0"/>'
        for kind, amount in lines
    )
    mode = "" if chmode is None else f' chmode="{chmode}"'
    buffer = (
        ""
        if no_check
        else f'<INPBUF InpKind="1"><CHECK stationcode="4" restaurantcode="100010001"'
        f' cashservername="CASH1" generateddatetime="{stamp}"{mode} shiftdate="2026-03-02"'
        f' shiftnum="12"><CHECKDATA checknum="881" orderguid="{order}"'
        f' closedatetime="2026-03-02T12:00:09">{LINES.format(net=net)}{check}</CHECKDATA></CHECK>'
        "</INPBUF>"
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?><ROOT>'
        f"<Transactions>{items}</Transactions>{buffer}</ROOT>"
    )


SALE = [(0, -2000), (2, 6200), (3, 124000)]
BACK = [(0, 2000), (2, -6200), (3, -124000)]


def ask(till: Till, body: str) -> ET.Element:
    root = ET.fromstring(till.farcards("TransactionsEx.php", body))  # noqa: S314 - our own reply
    assert root.tag == "Root"
    return root[0]


def ok(till: Till, body: str) -> None:
    reply = ask(till, body)
    assert reply.get("Result") == "0", reply.attrib


def refused(till: Till, body: str) -> str:
    reply = ask(till, body)
    assert reply.get("Result") == "1"
    response = reply.find("OutBuf/TRRESPONSE")
    assert response is not None
    code = reply.get("ErrorCode") or ""
    assert response.get("error_code") == code.removeprefix("SAC-")
    assert response.get("err_text") == response.get("error_text") == reply.get("ErrorText")
    return code


@pytest.fixture
def holder(shop: Shop) -> int:
    holder_id = shop.issue(CARD)
    shop.ok(CARD, [(0, 10000)])
    return holder_id


# -------------------------------------------------------------------------- examples


def test_the_printed_sale_is_answered_as_printed(till: Till, holder: int) -> None:
    reply = till.farcards("transactionsex", call(SALE))
    assert shape(reply) == shape(DONE.encode())
    shop = till.shop
    assert shop.balance(holder, DEBIT) == 8000
    assert shop.balance(holder, BONUS) == 6200
    assert shop.balance(holder, SPENT) == 124000


def test_the_printed_refusal_is_answered_as_printed(till: Till) -> None:
    till.shop.issue(CARD)
    till.shop.ok(CARD, [(0, 1200)])
    sentence = "Недостаточно средств: доступно 12.00, требуется 20.00"
    expected = (
        f'<Root><TransactionsEx Result="1" ErrorText="{sentence}" ErrorCode="SAC-9404">'
        f'<OutBuf OutKind="1"><TRRESPONSE error_code="9404" err_text="{sentence}"'
        f' error_text="{sentence}"/></OutBuf></TransactionsEx></Root>'
    )
    assert shape(till.farcards("transactionsex", call(SALE))) == shape(expected)


def test_the_check_is_kept_as_it_came(till: Till, holder: int) -> None:
    del holder
    ok(till, call(SALE))
    table = receipt_tables.operation_document
    body = till.shop.connection.execute(select(table.c.body)).scalars().all()[-1]
    till.shop.connection.rollback()
    text = open_document(bytes(body or b"")).decode()
    assert text.startswith("<CHECK stationcode")
    assert text.endswith("</CHECK>")


def test_an_escaped_check_is_the_same_check(till: Till, holder: int) -> None:
    plain = call(SALE)
    inner = re.search(r'<INPBUF InpKind="1">(.*)</INPBUF>', plain)
    assert inner is not None
    escaped = inner[1].replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    ok(till, plain.replace(inner[1], escaped))
    ok(till, plain.replace(inner[1], f"<![CDATA[{inner[1]}]]>"))
    ok(till, plain)
    assert till.shop.balance(holder, SPENT) == 124000, "one sale, told three times"


# -------------------------------------------------------------------------- modes


@pytest.mark.parametrize("chmode", [5, 6, 8, 9, 11, 12, 13])
def test_modes_that_book_nothing(till: Till, holder: int, chmode: int) -> None:
    before = till.shop.count(tables.operation)
    assert shape(till.farcards("transactionsex", call(SALE, chmode))) == shape(DONE.encode())
    assert till.shop.count(tables.operation) == before
    assert till.shop.balance(holder, DEBIT) == 10000


def test_an_unknown_mode_with_a_sum_is_refused(till: Till, holder: int) -> None:
    del holder
    assert refused(till, call(SALE, 77)) == "SAC-9801"
    ok(till, call([(3, 0)], 77))


def test_mode_0_books_by_the_signs(till: Till, holder: int) -> None:
    shop = till.shop
    ok(till, call([(0, 5000)], 0, order="{A}"))
    assert shop.balance(holder, DEBIT) == 15000
    ok(till, call([(0, -1000)], None, no_check=True))
    assert shop.balance(holder, DEBIT) == 14000
    ok(till, call([(0, -1000)], None, no_check=True))
    assert shop.balance(holder, DEBIT) == 14000, "a repeat by restaurant, date, till and cheque"
    kinds = shop.connection.execute(
        select(tables.operation.c.kind).order_by(tables.operation.c.chain_no)
    ).scalars()
    assert list(kinds)[-2:] == [10, 13]
    shop.connection.rollback()


def test_the_test_sequence_ends_as_after_one_sale(till: Till, holder: int) -> None:
    """The sequence printed under 5.2."""
    shop = till.shop
    for second, (chmode, lines, spent) in enumerate(
        [
            (1, SALE, 124000),
            (2, BACK, 0),
            (2, BACK, 0),
            (1, SALE, 124000),
            (3, BACK, 0),
            (4, SALE, 124000),
        ]
    ):
        body = call(lines, chmode, stamp=f"2026-03-02T12:00:{second:02d}")
        first = till.farcards("transactionsex", body)
        assert shape(first) == shape(DONE.encode())
        assert till.farcards("transactionsex", body) == first, "a repeat gets the same bytes"
        assert shop.balance(holder, SPENT) == spent
    assert shop.balance(holder, DEBIT) == 8000
    assert shop.balance(holder, BONUS) == 6200


def test_a_roll_back_that_overtakes_refuses_the_older_sale(till: Till, holder: int) -> None:
    ok(till, call(BACK, 2, stamp="2026-03-02T12:00:05"))
    assert refused(till, call(SALE, 1, stamp="2026-03-02T12:00:04")) == "SAC-9420"
    ok(till, call(SALE, 1, stamp="2026-03-02T12:00:06"))
    assert till.shop.balance(holder, SPENT) == 124000


def test_the_same_key_with_other_sums_is_refused(till: Till, holder: int) -> None:
    del holder
    ok(till, call(SALE))
    assert refused(till, call([(0, -2000), (2, 6200), (3, 124100)])) == "SAC-9409"


def test_no_items_are_nothing_to_do(till: Till) -> None:
    assert shape(till.farcards("transactionsex", call([]))) == shape(DONE.encode())


def test_rubbish_is_refused_with_its_value(till: Till, holder: int) -> None:
    del holder
    assert refused(till, call([(3, 5)]).replace('Kind="3"', 'Kind="x"')) == "SAC-9010"
    assert refused(till, call([(3, 5)]).replace('Summa="5"', 'Summa="5.25"')) == "SAC-9010"
    assert refused(till, call([(7, 5)])) == "SAC-9803"
    ok(till, call([(7, 0), (3, 100)]))


def test_decimal_zeros_are_kopecks(till: Till, holder: int) -> None:
    ok(till, call([(3, 124000)]).replace('Summa="124000"', 'Summa="124000.00"'))
    assert till.shop.balance(holder, SPENT) == 124000


# -------------------------------------------------------------------------- details


def test_details_name_each_booking_and_a_repeat_names_the_same(till: Till, holder: int) -> None:
    del holder
    configure(till, "relay.details", "on")
    body = call([(3, 124000), (0, -2000), (2, 6200)])
    first = till.farcards("transactionsex", body)
    rows = ET.fromstring(first).findall(".//TRANSACTION")  # noqa: S314 - our own reply
    assert [(row.get("num"), row.get("value"), row.get("cardcode")) for row in rows] == [
        ("2", "-20.00", "10007"),
        ("3", "62.00", "10007"),
        ("1", "1240.00", "10007"),
    ]
    ids = [int(row.get("ext_id") or 0) for row in rows]
    known = till.shop.connection.execute(select(tables.entry.c.entry_id)).scalars().all()
    till.shop.connection.rollback()
    assert set(ids) <= set(known)
    assert till.farcards("transactionsex", body) == first


def test_slips_come_for_mode_10(till: Till, holder: int) -> None:
    del holder
    shop = till.shop
    assert shape(till.farcards("transactionsex", call(SALE, 10))) == shape(DONE.encode())
    configure(till, "relay.slip_text", "Card {card}\\n{balances}\\n{nothing}")
    reply = ET.fromstring(till.farcards("transactionsex", call(SALE, 10)))  # noqa: S314
    slip = reply.find(".//PRINTDOCUMENT")
    assert slip is not None
    assert slip.attrib == {"code": "101", "cardcode": "10007"}
    assert [(line.tag, line.text) for line in slip[0]] == [
        ("TEXT00", "Card 10007"),
        ("TEXT01", "Бонусный: 0.00"),
        ("TEXT02", "Дебетовый: 100.00"),
        ("TEXT03", "{nothing}"),
    ]
    assert shop.count(tables.operation) == 1


def test_a_doubtful_call_is_booked_with_a_warning(till: Till, holder: int) -> None:
    ok(till, call([(3, 100000), (2, -1)]).replace('PersonID="0"', 'PersonID="5"'))
    trace = till.shop.connection.execute(select(tables.operation_trace.c.trace)).scalars().all()
    till.shop.connection.rollback()
    assert "sign contradicts the kind" in trace[-1]
    assert "card and holder differ" in trace[-1]
    assert till.shop.balance(holder, SPENT) == 100000


# -------------------------------------------------------------------------- quote


def crm(till: Till) -> None:
    """The server counts, five percent of points for everyone."""
    shop = till.shop
    table, types = classifier_tables.classifier, account_tables.account_type
    shop.change(table, table.c.classifier_id == shop.classifier_id, calc_mode=2)
    shop.change(scheme_tables.scheme, scheme_tables.scheme.c.name.like("Бонус 5%"), base_rate=500)
    scheme_id = shop.connection.execute(
        select(scheme_tables.scheme.c.scheme_id).where(scheme_tables.scheme.c.base_rate == 500)
    ).scalar_one()
    shop.connection.rollback()
    shop.change(types, types.c.account_type_id == BONUS, default_scheme_id=scheme_id)


def values(reply: bytes) -> list[tuple[str | None, str | None]]:
    rows = ET.fromstring(reply).findall(".//TRANSACTION")  # noqa: S314 - our own reply
    return [(row.get("num"), row.get("value")) for row in rows]


def test_a_quote_says_what_the_sale_books(till: Till, holder: int) -> None:
    crm(till)
    configure(till, "relay.details", "1")
    lines = [(0, -2000), (3, 124000)]
    before = till.shop.count(tables.operation)
    quote = till.farcards("transactionsex", call(lines, 7))
    assert b"ext_id" not in quote
    assert values(quote) == [("1", "-20.00"), ("0", "62.00"), ("2", "1240.00")]
    assert till.shop.count(tables.operation) == before
    assert till.shop.balance(holder, DEBIT) == 10000
    assert values(till.farcards("transactionsex", call(lines, 1))) == values(quote)
    assert values(till.farcards("transactionsex", call(lines, 7))) != [], "booked or not"


def test_a_quote_without_items_counts_the_cheque(till: Till, holder: int) -> None:
    del holder
    crm(till)
    interfaces = (
        '<EXTINFO><INTERFACES><INTERFACE type="PDS" cardcode="10007"><HOLDERS>'
        '<ITEM cardcode="10007"/></HOLDERS></INTERFACE></INTERFACES></EXTINFO>'
    )
    reply = till.farcards("transactionsex", call([], 7, check=interfaces))
    assert [value for _, value in values(reply)] == ["62.00", "1240.00"]


def test_a_quote_offers_the_guests_coupon(till: Till, holder: int) -> None:
    crm(till)
    make_type(till.shop)
    code = make_coupon(till.shop, holder_id=holder)
    reply = ET.fromstring(till.farcards("transactionsex", call([(3, 1000)], 7)))  # noqa: S314
    kinds = [node.get("OutKind") for node in reply.iter("OutBuf")]
    assert kinds == ["1", "3"]
    assert state_of(till.shop, code) == (2, 0)


def test_a_quote_that_cannot_be_paid_is_refused_and_needs_its_right(
    till: Till, holder: int
) -> None:
    del holder
    crm(till)
    assert refused(till, call([(0, -20000), (3, 124000)], 7)) == "SAC-9404"
    till.forbid("quote")
    assert refused(till, call(SALE, 7)) == "SAC-9101"


def test_mode_7_is_nothing_where_the_till_counts(till: Till, holder: int) -> None:
    del holder
    assert shape(till.farcards("transactionsex", call(SALE, 7))) == shape(DONE.encode())


# -------------------------------------------------------------------------- coupons


def test_a_coupon_goes_with_its_dish_and_comes_back(till: Till, holder: int) -> None:
    del holder
    make_type(till.shop)
    code = make_coupon(till.shop)
    discounts = (
        '<CHECKDISCOUNTS count="1"><DISCOUNT id="1" code="31" name="Cake" uni="2"'
        f' cardcode="{code}" sum="-50.00"/></CHECKDISCOUNTS>'
    )
    sale = call([(3, 124000)], check=discounts).replace('code="201"', f'code="{DISH}"')
    ok(till, sale)
    ok(till, sale)
    assert state_of(till.shop, code) == (3, 1)
    ok(till, call([(3, -124000)], 2, stamp="2026-03-02T12:00:20", check=discounts))
    assert state_of(till.shop, code) == (2, 0)


def test_a_coupon_whose_dish_is_missing_refuses_the_call(till: Till, holder: int) -> None:
    make_type(till.shop)
    code = make_coupon(till.shop)
    both = call([(3, 124000)]).replace(
        "</Transactions>",
        f'<TransactionsEx Card="{code}" Kind="1" Summa="0" Restaurant="1" RKCheck="881"/>'
        "</Transactions>",
    )
    assert refused(till, both) == "SAC-9510"
    assert till.shop.balance(holder, SPENT) == 0
    till.forbid("coupon.use")
    assert refused(till, both.replace("12:00:10", "12:00:11")) == "SAC-9101"


# -------------------------------------------------------------------------- places


def test_places_are_noted_and_written_beside_the_postings(till: Till, holder: int) -> None:
    del holder
    shop = till.shop
    ok(till, call([(3, 100)]))
    assert till.dispatch.sightings.unknown_units == {"100010001": 1}
    table = division_tables.unit
    shop.change(table, table.c.unit_id == 1, pos_code="100010001")
    ok(till, call([(3, 100)], order="{B}"))
    sightings = till.dispatch.sightings
    assert sightings.has_news
    with shop.connection.begin():
        sightings.take().write(shop.connection, shop.now)
    assert till.dispatch.sightings.has_news is False
    station = shop.connection.execute(select(division_tables.station)).one()
    state = shop.connection.execute(select(table.c.state).where(table.c.unit_id == 1)).scalar()
    shop.connection.rollback()
    assert (station.unit_id, station.station_no, station.last_seen_at) == (1, 4, shop.now)
    assert state == 2, "a closed cheque makes a test unit live"


def test_a_roll_back_makes_no_unit_live(till: Till, holder: int) -> None:
    del holder
    shop = till.shop
    table = division_tables.unit
    shop.change(table, table.c.unit_id == 1, pos_number=1)
    ok(till, call([(3, -100)], 2))
    ok(till, call([(3, 100)], 6))
    with shop.connection.begin():
        till.dispatch.sightings.take().write(shop.connection, shop.now)
    state = shop.connection.execute(select(table.c.state).where(table.c.unit_id == 1)).scalar()
    shop.connection.rollback()
    assert state == 1


def test_who_calls_is_found_in_order(till: Till, holder: int) -> None:
    del holder
    body = call([(3, 100)])
    nobody = till.answer(body, path=("transactionsex",))
    assert b"SAC-9802" in nobody.body
    by_path = till.answer(body, path=("12345678901234567890", "transactionsex"))
    assert b'Result="0"' in by_path.body
    by_header = till.answer(body, path=("x",), headers={"terminal-type": "12345678901234567890"})
    assert by_header.body == by_path.body, "the root ROOT decides on an unknown path"
    configure(till, "relay.aliases", "pay.php=transactionsex")
    alias = till.answer(body, path=("pay",), query={"qualifier": "12345678901234567890"})
    assert alias.body == by_path.body
    configure(till, "relay.default_classifier", "12345678901234567890")
    assert till.answer(body, path=("transactionsex",)).body == by_path.body
    till.peer = "10.1.2.3"
    assert b"SAC-9102" in till.answer(body, path=("transactionsex",)).body


def test_broken_xml_is_a_refusal_at_200(till: Till) -> None:
    answer = till.answer("<ROOT", path=("transactionsex",))
    assert answer.status == 200
    assert b'<TransactionsEx Result="1"' in answer.body
    assert b"SAC-9002" in answer.body


@pytest.mark.parametrize("name", ["FindCardsL", "FindAccountsByKind", "GetDiscLevelInfoL"])
def test_functions_without_an_http_form_are_refused_by_name(till: Till, name: str) -> None:
    reply: Any = ET.fromstring(till.farcards(name, "<ROOT/>"))  # noqa: S314 - our own reply
    assert (reply[0].tag, reply[0].get("Result")) == (name, "1")
    assert name in reply[0].get("ErrorText")


@pytest.mark.parametrize("body", [b"", b"\x00\xff garbage", b"<ROOT/>"])
def test_licence_info_is_an_empty_answer(till: Till, body: bytes) -> None:
    answer = till.answer(body, path=("licenseinfo.php",))
    assert (answer.status, answer.body) == (200, b"")
    assert answer.content_type.startswith("text/xml")


def test_the_card_of_an_item_may_be_carrier_data_or_a_phone(till: Till, holder: int) -> None:
    shop = till.shop
    shop.change(card_tables.card, card_tables.card.c.card_code == CARD, carrier_data="5000000000")
    ok(till, call([(3, 100)], card=5000000000))
    ok(till, call([(3, -100)], 3, stamp="2026-03-02T12:00:11"))
    assert shop.balance(holder, SPENT) == 0, "a return by the card's own number finds it"
    with shop.connection.begin():
        shop.connection.execute(
            insert(holder_tables.contact).values(
                contact_id=shop.ledger.ids.take("contact"),
                holder_id=holder,
                contact_type_id=1,
                value="79000000011",
                value_norm="79000000011",
                created_at=shop.now,
                updated_at=shop.now,
            )
        )
    by_phone = call([(3, 700)], card=89000000011, order="{C}")
    assert refused(till, by_phone) == "SAC-9201"
    configure(till, "card.virtual_by_phone", "on")
    ok(till, by_phone.replace("12:00:10", "12:00:12"))
    assert shop.balance(holder, SPENT) == 700
