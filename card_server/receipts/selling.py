"""What the lines of a sale book, in mode *pos* and *crm* (domain 3.2-3.4, farcards.md 3.3)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from card_server.accounts.records import (
    CLASS_DEBIT,
    UNIT_POINTS,
    Account,
    AccountType,
)
from card_server.classifiers.records import MODE_CRM, Classifier, MatrixRow
from card_server.classifiers.rules import forbidden, serves_at_all, serving
from card_server.ledger.book import Book, Draft
from card_server.ledger.card_limits import CardLimits
from card_server.ledger.crediting import credit
from card_server.ledger.dating import Dated
from card_server.ledger.permitting import check_time
from card_server.ledger.records import REVERSAL, Entry, Purpose
from card_server.ledger.spending import check_account, check_funds, debit
from card_server.receipts.paying import Wish, pay, plan_payment
from card_server.receipts.records import (
    BONUS,
    DISCOUNT,
    PAYMENT,
    SPENDING,
    Cheque,
    RelayLine,
)
from card_server.schemes.rules import Rate, rate_of, scheme_of
from shared.wire.errors import AppError, ErrorCode
from shared.wire.money import FULL_BP, round_to_step, scaled

ROUNDED_AWAY: Final = "rounds to nothing"
"""A sum under half a step of its account makes no entry (I-41)."""


class Till(msgspec.Struct, kw_only=True):
    """Who sells, to whom, when: what every line of one card's sale shares."""

    book: Book
    draft: Draft
    classifier: Classifier
    holder_id: int
    dated: Dated
    card: CardLimits | None = None
    """The list of a limited card; None moves every account."""
    order: str | None = None
    """The order whose holds a payment captures first."""
    strict: bool = False

    def warn(self, text: str, **facts: Any) -> None:
        """A note in the trace, for the person who asks why."""
        self.draft.trace.setdefault("warnings", []).append({"what": text, **facts})


SERVING = "serving"
"""Under which `RuleSet.derived` keeps the rows that serve a kind of line."""


def net_of(lines: Sequence[RelayLine], cheque: Cheque | None) -> int | None:
    """Net total: what the till says was spent, else the cheque's lines, else unknown."""
    spent = [line.amount for line in lines if line.kind == SPENDING]
    if spent:
        return sum(spent)
    return cheque.net if cheque is not None and cheque.lines else None


def sell(till: Till, lines: Sequence[RelayLine], cheque: Cheque | None) -> list[Entry]:
    """Book one card's lines: payments, then discount, bonus and spending."""
    net = net_of(lines, cheque)
    operation = till.draft.operation
    operation.check_total = net or 0
    operation.check_discount = cheque.discount if cheque is not None else 0
    made: list[Entry] = []
    for line in lines:
        if line.kind == PAYMENT and line.amount:
            made += _pay_line(till, line.amount, net)
    for line in lines:
        if line.kind == DISCOUNT and line.amount:
            made += book_side(till, line)
    if till.classifier.calc_mode == MODE_CRM:
        made += earn(till, net, cheque)
    else:
        for line in lines:
            if line.kind == BONUS and line.amount:
                made += book_side(till, line)
    made += _spend(till, lines, cheque)
    return made


def _rows(till: Till, kind: int, *, debit: bool | None) -> list[MatrixRow]:
    """Rows that serve a kind with the right of a side, or (None) at all; kept with the rules.

    Sorting them out anew for each line would cost a sale more than its arithmetic. A posting may
    carry the classifier of an earlier set of rules, so it is compared.
    """
    rules = till.book.rules
    key = (SERVING, till.classifier.classifier_id, kind, debit)
    known = rules.derived.get(key)
    if known is not None and known[0] is till.classifier:
        rows: list[MatrixRow] = known[1]
        return rows
    if debit is None:
        rows = serves_at_all(till.classifier, rules.account_types, kind)
    else:
        rows = serving(till.classifier, rules.account_types, kind, debit=debit)
    rules.derived[key] = (till.classifier, rows)
    return rows


def _pay_line(till: Till, amount: int, net: int | None) -> list[Entry]:
    types = till.book.rules.account_types
    if amount > 0:
        return _top_up(till, amount)
    rows = _rows(till, PAYMENT, debit=True)
    if not rows:
        named = _rows(till, PAYMENT, debit=None)
        kind = types[named[0].account_type_id].name if named else ""
        raise AppError(ErrorCode.DEBIT_FORBIDDEN, type=kind, classifier=till.classifier.name)
    wish = Wish(
        book=till.book,
        draft=till.draft,
        holder_id=till.holder_id,
        dated=till.dated,
        net=net,
        card=till.card,
        order=till.order,
    )
    return pay(till.book, till.draft, plan_payment(wish, rows, -amount))


