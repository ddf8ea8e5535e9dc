"""What the lines of a sale book, in mode *pos* and *crm* (domain 3.2-3.4, farcards.md 3.3)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from card_server.accounts.records import (
    CLASS_DEBIT,
    UNIT_POINTS,
    Account,
)
from card_server.classifiers.records import MODE_CRM, Classifier, MatrixRow
from card_server.classifiers.rules import forbidden, serves_at_all, serving
from card_server.ledger.book import Book, Draft
from card_server.ledger.crediting import credit
from card_server.ledger.records import Entry, Purpose
from card_server.ledger.spending import check_account, check_funds, debit
from card_server.receipts.dating import Dated
from card_server.receipts.paying import check_time, pay, plan_payment
from card_server.receipts.records import (
    BONUS,
    DISCOUNT,
    PAYMENT,
    SPENDING,
    Cheque,
    RelayLine,
)
from card_server.schemes.rules import rate_of, scheme_of
from shared.wire.errors import AppError, ErrorCode
from shared.wire.money import FULL_BP, round_to_step, scaled


class Till(msgspec.Struct, kw_only=True):
    """Who sells, to whom, when: what every line of one card's sale shares."""

    book: Book
    draft: Draft
    classifier: Classifier
    holder_id: int
    dated: Dated
    allowed: frozenset[int] | None = None
    strict: bool = False

    def warn(self, text: str, **facts: Any) -> None:
        """A note in the trace, for the person who asks why."""
        self.draft.trace.setdefault("warnings", []).append({"what": text, **facts})


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
            made += _side_line(till, line, debit_side=True)
    if till.classifier.calc_mode == MODE_CRM:
        made += earn(till, net, cheque)
    else:
        for line in lines:
            if line.kind == BONUS and line.amount:
                made += _side_line(till, line, debit_side=False)
    made += _spend(till, lines, cheque)
    return made


def _pay_line(till: Till, amount: int, net: int | None) -> list[Entry]:
    types = till.book.rules.account_types
    if amount > 0:
        return [_top_up(till, amount)]
    rows = serving(till.classifier, types, PAYMENT, debit=True)
    if not rows:
        named = serves_at_all(till.classifier, types, PAYMENT)
        kind = types[named[0].account_type_id].name if named else ""
        raise AppError(ErrorCode.DEBIT_FORBIDDEN, type=kind, classifier=till.classifier.name)
    shares = plan_payment(till.book, till.holder_id, rows, -amount, net, till.dated, till.allowed)
    return pay(till.book, till.draft, shares)


def _top_up(till: Till, amount: int) -> Entry:
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
    return credit(
        till.book,
        till.draft,
        account,
        units,
        Purpose.TOP_UP,
        pos_amount=amount,
        k_bp=row.credit_k_bp,
    )


def _priority(value: int | None) -> int:
    return 100 if value is None else value


def account_for(till: Till, row: MatrixRow) -> Account:
    """The holder's account of the row's type, opened if the holder has none."""
    found = till.book.account_of_type(till.holder_id, row.account_type_id)
    if found is None:
        kind = till.book.rules.account_types[row.account_type_id]
        found = till.book.open_account(till.holder_id, kind)
    return found


def _side_line(till: Till, line: RelayLine, *, debit_side: bool) -> list[Entry]:
    """Discount, bonus, spending: book it, or leave it out with a note (unless strict)."""
    try:
        return [_book_line(till, line, debit_side=debit_side)]
    except AppError as refusal:
        if till.strict:
            raise
        till.warn("line not booked", kind=line.kind, amount=line.amount, why=refusal.code.value)
        return []


