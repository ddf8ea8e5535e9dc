"""Requests that differ from earlier ones only in the values of attributes are not parsed again.

What a till sends about a cheque is attributes: the same elements come all day long with other
numbers, names and moments. A request is split at its double quotes; what stands outside them (the
markup) is looked up, and the tree is built from the values. That is safe because of three things:

* a shape is kept only if the parser, given a mark of its own in every place of a value, made a tree
  in which each mark is exactly the value of one attribute, and no attribute has any other value;
* values that hold anything but printable characters, or `<` or `&`, go to the parser, so that no
  value can end, normalise or be refused otherwise than its mark was;
* the declaration belongs to the markup, with its quotes.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from operator import itemgetter
from typing import Any, Final, TypeVar

import msgspec

from card_server.relay.decoding import trimmed
from card_server.relay.limits import Limits
from card_server.relay.xml_tree import Node, parse_well_formed
from shared.wire.errors import AppError

LONGEST_REQUEST: Final = 16_384
SHAPES: Final = 256
STRANGERS: Final = 4_096
"""Shapes seen once; only the second request of a shape is worth a second parsing."""
QUOTE: Final = '"'
DECLARATION: Final = "<?xml"
DECLARATION_END: Final = "?>"

Key = tuple[str, bool]


class Mould(msgspec.Struct, frozen=True):
    """An element without its values: those of its attributes are `start` to `end` of all."""

    tag: str
    names: tuple[str, ...]
    start: int
    end: int
    children: tuple[Mould, ...]
    text: str


Getter = Callable[[list[str]], tuple[str, ...]]
"""Fetches some values of a request out of all of them."""
L = TypeVar("L")
Lay = Callable[[Node, Callable[[Node, tuple[str, ...]], Getter]], L]
"""Looks through the element of a shape, and keeps where the values are that it will want."""


class Shape(msgspec.Struct, frozen=True):
    """A markup that was seen twice."""

    mould: Mould
    places: Node
    """The root element with the place of each value in its stead."""
    layouts: dict[Any, Any]
    """What readers found out about this markup, by reader."""


class Quoted(msgspec.Struct, frozen=True):
    """A request of a known shape: its values, and an empty one for attributes it has not."""

    shape: Shape
    values: list[str]

    def tree(self) -> Node:
        """The root element exactly as `xml_tree.parse` makes it."""
        return _cast(self.shape.mould, self.values)

    def layout(self, lay: Lay[L]) -> L:
        """Where a reader's values stand in requests of this shape; it looks once."""
        layouts = self.shape.layouts
        if lay not in layouts:
            layouts[lay] = lay(self.shape.places, _getter)
        found: L = layouts[lay]
        return found


def _getter(node: Node, names: tuple[str, ...]) -> Getter:
    """What fetches these attributes of an element whose values are places; -1 is the empty one."""
    places = [int(node.attributes.get(name, -1)) for name in names]
    if len(places) > 1:
        return itemgetter(*places)
    place = places[0]
    return lambda values: (values[place],)


class QuotedShapes:
    """The shapes that were seen twice, of one dispatcher."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._known: dict[Key, Shape | None] = {}
        self._strangers: set[int] = set()

    def tree(self, body: bytes, *, fold: bool) -> Node | None:
        """The root element exactly as `xml_tree.parse` makes it; None if the shape is new."""
        found = self.find(body, fold=fold)
        return found.tree() if found is not None else None

    def find(self, body: bytes, *, fold: bool) -> Quoted | None:
        """The values of a request; None if its shape is new."""
        if len(body) > LONGEST_REQUEST:
            return None
        try:
            text = body.decode()
        except UnicodeDecodeError:
            return None
        head = ""
        if text.startswith(DECLARATION):
            head, end, text = text.partition(DECLARATION_END)
            head += end
        pieces = text.split(QUOTE)
        values = pieces[1::2]
        if not values or not len(pieces) & 1 or not _are_plain(values):
            return None
        markup = pieces[::2]
        key = (head + QUOTE.join(markup), fold)
        shape = self._known.get(key)
        if shape is not None:
            values.append("")
            return Quoted(shape, values)
        if key not in self._known and self._is_seen(key):
            self._learn(key, head, markup)
        return None

    def _is_seen(self, key: Key) -> bool:
        mark = hash(key)
        if mark in self._strangers:
            return True
        if len(self._strangers) >= STRANGERS:
            self._strangers.clear()
        self._strangers.add(mark)
        return False

    def _learn(self, key: Key, head: str, markup: list[str]) -> None:
        """Keep the shape if every place of a value is the whole value of one attribute."""
        unheard = secrets.token_hex(8)  # nobody can send a mark of ours in another place
        marks = [f"{unheard}{i}" for i in range(len(markup) - 1)]
        marked = [markup[0]]
        for mark, piece in zip(marks, markup[1:], strict=True):
            marked += [QUOTE, mark, QUOTE, piece]
        body = trimmed((head + "".join(marked)).encode())
        try:
            root = parse_well_formed(body, self._limits, fold=key[1])
        except AppError:
            root = None
        if len(self._known) >= SHAPES:
            self._known.clear()
        mould = _mould_of(root, marks) if root is not None else None
        if mould is None:
            self._known[key] = None
            return
        places = _cast(mould, [str(i) for i in range(len(marks))])
        self._known[key] = Shape(mould, places, {})


def _are_plain(values: list[str]) -> bool:
    """No character that the parser would refuse, replace, or read as anything but itself."""
    joined = "".join(values)
    return joined.isprintable() and "<" not in joined and "&" not in joined


def _mould_of(root: Node, marks: list[str]) -> Mould | None:
    """The tree of the marks as a mould; None unless attributes hold each of them once, in order."""
    found: list[str] = []
    mould = _take(root, found)
    return mould if found == marks else None


def _take(node: Node, found: list[str]) -> Mould:
    start = len(found)
    found += node.attributes.values()
    end = len(found)
    children = tuple([_take(child, found) for child in node.children])
    return Mould(node.tag, tuple(node.attributes), start, end, children, node.text)


def _cast(mould: Mould, values: list[str]) -> Node:
    """A fresh tree of a known shape."""
    return Node(
        mould.tag,
        dict(zip(mould.names, values[mould.start : mould.end], strict=True)),
        [_cast(child, values) for child in mould.children],
        mould.text,
    )


__all__ = ["LONGEST_REQUEST", "SHAPES", "STRANGERS", "Getter", "Quoted", "QuotedShapes"]
