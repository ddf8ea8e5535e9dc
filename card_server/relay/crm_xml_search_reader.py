"""Search requests of the XML API, pure: items, groups and their fields (crm-xml.md section 10)."""

from __future__ import annotations

from typing import Final

import msgspec

from card_server.db.folding import fold_text
from card_server.holders.rules import digits_of, fold
from card_server.holders.search_language import (
    LONGEST,
    Mask,
    bad,
    read_births,
    read_mask,
    read_number_expr,
)
from card_server.holders.search_records import SORT_WORDS, HolderItem
from card_server.relay.formats import maybe_number, read_flag
from card_server.relay.limits import Limits
from card_server.relay.xml_tree import Node
from shared.wire.errors import AppError, ErrorCode

MOST_ITEMS: Final = 100
MOST_CONDITIONS: Final = 100
LARGEST_GROUP: Final = 2**31 - 1
ITEM, PHONE = "Item", "Phone"


class SearchRequest(msgspec.Struct, kw_only=True):
    """What is done to the set before the page is shown."""

    guid: str
    items: list[HolderItem] = []
    starts_anew: bool = False
    """A Clear stands before the conditions."""
    clears_after: bool = False
    """A Clear stands last: the set goes when the reply is made."""
    has_items: bool = False
    index: int = 1
    count: int | None = None
    sort: tuple[str, ...] = ()


def read_search(root: Node, limits: Limits) -> SearchRequest:
    """The items in their order; a Clear drops what was asked for before it."""
    request = SearchRequest(
        guid=root.text_of("Search_GUID"),
        index=max(1, maybe_number(root.text_of("Index")) or 1),
        count=maybe_number(root.text_of("Count")),
        sort=_sort(root, limits),
    )
    nodes = root.all("Item")
    if len(nodes) > MOST_ITEMS:
        raise AppError(ErrorCode.TOO_MANY_ITEMS, count=len(nodes), limit=MOST_ITEMS)
    request.has_items = bool(nodes)
    for place, node in enumerate(nodes):
        mode = node.get("Mode").strip().lower() or "add"
        if mode not in ("add", "clear"):
            raise bad(ITEM, node.get("Mode"))
        if mode == "add":
            request.items.append(read_item(node))
        elif request.items and place == len(nodes) - 1:
            request.clears_after = True
        else:
            request.starts_anew = True
            request.items = []
    return request


def _sort(root: Node, limits: Limits) -> tuple[str, ...]:
    """Columns of person by the Sort words, in the order they were given."""
    found: dict[str, None] = {}
    for node in root.all("Include"):
        if len(node.text.encode()) > limits.include_bytes:
            raise AppError(ErrorCode.TOO_LONG, field="Include", limit=limits.include_bytes)
        for word in node.text.replace(",", " ").replace(";", " ").split():
            if word.lower() in SORT_WORDS:
                found.setdefault(SORT_WORDS[word.lower()])
    return tuple(found)


class _Values:
    """The conditions of one group: values in the attribute, else as text; empty ones are none."""

    def __init__(self, item: Node, group: str) -> None:
        self._nodes = [node for part in item.all(group) for node in part.children]
        if len(self._nodes) > MOST_CONDITIONS:
            raise AppError(ErrorCode.TOO_MANY_ITEMS, count=len(self._nodes), limit=MOST_CONDITIONS)

    def nodes(self, field: str) -> list[tuple[Node, str]]:
        found = []
        for node in self._nodes:
            if node.tag != field:
                continue
            value = (node.get("Value") or node.text).strip()
            if len(value) > LONGEST:
                raise bad(field, value)
            if value:
                found.append((node, value))
        return found

    def masks(self, field: str, *, single_blanks: bool = False) -> list[Mask]:
        """Masks folded as the stored text is when it is compared."""
        return [
            read_mask(fold(value) if single_blanks else fold_text(value) or "")
            for _, value in self.nodes(field)
        ]

    def groups(self, field: str) -> list[int]:
        found = []
        for _, value in self.nodes(field):
            number = maybe_number(value)
            if number is None or number > LARGEST_GROUP:
                raise bad(field, value)
            found.append(number)
        return found

    def all(self, field: str) -> list[Node]:
        return [node for node in self._nodes if node.tag == field]


def read_item(node: Node) -> HolderItem:
    """All conditions of one Item; SEARCH_CONDITION names the field that is not understood."""
    item = HolderItem()
    _read_holders(_Values(node, "Holders"), item)
    cards = _Values(node, "Cards")
    item.card_codes = [
        read_number_expr(value, "Card_Code") for _, value in cards.nodes("Card_Code")
    ]
    item.carriers = cards.masks("Carrier_Data")
    item.card_groups = cards.groups("Group_ID")
    _read_contacts(_Values(node, "Contacts"), item)
    addresses = _Values(node, "Addresses")
    item.cities = addresses.masks("City")
    item.streets = addresses.masks("Street")
    item.houses = addresses.masks("House")
    return item


def _read_holders(values: _Values, item: HolderItem) -> None:
    item.external_codes = values.masks("External_Code")
    item.l_names = values.masks("L_Name", single_blanks=True)
    item.full_names = values.masks("Full_Name", single_blanks=True)
    item.f_names = values.masks("F_Name", single_blanks=True)
    item.m_names = values.masks("M_Name", single_blanks=True)
    item.holder_groups = values.groups("Group_ID")
    for _, value in values.nodes("Image"):
        item.has_image = read_flag(value)
    for node in values.all("Birth_Day"):
        start = node.get("Value_From") or node.get("Value") or node.text
        item.births += read_births(start, node.get("Value_To"))


def _read_contacts(values: _Values, item: HolderItem) -> None:
    for node, value in values.nodes("Phone"):
        if read_flag(node.get("IsNumber")) is True:
            if not digits_of(value):
                raise bad(PHONE, value)
            item.phone_digits.append(value)
        else:
            item.phones.append(read_mask(fold_text(value) or ""))
    item.emails = [read_mask(value.lower()) for _, value in values.nodes("EMail")]
