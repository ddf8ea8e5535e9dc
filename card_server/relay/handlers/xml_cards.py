"""Get card info and Get cards info (crm-xml.md 8.1)."""

from __future__ import annotations

from collections.abc import Sequence

from card_server.accounts.records import CLASS_BONUS, CLASS_DISCOUNT
from card_server.cards.records import CARD_VOIDED
from card_server.classifiers.rules import need_right
from card_server.ledger.calendar import zone_of
from card_server.relay.crm_xml_reader import Envelope, includes
from card_server.relay.crm_xml_writer import (
    AccountView,
    CardView,
    HolderNames,
    account,
    card,
    cards,
    contacts,
    holder,
)
from card_server.relay.exchange import Answer
from card_server.relay.formats import maybe_number
from card_server.relay.handlers.context import Context, Done
from card_server.relay.handlers.looking import CardInquiry, Seen, SeenAccount
from card_server.relay.texts import failure
from card_server.relay.xml_tree import Node
from shared.wire.errors import AppError, ErrorCode
from shared.wire.ids import account_number

HOLDER_WORDS = ("holder", "holder_contact", "holder_address", "holder_card", "holder_coupon")


def get_cards(envelope: Envelope, context: Context, done: Done, *, several: bool) -> None:
    """One card, or several of which unknown and voided ones are left out."""
    need_right(context.classifier, "card.read")
    root = envelope.root
    codes = [node.text.strip() for node in root.all("Card_Code") if node.text.strip()]
    if not codes:
        raise AppError(ErrorCode.FIELD_MISSING, field="Card_Code")
    words = includes(root, context.limits)
    with_holder = any(word in words for word in HOLDER_WORDS)
    if with_holder:
        need_right(context.classifier, "holder.read")
    with_accounts = "account" in words or "account_available" in words
    inquiry = CardInquiry(
        codes if several else codes[:1],
        context.classifier,
        contacts="holder_contact" in words,
        accounts=True,
        skip_unknown=several,
    )
    accepts = account_filter(root)

    def finish(found: list[Seen] | AppError) -> None:
        if isinstance(found, AppError):
            done(Answer(failure(found, context.message_id, context.language), is_error=True))
            return
        blocks = []
        for seen in found:
            if seen.card.state == CARD_VOIDED:
                if several:
                    continue
                error = AppError(ErrorCode.CARD_DELETED, card=seen.card.card_code)
                done(Answer(failure(error, context.message_id, context.language), is_error=True))
                return
            inner = holder_block(seen, words, context) if with_holder else ""
            if with_accounts:
                inner += account_block(seen.accounts, words, context, accepts)
            blocks.append(card(card_view(seen, context), inner))
        done(Answer(cards(blocks, context.message_id)))

    context.desk.ask(inquiry, finish)


def account_filter(root: Node) -> tuple[frozenset[int], ...]:
    """Account_Filter conditions as (class, type) sets; empty sets accept all."""
    found = []
    for node in root.all("Account_Filter"):
        account_class = maybe_number(node.text_of("Account_Class"))
        type_id = maybe_number(node.text_of("Account_Type_ID"))
        found.append(frozenset({account_class or 0, -(type_id or 0)} - {0}))
    return tuple(found)


def card_view(seen: Seen, context: Context) -> CardView:
    """The card itself."""
    one = seen.card
    return CardView(
        code=str(one.card_code),
        state=one.state,
        valid_from=one.valid_from,
        valid_to=one.valid_to,
        group_id=one.group_id,
        group_name=context.rules.card_groups.get(one.group_id or 0, ""),
        holder_id=one.holder_id,
        owner_id=one.owner_holder_id,
        carrier=one.carrier_data or "",
        is_virtual=one.kind == 2,  # noqa: PLR2004 - virtual
        confirm_manager=one.confirm_manager,
    )


def holder_block(seen: Seen, words: frozenset[str], context: Context) -> str:
    """`Holders` under a card; empty for a card without one."""
    person = seen.person
    if person is None:
        return "<Holders></Holders>"
    rules = context.rules
    division = rules.divisions.get(person.division_id)
    counts = None
    if "holder_nocount" not in words:
        counts = (1, len(seen.accounts), len(person.contacts))
    payer = rules.non_payer_codes.get(person.non_payer_type_id or 0)
    names = HolderNames(
        group=rules.holder_groups.get(person.group_id or 0, ""),
        division=division.name if division is not None else "",
        non_payer=payer[1] if payer is not None else "",
        counts=counts,
    )
    wrappers = ""
    if "holder_contact" in words:
        masked = "person.full" not in context.classifier.rights
        wrappers = contacts(person, masked=masked)
    return f"<Holders>{holder(person, names, wrappers)}</Holders>"


def account_block(
    accounts: Sequence[SeenAccount],
    words: frozenset[str],
    context: Context,
    accepts: tuple[frozenset[int], ...] = (),
) -> str:
    """`Accounts`: all of the holder, or those whose type the caller may see."""
    only_linked = "account_available" in words and "account" not in words
    shown = []
    for one in accounts:
        kind = context.rules.account_types[one.account.account_type_id]
        if only_linked and (one.row is None or not one.row.visible):
            continue
        marks = {kind.account_class, -kind.account_type_id}
        if accepts and not any(wanted <= marks for wanted in accepts):
            continue
        shown.append(account(account_view(one, context)))
    return f"<Accounts>{''.join(shown)}</Accounts>"


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
        status="Active" if mine.state == 1 else "Blocked",
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
