"""Request bytes to a light tree of elements: the one XML parser of the relay.

expat does the work; no DTD, no entities but XML's own, bounded depth and number of elements, and
exactly one repair pass (crm-xml section 2). Names are local parts; letter case is the reader's
business unless `fold` is asked for (Farcards ignores it, the XML API does not).
"""

from __future__ import annotations

import re
from typing import Final
from xml.parsers import expat

import msgspec

from card_server.relay.decoding import UTF16_MARKS, decode, trimmed, without_declaration
from card_server.relay.limits import Limits
from shared.wire.errors import AppError, ErrorCode

_BLANK_DECLARATION: Final = re.compile(r"\A<\?\s+xml\b")
REMEMBERED: Final = 4096
"""Names that are kept in folded form; tills send some hundred."""

_LONE_AMPERSAND: Final = re.compile(
    # Character data sections and comments keep their ampersands; an unended one runs to the end
    # of the text, so that a long row of unended ones costs one walk and not one each.
    r"<!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z)"
    r"|&(?!(?:amp|lt|gt|quot|apos|#[0-9]{1,8}|#x[0-9A-Fa-f]{1,7});)",
    re.DOTALL,
)


class _Names(dict[str, str]):
    """Plain names (without a name space) as they are looked up: as sent, or in lower case."""

    def __init__(self, *, fold: bool) -> None:
        super().__init__()
        self._fold = fold
        self.intern: dict[str, str] = {}
        """Names as expat hands them out: the same object each time, with its hash."""

    def __missing__(self, name: str) -> str:
        """A new plain name; KeyError for a prefixed one, which is taken apart each time."""
        if ":" in name or name == "xmlns":
            raise KeyError(name)
        found = name.lower() if self._fold else name
        if len(self) >= REMEMBERED:
            self.clear()
        self[name] = found
        return found

    def interned(self) -> dict[str, str]:
        """What a parser looks names up in; emptied before somebody's inventions fill it."""
        if len(self.intern) >= REMEMBERED:
            self.intern = {}
        return self.intern


_PLAIN: Final = {fold: _Names(fold=fold) for fold in (False, True)}


class Node(msgspec.Struct, gc=False):
    """One element: local name, attributes, child elements, and its own text joined.

    Text is as sent, blanks included. No node knows its parent, so trees hold no cycles.
    """

    tag: str
    attributes: dict[str, str]
    children: list[Node]
    text: str

    def get(self, name: str, default: str = "") -> str:
        """Value of an attribute."""
        return self.attributes.get(name, default)

    def child(self, tag: str) -> Node | None:
        """First child of that name."""
        for node in self.children:
            if node.tag == tag:
                return node
        return None

    def all(self, tag: str) -> list[Node]:
        """Every child of that name, in order."""
        return [node for node in self.children if node.tag == tag]

    def text_of(self, tag: str, default: str = "") -> str:
        """Text of the first child of that name, without outer blanks."""
        for node in self.children:
            if node.tag == tag:
                return node.text.strip()
        return default


def parse(body: bytes, limits: Limits, *, fold: bool = False) -> Node:
    """Root element of a request.

    `fold` makes the names of elements and attributes lower-case; of names that differ in case only,
    the first attribute counts.

    Raises:
        AppError: EMPTY_REQUEST; BAD_XML with `line` and `col`, both from 1; XML_FORBIDDEN for a
            DOCTYPE, too many or too deep elements.
    """
    plain = trimmed(body)
    if not plain:
        raise AppError(ErrorCode.EMPTY_REQUEST)
    found = parse_well_formed(plain, limits, fold=fold)
    if found is not None:
        return found
    text = decode(body)
    if not text:
        raise AppError(ErrorCode.EMPTY_REQUEST)
    try:
        return _tree(without_declaration(text), limits, fold=fold)
    except expat.ExpatError:
        pass
    try:
        return _tree(_repaired(text), limits, fold=fold)
    except expat.ExpatError as broken:
        raise AppError(ErrorCode.BAD_XML, line=broken.lineno, col=broken.offset + 1) from None


def parse_well_formed(plain: bytes, limits: Limits, *, fold: bool) -> Node | None:
    """Root element of trimmed UTF-8 that is XML as it stands; None where `parse` must take care.

    expat told "utf-8" accepts exactly what the rule accepts (valid UTF-8, no forbidden characters,
    any declaration), so the careful way is needed only when it refuses.
    """
    if plain[:2] in UTF16_MARKS:
        return None
    try:
        return _tree(plain, limits, fold=fold)
    except expat.ExpatError:
        return None


def _repaired(text: str) -> str:
    """The one repair: `<? xml` and ampersands that start no entity (R02, R28)."""
    text = without_declaration(_BLANK_DECLARATION.sub("<?xml", text))
    return _LONE_AMPERSAND.sub(lambda found: "&amp;" if found[0] == "&" else found[0], text)


def _tree(source: bytes | str, limits: Limits, *, fold: bool) -> Node:
    top = Node("", {}, [], "")
    node = top
    path = [top]
    push, pop = path.append, path.pop
    budget = limits.xml_elements
    deepest = limits.xml_depth
    names = _PLAIN[fold]

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal node, budget
        budget -= 1
        if budget < 0 or len(path) > deepest:
            raise AppError(ErrorCode.XML_FORBIDDEN)
        try:
            tag = names[tag]
        except KeyError:
            tag = tag.rpartition(":")[2]
            tag = tag.lower() if fold else tag
        if attributes:
            attributes = _local(attributes, names, fold=fold)
        parent = node
        node = Node(tag, attributes, [], "")
        parent.children.append(node)
        push(node)

    def end(_tag: str) -> None:
        nonlocal node
        pop()
        node = path[-1]

    def characters(data: str) -> None:
        node.text += data

    parser = expat.ParserCreate("utf-8", None, names.interned())
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = characters
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.Parse(source, True)
    return top.children[0]


def _refuse_doctype(*_declaration: object) -> None:
    raise AppError(ErrorCode.XML_FORBIDDEN)


def _local(attributes: dict[str, str], names: _Names, *, fold: bool) -> dict[str, str]:
    """Attributes by local name; name space declarations are dropped, unprefixed names go first."""
    try:
        plain = {names[name]: value for name, value in attributes.items()}
    except KeyError:
        pass
    else:
        if len(plain) == len(attributes):
            return plain
    local: dict[str, str] = {}
    prefixed: dict[str, str] = {}
    for name, value in attributes.items():
        prefix, colon, rest = name.rpartition(":")
        if name == "xmlns" or prefix == "xmlns":
            continue
        target = prefixed if colon else local
        target.setdefault(rest.lower() if fold else rest, value)
    return prefixed | local