def _top_up(till: Till, amount: int) -> list[Entry]:
    """A positive payment outside a return fills the first debit account with credit right."""
    types = till.book.rules.account_types
    rows = [
        row
        for row in till.classifier.matrix.values()
        if row.credit_allowed
        and row.account_type_id in types
        and types[row.account_type_id].account_class == CLASS_DEBIT
    ]
    if not rows:
        raise AppError(ErrorCode.CREDIT_FORBIDDEN, type="", classifier=till.classifier.name)
    row = min(rows, key=lambda r: (_priority(r.credit_priority), r.account_type_id))
    account = account_for(till, row)
    check_account(till.book, account)
    kind = types[row.account_type_id]
    units = scaled(amount, row.credit_k_bp, kind.round_step, kind.round_mode)
    if units == 0:
        till.warn(ROUNDED_AWAY, kind=PAYMENT, amount=amount)
        return []
    entry = credit(
        till.book,
        till.draft,
        account,
        units,
        Purpose.TOP_UP,
        pos_amount=amount,
        k_bp=row.credit_k_bp,
    )
    return [entry]


def _priority(value: int | None) -> int:
    return 100 if value is None else value


def account_for(till: Till, row: MatrixRow) -> Account:
    """The holder's account of the row's type, opened if the holder has none."""
    found = till.book.account_of_type(till.holder_id, row.account_type_id)
    kind = till.book.rules.account_types[row.account_type_id]
    if till.card is not None and (found is None or not till.card.allows(found.account_id)):
        raise forbidden(kind, debit=False, classifier=till.classifier)
    if found is None:
        found = till.book.open_account(till.holder_id, kind)
    return found


def book_side(till: Till, line: RelayLine) -> list[Entry]:
    """Discount, bonus, spending: book it, or leave it out with a note.

    Strict refuses instead, but not where no account type serves the kind at all.
    """
    if not _rows(till, line.kind, debit=None):
        till.warn("no account type serves the line", kind=line.kind, amount=line.amount)
        return []
    try:
        return _book_line(till, line)
    except AppError as refusal:
        if till.strict:
            raise
        till.warn("line not booked", kind=line.kind, amount=line.amount, why=refusal.code.value)
        return []


def serving_row(till: Till, kind: int, *, debit: bool) -> MatrixRow:
    """The first row that serves a kind of line with the right of that side, or the refusal."""
    types = till.book.rules.account_types
    rows = _rows(till, kind, debit=debit)
    if rows:
        return rows[0]
    named = _rows(till, kind, debit=None)
    if named:
        raise forbidden(types[named[0].account_type_id], debit=debit, classifier=till.classifier)
    code = ErrorCode.DEBIT_FORBIDDEN if debit else ErrorCode.CREDIT_FORBIDDEN
    raise AppError(code, type="", classifier=till.classifier.name)


def _book_line(till: Till, line: RelayLine) -> list[Entry]:
    debit_side = line.kind == DISCOUNT
    types = till.book.rules.account_types
    row = serving_row(till, line.kind, debit=debit_side)
    account = account_for(till, row)
    kind = types[row.account_type_id]
    check_account(till.book, account)
    time_id = row.debit_time_id if debit_side else row.credit_time_id
    check_time(till.book, kind, time_id, till.dated)
    if line.kind == DISCOUNT:
        units = scaled(abs(line.amount), row.debit_k_bp, kind.round_step, kind.round_mode)
        if units:
            return [_discount(till, account, units, line.amount, row)]
    else:
        units = scaled(line.amount, row.credit_k_bp, kind.round_step, kind.round_mode)
    if units == 0:
        till.warn(ROUNDED_AWAY, kind=line.kind, amount=line.amount)
        return []
    return [_move(till, account, line, units, row)]


def _move(till: Till, account: Account, line: RelayLine, units: int, row: MatrixRow) -> Entry:
    """Bonus or spending, by its sign."""
    purpose = Purpose.EARN if line.kind == BONUS else Purpose.SPENT
    if units < 0:
        check_funds(till.book, account, -units)
        return debit(
            till.book,
            till.draft,
            account,
            -units,
            purpose,
            pos_amount=line.amount,
            k_bp=row.credit_k_bp,
        )
    return credit(
        till.book,
        till.draft,
        account,
        units,
        purpose,
        pos_amount=line.amount,
        k_bp=row.credit_k_bp,
        level_id=account.level_id,
    )


def _discount(till: Till, account: Account, units: int, sent: int, row: MatrixRow) -> Entry:
    """Given discounts are debits; a plus, as a return without its sale sends it, is a credit."""
    facts: dict[str, Any] = {
        "pos_amount": sent,
        "k_bp": row.debit_k_bp,
        "level_id": account.level_id,
    }
    if sent > 0:
        purpose = Purpose.DISCOUNT + REVERSAL
        return credit(till.book, till.draft, account, units, purpose, **facts)
    return debit(till.book, till.draft, account, units, Purpose.DISCOUNT, **facts)


