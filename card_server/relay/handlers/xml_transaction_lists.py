"""Get transactions info: filters to a page of transactions, or the burning list (8.7)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Final

import msgspec
from sqlalchemy import Connection, select

from card_server.accounts import tables as account_tables
from card_server.accounts.records import CLASS_BONUS
from card_server.cards import tables as card_tables
from card_server.classifiers.rules import need_right
from card_server.coupons.repository import find_coupon
from card_server.holders import tables as holder_tables
from card_server.ledger.calendar import Zone, zone_of
from card_server.ledger.transaction_list import (
    NO_PARENT,
    Listed,
    ListFilter,
    bonuses_of,
    burning_of,
    count_listed,
    list_page,
    lives_of,
    transaction_exists,
)
from card_server.receipts import tables as receipt_tables
from card_server.receipts.documents import open_document
from card_server.relay.crm_xml_reader import Envelope, includes
from card_server.relay.crm_xml_writer import root
from card_server.relay.formats import maybe_number, read_date
from card_server.relay.handlers.card_window import phone_country
from card_server.relay.handlers.context import Context, Done
from card_server.relay.handlers.looking import phone_of
from card_server.relay.handlers.transaction_blocks import (
    Document,
    Extras,
    block,
    burning_block,
    fitting,
)
from card_server.relay.handlers.xml_dictionaries import answer_read
from card_server.relay.xml_tree import Node
from shared.settings.wire import API_PAGE_MAX, API_PAGE_SIZE
from shared.wire.errors import AppError, ErrorCode
from shared.wire.ids import LARGEST_CARD_CODE, parse_account_number

PAGE: Final = 50
LARGEST_ID: Final = 2**63 - 1
AT_ONCE: Final = 500
LARGEST_PAGE: Final = 10_000
ROOT_BYTES: Final = 512
"""What the root of a list takes at most."""


class Request(msgspec.Struct, kw_only=True):
    """One call of the action, read but for what the database must say."""

    filter: ListFilter
    account: str
    card: str
    words: frozenset[str]
    first: int
    count: int
    burning: bool
    life_since: date | None
    life_until: date | None


def get_transactions(envelope: Envelope, context: Context, done: Done) -> None:
    """Transactions by account, card, holder, number or outside code, newest first."""
    rights = context.classifier.rights
    if "txn.read_all" not in rights:
        need_right(context.classifier, "txn.read")
    asked = read_request(envelope.root, context)

    def work(connection: Connection) -> bytes:
        resolve(asked, connection, context)
        answer = burning_list if asked.burning else transaction_list
        return answer(asked, connection, context)

    answer_read(context, done, work)


# -------------------------------------------------------------------------- reading


def read_request(message: Node, context: Context) -> Request:
    """The filter of a message; FILTER_MISSING if nothing narrows the list."""
    node = message.child("Transaction") or message
    zone = zone_of(context.classifier.time_zone, context.classifier.day_start)
    size = context.rules.value(API_PAGE_SIZE)
    largest = context.rules.value(API_PAGE_MAX)
    asked = Request(
        filter=_filter(node, zone, context),
        account=node.text_of("Account_Number"),
        card=node.text_of("Card_Code"),
        words=includes(message, context.limits) | includes(node, context.limits),
        first=max(1, maybe_number(node.text_of("Index")) or 1),
        count=min(largest, maybe_number(node.text_of("Count")) or size),
        burning=node.child("Transaction_Life") is not None,
        life_since=_day(node, "Transaction_Life_From"),
        life_until=_day(node, "Transaction_Life_To"),
    )
    if asked.burning and not asked.account:
        raise AppError(ErrorCode.FIELD_MISSING, field="Account_Number")
    if asked.filter.is_empty and not asked.account and not asked.card:
        raise AppError(ErrorCode.FILTER_MISSING)
    return asked


def _filter(node: Node, zone: Zone, context: Context) -> ListFilter:
    since, until = _day(node, "Date_From"), _day(node, "Date_To")
    return ListFilter(
        transaction_id=_id(node, "Transaction_ID", ErrorCode.TXN_NOT_FOUND, "id"),
        holder_id=_id(node, "Holder_ID", ErrorCode.HOLDER_NOT_FOUND, "id"),
        ext_id=_ext_id(node.text_of("External_ID")),
        ext_index=maybe_number(node.text_of("External_Index")),
        ext_date=_day(node, "External_Date"),
        since=zone.moment_of(since, 0) if since is not None else None,
        until=zone.moment_of(until + timedelta(days=1), 0) if until is not None else None,
        classifier_id=_client(node, context),
        unit_id=_unit(node, context),
        parent=_parent(node),
    )


def _id(node: Node, field: str, code: ErrorCode, fact: str) -> int | None:
    value = node.text_of(field)
    if not value:
        return None
    number = maybe_number(value)
    if number is None or number > LARGEST_ID:
        raise AppError(code, **{fact: value})
    return number


def _ext_id(value: str) -> str | None:
    """As it is stored: leading zeros of a number are dropped."""
    if value.isascii() and value.isdigit():
        return value.lstrip("0") or "0"
    return value or None


def _client(node: Node, context: Context) -> int | None:
    """Own operations only: without the right to read all, or with an empty Client_ID."""
    mine = context.classifier.classifier_id
    if "txn.read_all" not in context.classifier.rights:
        return mine
    sent = node.child("Client_ID")
    if sent is None:
        return None
    return mine if not sent.text.strip() else maybe_number(sent.text)


def _unit(node: Node, context: Context) -> int | None:
    """An empty Unit_ID means that of the message; 0 stands for a unit that does not exist."""
    sent = node.child("Unit_ID")
    if sent is None:
        return None
    return (context.unit_id or 0) if not sent.text.strip() else maybe_number(sent.text)


def _parent(node: Node) -> int | None:
    sent = node.child("Transaction_Parent")
    if sent is None:
        return None
    return NO_PARENT if not sent.text.strip() else maybe_number(sent.text)


def _day(node: Node, field: str) -> date | None:
    value = node.text_of(field)
    try:
        return read_date(value)
    except ValueError as error:
        raise AppError(ErrorCode.FIELD_BAD, field=field, value=value) from error


# -------------------------------------------------------------------------- resolving


def resolve(asked: Request, connection: Connection, context: Context) -> None:
    """Account number and card as rows of the database; unknown ones are refused by name."""
    wanted = asked.filter
    if asked.account:
        _resolve_account(asked.account, wanted, connection, context)
    elif asked.card:
        wanted.card_code = find_card_code(connection, asked.card, phone_country(context))
    number = wanted.transaction_id
    if number is not None and not transaction_exists(connection, number):
        raise AppError(ErrorCode.TXN_NOT_FOUND, id=number)


def _resolve_account(
    sent: str, wanted: ListFilter, connection: Connection, context: Context
) -> None:
    lost = AppError(ErrorCode.ACCOUNT_NOT_FOUND, account=sent, number=sent)
    parsed = parse_account_number(sent)
    account_id = parsed.id64 if parsed is not None else maybe_number(sent)
    if account_id is None or account_id > LARGEST_ID:
        raise lost
    if parsed is not None and parsed.is_coupon:
        coupon = find_coupon(connection, f"{account_id}")
        if coupon is None or coupon.coupon_id != account_id:
            code = f"{parsed.counter:013d}"
            raise AppError(ErrorCode.COUPON_NOT_FOUND, coupon=code, code=code)
        wanted.coupon_id = account_id
        return
    table = account_tables.account
    type_id = connection.execute(
        select(table.c.account_type_id).where(
            table.c.account_id == account_id, table.c.holder_id.is_not(None)
        )
    ).scalar()
    kind = context.rules.account_types.get(type_id or 0)
    if kind is None:
        raise lost
    if parsed is not None and (
        parsed.account_type_id != type_id or parsed.account_class != kind.account_class
    ):
        raise lost
    wanted.account_id = account_id


def find_card_code(connection: Connection, sent: str, country: str) -> int:
    """A card by its number, its carrier data, or the phone of its holder (6.2)."""
    card, contact = card_tables.card, holder_tables.contact
    number = maybe_number(sent)
    if number is not None and 0 < number <= LARGEST_CARD_CODE:
        known = select(card.c.card_code).where(card.c.card_code == number)
        if connection.execute(known).first() is not None:
            return number
    by_carrier = select(card.c.card_code).where(
        card.c.carrier_data == sent, card.c.deleted_at.is_(None)
    )
    found = connection.execute(by_carrier).scalar()
    phone = phone_of(sent, country)
    if found is None and phone:
        kind = holder_tables.contact_type
        found = connection.execute(
            select(card.c.card_code)
            .join(contact, contact.c.holder_id == card.c.holder_id)
            .join(kind, kind.c.contact_type_id == contact.c.contact_type_id)
            .where(contact.c.value_norm == phone, kind.c["class"] == 1)
            .where(contact.c.deleted_at.is_(None), card.c.deleted_at.is_(None))
            .order_by(card.c.state, card.c.card_code)
            .limit(1)
        ).scalar()
    if found is None and number is not None and number <= LARGEST_ID:
        return number  # a coupon used as a card, or a card that was never issued: an empty list
    if found is None:
        raise AppError(ErrorCode.CARD_NOT_FOUND, card=sent)
    return int(found)


# -------------------------------------------------------------------------- answering


def transaction_list(asked: Request, connection: Connection, context: Context) -> bytes:
    """A page of transactions."""
    totals = count_listed(connection, asked.filter)
    rows = list_page(connection, asked.filter, totals, asked.first, asked.count)
    extras = read_extras(rows, asked.words, connection, context)
    blocks = (block(row, context.rules, extras) for row in rows)
    return _root(blocks, asked, totals.total, context)


def burning_list(asked: Request, connection: Connection, context: Context) -> bytes:
    """Days on which value of the account burns, the first day first."""
    if asked.filter.account_id is None:
        raise AppError(ErrorCode.ACCOUNT_NOT_FOUND, account=asked.account, number=asked.account)
    days = burning_of(
        connection,
        asked.filter.account_id,
        asked.life_since,
        asked.life_until,
        asked.filter.classifier_id,
    )
    shown = days[asked.first - 1 : asked.first - 1 + asked.count]
    return _root((burning_block(one) for one in shown), asked, len(days), context)


def _root(blocks: Iterable[str], asked: Request, total: int, context: Context) -> bytes:
    limit = context.reply_bytes
    shown = fitting(
        blocks,
        limit - ROOT_BYTES if limit is not None else None,
        windows_1251=context.classifier.wire_charset != 1,
    )
    last = asked.first + len(shown) - 1
    span = f' IndexFrom="{asked.first}" IndexTo="{last}"' if shown else ""
    return root("Transactions", "".join(shown), context.message_id, f'{span} Count="{total}"')


def read_extras(
    rows: list[Listed], words: frozenset[str], connection: Connection, context: Context
) -> Extras:
    """What the Include words ask for, read for the page at once."""
    extras = Extras()
    if "transaction_dopinfo" in words:
        extras.documents = documents_of(connection, {row.operation_id for row in rows})
    if "transaction_life" in words:
        extras.lives = lives_of(connection, (row.transaction_id for row in rows if row.amount > 0))
    if "transaction_bonuses" in words:
        types = [
            kind.account_type_id
            for kind in context.rules.account_types.values()
            if kind.account_class == CLASS_BONUS
        ]
        extras.bonuses = bonuses_of(connection, (row.operation_id for row in rows), types)
    return extras


def documents_of(connection: Connection, operations: set[int]) -> dict[int, Document]:
    """The texts kept with operations; an erased one is gone."""
    table = receipt_tables.operation_document
    found: dict[int, Document] = {}
    wanted = sorted(operations)
    for start in range(0, len(wanted), AT_ONCE):
        rows = connection.execute(
            select(table.c.operation_id, table.c.doc_kind, table.c.body).where(
                table.c.operation_id.in_(wanted[start : start + AT_ONCE]), table.c.body.is_not(None)
            )
        )
        found |= {row[0]: Document(row[1], open_document(bytes(row[2]))) for row in rows}
    return found
