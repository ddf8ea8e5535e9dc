"""A request whose markup is known gives the tree that the parser would make of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from card_server.relay import quoted_shapes
from card_server.relay.limits import Limits
from card_server.relay.quoted_shapes import LONGEST_REQUEST, SHAPES, STRANGERS, QuotedShapes
from card_server.relay.xml_tree import Node, parse
from shared.wire.errors import AppError

LIMITS = Limits()
CHEQUE = (
    '<?xml version="1.0" encoding="UTF-8"?><ROOT><Transactions><TransactionsEx Card="%s" '
    'Kind="2"/><TransactionsEx Card="%s" Kind="3"/></Transactions><INPBUF InpKind="1"><CHECK '
    'chmode="1" stamp="%s"><LINE Name="%s"/>tail</CHECK></INPBUF></ROOT>'
)
TEXTS = [
    CHEQUE,
    '\n<a x="%s"><b y="%s" z="%s"/>text<c w="%s"/>more</a>\n\0',
    '\ufeff<a x="%s" y="%s" z="%s" w="%s"/>',
    '<a x="%s" X="%s" y="%s" z="%s"/>',
    '<n:a xmlns:n="%s" n:x="%s" x="%s" y="%s"/>',
    '<a n:x="%s" y="%s" z="%s" w="%s"/>',
    '<a x=\'"%s"\' y="%s" z="%s" w=\'%s\'/>',
    '<a>say "%s" and "%s"<b x="%s" y="%s"/></a>',
    '<a><!-- "%s" --><b x="%s" y="%s" z="%s"/></a>',
    '<a><![CDATA[<b x="%s"/>]]><b x="%s" y="%s" z="%s"/></a>',
    '<!DOCTYPE a SYSTEM "%s"><a x="%s" y="%s" z="%s"/>',
    '<a x="%s" x="%s" y="%s" z="%s"/>',
    '<a x="%s" y="%s" z="%s" w="%s"> & </a>',
    '<?xml version="1.0" encoding="windows-1251"?><a x="%s" y="%s" z="%s" w="%s">&</a>',
    '<? xml version="1.0"?><a x="%s" y="%s" z="%s" w="%s"/>',
    '<a x="%s" y="%s"><?say "%s" "%s"?></a>',
    '<a x="%s" y="%s" z="%s" w="%s">',
]
plain = st.text(alphabet="09 aZ.:-{}/>'яЁ€😀", max_size=6)
anything = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=4)
special = st.sampled_from(
    ['"', "&amp;", "&", "<", "\t", "\r\n", "\0", "\x85", "\xa0", "\ufffe", "]]>"]
)
rows = st.lists(
    st.tuples(*[st.one_of(plain, plain, plain, anything, special)] * 4), min_size=1, max_size=7
)


def outcome(known: QuotedShapes | None, body: bytes, *, fold: bool) -> object:
    """A tree, or code and facts of the refusal; by the parser where no shape is known."""
    try:
        tree = known.tree(body, fold=fold) if known is not None else None
        return tree or parse(body, LIMITS, fold=fold)
    except AppError as error:
        return error.code, error.facts


@given(st.sampled_from(TEXTS), rows, st.booleans())
def test_the_tree_is_the_parsers_tree(text: str, values: list[tuple[str, ...]], fold: bool) -> None:
    known = QuotedShapes(LIMITS)
    for body in (text % ("1", "2", "3", "4"), text % ("5", "6", "7", "8")):
        known.tree(body.encode(), fold=fold)
    for row in values:
        sent = (text % row).encode()
        assert outcome(known, sent, fold=fold) == outcome(None, sent, fold=fold)


@given(st.lists(st.binary(max_size=24), min_size=2, max_size=5), st.booleans())
def test_rubbish_between_quotes_is_taken_as_the_parser_takes_it(
    pieces: list[bytes], fold: bool
) -> None:
    known = QuotedShapes(LIMITS)
    for value in (b"1", b"2", b"3"):
        body = (b'"' + value + b'"').join(pieces)
        assert outcome(known, body, fold=fold) == outcome(None, body, fold=fold)


def test_the_third_request_of_a_shape_is_built_without_the_parser(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    known = QuotedShapes(LIMITS)
    for number in "12":
        body = (CHEQUE % (number, "a", "b", "c")).encode()
        assert known.tree(body, fold=True) is None
    body = (CHEQUE % ("17", "18", "2026-03-05", "Борщ > щи")).encode()
    wanted = parse(body, LIMITS, fold=True)
    monkeypatch.setattr(quoted_shapes, "parse_well_formed", None)
    found = known.tree(body, fold=True)
    assert isinstance(found, Node)
    assert found == wanted
    assert known.tree(body, fold=True) is not found


def test_the_tree_keeps_case_where_it_counts() -> None:
    known = QuotedShapes(LIMITS)
    body = b'<A X="1"><B Y="2"/></A>'
    trees = [[known.tree(body, fold=fold) for fold in (True, False)] for _ in range(3)][-1]
    assert trees == [parse(body, LIMITS, fold=True), parse(body, LIMITS, fold=False)]


def test_a_shape_too_deep_for_the_limits_is_left_to_the_parser() -> None:
    known = QuotedShapes(Limits(xml_depth=1))
    for _ in range(3):
        assert known.tree(b'<a x="1"><b y="2"/></a>', fold=False) is None


def test_a_request_too_long_to_remember_is_left_to_the_parser() -> None:
    known = QuotedShapes(LIMITS)
    for _ in range(3):
        assert known.tree(b'<a x="%s"/>' % (b"1" * LONGEST_REQUEST), fold=False) is None


def test_shapes_and_strangers_are_bounded() -> None:
    known = QuotedShapes(LIMITS)
    for number in range(SHAPES + 10):
        for _ in range(2):
            known.tree(b'<m%d n="1"/>' % number, fold=False)
    for number in range(STRANGERS + 10):
        known.tree(b'<k%d n="1"/>' % number, fold=False)
    assert len(known._known) <= SHAPES
    assert len(known._strangers) <= STRANGERS
