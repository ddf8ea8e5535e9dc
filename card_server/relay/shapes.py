"""Requests that differ from earlier ones only in the number of a card are not parsed again.

A till asks the same question all day long with another card. What stands before and behind the
number is looked up as bytes; the tree of the earlier request is taken over with the new number in
it. That is safe because it was tried: a shape is kept only if the parser, given other digits in the
same place, made the same tree with nothing but those digits changed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from card_server.relay.limits import Limits
from card_server.relay.quoted_shapes import Quoted, QuotedShapes
from card_server.relay.xml_tree import Node, parse

LONGEST_REQUEST: Final = 2_048
SHAPES: Final = 256
STRANGERS: Final = 4_096
"""Requests seen once; only the second of a shape is worth a second parsing."""
NUMBER: Final = re.compile(rb'(?:<Card_Code>|[ \n]Card=")([0-9]{1,18})(?=[<"])')

Key = tuple[bytes, bytes, bool]
Place = tuple[int, ...]
Found = tuple[Place, str | None]
"""Child numbers from the root, and the attribute; None for the element's text."""


class Shapes:
    """The shapes that were seen twice, of one dispatcher."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._known: dict[Key, tuple[Node, Found] | None] = {}
        self._strangers: set[int] = set()
        self._quoted = QuotedShapes(limits)

    def parse(self, body: bytes, *, fold: bool) -> Node:
        """The root element of a request, exactly as `xml_tree.parse` makes it.

        The tree may share elements with others: whoever reads it must not change it.
        """
        found = NUMBER.search(body) if len(body) <= LONGEST_REQUEST else None
        if found is None:
            return self._quoted.tree(body, fold=fold) or parse(body, self._limits, fold=fold)
        start, end = found.span(1)
        key = (body[:start], body[end:], fold)
        known = self._known.get(key)
        if known is not None:
            tree, (place, name) = known
            return _with(tree, place, name, found[1].decode())
        root = self._quoted.tree(body, fold=fold)
        if root is not None:
            return root
        root = parse(body, self._limits, fold=fold)
        if key not in self._known and self._is_seen(key):
            self._learn(key, root, found[1].decode())
        return root

    def quoted(self, body: bytes) -> Quoted | None:
        """The values of a till's request whose markup is known, names folded."""
        return self._quoted.find(body, fold=True)

    def _is_seen(self, key: Key) -> bool:
        mark = hash(key)
        if mark in self._strangers:
            return True
        if len(self._strangers) >= STRANGERS:
            self._strangers.clear()
        self._strangers.add(mark)
        return False

    def _learn(self, key: Key, root: Node, digits: str) -> None:
        """Keep the shape if other digits change the tree in one place only, or that they do not."""
        other = ("7" if digits[0] != "7" else "3") * len(digits)
        twin = parse(key[0] + other.encode() + key[1], self._limits, fold=key[2])
        places = list(_differences(root, twin, ()))
        kept = None
        if len(places) == 1:
            (place, name), one, two = places[0]
            if (one, two) == (digits, other):
                kept = (root, (place, name))
        if len(self._known) >= SHAPES:
            self._known.clear()
        self._known[key] = kept


def _with(node: Node, place: Place, name: str | None, value: str) -> Node:
    """The tree with another value in one place; everything else is shared."""
    if not place:
        if name is None:
            return Node(node.tag, node.attributes, node.children, value)
        return Node(node.tag, {**node.attributes, name: value}, node.children, node.text)
    children = node.children.copy()
    children[place[0]] = _with(children[place[0]], place[1:], name, value)
    return Node(node.tag, node.attributes, children, node.text)


def _differences(one: Node, two: Node, place: Place) -> Iterator[tuple[Found, str, str]]:
    """Where two trees differ; a difference in their build is one without a usable place."""
    if (one.tag, list(one.attributes), len(one.children)) != (
        two.tag,
        list(two.attributes),
        len(two.children),
    ):
        yield (place, None), "", ""
        return
    if one.text != two.text:
        yield (place, None), one.text, two.text
    for name, value in one.attributes.items():
        if value != two.attributes[name]:
            yield (place, name), value, two.attributes[name]
    for i, (mine, theirs) in enumerate(zip(one.children, two.children, strict=True)):
        yield from _differences(mine, theirs, (*place, i))
