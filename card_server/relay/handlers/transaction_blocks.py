"""Transactions of a list as blocks, and how many of them fit into a reply (crm-xml.md 8.7)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final

import msgspec

from card_server.ledger.records import OperationKind
from card_server.ledger.rule_set import RuleSet
from card_server.ledger.transaction_list import Burning, Listed
from card_server.relay.escaping import text
from card_server.relay.formats import moment, money
from shared.wire.ids import COUNTER_SPAN, account_number

DEBIT_NAME, CREDIT_NAME = "Списание", "Начисление"
DEBIT, CREDIT, BACK_DEBIT, BACK_CREDIT, BURNING, MANUAL, AUTOMATIC, COUPON = 1, 2, 3, 4, 5, 6, 7, 16
"""Operation_Type by the list of 6.2."""
KINDS: Final[dict[int, int]] = {
    OperationKind.EXPIRE: BURNING,
    OperationKind.ADJUST: MANUAL,
    OperationKind.CORRECTION: MANUAL,
    OperationKind.EXTEND: AUTOMATIC,
    OperationKind.LEVEL_CHANGE: AUTOMATIC,
    OperationKind.REFILL: AUTOMATIC,
    OperationKind.CAMPAIGN_CREDIT: AUTOMATIC,
    OperationKind.SETTLE_RECEIVABLE: AUTOMATIC,
}
CHEQUE: Final = 1
"""`operation_document.doc_kind` of a cheque: always sent as base64."""
NO_DATE: Final = "1899-12-30"


class Document(msgspec.Struct, frozen=True):
    """The text kept with an operation."""

    kind: int
    body: bytes


class Extras(msgspec.Struct, kw_only=True):
    """What the Include words add; None where a word was not given."""

    documents: Mapping[int, Document] | None = None
    lives: Mapping[int, date] | None = None
    bonuses: Mapping[int, int] | None = None


def operation_type(row: Listed) -> int:
    """As the item was sent, else by what the transaction is."""
    if row.operation_type is not None:
        return row.operation_type
    if row.account_type_id is None:
        return COUPON
    if row.kind in KINDS:
        return KINDS[row.kind]
    if row.is_reversal:
        return BACK_DEBIT if row.amount > 0 else BACK_CREDIT
    return CREDIT if row.amount > 0 else DEBIT


def block(row: Listed, rules: RuleSet, extras: Extras) -> str:
    """One transaction with what was asked for, in the order clients know."""
    credit = row.amount >= 0
    who = rules.classifiers.get(row.classifier_id)
    ext_date = row.ext_date.isoformat() if row.ext_date is not None else NO_DATE
    bonuses = ""
    if extras.bonuses is not None:
        total = money(extras.bonuses.get(row.operation_id, 0))
        bonuses = f"<Transaction_Bonuses>{total}</Transaction_Bonuses>"
    return (
        f"<Transaction><Division_ID>{row.division_id}</Division_ID>"
        f"<Transaction_ID>{row.transaction_id}</Transaction_ID>"
        f"<Transaction_Time>{moment(row.occurred_at, row.occurred_off)}</Transaction_Time>"
        f"{bonuses}<Summ>{money(row.amount)}</Summ>"
        f"<Transaction_Type>{row.account_type_id or 0}{2 if credit else 1}</Transaction_Type>"
        f"<Operation_Type>{operation_type(row)}</Operation_Type>"
        f"<Operation_Type_Name>{CREDIT_NAME if credit else DEBIT_NAME}</Operation_Type_Name>"
        f"<Account_Number>{_number(row, rules)}</Account_Number>"
        f"<Holder_ID>{row.holder_id or ''}</Holder_ID>"
        f"<Client_ID>{row.classifier_id}</Client_ID>"
        f"<Client_Type>{text(who.client_type or '') if who else ''}</Client_Type>"
        f"<Client_Name>{text(who.name) if who else ''}</Client_Name>"
        f"<External_ID>{text(row.ext_id or '')}</External_ID>"
        f"<External_Index>{row.ext_index or 0}</External_Index>"
        f"<External_Date>{ext_date}T00:00:00</External_Date>"
        f"<Remarks>{text(row.remarks or '')}</Remarks>{_extras(row, extras)}</Transaction>"
    )


def _number(row: Listed, rules: RuleSet) -> str:
    if row.account_type_id is None:
        prefix, counter = divmod(row.account_id, COUNTER_SPAN)
        return f"0.0.{counter:013d}.{prefix}"
    kind = rules.account_types.get(row.account_type_id)
    account_class = kind.account_class if kind is not None else 0
    return account_number(account_class, row.account_type_id, row.account_id)


def _extras(row: Listed, extras: Extras) -> str:
    found = ""
    document = (extras.documents or {}).get(row.operation_id)
    if document is not None:
        found += dop_info(document)
    life = (extras.lives or {}).get(row.transaction_id)
    if life is not None:
        found += f"<Transaction_Life>{life.isoformat()}</Transaction_Life>"
    if row.parent_id is not None:
        found += f"<Transaction_Parent>{row.parent_id}</Transaction_Parent>"
    return found


def dop_info(document: Document) -> str:
    """The text with the attribute that some clients need to read it at all."""
    body = document.body
    if document.kind == CHEQUE:
        return f'<Dop_Info Encoding="Base64">{base64.b64encode(body).decode()}</Dop_Info>'
    try:
        base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError):
        return f'<Dop_Info Encoding="Text">{text(body.decode("utf-8", "replace"))}</Dop_Info>'
    return f'<Dop_Info Encoding="Base64">{body.decode("ascii")}</Dop_Info>'


def burning_block(one: Burning) -> str:
    """One day of the burning list."""
    numbers = ",".join(str(number) for number in one.transactions)
    return (
        f"<Transaction><Transaction_ID>{numbers}</Transaction_ID><Summ>{money(one.amount)}</Summ>"
        f"<Summ_Spend>{money(one.spent)}</Summ_Spend>"
        f"<Transaction_Life>{one.day.isoformat()}</Transaction_Life></Transaction>"
    )


def fitting(blocks: Iterable[str], limit: int | None, *, windows_1251: bool) -> list[str]:
    """Whole blocks that stay below the reply's limit of bytes; all of them without a limit."""
    if limit is None:
        return list(blocks)
    found: list[str] = []
    size = 0
    for one in blocks:
        charset = "cp1251" if windows_1251 else "utf-8"
        size += len(one.encode(charset, "xmlcharrefreplace"))
        if size > limit:
            break
        found.append(one)
    return found
