"""What a caller sees of holders: persons, accounts and the wrappers of block 7.1, with rights."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final

import msgspec

from card_server.cards.records import Card
from card_server.cards.repository import cards_of_holders
from card_server.classifiers.rules import need_right
from card_server.holders.people import Person
from card_server.holders.photos import ImageFormat, shaped
from card_server.holders.records import Address, Photo
from card_server.holders.repository import read_addresses, read_photos, read_properties
from card_server.ledger.book import Book
from card_server.ledger.facts import Facts, Wants
from card_server.ledger.lens import Lens
from card_server.relay import crm_xml_holders as blocks
from card_server.relay.crm_xml_holders import HolderNames
from card_server.relay.crm_xml_reader import includes
from card_server.relay.crm_xml_writer import card
from card_server.relay.formats import maybe_number, read_flag
from card_server.relay.handlers.account_views import Filters, account_block, account_filters
from card_server.relay.handlers.card_views import card_view
from card_server.relay.handlers.context import Context
from card_server.relay.handlers.coupon_blocks import Page, coupon_page, holder_coupons
from card_server.relay.handlers.looking import SeenAccount, see_accounts
from card_server.relay.xml_tree import Node

HOLDER_WORDS: Final = frozenset(
    {
        "holder",
        "holder_contact",
        "holder_address",
        "holder_card",
        "holder_coupon",
        "holder_coupon_available",
        "holder_property",
        "holder_image",
    }
)
"""Include words that ask for the holder under a card (7.4)."""

WIDE_WORDS: Final = HOLDER_WORDS - {"holder", "holder_contact"}
"""Words whose answer needs more than the group reads for a till."""

COUPON_WORDS: Final = frozenset({"holder_coupon", "holder_coupon_available"})
ACCOUNT_WORDS: Final = frozenset({"account", "account_available"})


class Asked(msgspec.Struct, kw_only=True, frozen=True):
    """What a request asks to be shown of holders."""

    words: frozenset[str]
    filters: Filters = ()
    coupons: Page = Page()
    image: ImageFormat = ImageFormat()

    @property
    def counts(self) -> bool:
        """The three counts are shown."""
        return "holder_nocount" not in self.words

    @property
    def accounts(self) -> bool:
        """Accounts are shown."""
        return not ACCOUNT_WORDS.isdisjoint(self.words)

    @property
    def holder(self) -> bool:
        """The holder is shown under a card."""
        return not HOLDER_WORDS.isdisjoint(self.words)

    @property
    def wide(self) -> bool:
        """More is asked than a till's group reads."""
        return not WIDE_WORDS.isdisjoint(self.words)

    def check_rights(self, context: Context) -> None:
        """Pictures and coupons have rights of their own (4.2)."""
        if "holder_image" in self.words:
            need_right(context.classifier, "holder.image")
        if not COUPON_WORDS.isdisjoint(self.words):
            need_right(context.classifier, "coupon.read")


def image_format(root: Node) -> ImageFormat:
    """`Image_Format`: a JPEG inside Width and Height; `Original` leaves pictures as they are."""
    node = root.child("Image_Format")
    if node is None or read_flag(node.get("Original")) is True:
        return ImageFormat()
    width, height = (maybe_number(node.get(side)) for side in ("Width", "Height"))
    quality = maybe_number(node.get("Compression"))
    return ImageFormat(width=width or None, height=height or None, compression=quality or None)


def asked_of(root: Node, context: Context) -> Asked:
    """The Include words, filters and pages of a request."""
    return Asked(
        words=includes(root, context.limits),
        filters=account_filters(root),
        coupons=coupon_page(root),
        image=image_format(root),
    )


class Extras(msgspec.Struct, kw_only=True):
    """What the wide words add, by holder."""

    addresses: dict[int, list[Address]] = {}
    cards: dict[int, list[Card]] = {}
    properties: dict[int, list[tuple[int, int]]] = {}
    photos: dict[int, Photo] = {}
    coupons: dict[int, str] = {}


NOTHING_MORE: Final = Extras()


def read_extras(lens: Lens, holder_ids: Collection[int], asked: Asked, context: Context) -> Extras:
    """Everything the wide words ask for, for a page of holders at once."""
    words, connection = asked.words, lens.connection
    coupons: dict[int, str] = {}
    if not COUPON_WORDS.isdisjoint(words):
        only = "holder_coupon" not in words
        coupons = {
            holder_id: holder_coupons(
                connection, context, holder_id, lens.now, available=only, page=asked.coupons
            )
            for holder_id in holder_ids
        }

    def wanted(word: str, read: Any) -> Any:
        return read(connection, holder_ids) if word in words else {}

    photos = wanted("holder_image", read_photos)
    return Extras(
        addresses=wanted("holder_address", read_addresses),
        cards=wanted("holder_card", cards_of_holders),
        properties=wanted("holder_property", read_properties),
        photos={number: shaped(photo, asked.image) for number, photo in photos.items()},
        coupons=coupons,
    )


