"""What a group has read and may look at: the half of the Book that changes nothing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from card_server.accounts.records import Account, AccountType, SpendCounter
from card_server.coupons.records import Coupon
from card_server.ledger.book_parts import LotShelf, Rows, Undo
from card_server.ledger.calendar import Zone, minute_of_day, zone_of
from card_server.ledger.facts import AccountLots, CounterKey, History, IdSource
from card_server.ledger.records import Hold, HoldLot, Lot
from card_server.ledger.rule_set import RuleSet
from shared.settings.house import DAY_START, TIME_ZONE
from shared.wire.errors import AppError, ErrorCode

SUITE = 0
"""Classifier 0: the suite itself."""


class WorkingSet:
    """Accounts, lots, holds, counters and coupons as they stand inside a group."""

    def __init__(self, rules: RuleSet, ids: IdSource, now: datetime) -> None:
        self.rules = rules
        self.ids = ids
        self.now = now
        self.rows = Rows()
        self._accounts: dict[int, Account] = {}
        self._by_holder: dict[int, list[Account]] = {}
        self._shelves: dict[int, LotShelf] = {}
        self._lots: dict[int, Lot] = {}
        self._undo: list[Undo] = []
        self._today: dict[int, date] = {}
        self._changed_accounts: dict[int, Account] = {}
        self.account_columns: set[str] = set()
        """Columns that any account of the group changed in; the others need not be written."""
        self._changed_lots: dict[int, Lot] = {}
        self._changed_holds: dict[int, Hold] = {}
        self._coupons: dict[int, Coupon] = {}
        self._changed_coupons: dict[int, Coupon] = {}
        self._changed_pins: dict[tuple[int, int], HoldLot] = {}
        self._counters: dict[CounterKey, SpendCounter] = {}
        self._changed_counters: dict[CounterKey, SpendCounter] = {}
        self.groups: dict[int, int | None] = {}
        """holder id -> holder group, of the holders that were read."""
        self.renewed = False
        """Caches are to be written although no operation was made."""

    # ------------------------------------------------------------------ filling

    def put_account(self, account: Account) -> None:
        """Take in an account that was read; one that is known already stays as it is."""
        if account.account_id in self._accounts:
            return
        self._accounts[account.account_id] = account
        if account.holder_id is not None:
            self._by_holder.setdefault(account.holder_id, []).append(account)

    def put_coupon(self, coupon: Coupon) -> None:
        """Take in a coupon that was read; one that is known already stays as it is."""
        self._coupons.setdefault(coupon.coupon_id, coupon)

    def put_lots(self, account_id: int, found: AccountLots) -> None:
        """Take in the lots with a rest, uncovered debits and open holds of an account."""
        shelf = self.shelf(account_id)
        if shelf.loaded:
            return
        shelf.loaded = True
        for lot in found.lots:
            self._join(shelf, lot)
        shelf.uncovered = list(found.uncovered)
        for hold in found.holds:
            shelf.holds[hold.hold_id] = hold
            shelf.pins[hold.hold_id] = {}
        for pinned in found.hold_lots:
            shelf.pins[pinned.hold_id][pinned.lot_id] = pinned

    def put_counter(self, counter: SpendCounter) -> None:
        """Take in a counter of a spend limit that was read."""
        key = CounterKey(counter.limit_id, counter.subject_id, counter.period_key)
        self._counters.setdefault(key, counter)

    def put_history(self, history: History) -> None:
        """Take in the lots of an operation's history: one object for each lot in the book."""
        for lots in (history.lots, history.touched_lots):
            for i, lot in enumerate(lots):
                lots[i] = self._join(self.shelf(lot.account_id), lot)

    def known_lot(self, lot: Lot) -> Lot:
        """The book's object for a lot that was read, or the lot itself."""
        return self._lots.get(lot.lot_id, lot)

    def _join(self, shelf: LotShelf, lot: Lot) -> Lot:
        known = self._lots.setdefault(lot.lot_id, lot)
        shelf.lots[lot.lot_id] = known
        return known

    # ------------------------------------------------------------------ looking

    def account(self, account_id: int) -> Account:
        """One account as it stands inside the group.

        A closed one is never read: what an operation of a merged guest did is undone on the
        survivor by hand, so its return or roll-back is refused, not guessed at.
        """
        try:
            return self._accounts[account_id]
        except KeyError:
            raise AppError(
                ErrorCode.WRONG_STATE,
                event="account",
                object=f"account {account_id}",
                state="closed",
            ) from None

    def coupon(self, coupon_id: int) -> Coupon:
        """One coupon as it stands inside the group."""
        return self._coupons[coupon_id]

    def has_account(self, account_id: int) -> bool:
        """The account was read."""
        return account_id in self._accounts

    def accounts_of(self, holder_id: int) -> list[Account]:
        """Open accounts of a holder, ascending type id."""
        return self._by_holder.get(holder_id, [])

    def account_of_type(self, holder_id: int, account_type_id: int) -> Account | None:
        """The holder's open account of a type."""
        for account in self._by_holder.get(holder_id, ()):
            if account.account_type_id == account_type_id:
                return account
        return None

    def type_of(self, account: Account) -> AccountType:
        """The account's type."""
        return self.rules.account_types[account.account_type_id]

    def shelf(self, account_id: int) -> LotShelf:
        """The lots of an account, as far as they were read."""
        found = self._shelves.get(account_id)
        if found is None:
            found = self._shelves[account_id] = LotShelf()
        return found

    def has_lots(self, account_id: int) -> bool:
        """The lots of the account were read."""
        found = self._shelves.get(account_id)
        return found is not None and found.loaded

    def lot(self, lot_id: int) -> Lot:
        """One lot that was read or made in the group."""
        return self._lots[lot_id]

    def lots_needed(self, account: Account, *, debit: bool = False) -> bool:
        """Whether a posting must ask for the account's lots before it decides."""
        kind = self.type_of(account)
        if not kind.uses_lots:
            return account.held > 0 and debit
        if debit or account.uncovered > 0:
            return True
        event = account.next_lot_event_at
        if event is not None and event <= self.now:
            return True
        return kind.receivable_type_id is not None and self.debt_of(account) > 0

    def debt_of(self, account: Account) -> int:
        """What the holder owes on the receivable account linked to this account's type."""
        type_id = self.type_of(account).receivable_type_id
        if type_id is None or account.holder_id is None:
            return 0
        owed = self.account_of_type(account.holder_id, type_id)
        return max(0, -(owed.balance or 0)) if owed is not None else 0

    def counter(self, key: CounterKey) -> SpendCounter:
        """A counter as it stands inside the group; nothing is used of one that was not stored."""
        found = self._counters.get(key)
        if found is None:
            found = self._counters[key] = SpendCounter(
                limit_id=key.limit_id, subject_id=key.subject_id, period_key=key.period_key
            )
        return found

    def zone(self, classifier_id: int) -> Zone:
        """Where a classifier's business day begins; classifier 0 uses the system's settings."""
        if classifier_id != SUITE:
            classifier = self.rules.classifiers.get(classifier_id)
            if classifier is not None:
                return zone_of(classifier.time_zone, classifier.day_start)
        return zone_of(self.rules.value(TIME_ZONE), minute_of_day(self.rules.value(DAY_START)))

    def today(self, classifier_id: int) -> date:
        """The business date of this moment for a classifier; the same for the whole group."""
        found = self._today.get(classifier_id)
        if found is None:
            found = self._today[classifier_id] = self.zone(classifier_id).business_date(self.now)
        return found

    def changed_accounts(self) -> Iterable[Account]:
        """Accounts whose columns may differ from what was read."""
        return self._changed_accounts.values()

    def changed_lots(self) -> Iterable[Lot]:
        """Lots whose caches may differ from what was read."""
        return self._changed_lots.values()

    def changed_holds(self) -> Iterable[Hold]:
        """Holds whose caches may differ from what was read."""
        return self._changed_holds.values()

    def changed_coupons(self) -> Iterable[Coupon]:
        """Coupons whose uses or state may differ from what was read."""
        return self._changed_coupons.values()

    def changed_pins(self) -> Iterable[HoldLot]:
        """What holds pin, where it may differ from what was read."""
        return self._changed_pins.values()

    def changed_counters(self) -> Iterable[SpendCounter]:
        """Counters of spend limits that may differ from what was read."""
        return self._changed_counters.values()
