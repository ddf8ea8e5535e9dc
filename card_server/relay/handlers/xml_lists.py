"""Lists of the XML API: transactions of an account, a holder's block (crm-xml.md 8.2, 8.7)."""

from __future__ import annotations

import base64
import binascii
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Connection, Select, func, select

from card_server.classifiers.rules import need_right
from card_server.holders.people import Person
from card_server.ledger import tables
from card_server.ledger.book import Book
from card_server.ledger.calendar import Zone, zone_of
from card_server.ledger.facts import Facts, Wants
from card_server.ledger.rule_set import RuleSet
from card_server.receipts import tables as receipt_tables
from card_server.receipts.documents import open_document
from card_server.relay.crm_xml_reader import Envelope, includes
from card_server.relay.crm_xml_writer import HolderNames, contacts, holder, root
from card_server.relay.escaping import text
from card_server.relay.exchange import Answer
from card_server.relay.formats import maybe_number, moment, money, read_date
from card_server.relay.handlers.context import Context, Done
from card_server.relay.handlers.looking import SeenAccount, see_accounts
from card_server.relay.handlers.xml_cards import account_block
from card_server.relay.handlers.xml_dictionaries import answer_read
from card_server.relay.texts import failure
from card_server.relay.xml_tree import Node
from shared.wire.errors import AppError, ErrorCode
from shared.wire.ids import account_number, parse_account_number

PAGE: Final = 50
LARGEST_PAGE: Final = 10_000
DEBIT_NAME, CREDIT_NAME = "Списание", "Начисление"


def get_transactions(envelope: Envelope, context: Context, done: Done) -> None:
    """Entries by account, card, holder, transaction or outside code, newest first."""
    rights = context.classifier.rights
    if "txn.read_all" not in rights:
        need_right(context.classifier, "txn.read")
    node = envelope.root.child("Transaction") or envelope.root
    words = includes(envelope.root, context.limits) | includes(node, context.limits)
    zone = zone_of(context.classifier.time_zone, context.classifier.day_start)
    filters = _filters(node, zone)
    if not filters:
        raise AppError(ErrorCode.FILTER_MISSING)
    own = "txn.read_all" not in rights or (
        node.child("Client_ID") is not None and not node.text_of("Client_ID").strip()
    )
    if own:
        filters.append(tables.operation.c.classifier_id == context.classifier.classifier_id)
    first = max(1, maybe_number(node.text_of("Index")) or 1)
    count = min(LARGEST_PAGE, maybe_number(node.text_of("Count")) or PAGE)
    with_document = "transaction_dopinfo" in words

    def work(connection: Connection) -> bytes:
        total = connection.execute(_entries(func.count()).where(*filters)).scalar_one()
        rows = connection.execute(
            _entries(*_columns(with_document=with_document))
            .where(*filters)
            .order_by(tables.operation.c.occurred_at.desc(), tables.entry.c.entry_id.desc())
            .offset(first - 1)
            .limit(count)
        ).mappings()
        blocks = [_transaction(row, context.rules) for row in rows]
        span = f' IndexFrom="{first}" IndexTo="{first + len(blocks) - 1}"' if blocks else ""
        attributes = f'{span} Count="{total}"'
        return root("Transactions", "".join(blocks), context.message_id, attributes)

    answer_read(context, done, work)


def _entries(*columns: Any) -> Select[Any]:
    entry, operation = tables.entry, tables.operation
    document = receipt_tables.operation_document
    item = tables.operation_item
    return (
        select(*columns)
        .select_from(entry)
        .join(operation, operation.c.operation_id == entry.c.operation_id)
        .outerjoin(document, document.c.operation_id == operation.c.operation_id)
        .outerjoin(
            item,
            (item.c.operation_id == operation.c.operation_id)
            & (item.c.transaction_id == entry.c.entry_id),
        )
    )


