"""What a posting asks for before it decides, and what it gets: the seam between rules and store.

A group of postings is answered in two rounds of set-based reading: each says in `wants()` which
keys it knows (card codes, order ids, operation keys ...), gets the union's `Facts`, may ask once
more in `more()` (lots of the accounts found, the history of the sale to be refunded), and then
decides without touching the database. Several postings of one group share one `Facts` and one
`Book`, so later ones see what earlier ones did.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Protocol

import msgspec

from card_server.accounts.records import Account
from card_server.cards.records import Card, CardAccount
from card_server.coupons.records import HolderUse
from card_server.holders.people import Person
from card_server.holders.records import Holder
from card_server.ledger.records import (
    Allocation,
    CouponUse,
    Entry,
    Hold,
    HoldEvent,
    HoldLot,
    LevelHistory,
    Lot,
    LotTerm,
    Operation,
    OperationItem,
)


class ExtKey(msgspec.Struct, frozen=True):
    """The outside identity of a cheque under a classifier, for finding the sale of a return."""

    classifier_id: int
    ext_id: str
    ext_date: str
    """ISO date, or empty for "not set"."""


class CounterKey(msgspec.Struct, frozen=True):
    """A counter of a spend limit: whose use, in which period."""

    limit_id: int
    subject_id: int
    period_key: int


class Wants:
    """Keys to be read in one round; a set that nobody has touched is empty.

    A group makes three of these for each of its requests, so it holds only the sets that somebody
    named; any other appears when it is asked for.
    """

    cards: set[int]
    """Card codes; each found card brings its holder and all open accounts of the holder."""
    carriers: set[str]
    """Texts to be compared with card.carrier_data."""
    phones: set[str]
    """Normalised phones for virtual cards by phone."""
    coupons: set[str]
    """13-digit coupon codes."""
    holder_coupons: set[int]
    """Holder ids whose active coupons are offered."""
    coupon_guests: set[int]
    """Holder ids who are served with the coupons: their uses count where a type limits them."""
    coupon_operations: set[int]
    """Operation ids whose coupon uses may be given back or taken again."""
    holders: set[int]
    """Holder ids; each brings all open accounts."""
    accounts: set[int]
    """Account ids; each brings its holder and all open accounts of that holder."""
    keys: set[tuple[int, str]]
    """(classifier id, idem_key): all attempts under the key."""
    item_keys: set[tuple[int, str]]
    """(classifier id, item_key) of XML items: all attempts with their operations."""
    orders: set[tuple[int, str]]
    """(classifier id, order_guid): all operations of the order."""
    ext_keys: set[ExtKey]
    """Outside identities: accepted operations that carry them."""
    operations: set[int]
    """Operation ids, without history."""
    holds: set[int]
    """Hold ids; each brings its account as `accounts` does."""
    burnt: set[int]
    """Account ids whose burnt lots, and what was reinstated of them, are needed."""
    counters: set[CounterKey]
    """Counters of spend limits; they join the book."""
    transactions: set[int]
    """Transaction ids (entry ids or operation_item.transaction_id): their operations."""
    lots: set[int]
    """Account ids whose lots with a rest, uncovered debits and open holds are needed."""
    shown: set[int]
    """Those of `cards` whose holder's person is shown to the caller."""
    people: set[int]
    """Holder ids whose person is shown to the caller."""
    contacts: set[int]
    """Holder ids whose contacts are shown besides."""
    counts: set[int]
    """Holder ids whose numbers of cards and contacts are shown besides."""
    histories: set[int]
    """Operation ids whose whole history (entries, lots, allocations, reversals) is needed."""

    if TYPE_CHECKING:

        def __init__(
            self,
            *,
            cards: set[int] | None = None,
            carriers: set[str] | None = None,
            phones: set[str] | None = None,
            coupons: set[str] | None = None,
            holder_coupons: set[int] | None = None,
            coupon_guests: set[int] | None = None,
            coupon_operations: set[int] | None = None,
            holders: set[int] | None = None,
            accounts: set[int] | None = None,
            keys: set[tuple[int, str]] | None = None,
            item_keys: set[tuple[int, str]] | None = None,
            orders: set[tuple[int, str]] | None = None,
            ext_keys: set[ExtKey] | None = None,
            operations: set[int] | None = None,
            holds: set[int] | None = None,
            burnt: set[int] | None = None,
            counters: set[CounterKey] | None = None,
            transactions: set[int] | None = None,
            lots: set[int] | None = None,
            shown: set[int] | None = None,
            people: set[int] | None = None,
            contacts: set[int] | None = None,
            counts: set[int] | None = None,
            histories: set[int] | None = None,
        ) -> None: ...

    else:

        def __init__(self, **sets: set[Any]) -> None:
            self.__dict__.update(sets)

    def __getattr__(self, name: str) -> set[Any]:
        """A set that was not touched yet."""
        if name not in NAMES:
            raise AttributeError(name)
        fresh: set[Any] = set()
        self.__dict__[name] = fresh
        return fresh

    def is_empty(self) -> bool:
        """Nothing is asked for, so no statement runs."""
        return not any(self.__dict__.values())

    def add(self, other: Wants) -> None:
        """Take over what another posting of the group wants."""
        mine = self.__dict__
        for name, theirs in other.__dict__.items():
            if theirs:
                known = mine.get(name)
                if known is None:
                    mine[name] = set(theirs)
                else:
                    known |= theirs