class SeenHolder(msgspec.Struct, kw_only=True):
    """A holder as found: the person and the accounts."""

    person: Person
    accounts: list[SeenAccount]


class HolderInquiry:
    """Looks at holders by id, in the order given; ids that do not exist are left out."""

    exclusive: frozenset[str] = frozenset()

    def __init__(self, holder_ids: Sequence[int], asked: Asked, context: Context) -> None:
        self._ids = list(holder_ids)
        self._asked = asked
        self._context = context

    def wants(self) -> Wants:
        """The holders with their open accounts, the persons."""
        return Wants(holders=set(self._ids), people=set(self._ids))

    def more(self, facts: Facts, book: Book) -> Wants:
        """Contacts, counts, lots where the caches are out of date."""
        del facts
        wants = Wants()
        if "holder_contact" in self._asked.words:
            wants.contacts = set(self._ids)
        if self._asked.counts:
            wants.counts = set(self._ids)
        if self._asked.accounts:
            for holder_id in self._ids:
                for account in book.accounts_of(holder_id):
                    if book.lots_needed(account):
                        wants.lots.add(account.account_id)
        return wants

    def decide(self, facts: Facts, book: Book) -> list[SeenHolder]:
        """The holders that exist."""
        found = []
        for holder_id in self._ids:
            person = facts.people.get(holder_id)
            if person is None:
                continue
            accounts = book.accounts_of(person.holder_id)
            seen = see_accounts(book, accounts, self._context.classifier)
            found.append(SeenHolder(person=person, accounts=seen))
        return found


def holder_block(
    seen: SeenHolder,
    extras: Extras,
    asked: Asked,
    context: Context,
    *,
    attributes: str = "",
    accounts_inside: bool = True,
    more: str = "",
) -> str:
    """Block 7.1; under a card the accounts stand beside the holder, not inside."""
    person, words, rules = seen.person, asked.words, context.rules
    division = rules.divisions.get(person.division_id)
    payer = rules.non_payer_codes.get(person.non_payer_type_id or 0)
    counts = None
    if asked.counts:
        counts = (person.cards_count, len(seen.accounts), person.contacts_count)
    names = HolderNames(
        group=rules.holder_groups.get(person.group_id or 0, ""),
        division=division.name if division is not None else "",
        non_payer=payer[1] if payer is not None else "",
        counts=counts,
    )
    wrappers = more
    if accounts_inside and asked.accounts:
        wrappers += account_block(seen.accounts, words, context, asked.filters)
    wrappers += "".join(_wrappers(person, extras, words, context))
    return blocks.holder(person, names, wrappers, attributes)


def _wrappers(
    person: Person, extras: Extras, words: frozenset[str], context: Context
) -> Iterable[str]:
    """The wrappers behind the accounts, in the order of 7.1."""
    masked = "person.full" not in context.classifier.rights
    holder_id = person.holder_id
    if "holder_contact" in words:
        yield blocks.contacts(person, masked=masked)
    if "holder_address" in words:
        yield blocks.addresses(holder_id, extras.addresses.get(holder_id, ()), masked=masked)
    if "holder_card" in words:
        rows = extras.cards.get(holder_id, ())
        yield blocks.holder_cards(card(card_view(row, context)) for row in rows)
    if holder_id in extras.coupons:
        yield extras.coupons[holder_id]
    if "holder_property" in words:
        yield blocks.properties(extras.properties.get(holder_id, ()))
    if "holder_image" in words:
        yield blocks.image(extras.photos.get(holder_id))


def see_holders(
    lens: Lens, holder_ids: Sequence[int], asked: Asked, context: Context
) -> list[tuple[SeenHolder, Extras]]:
    """Holders by id with all that was asked for; a merged one is answered by its survivor."""
    found = lens.ask(HolderInquiry(holder_ids, asked, context))
    merged = [s.person.merged_into for s in found if s.person.merged_into is not None]
    if merged:
        rows = lens.ask(HolderInquiry(merged, asked, context))
        survivors = {row.person.holder_id: row for row in rows}
        found = [survivors.get(s.person.merged_into or 0, s) for s in found]
    extras = NOTHING_MORE
    if asked.wide:
        ids = {seen.person.holder_id for seen in found}
        extras = read_extras(lens, ids, asked, context)
    return [(seen, extras) for seen in found]