def _columns(*, with_document: bool) -> list[Any]:
    entry, operation = tables.entry, tables.operation
    found = [
        entry.c.entry_id,
        entry.c.amount,
        entry.c.account_id,
        entry.c.account_type_id,
        entry.c.reverses_entry_id,
        operation.c.division_id,
        operation.c.occurred_at,
        operation.c.occurred_off,
        operation.c.holder_id,
        operation.c.classifier_id,
        operation.c.ext_id,
        operation.c.ext_index,
        operation.c.ext_date,
        operation.c.remarks,
        tables.operation_item.c.operation_type,
    ]
    if with_document:
        found.append(receipt_tables.operation_document.c.body)
    return found


def _filters(node: Node, zone: Zone) -> list[Any]:
    entry, operation = tables.entry, tables.operation
    found: list[Any] = []
    number = node.text_of("Account_Number").strip()
    if number:
        parsed = parse_account_number(number)
        bare = maybe_number(number)
        wanted = parsed.id64 if parsed is not None else bare
        if wanted is None:
            raise AppError(ErrorCode.ACCOUNT_NOT_FOUND, account=number, number=number)
        found.append(entry.c.account_id == wanted)
    for field, column in (
        ("Card_Code", operation.c.card_code),
        ("Transaction_ID", entry.c.entry_id),
        ("Holder_ID", operation.c.holder_id),
    ):
        value = maybe_number(node.text_of(field))
        if value is not None:
            found.append(column == value)
    ext_id = node.text_of("External_ID").strip()
    if ext_id:
        found.append(operation.c.ext_id == ext_id)
    if not found:
        return []
    since, until = _day(node, "Date_From"), _day(node, "Date_To")
    if since is not None:
        found.append(operation.c.occurred_at >= zone.moment_of(since, 0))
    if until is not None:
        end = datetime.combine(until, datetime.max.time(), tzinfo=zone.zone)
        found.append(operation.c.occurred_at <= end)
    parent = node.child("Transaction_Parent")
    if parent is not None and not parent.text.strip():
        found.append(entry.c.reverses_entry_id.is_(None))
    return found


def _day(node: Node, field: str) -> date | None:
    value = node.text_of(field)
    try:
        return read_date(value)
    except ValueError as error:
        raise AppError(ErrorCode.FIELD_BAD, field=field, value=value) from error


def _transaction(row: Any, rules: RuleSet) -> str:
    kind = rules.account_types[row["account_type_id"]]
    credit = row["amount"] > 0
    number = account_number(kind.account_class, kind.account_type_id, row["account_id"])
    operation_type = row["operation_type"]
    if operation_type is None:
        operation_type = 2 if credit else 1
    who = rules.classifiers.get(row["classifier_id"])
    ext_date = row["ext_date"].isoformat() if row["ext_date"] is not None else "1899-12-30"
    parent = row["reverses_entry_id"]
    return (
        f"<Transaction><Division_ID>{row['division_id']}</Division_ID>"
        f"<Transaction_ID>{row['entry_id']}</Transaction_ID>"
        f"<Transaction_Time>{moment(row['occurred_at'], row['occurred_off'])}</Transaction_Time>"
        f"<Summ>{money(row['amount'])}</Summ>"
        f"<Transaction_Type>{kind.account_type_id}{2 if credit else 1}</Transaction_Type>"
        f"<Operation_Type>{operation_type}</Operation_Type>"
        f"<Operation_Type_Name>{CREDIT_NAME if credit else DEBIT_NAME}</Operation_Type_Name>"
        f"<Account_Number>{number}</Account_Number><Holder_ID>{row['holder_id'] or ''}</Holder_ID>"
        f"<Client_ID>{row['classifier_id']}</Client_ID>"
        f"<Client_Type>{text(who.client_type or '') if who else ''}</Client_Type>"
        f"<Client_Name>{text(who.name) if who else ''}</Client_Name>"
        f"<External_ID>{text(row['ext_id'] or '')}</External_ID>"
        f"<External_Index>{row['ext_index'] or 0}</External_Index>"
        f"<External_Date>{ext_date}T00:00:00</External_Date>"
        f"<Remarks>{text(row['remarks'] or '')}</Remarks>{_document(row)}"
        + (f"<Transaction_Parent>{parent}</Transaction_Parent>" if parent else "")
        + "</Transaction>"
    )