NAMES: Final = frozenset(Wants.__annotations__)


class History(msgspec.Struct, kw_only=True):
    """One operation with everything it wrote and every later operation that reverses it."""

    operation: Operation
    entries: list[Entry]
    """By line_no; after them the entries of roll-backs of its returns, which stand again for what
    those returns had undone, with the purpose of the entry they stand for."""
    roots: dict[int, int] = {}
    """Entry of such a roll-back -> entry of the operation itself."""
    lots: list[Lot]
    """Lots its credits made, with their present caches."""
    allocations: list[Allocation]
    """Allocations of its debit entries AND those written later against these entries (restores),
    AND allocations that this operation wrote for covering older debits; by allocation_id."""
    touched_lots: list[Lot]
    """Every lot that `allocations` name, with present caches (also lots without a rest)."""
    lot_allocations: list[Allocation]
    """All allocations out of `lots` (who spent what this operation earned); by allocation_id."""
    reversing: list[Operation]
    """Accepted operations with reverses_id = this one that stand, oldest first."""
    reversing_entries: list[Entry]
    """Entries of all accepted operations with reverses_id = this one."""
    terms: list[LotTerm]
    levels: list[LevelHistory]
    coupon_uses: list[CouponUse]
    holds: list[Hold]
    """Holds this operation opened."""
    events: list[HoldEvent] = []
    """What this operation did to holds."""
    expired_entries: frozenset[int] = frozenset()
    """Entries in `lot_allocations` that are the burning of value."""
    unposted: dict[int, int] = {}
    """Entry -> what standing returns asked back without posting it: forgiven, owed, burnt."""
    skipped: dict[int, int] = {}
    """Entry -> the part of `unposted` that was not taken back because it had burnt."""


class BurntLot(msgspec.Struct, kw_only=True):
    """A lot of which value burnt: how much and when, and what was brought back since."""

    lot: Lot
    burnt: list[tuple[int, datetime]]
    reinstated: int = 0


