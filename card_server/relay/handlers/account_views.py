"""Accounts as a caller sees them: links of the matrix, level, scheme, worth (crm-xml.md 7.2)."""

from __future__ import annotations

from collections.abc import Sequence

from card_server.accounts.records import ACCOUNT_ACTIVE, CLASS_BONUS, CLASS_DISCOUNT
from card_server.ledger.calendar import zone_of
from card_server.relay.crm_xml_writer import AccountFrame, AccountView
from card_server.relay.formats import maybe_number
from card_server.relay.handlers.context import Context
from card_server.relay.handlers.looking import SeenAccount
from card_server.relay.xml_tree import Node
from shared.wire.ids import account_number

Filters = tuple[frozenset[int], ...]
"""Account_Filter conditions: a class as it is, a type id negative; both of one filter together."""


def account_filters(root: Node) -> Filters:
    """Account_Filter elements; repeated ones add up, an empty one accepts all."""
    found = []
    for node in root.all("Account_Filter"):
        account_class = maybe_number(node.text_of("Account_Class"))
        type_id = maybe_number(node.text_of("Account_Type_ID"))
        found.append(frozenset({account_class or 0, -(type_id or 0)} - {0}))
    return tuple(found)


def account_block(
    accounts: Sequence[SeenAccount],
    words: frozenset[str],
    context: Context,
    accepts: Filters = (),
) -> str:
    """`Accounts`: all of the holder, or those whose type the caller may see."""
    only_linked = "account_available" in words and "account" not in words
    shown = []
    for one in accounts:
        kind = context.rules.account_types[one.account.account_type_id]
        if only_linked and (one.row is None or not one.row.visible):
            continue
        if accepts:
            marks = {kind.account_class, -kind.account_type_id}
            if not any(wanted <= marks for wanted in accepts):
                continue
        shown.append(account_text(one, context))
    return f"<Accounts>{''.join(shown)}</Accounts>"


def status_of(one: SeenAccount) -> str:
    """Active, Blocked, or Expired by its last day (2.2)."""
    if one.account.state != ACCOUNT_ACTIVE:
        return "Blocked"
    return "Expired" if one.expired else "Active"


def account_text(one: SeenAccount, context: Context) -> str:
    """The block of an account; what accounts have in common is written once per rule set."""
    mine, rate = one.account, one.rate
    kind = context.rules.account_types[mine.account_type_id]
    key = (
        "account",
        context.classifier.classifier_id,
        mine.account_type_id,
        mine.level_id,
        rate.scheme_id,
        rate.pos_code,
        mine.auto_change_levels,
    )
    frames = context.rules.derived
    frame: AccountFrame | None = frames.get(key)
    if frame is None:
        frame = frames[key] = AccountFrame(account_view(one, context))
    zone = zone_of(context.classifier.time_zone, context.classifier.day_start)
    shown = one.figures.shown
    return frame.fill(
        mine.holder_id or 0,
        account_number(kind.account_class, kind.account_type_id, mine.account_id),
        status_of(one),
        zone.local(mine.opened_at).date(),
        mine.valid_to,
        mine.credit_depth,
        -shown if kind.account_class == CLASS_DISCOUNT else shown,
    )


def account_view(one: SeenAccount, context: Context) -> AccountView:
    """An account with the caller's links, its level and its scheme."""
    rules, row, mine = context.rules, one.row, one.account
    kind = rules.account_types[mine.account_type_id]
    zone = zone_of(context.classifier.time_zone, context.classifier.day_start)
    has_levels = kind.account_class in (CLASS_BONUS, CLASS_DISCOUNT)
    level = rules.levels.get(mine.level_id or 0) if has_levels else None
    scheme = rules.schemes.get(one.rate.scheme_id or 0) if has_levels else None
    balance = one.figures.shown
    if kind.account_class == CLASS_DISCOUNT:
        balance = -balance
    return AccountView(
        holder_id=mine.holder_id or 0,
        number=account_number(kind.account_class, kind.account_type_id, mine.account_id),
        status=status_of(one),
        account_class=kind.account_class,
        account_type_id=kind.account_type_id,
        type_name=kind.name,
        debit_enabled=row is not None and row.debit_allowed,
        debit_priority=row.debit_priority if row is not None else None,
        debit_k_bp=row.debit_k_bp if row is not None else 10_000,
        credit_enabled=row is not None and row.credit_allowed,
        credit_priority=row.credit_priority if row is not None else None,
        credit_k_bp=row.credit_k_bp if row is not None else 10_000,
        opened_on=zone.local(mine.opened_at).date(),
        expires_on=mine.valid_to,
        credit_depth=mine.credit_depth,
        balance=balance,
        level_id=level.level_id if level is not None else None,
        level_name=level.name if level is not None else "",
        scheme_id=scheme.scheme_id if scheme is not None else None,
        scheme_name=scheme.name if scheme is not None else "",
        pos_code=one.rate.pos_code,
        base_rate=scheme.base_rate if scheme is not None else 0,
        auto_levels=mine.auto_change_levels,
    )