def _document(row: Any) -> str:
    if "body" not in row or row["body"] is None:
        return ""
    body = open_document(bytes(row["body"]))
    try:
        base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError):
        if body.lstrip().startswith(b"<"):
            encoded = base64.b64encode(body).decode()
            return f'<Dop_Info Encoding="Base64">{encoded}</Dop_Info>'
        return f'<Dop_Info Encoding="Text">{text(body.decode("utf-8", "replace"))}</Dop_Info>'
    return f'<Dop_Info Encoding="Base64">{body.decode()}</Dop_Info>'


class HolderInquiry:
    """Looks at a holder's accounts with the group."""

    exclusive: frozenset[str] = frozenset()

    def __init__(self, holder_id: int, context: Context) -> None:
        self._holder_id = holder_id
        self._context = context

    def wants(self) -> Wants:
        """The holder, the person, the contacts."""
        return Wants(holders={self._holder_id}, people={self._holder_id})

    def more(self, facts: Facts, book: Book) -> Wants:
        """The surviving holder of a merged one, contacts, stale lots."""
        person = facts.people.get(self._holder_id)
        if person is None:
            raise AppError(ErrorCode.HOLDER_NOT_FOUND)
        wants = Wants(contacts={self._holder_id})
        if person.merged_into is not None:
            self._holder_id = person.merged_into
            wants.holders = {self._holder_id}
            wants.people = {self._holder_id}
            wants.contacts = {self._holder_id}
        for account in book.accounts_of(self._holder_id):
            if book.lots_needed(account):
                wants.lots.add(account.account_id)
        return wants

    def decide(self, facts: Facts, book: Book) -> tuple[Person, list[SeenAccount]]:
        """The person and the accounts."""
        person = facts.people[self._holder_id]
        accounts = book.accounts_of(self._holder_id)
        return person, see_accounts(book, accounts, self._context.classifier)


def get_holder(envelope: Envelope, context: Context, done: Done) -> None:
    """The block of one holder with the wrappers asked for."""
    need_right(context.classifier, "holder.read")
    value = envelope.root.text_of("Holder_ID").strip()
    if not value:
        raise AppError(ErrorCode.FIELD_MISSING, field="Holder_ID")
    holder_id = maybe_number(value)
    if holder_id is None:
        raise AppError(ErrorCode.HOLDER_NOT_FOUND)
    words = includes(envelope.root, context.limits)

    def finish(found: Any) -> None:
        if isinstance(found, AppError):
            done(Answer(failure(found, context.message_id, context.language), is_error=True))
            return
        person, accounts = found
        block = holder_root(person, accounts, words, context)
        done(Answer(f"{_HEAD}{block}".encode()))

    context.desk.ask(HolderInquiry(holder_id, context), finish)


_HEAD: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'


def holder_root(
    person: Person, accounts: list[SeenAccount], words: frozenset[str], context: Context
) -> str:
    """`Holder` as a root element."""
    rules = context.rules
    division = rules.divisions.get(person.division_id)
    payer = rules.non_payer_codes.get(person.non_payer_type_id or 0)
    wrappers = ""
    if "account" in words or "account_available" in words:
        wrappers += account_block(accounts, words, context)
    if "holder_contact" in words:
        masked = "person.full" not in context.classifier.rights
        wrappers += contacts(person, masked=masked)
    names = HolderNames(
        group=rules.holder_groups.get(person.group_id or 0, ""),
        division=division.name if division is not None else "",
        non_payer=payer[1] if payer is not None else "",
        counts=None if "holder_nocount" in words else (1, len(accounts), len(person.contacts)),
    )
    return holder(person, names, wrappers, f' Message_ID="{context.message_id}"')