class Facts(msgspec.Struct, kw_only=True):
    """What was found. Accounts, lots and holds are not here but in the group's Book."""

    cards: dict[int, Card] = msgspec.field(default_factory=dict)
    card_accounts: dict[int, list[CardAccount]] = msgspec.field(default_factory=dict)
    """By card code, only of cards with limited_accounts."""
    card_classifiers: dict[int, frozenset[int]] = msgspec.field(default_factory=dict)
    """By card code, only of cards with rows in card_classifier."""
    carriers: dict[str, int] = msgspec.field(default_factory=dict)
    """carrier_data -> card code."""
    phones: dict[str, list[int]] = msgspec.field(default_factory=dict)
    """Normalised phone -> card codes of its holders."""
    holders: dict[int, Holder] = msgspec.field(default_factory=dict)
    people: dict[int, Person] = msgspec.field(default_factory=dict)
    account_holders: dict[int, int] = msgspec.field(default_factory=dict)
    """account id -> holder id, for the accounts that were asked for."""
    holder_accounts: dict[int, list[int]] = msgspec.field(default_factory=dict)
    """holder id -> ids of open accounts, ascending type id."""
    keys: dict[tuple[int, str], list[Operation]] = msgspec.field(default_factory=dict)
    """All attempts, oldest first."""
    item_keys: dict[tuple[int, str], list[tuple[OperationItem, Operation]]] = msgspec.field(
        default_factory=dict
    )
    orders: dict[tuple[int, str], list[Operation]] = msgspec.field(default_factory=dict)
    ext_keys: dict[ExtKey, list[Operation]] = msgspec.field(default_factory=dict)
    operations: dict[int, Operation] = msgspec.field(default_factory=dict)
    transactions: dict[int, int] = msgspec.field(default_factory=dict)
    """transaction id -> operation id."""
    rolled_back: dict[int, Operation] = msgspec.field(default_factory=dict)
    """operation id -> the accepted roll-back (kind 3 or 4) that undid it, for every operation
    that is in `keys`, `item_keys`, `orders` or `ext_keys`."""
    coupons: dict[str, int] = msgspec.field(default_factory=dict)
    """coupon code -> coupon id; the coupons themselves are in the Book."""
    holder_coupons: dict[int, list[int]] = msgspec.field(default_factory=dict)
    """holder id -> ids of active coupons, ascending."""
    coupon_uses: dict[int, list[CouponUse]] = msgspec.field(default_factory=dict)
    """operation id -> its coupon uses and returns, in their order."""
    undone_uses: set[int] = msgspec.field(default_factory=set)
    """Ids of coupon uses that a later row undoes."""
    holder_uses: dict[int, list[HolderUse]] = msgspec.field(default_factory=dict)
    """holder id -> what the guest used and gave back, of every type."""
    histories: dict[int, History] = msgspec.field(default_factory=dict)
    holds: dict[int, Hold] = msgspec.field(default_factory=dict)
    """Holds that were asked for, also ended ones; open ones are in the Book too."""
    burnt: dict[int, list[BurntLot]] = msgspec.field(default_factory=dict)
    """account id -> its lots that burnt wholly or in part, latest burning first."""


class AccountLots(msgspec.Struct, kw_only=True):
    """What the Book needs of one account to debit it, or to cover it by a credit."""

    lots: list[Lot]
    """Every lot with remaining > 0."""
    uncovered: list[tuple[Entry, int]]
    """Debit entries with an uncovered rest U(e) > 0, oldest first."""
    holds: list[Hold]
    """Open and part-captured holds."""
    hold_lots: list[HoldLot]


class LotSource(Protocol):
    """Hands the lots of accounts to the Book."""

    def lots_of(self, account_id: int) -> AccountLots:
        """Lots, uncovered debits and holds of one account that was asked for."""


class IdSource(Protocol):
    """Hands out id64 numbers without a database round trip; gaps are normal."""

    def take(self, kind: str) -> int:
        """The next id of a kind of domain 0.2 (operation, entry, lot, allocation, hold ...)."""


class EditIds(IdSource, Protocol):
    """Ids inside an edit, which may need many of a kind at once."""

    def take_many(self, kind: str, count: int) -> int:
        """The first of `count` ids in one piece."""


class Accounts(Protocol):
    """Read access to the accounts of the Book, for rules that only look."""

    def account(self, account_id: int) -> Account:
        """One account as it stands inside the group."""