def _book_line(till: Till, line: RelayLine, *, debit_side: bool) -> Entry:
    types = till.book.rules.account_types
    rows = serving(till.classifier, types, line.kind, debit=debit_side)
    if not rows:
        named = serves_at_all(till.classifier, types, line.kind)
        if named:
            raise forbidden(
                types[named[0].account_type_id], debit=debit_side, classifier=till.classifier
            )
        raise AppError(ErrorCode.DEBIT_FORBIDDEN if debit_side else ErrorCode.CREDIT_FORBIDDEN)
    row = rows[0]
    account = account_for(till, row)
    kind = types[row.account_type_id]
    check_account(till.book, account)
    time_id = row.debit_time_id if debit_side else row.credit_time_id
    check_time(till.book, kind, time_id, till.dated)
    if line.kind == DISCOUNT:
        units = scaled(abs(line.amount), row.debit_k_bp, kind.round_step, kind.round_mode)
        return _discount(till, account, units, line.amount, row)
    units = scaled(line.amount, row.credit_k_bp, kind.round_step, kind.round_mode)
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
    return debit(
        till.book,
        till.draft,
        account,
        units,
        Purpose.DISCOUNT,
        pos_amount=sent,
        k_bp=row.debit_k_bp,
        level_id=account.level_id,
    )


def _spend(till: Till, lines: Sequence[RelayLine], cheque: Cheque | None) -> list[Entry]:
    """Each sale credits the spent account, also when the till sent no such line (3.4)."""
    made: list[Entry] = []
    sent = [line for line in lines if line.kind == SPENDING]
    for line in sent:
        if line.amount:
            made += _side_line(till, line, debit_side=False)
    if sent:
        if cheque is not None and cheque.lines and cheque.net != sum(s.amount for s in sent):
            till.warn("spent differs from cheque", cheque=cheque.net)
        return made
    if cheque is not None and cheque.lines and cheque.net > 0:
        amount = cheque.net
        row = _spent_row(till)
        kind = till.book.rules.account_types.get(row.account_type_id) if row else None
        if kind is not None and kind.spent_base != 1:
            amount -= till.draft.operation.paid_accounts
        if amount > 0:
            line = RelayLine(card=0, person_id=0, kind=SPENDING, amount=amount)
            made += _side_line(till, line, debit_side=False)
    return made


def _spent_row(till: Till) -> MatrixRow | None:
    rows = serving(till.classifier, till.book.rules.account_types, SPENDING, debit=False)
    return rows[0] if rows else None


def earn(till: Till, net: int | None, cheque: Cheque | None) -> list[Entry]:
    """Mode *crm*: base times rate times coefficient, rounded once (3.3, 3.9)."""
    if not net:
        return []
    rules = till.book.rules
    made: list[Entry] = []
    for row in serving(till.classifier, rules.account_types, BONUS, debit=False)[:1]:
        account = account_for(till, row)
        kind = rules.account_types[row.account_type_id]
        scheme_id, source = scheme_of(account, kind, till.classifier, rules.levels)
        local = till.dated.zone.local(till.dated.occurred_at)
        scheme = rules.schemes.get(scheme_id) if scheme_id is not None else None
        rate = rate_of(scheme, source, rules.time_sets, local, till.dated.business_date)
        base = earn_base(till, kind.earn_base, net, cheque)
        units = round_to_step(
            max(0, base) * rate.rate_bp * row.credit_k_bp,
            FULL_BP * FULL_BP,
            kind.round_step,
            kind.round_mode,
        )
        till.draft.operation.earn_base_sum = base
        till.draft.trace["mode"] = "crm"
        till.draft.trace["rate"] = {
            "bp": rate.rate_bp,
            "code": rate.pos_code,
            "source": rate.source,
            "param": rate.param_id,
        }
        till.draft.trace["rounding"] = {"base": base, "k": row.credit_k_bp, "result": units}
        if units > 0:
            made.append(
                credit(
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
            )
    return made


def earn_base(till: Till, rule: int, net: int, cheque: Cheque | None) -> int:
    """1 without what was paid with points, 2 net, 3 before discounts (domain 1.5)."""
    if rule == 1:
        types = till.book.rules.account_types
        points = sum(
            entry.pos_amount or 0
            for entry in till.draft.entries
            if entry.purpose == Purpose.PAY
            and types[entry.account_type_id].value_unit == UNIT_POINTS
        )
        return net - points
    if rule == 2 or cheque is None:  # noqa: PLR2004 - the enum of account_type.earn_base
        return net
    return cheque.gross
