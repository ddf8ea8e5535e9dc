"""A request whose shape is known gives the tree that the parser would make of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from card_server.relay import shapes
from card_server.relay.limits import Limits
from card_server.relay.shapes import SHAPES, STRANGERS, Shapes
from card_server.relay.xml_tree import Node, parse
from shared.wire.errors import AppError

LIMITS = Limits()
MESSAGE = (
    '<?xml version="1.0" encoding="utf-8"?><Message Action="Get card info" Terminal_Type="12" '
    'Unit_ID="1"><Card_Code>{card}</Card_Code><Include>Account, Holder</Include></Message>'
)
WINDOW = '<ROOT><QRY Card="{card}" Restaurant="1" UnitNo="1"/></ROOT>'
TEXTS = [
    MESSAGE,
    WINDOW,
    "<Message><Card_Code>{card}</Card_Code><Card_Code>17</Card_Code></Message>",
    "<Message><!-- <Card_Code>{card}</Card_Code> --><Card_Code>5</Card_Code></Message>",
    "<Message><![CDATA[<Card_Code>{card}</Card_Code>]]></Message>",
    "<a><Card_Code>{card}<b/>1</Card_Code></a>",
    '<a><b Card="{card}" card="9"/></a>',
    '<a><b card="9" Card="{card}"/></a>',
    '<a x="1"><b Card="{card}"><c>t</c></b><b Card="3"/></a>',
]
codes = st.integers(0, 10**18 - 1)


def outcome(work: Callable[[], Node]) -> object:
    """A tree, or code and facts of the refusal."""
    try:
        return work()
    except AppError as error:
        return error.code, error.facts


@given(st.sampled_from(TEXTS), st.lists(codes, min_size=1, max_size=6), st.booleans())
def test_the_tree_is_the_parsers_tree(text: str, cards: list[int], fold: bool) -> None:
    known = Shapes(LIMITS)
    for card in cards:
        body = text.format(card=card).encode()
        assert known.parse(body, fold=fold) == parse(body, LIMITS, fold=fold)


@given(st.binary(max_size=60), st.binary(max_size=60), st.lists(codes, min_size=3, max_size=4))
def test_rubbish_around_a_card_is_refused_as_the_parser_refuses_it(
    before: bytes, after: bytes, cards: list[int]
) -> None:
    known = Shapes(LIMITS)
    for card in cards:
        body = b"<a>%b<Card_Code>%d</Card_Code>%b</a>" % (before, card, after)
        wanted = outcome(lambda: parse(body, LIMITS))  # noqa: B023 - called at once
        assert outcome(lambda: known.parse(body, fold=False)) == wanted  # noqa: B023 - the same


@pytest.mark.parametrize("text", [MESSAGE, WINDOW])
def test_the_third_request_of_a_shape_is_not_parsed(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = Shapes(LIMITS)
    for card in (10_001, 10_002):
        known.parse(text.format(card=card).encode(), fold=True)
    wanted = parse(text.format(card=10_003).encode(), LIMITS, fold=True)
    monkeypatch.setattr(shapes, "parse", None)
    assert known.parse(text.format(card=10_003).encode(), fold=True) == wanted


def test_shapes_and_strangers_are_bounded() -> None:
    known = Shapes(LIMITS)
    for number in range(SHAPES + 10):
        for _ in range(2):
            known.parse(b"<m n='%d'><Card_Code>1</Card_Code></m>" % number, fold=False)
    for number in range(STRANGERS + 10):
        known.parse(b"<m k='%d'><Card_Code>1</Card_Code></m>" % number, fold=False)
    assert len(known._known) <= SHAPES
    assert len(known._strangers) <= STRANGERS