def _spend(till: Till, lines: Sequence[RelayLine], cheque: Cheque | None) -> list[Entry]:
    """Each sale credits the spent account, also when the till sent no such line (3.4)."""
    made: list[Entry] = []
    sent = [line for line in lines if line.kind == SPENDING]
    for line in sent:
        if line.amount:
            made += book_side(till, line)
    if sent:
        if cheque is not None and cheque.lines and cheque.net != sum(s.amount for s in sent):
            till.warn("spent differs from cheque", cheque=cheque.net)
        return made
    if cheque is not None and cheque.lines and cheque.net > 0:
        amount = cheque.net
        row = _spent_row(till)
        kind = till.book.rules.account_types.get(row.account_type_id) if row else None
        if kind is not None and kind.spent_base != 1:
            amount -= paid_with_points(till)
        if amount > 0:
            line = RelayLine(card=0, person_id=0, kind=SPENDING, amount=amount)
            made += book_side(till, line)
    return made


def _spent_row(till: Till) -> MatrixRow | None:
    rows = _rows(till, SPENDING, debit=False)
    return rows[0] if rows else None


def earn(till: Till, net: int | None, cheque: Cheque | None) -> list[Entry]:
    """Mode *crm*: base times rate times coefficient, rounded once (3.3, 3.9)."""
    if not net or net < 0:
        return []
    if not _rows(till, BONUS, debit=None):
        till.warn("no account type serves the line", kind=BONUS, amount=0)
        return []
    try:
        return _earn(till, net, cheque)
    except AppError as refusal:
        if till.strict:
            raise
        till.warn("accrual not booked", net=net, why=refusal.code.value)
        return []


def _earn(till: Till, net: int, cheque: Cheque | None) -> list[Entry]:
    row = serving_row(till, BONUS, debit=False)
    account = account_for(till, row)
    kind = till.book.rules.account_types[row.account_type_id]
    check_account(till.book, account)
    check_time(till.book, kind, row.credit_time_id, till.dated)
    rate = _rate(till, account, kind)
    base = earn_base(till, kind.earn_base, net, cheque)
    units = _accrual(base, rate, row, kind)
    till.draft.operation.earn_base_sum = max(0, base)
    till.draft.trace["mode"] = "crm"
    till.draft.trace["rate"] = {
        "bp": rate.rate_bp,
        "code": rate.pos_code,
        "source": rate.source,
        "param": rate.param_id,
    }
    till.draft.trace["rounding"] = {"base": base, "k": row.credit_k_bp, "result": units}
    if units <= 0:
        return []
    entry = credit(
        till.book,
        till.draft,
        account,
        units,
        Purpose.EARN,
        pos_amount=base,
        k_bp=row.credit_k_bp,
        scheme_id=rate.scheme_id,
        level_id=account.level_id,
        rate_bp=rate.rate_bp,
    )
    return [entry]


def earned_at(till: Till, net: int) -> int:
    """What a cheque of `net` would earn today by the account's rate, for an unmatched return."""
    rows = _rows(till, BONUS, debit=False)
    account = till.book.account_of_type(till.holder_id, rows[0].account_type_id) if rows else None
    if account is None or net <= 0:
        return 0
    kind = till.book.type_of(account)
    return _accrual(net, _rate(till, account, kind), rows[0], kind)


def _rate(till: Till, account: Account, kind: AccountType) -> Rate:
    rules = till.book.rules
    scheme_id, source = scheme_of(account, kind, till.classifier, rules.levels)
    local = till.dated.zone.local(till.dated.occurred_at)
    scheme = rules.schemes.get(scheme_id) if scheme_id is not None else None
    return rate_of(scheme, source, rules.time_sets, local, till.dated.business_date)


def _accrual(base: int, rate: Rate, row: MatrixRow, kind: AccountType) -> int:
    """Account units for a base, rounded once."""
    return round_to_step(
        max(0, base) * rate.rate_bp * row.credit_k_bp,
        FULL_BP * FULL_BP,
        kind.round_step,
        kind.round_mode,
    )


def paid_with_points(till: Till) -> int:
    """POS money of the cheque that was paid from accounts of points."""
    types = till.book.rules.account_types
    return sum(
        entry.pos_amount or 0
        for entry in till.draft.entries
        if entry.purpose == Purpose.PAY and types[entry.account_type_id].value_unit == UNIT_POINTS
    )


def earn_base(till: Till, rule: int, net: int, cheque: Cheque | None) -> int:
    """1 without what was paid with points, 2 net, 3 before discounts (domain 1.5)."""
    if rule == 1:
        return net - paid_with_points(till)
    if rule == 2 or cheque is None:  # noqa: PLR2004 - the enum of account_type.earn_base
        return net
    return cheque.gross
