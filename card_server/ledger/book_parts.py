"""What a Book is made of: rows to insert, an operation being made, the lots of an account."""

from __future__ import annotations

from operator import attrgetter
from typing import Any, Final

from card_server.accounts.records import Account
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
    OperationDocument,
    OperationItem,
    OperationTrace,
)

Undo = tuple[Any, ...]
NOT_BOOKED: Final = frozenset({"line not booked", "accrual not booked"})
"""Warnings of a trace that the health page counts (domain 3.2)."""
SALE_WITHOUT_SPENT: Final = "sale without spent"
"""An accepted sale of which nobody told what was spent (domain 3.4)."""


class Rows:
    """What is to be inserted, table by table, in the order of making."""

    __slots__ = (
        "allocations",
        "coupon_uses",
        "entries",
        "hold_events",
        "hold_lots",
        "holds",
        "level_history",
        "lot_terms",
        "lots",
        "new_accounts",
        "operation_documents",
        "operation_items",
        "operation_traces",
        "operations",
        "remarks",
    )

    def __init__(self) -> None:
        self.operations: list[Operation] = []
        self.entries: list[Entry] = []
        self.lots: list[Lot] = []
        self.allocations: list[Allocation] = []
        self.lot_terms: list[LotTerm] = []
        self.holds: list[Hold] = []
        self.hold_lots: list[HoldLot] = []
        self.hold_events: list[HoldEvent] = []
        self.operation_items: list[OperationItem] = []
        self.operation_traces: list[OperationTrace] = []
        self.operation_documents: list[OperationDocument] = []
        self.level_history: list[LevelHistory] = []
        self.coupon_uses: list[CouponUse] = []
        self.new_accounts: list[Account] = []
        self.remarks: list[str] = []
        """What the health page counts of this group; no table's rows."""

    def lengths(self) -> tuple[int, ...]:
        """How long every list is."""
        return tuple(map(len, _every_list(self)))

    def cut(self, lengths: tuple[int, ...]) -> None:
        """Forget what came after."""
        for name, length in zip(self.__slots__, lengths, strict=True):
            rows = getattr(self, name)
            if len(rows) > length:
                del rows[length:]


_every_list = attrgetter(*Rows.__slots__)


class Draft:
    """An operation being made: its row, its entries so far, its trace."""

    __slots__ = ("entries", "operation", "trace")

    def __init__(self, operation: Operation) -> None:
        self.operation = operation
        self.entries: list[Entry] = []
        self.trace: dict[str, Any] = {}


class Mark:
    """A state of the book to come back to."""

    __slots__ = ("lengths", "undo")

    def __init__(self, lengths: tuple[int, ...], undo: int) -> None:
        self.lengths = lengths
        self.undo = undo


class LotShelf:
    """Lots, uncovered debits and pins of one account, as far as they were read."""

    __slots__ = ("holds", "loaded", "lots", "pins", "uncovered")

    def __init__(self) -> None:
        self.loaded = False
        self.lots: dict[int, Lot] = {}
        self.uncovered: list[tuple[Entry, int]] = []
        self.holds: dict[int, Hold] = {}
        self.pins: dict[int, dict[int, HoldLot]] = {}
        """hold id -> lot id -> what the hold pins in it now."""
