"""What a mapping and control totals must keep before a batch may be checked or imported; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from card_server.accounts.records import CLASS_CERTIFICATE
from card_server.exchange.fields import fields_of
from card_server.exchange.records import House
from card_server.exchange.rules import EXAMPLES, LARGEST_AMOUNT
from card_server.holders.rules import PHONE
from shared.wire import imports as wire
from shared.wire.errors import AppError, ErrorCode

DECIMALS: Final = ("auto", ".", ",")
MATCHES: Final = {
    wire.HOLDERS: ("", "card_code", "phone", "external_code", "holder_id"),
    wire.CARDS: ("", "phone", "external_code", "holder_id"),
    wire.OPENING: ("card_code", "phone", "external_code", "holder_id"),
}
"""How a guest may be found, by kind of import; a balance always needs its guest."""
ONLY_MATCHED: Final = {
    wire.HOLDERS: frozenset({"card_code", "holder_id"}),
    wire.CARDS: frozenset({"holder_id"}),
    wire.OPENING: frozenset[str](),
}
"""Fields that find a guest and are nothing else: without that they would be lost unseen."""
ON_MATCH: Final = (wire.SKIP, wire.UPDATE, wire.REFUSE)
NAMING: Final = ("l_name", "f_name", "full_name", "external_code")
MOST_TOTALS: Final = 200


def _bad(**given: object) -> AppError:
    ((field, value),) = given.items()
    return AppError(ErrorCode.FIELD_BAD, field=field, value=str(value)[:60])


def check_mapping(kind: int, mapping: wire.Mapping, columns: Sequence[str], house: House) -> None:
    """Refuse a mapping that names columns or fields that are not there, or lacks what is needed."""
    _check_choices(kind, mapping, house)
    fields = fields_of(kind, house)
    used: set[int] = set()
    named: set[str] = set()
    for use in mapping.columns:
        if not 0 <= use.column < len(columns) or use.column in used:
            raise _bad(column=use.column)
        field = fields.get(use.field)
        if field is None or (use.field in named and not field.many):
            raise _bad(field=use.field)
        used.add(use.column)
        named.add(use.field)
    _check_needed(kind, mapping, named, house)


def _check_choices(kind: int, mapping: wire.Mapping, house: House) -> None:
    choices: tuple[tuple[str, object, object], ...] = (
        ("dates", mapping.dates, EXAMPLES),
        ("decimal", mapping.decimal, DECIMALS),
        ("match", mapping.match, MATCHES[kind]),
        ("on_match", mapping.on_match, ON_MATCH),
        ("account_type_id", mapping.account_type_id, (None, *house.account_types)),
        ("group_id", mapping.group_id, (None, *house.holder_groups)),
        ("card_group_id", mapping.card_group_id, (None, *house.card_groups)),
    )
    for name, value, known in choices:
        if value not in known:  # type: ignore[operator] # tuples and a table of examples
            raise _bad(**{name: value})


def _check_needed(kind: int, mapping: wire.Mapping, named: set[str], house: House) -> None:
    match = mapping.match
    phones = {
        f"contact.{one.type_id}"
        for one in house.contact_types.values()
        if one.contact_class == PHONE
    }
    keys = phones if match == "phone" and kind != wire.OPENING else {match}
    if match and not keys & named:
        raise AppError(ErrorCode.FIELD_MISSING, field=match)
    for field in named & ONLY_MATCHED[kind] - {match}:
        raise _bad(match=field)
    if kind == wire.CARDS and "card_code" not in named:
        raise AppError(ErrorCode.FIELD_MISSING, field="card_code")
    if kind == wire.HOLDERS:
        contacts = any(field.startswith("contact.") for field in named)
        updates = match and mapping.on_match == wire.UPDATE
        if not (named & set(NAMING) or contacts or updates):
            raise AppError(ErrorCode.FIELD_MISSING, field="l_name")
    if kind == wire.OPENING:
        _check_amounts(mapping, named)


def _check_amounts(mapping: wire.Mapping, named: set[str]) -> None:
    by_type = {field for field in named if field.startswith("amount.")}
    if "amount" in named:
        if by_type:
            raise _bad(field=min(by_type))
        if mapping.account_type_id is None and "account_type" not in named:
            raise AppError(ErrorCode.FIELD_MISSING, field="account_type")
    elif not by_type:
        raise AppError(ErrorCode.FIELD_MISSING, field="amount")
    elif "account_type" in named:
        raise _bad(field="account_type")


# ---------------------------------------------------------------------- control totals


def check_totals(totals: Sequence[wire.ControlTotal], house: House) -> None:
    """Each account type once, one that can hold a balance, and figures that can be."""
    if len(totals) > MOST_TOTALS:
        raise AppError(ErrorCode.TOO_MANY_ITEMS, count=len(totals), limit=MOST_TOTALS)
    seen: set[int] = set()
    for one in totals:
        kind = house.account_types.get(one.account_type_id)
        if kind is None or kind.account_class == CLASS_CERTIFICATE:
            raise AppError(
                ErrorCode.DICT_VALUE_UNKNOWN,
                field="account_type_id",
                value=str(one.account_type_id)[:60],
            )
        if one.account_type_id in seen:
            raise _bad(account_type_id=one.account_type_id)
        seen.add(one.account_type_id)
        if one.count < 0:
            raise _bad(count=one.count)
        if abs(one.amount) > LARGEST_AMOUNT * 1000:
            raise _bad(amount=one.amount)


def compare_totals(
    expected: Mapping[int, wire.ControlTotal], found: Mapping[int, wire.ControlTotal]
) -> None:
    """Refuse (`IMPORT_TOTALS`) balances whose count or sum is not what was given, by type."""
    if not expected:
        raise AppError(ErrorCode.FIELD_MISSING, field="totals")
    for type_id in sorted(expected.keys() | found.keys()):
        nothing = wire.ControlTotal(account_type_id=type_id, count=0, amount=0)
        wanted, got = expected.get(type_id, nothing), found.get(type_id, nothing)
        if (wanted.count, wanted.amount) == (got.count, got.amount):
            continue
        raise AppError(
            ErrorCode.IMPORT_TOTALS,
            expected=f"{shown(wanted.amount)} ({wanted.count})",
            found=f"{shown(got.amount)} ({got.count})",
            diff=f"{shown(got.amount - wanted.amount)} ({got.count - wanted.count})",
            type=type_id,
        )


def shown(minor: int) -> str:
    """Minor units as a text with two decimals."""
    sign = "-" if minor < 0 else ""
    return f"{sign}{abs(minor) // 100}.{abs(minor) % 100:02d}"
