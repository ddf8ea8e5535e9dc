"""The laws of domain 4, recomputed from the bare tables by code that owes the product nothing."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from tests.helpers.raw_ledger import RawLedger, Row
from tests.helpers.replay import replay_laws

Law = Callable[[RawLedger, datetime], Iterator[str]]

HOUSE = 9
REFUSED = 2
TRANSFER, EXPIRE = 15, 18
OPEN_STATES = (1, 2)
MOSCOW = ZoneInfo("Europe/Moscow")
HASHED: Final = (
    ("entry", "entry", "line_no", ()),
    ("lot", "lot", "lot_id", ("expires_on", "expires_at", "remaining", "held", "state")),
    ("allocation", "allocation", "allocation_id", ()),
    ("term", "term", "lot_id", ()),
    ("hold_event", "hold_event", "hold_id", ()),
    ("level", "level", "account_id", ()),
    ("use", "coupon_use", "coupon_use_id", ()),
)


def broken_laws(raw: RawLedger, now: datetime) -> list[str]:
    """Every law that does not hold, as sentences; empty for a sound ledger."""
    return [sentence for law in LAWS for sentence in law(raw, now)]


def _entries(raw: RawLedger, _now: datetime) -> Iterator[str]:
    """I-1, I-5, I-7."""
    for entry in raw.rows["entry"]:
        account = raw.account[entry["account_id"]]
        if account["owner_kind"] == HOUSE:
            yield f"I-1 entry {entry['entry_id']} stands on a house account"
        if entry["amount"] == 0 or account["account_type_id"] != entry["account_type_id"]:
            yield f"I-7 entry {entry['entry_id']}"
        operation = raw.operation[entry["operation_id"]]
        if operation["status"] == REFUSED:
            yield f"I-5 entry {entry['entry_id']} of a refused operation"
        if operation["business_date"] != entry["business_date"]:
            yield f"entry {entry['entry_id']} has another business date than its operation"


def _operations(raw: RawLedger, _now: datetime) -> Iterator[str]:
    """I-2, I-4, I-5."""
    for operation_id, entries in raw.by("entry", "operation_id").items():
        if raw.operation[operation_id]["kind"] == TRANSFER:
            sums: dict[int, int] = defaultdict(int)
            for entry in entries:
                sums[raw.type[entry["account_type_id"]]["value_unit"]] += entry["amount"]
            if any(sums.values()):
                yield f"I-2 operation {operation_id}: {dict(sums)}"
    for account in raw.rows["account"]:
        if account["owner_kind"] == HOUSE and account["balance"] is not None:
            yield f"I-4 house account {account['account_id']} keeps a balance"
    for name in ("lot", "allocation", "term", "hold_event", "level"):
        for row in raw.rows[name]:
            if raw.operation[row["operation_id"]]["status"] == REFUSED:
                yield f"I-5 {name} of refused operation {row['operation_id']}"


def _balances(raw: RawLedger, _now: datetime) -> Iterator[str]:
    """I-3."""
    entries = raw.by("entry", "account_id")
    for account in raw.rows["account"]:
        if account["owner_kind"] == HOUSE:
            continue
        balance = 0
        for entry in entries.get(account["account_id"], ()):
            balance += entry["amount"]
            if entry["balance_after"] != balance:
                yield f"I-3 entry {entry['entry_id']}: {entry['balance_after']} not {balance}"
        if account["balance"] != balance:
            yield f"I-3 account {account['account_id']}: {account['balance']} not {balance}"


def _allocations(raw: RawLedger, _now: datetime) -> Iterator[str]:
    """I-12, and that an allocation pays a debit out of a lot of the same account."""
    restored: dict[int, int] = defaultdict(int)
    allocation = {row["allocation_id"]: row for row in raw.rows["allocation"]}
    for row in raw.rows["allocation"]:
        name = f"allocation {row['allocation_id']}"
        if (row["amount"] < 0) != (row["restores_id"] is not None):
            yield f"I-12 {name}: sign and target do not fit"
        if row["restores_id"] is not None:
            restored[row["restores_id"]] -= row["amount"]
            target = allocation[row["restores_id"]]
            if any(target[column] != row[column] for column in ("lot_id", "entry_id")):
                yield f"I-12 {name} restores another lot or debit"
        if raw.entry[row["entry_id"]]["amount"] > 0:
            yield f"{name} pays a credit"
        lot = raw.lot[row["lot_id"]]
        if lot["account_id"] != raw.entry[row["entry_id"]]["account_id"]:
            yield f"{name} takes from another account"
    for allocation_id, amount in restored.items():
        if amount > allocation[allocation_id]["amount"]:
            yield f"I-12 allocation {allocation_id} restored {amount}"


def _lots(raw: RawLedger, _now: datetime) -> Iterator[str]:
    """I-8 and the states that dates do not decide."""
    taken: dict[int, int] = defaultdict(int)
    for row in raw.rows["allocation"]:
        taken[row["lot_id"]] += row["amount"]
    for lot in raw.rows["lot"]:
        rest = lot["amount"] - taken[lot["lot_id"]]
        if lot["remaining"] != rest or not 0 <= rest <= lot["amount"]:
            yield f"I-8 lot {lot['lot_id']}: {lot['remaining']} of {lot['amount']}, not {rest}"
        if (lot["state"] in (4, 5, 6)) != (rest == 0):
            yield f"2.3 lot {lot['lot_id']}: state {lot['state']} with {rest}"


def _issued(raw: RawLedger, _now: datetime) -> Iterator[str]:
    """I-17: every credit of a type with lots became lots, and nothing else did."""
    made: dict[int, int] = defaultdict(int)
    for lot in raw.rows["lot"]:
        made[lot["entry_id"]] += lot["amount"]
    for entry in raw.rows["entry"]:
        kind = raw.type[entry["account_type_id"]]
        is_credit = entry["amount"] > 0 and entry["reverses_entry_id"] is None
        due = entry["amount"] if kind["uses_lots"] and is_credit else 0
        if made[entry["entry_id"]] != due:
            yield f"I-17 entry {entry['entry_id']} made lots of {made[entry['entry_id']]}"


def uncovered_of(raw: RawLedger) -> dict[int, int]:
    """U(e) of every debit entry on a type with lots (domain 3.6)."""
    allocated: dict[int, int] = defaultdict(int)
    reversed_: dict[int, int] = defaultdict(int)
    for row in raw.rows["allocation"]:
        allocated[row["entry_id"]] += row["amount"]
    for entry in raw.rows["entry"]:
        if entry["reverses_entry_id"] is not None:
            reversed_[entry["reverses_entry_id"]] += abs(entry["amount"])
    return {
        entry["entry_id"]: -entry["amount"]
        - reversed_[entry["entry_id"]]
        - allocated[entry["entry_id"]]
        for entry in raw.rows["entry"]
        if entry["amount"] < 0 and raw.type[entry["account_type_id"]]["uses_lots"]
    }


def _covering(raw: RawLedger, now: datetime) -> Iterator[str]:
    """I-9, I-10, I-11 and the moment until which caches are exact."""
    open_rests: dict[int, int] = defaultdict(int)
    for entry_id, rest in uncovered_of(raw).items():
        open_rests[raw.entry[entry_id]["account_id"]] += rest
        if rest < 0:
            yield f"I-10 debit {entry_id} is paid {-rest} too much"
    lots = raw.by("lot", "account_id")
    for account in raw.rows["account"]:
        number = account["account_id"]
        if account["owner_kind"] == HOUSE or not raw.type[account["account_type_id"]]["uses_lots"]:
            continue
        mine = [lot for lot in lots.get(number, ()) if lot["remaining"] > 0]
        if account["uncovered"] != open_rests[number]:
            yield f"I-10 account {number}: {account['uncovered']} not {open_rests[number]}"
        total = sum(lot["remaining"] for lot in mine) - account["uncovered"]
        if account["balance"] != total:
            yield f"I-9 account {number}: {account['balance']} not {total}"
        yield from _exact_until(account, mine, now)


def _exact_until(account: Row, lots: list[Row], now: datetime) -> Iterator[str]:
    number, event = account["account_id"], account["next_lot_event_at"]
    if event is not None and event <= now:
        return
    pending = sum(lot["remaining"] for lot in lots if lot["available_at"] > now)
    if account["pending"] != pending:
        yield f"I-9 account {number}: pending {account['pending']} not {pending}"
    coming = [lot["available_at"] for lot in lots if lot["available_at"] > now]
    for lot in lots:
        ends = lot["expires_at"]
        if ends is not None and lot["available_at"] <= now:
            coming.append(ends)
    if event != min(coming, default=None):
        yield f"account {number}: next moment {event} not {min(coming, default=None)}"
    free = [
        lot["lot_id"]
        for lot in lots
        if lot["available_at"] <= now
        and (lot["expires_at"] is None or lot["expires_at"] > now)
        and lot["remaining"] > lot["held"]
    ]
    if account["uncovered"] > 0 and free:
        yield f"I-11 account {number} owes {account['uncovered']} beside free lots {free}"


def _terms(raw: RawLedger, _now: datetime) -> Iterator[str]:
    """I-16."""
    terms = raw.by("term", "lot_id")
    for lot in raw.rows["lot"]:
        ends = lot["first_expires_at"]
        steps = terms.get(lot["lot_id"], [])
        steps.sort(key=lambda row: raw.chain_no(row["operation_id"]))
        for step in steps:
            if step["old_expires_at"] != ends:
                yield f"I-16 lot {lot['lot_id']}: extension from {step['old_expires_at']}"
            later = step["new_expires_at"]
            if ends is None or (later is not None and later < ends):
                yield f"I-16 lot {lot['lot_id']}: shortened to {later}"
            ends = later
        if lot["expires_at"] != ends:
            yield f"I-16 lot {lot['lot_id']}: ends {lot['expires_at']} not {ends}"


def _holds(raw: RawLedger, _now: datetime) -> Iterator[str]:
    """I-18 (sums), I-19, I-20."""
    held: dict[int, int] = defaultdict(int)
    pinned: dict[int, int] = defaultdict(int)
    pins = raw.by("hold_lot", "hold_id")
    events = raw.by("hold_event", "hold_id")
    for hold in raw.rows["hold"]:
        captured = sum(
            row["amount"] for row in events.get(hold["hold_id"], ()) if row["event"] == 2
        )
        if hold["captured"] != captured or captured > hold["amount"]:
            yield f"I-19 hold {hold['hold_id']}: captured {hold['captured']} not {captured}"
        is_open = hold["state"] in OPEN_STATES
        held[hold["account_id"]] += hold["amount"] - captured if is_open else 0
        for pin in pins.get(hold["hold_id"], ()):
            pinned[pin["lot_id"]] += pin["amount"]
            if pin["amount"] and not is_open:
                yield f"I-19 hold {hold['hold_id']} is over and pins {pin['amount']}"
    for account in raw.rows["account"]:
        if account["held"] != held[account["account_id"]]:
            yield f"I-18 account {account['account_id']}: held {account['held']}"
    for lot in raw.rows["lot"]:
        if not 0 <= lot["held"] <= lot["remaining"] or lot["held"] != pinned[lot["lot_id"]]:
            yield f"I-20 lot {lot['lot_id']}: {lot['held']} held of {lot['remaining']}"


def _reversals(raw: RawLedger, _now: datetime) -> Iterator[str]:
    """I-30: what goes back never exceeds what went, entry by entry, with turned signs."""
    back: dict[int, int] = defaultdict(int)
    for entry in raw.rows["entry"]:
        target = entry["reverses_entry_id"]
        if target is not None:
            back[target] += entry["amount"]
            if (raw.entry[target]["amount"] > 0) == (entry["amount"] > 0):
                yield f"entry {entry['entry_id']} reverses with the same sign"
            if raw.entry[target]["account_id"] != entry["account_id"]:
                yield f"entry {entry['entry_id']} reverses on another account"
    for entry_id, amount in back.items():
        if abs(amount) > abs(raw.entry[entry_id]["amount"]):
            yield f"I-30 entry {entry_id}: {amount} back"


def _chain(raw: RawLedger, _now: datetime) -> Iterator[str]:
    """I-22: no gap, and every hash from the canonical text of domain 3.15."""
    parts = {name: raw.by(name, "operation_id") for name, *_ in HASHED}
    previous, number = bytes(32), 0
    for operation in raw.operations:
        number += 1
        if operation["chain_no"] != number:
            yield f"I-22 gap at {number}"
        lines = ["[operation]"]
        left_out = ("remarks", "trace_hash", "doc_hash", "prev_hash", "hash")
        lines += [f"{k}={_text(v)}" for k, v in operation.items() if k not in left_out]
        for name, title, order, caches in HASHED:
            rows = parts[name].get(operation["operation_id"], [])
            for row in sorted(rows, key=lambda row: row[order]):
                lines.append(f"[{title}]")
                lines += [f"{k}={_text(v)}" for k, v in row.items() if k not in caches]
        lines += [f"{name}={_text(operation[name])}" for name in ("trace_hash", "doc_hash")]
        text = b"kartoteka-chain-1\n" + previous + ("\n".join(lines) + "\n").encode()
        if operation["prev_hash"] != previous or hashlib.sha256(text).digest() != operation["hash"]:
            yield f"I-22 operation {operation['operation_id']} (chain {number})"
        previous = operation["hash"]
    (writer,) = raw.rows["writer"]
    if writer["next_chain_no"] != number + 1 or (number and writer["head_hash"] != previous):
        yield "I-22 head"


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S.") + f"{value.microsecond // 1000:03d}"
    if isinstance(value, date):
        return value.isoformat()
    return bytes(value).hex() if isinstance(value, bytes | memoryview) else str(value)


def _dates(raw: RawLedger, _now: datetime) -> Iterator[str]:
    """I-24: Moscow, the day begins at four, unless the caller gave the date."""
    for operation in raw.operations:
        if operation["classifier_id"] == 0:
            continue  # the suite's own: by hand a date may be given, the rest follow their sale
        local = operation["occurred_at"].astimezone(MOSCOW) - timedelta(hours=4)
        given = operation["ext_date"] or operation["shift_date"]
        if operation["business_date"] != (given or local.date()):
            yield f"I-24 operation {operation['operation_id']}: {operation['business_date']}"


def _counters(raw: RawLedger, _now: datetime) -> Iterator[str]:
    """Nothing is counted without a limit; what a limit counts is proven by its own test (I-32)."""
    limits = {row["limit_id"] for row in raw.rows["spend_limit"]}
    for row in raw.rows["spend_counter"]:
        if row["limit_id"] not in limits or row["used_amount"] < 0:
            yield f"I-32 counter of limit {row['limit_id']}"


LAWS: Final[tuple[Law, ...]] = (
    _entries,
    _operations,
    _balances,
    _allocations,
    _lots,
    _issued,
    _covering,
    _terms,
    _holds,
    _reversals,
    _chain,
    _dates,
    _counters,
    replay_laws,
)
"""Every law that a look at the tables can prove."""
