"""Cards in the hands of a user: states, replacement, binding, limits (domain 2.1)."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import delete, func, insert, select, text, update

from card_server.accounts import tables as account_tables
from card_server.cards import tables
from card_server.cards.card_reading import card_row, classifiers_of_card, limits_of_card
from card_server.cards.issuing import (
    BOUND,
    ISSUED,
    LARGEST_CODE,
    UNBOUND,
    check_bindable,
)
from card_server.cards.records import (
    CARD_ACTIVE,
    CARD_BLOCKED,
    CARD_INACTIVE,
    CARD_VOIDED,
)
from card_server.cards.repository import find_card_row, range_of
from card_server.cards.service import (
    ACTIVATED,
    BLOCKED,
    DEACTIVATED,
    EVENTS,
    STATES,
    UNBLOCKED,
)
from card_server.classifiers import tables as classifier_tables
from card_server.db.base import PREFIX, metadata
from card_server.db.change_log import Action
from card_server.db.editing import check_reference, row_of
from card_server.holders import tables as holder_tables
from card_server.holders.records import HOLDER_ACTIVE
from card_server.http.routes import Editing
from card_server.licences.repository import check_issue
from shared.wire import cards as wire
from shared.wire.base import Done
from shared.wire.errors import AppError, ErrorCode

VOIDED, REPLACED = 8, 9
STEPS: Final = {**EVENTS, CARD_VOIDED: "Card void"}
SHORTEST_REASON: Final = 5
MOST_LIMITS: Final = 100
LARGEST_SUM: Final = 99_999_999_999_999
REASON_WIDTH: Final = 255
OPEN_HOLDS: Final = text("crm_hold.state IN (1, 2)")
LIVING_ACCOUNTS: Final = text("crm_account.state <> 3")
"""As the filtered indexes say it: with bound values no database would use them."""


def leave_event(editing: Editing, code: int, event: int, **facts: Any) -> None:
    """Write what happened to a card; nothing is ever taken out of that book."""
    editing.connection.execute(
        insert(tables.card_event).values(
            card_event_id=editing.ids.take("change"),
            card_code=code,
            at=editing.now,
            event=event,
            user_id=editing.actor.user_id,
            **facts,
        )
    )


def _reason(given: str) -> str:
    reason = given.strip()
    if len(reason) < SHORTEST_REASON:
        raise AppError(ErrorCode.REASON_NEEDED)
    if len(reason) > REASON_WIDTH:
        raise AppError(ErrorCode.TOO_LONG, field="reason", limit=REASON_WIDTH)
    return reason


def _write(
    asked: wire.CardCommand, editing: Editing, event: int, changes: dict[str, Any], **facts: Any
) -> Done:
    key = {"card_code": asked.card_code}
    editing.log.edit(tables.card, key, changes, expected_version=asked.version)
    leave_event(editing, asked.card_code, event, **facts)
    return Done(version=row_of(editing.connection, tables.card, key).version)


def _need_state(row: Any, wanted: int, *states: int) -> None:
    if row.state not in states:
        raise AppError(
            ErrorCode.WRONG_STATE,
            event=STEPS[wanted],
            object=f"{row.card_code}",
            state=STATES[row.state],
        )


def _no_open_hold(editing: Editing, code: int) -> None:
    hold, card = metadata.tables[PREFIX + "hold"], tables.card
    account = account_tables.account
    holder = select(card.c.holder_id).where(card.c.card_code == code).scalar_subquery()
    count = editing.connection.execute(
        select(func.count())
        .select_from(hold.join(account, account.c.account_id == hold.c.account_id))
        .where(
            account.c.holder_id == holder,
            LIVING_ACCOUNTS,
            hold.c.card_code == code,
            OPEN_HOLDS,
            hold.c.expires_at > editing.now,
        )
    ).scalar_one()
    if count:
        raise AppError(ErrorCode.IN_USE, where="hold", n=count)


# ---------------------------------------------------------------------- states


def activate(asked: wire.ActivateCard, editing: Editing) -> Done:
    """A card that lies ready begins to work."""
    connection = editing.connection
    row = card_row(connection, editing.actor, asked.card_code)
    _need_state(row, CARD_ACTIVE, CARD_INACTIVE)
    if row.holder_id is None and not _range_is_anonymous(editing, row.range_id):
        raise AppError(ErrorCode.CARD_UNBOUND, card=asked.card_code)
    changes: dict[str, Any] = {"state": CARD_ACTIVE}
    if asked.valid_to is not None:
        if row.valid_from is not None and asked.valid_to < row.valid_from:
            raise AppError(ErrorCode.FIELD_BAD, field="valid_to", value=asked.valid_to.isoformat())
        changes["valid_to"] = asked.valid_to
    return _write(asked, editing, ACTIVATED, changes)


def _range_is_anonymous(editing: Editing, range_id: int | None) -> bool:
    span = tables.card_range
    found = editing.connection.execute(
        select(span.c.make_anonymous).where(span.c.range_id == (range_id or 0))
    ).scalar()
    return bool(found)


def deactivate(asked: wire.DeactivateCard, editing: Editing) -> Done:
    """A working card is laid aside."""
    row = card_row(editing.connection, editing.actor, asked.card_code)
    _need_state(row, CARD_INACTIVE, CARD_ACTIVE)
    _no_open_hold(editing, asked.card_code)
    return _write(asked, editing, DEACTIVATED, {"state": CARD_INACTIVE})


def block(asked: wire.BlockCard, editing: Editing) -> Done:
    """Tills refuse the card and show why; open holds stay and may still be captured."""
    reason = _reason(asked.reason)
    row = card_row(editing.connection, editing.actor, asked.card_code)
    _need_state(row, CARD_BLOCKED, CARD_ACTIVE, CARD_INACTIVE)
    changes = {"state": CARD_BLOCKED, "block_reason": reason, "seize": asked.seize}
    return _write(asked, editing, BLOCKED, changes, reason=reason)


def unblock(asked: wire.UnblockCard, editing: Editing) -> Done:
    """The card works again; its reason stays in the history."""
    row = card_row(editing.connection, editing.actor, asked.card_code)
    _need_state(row, CARD_ACTIVE, CARD_BLOCKED)
    changes = {"state": CARD_ACTIVE, "block_reason": None, "seize": False}
    return _write(asked, editing, UNBLOCKED, changes)


def void(asked: wire.VoidCard, editing: Editing) -> Done:
    """The end of a card; its history stays."""
    reason = _reason(asked.reason)
    row = card_row(editing.connection, editing.actor, asked.card_code)
    _need_state(row, CARD_VOIDED, CARD_ACTIVE, CARD_INACTIVE, CARD_BLOCKED)
    return _write(asked, editing, VOIDED, {"state": CARD_VOIDED}, reason=reason)


# ---------------------------------------------------------------------- holders


def _living(editing: Editing, holder_id: int) -> None:
    row = row_of(editing.connection, holder_tables.holder, {"holder_id": holder_id})
    editing.actor.need_division(row.division_id)
    if row.state != HOLDER_ACTIVE:
        raise AppError(ErrorCode.HOLDER_DELETED)


def bind(asked: wire.BindCard, editing: Editing) -> Done:
    """A holder gets a card that lies ready."""
    row = card_row(editing.connection, editing.actor, asked.card_code)
    check_bindable(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name
    _living(editing, asked.holder_id)
    changes = {"holder_id": asked.holder_id}
    return _write(asked, editing, BOUND, changes, new_holder_id=asked.holder_id)


def unbind(asked: wire.UnbindCard, editing: Editing) -> Done:
    """A holder loses a card; its limits were those of his accounts, so they go as well."""
    reason = _reason(asked.reason)
    row = card_row(editing.connection, editing.actor, asked.card_code)
    _need_state(row, CARD_INACTIVE, CARD_ACTIVE, CARD_INACTIVE, CARD_BLOCKED)
    if row.holder_id is None:
        raise AppError(ErrorCode.CARD_UNBOUND, card=asked.card_code)
    _no_open_hold(editing, asked.card_code)
    limits = tables.card_account
    editing.connection.execute(delete(limits).where(limits.c.card_code == asked.card_code))
    changes = {"holder_id": None, "limited_accounts": False}
    return _write(asked, editing, UNBOUND, changes, reason=reason, old_holder_id=row.holder_id)


# ---------------------------------------------------------------------- replacement


KEPT: Final = ("holder_id", "owner_holder_id", "group_id", "limited_accounts", "valid_to")
"""What a new card takes over from the one it replaces."""


def replace(asked: wire.ReplaceCard, editing: Editing) -> Done:
    """A lost or worn card: the balance is the holder's, so nothing is transferred."""
    reason, connection = _reason(asked.reason), editing.connection
    row = card_row(connection, editing.actor, asked.card_code)
    _need_state(row, CARD_VOIDED, CARD_ACTIVE, CARD_BLOCKED)
    if row.holder_id is None:
        raise AppError(ErrorCode.CARD_UNBOUND, card=asked.card_code)
    kept = {name: getattr(row, name) for name in KEPT}
    _take_over(editing, asked.new_code, kept)
    for table in (tables.card_account, tables.card_classifier):
        connection.execute(delete(table).where(table.c.card_code == asked.new_code))
        connection.execute(
            update(table)
            .where(table.c.card_code == asked.card_code)
            .values(card_code=asked.new_code)
        )
    changes = {"state": CARD_VOIDED, "replaced_by": asked.new_code}
    return _write(asked, editing, REPLACED, changes, reason=reason)


def _take_over(editing: Editing, code: int, kept: dict[str, Any]) -> None:
    """Bring the new card to the holder, issued now if the number was never used."""
    row = find_card_row(editing.connection, code) if 0 < code <= LARGEST_CODE else None
    if row is None:
        _issue(editing, code, kept)
        return
    check_bindable(row)
    card_row(editing.connection, editing.actor, code)
    changes = {**kept, "state": CARD_ACTIVE}
    editing.log.edit(tables.card, {"card_code": code}, changes)
    leave_event(editing, code, BOUND, new_holder_id=kept["holder_id"])


def _issue(editing: Editing, code: int, kept: dict[str, Any]) -> None:
    connection, actor = editing.connection, editing.actor
    if not 0 < code <= LARGEST_CODE:
        raise AppError(ErrorCode.CARD_OUT_OF_RANGE, card=code, code=code)
    span = range_of(connection, code)
    if "card.issue_any" not in actor.rights:
        actor.need("card.issue")
        if span is None:
            raise AppError(ErrorCode.CARD_OUT_OF_RANGE, card=code, code=code)
    if span is not None:
        actor.need_division(span["division_id"])
    check_issue(connection)
    editing.log.insert(
        tables.card,
        {
            "card_code": code,
            "state": CARD_ACTIVE,
            **kept,
            "range_id": None if span is None else span["range_id"],
            "valid_from": editing.now.date(),
            "issued_at": editing.now,
            "issued_by": actor.user_id,
        },
    )
    leave_event(editing, code, ISSUED, new_holder_id=kept["holder_id"])


# ---------------------------------------------------------------------- limits


def set_limits(asked: wire.SetCardLimits, editing: Editing) -> Done:
    """Which accounts a card may use and which programs may serve it."""
    connection, code = editing.connection, asked.card_code
    row = card_row(connection, editing.actor, code)
    _need_state(row, CARD_ACTIVE, CARD_ACTIVE, CARD_INACTIVE, CARD_BLOCKED)
    _check_limits(asked, editing, row.holder_id)
    key = {"card_code": code}
    before = {
        "limits": _told(limits_of_card(connection, code)),
        "classifiers": str(classifiers_of_card(connection, code)),
    }
    changed = editing.log.edit(
        tables.card, key, {"limited_accounts": asked.limited}, expected_version=asked.version
    )
    for table in (tables.card_account, tables.card_classifier):
        connection.execute(delete(table).where(table.c.card_code == code))
    for limit in asked.accounts:
        connection.execute(
            insert(tables.card_account).values(
                card_code=code,
                account_id=limit.account_id,
                credit_depth=limit.credit_depth,
                credit_limit=limit.credit_limit,
            )
        )
    for classifier_id in sorted(set(asked.classifiers)):
        connection.execute(
            insert(tables.card_classifier).values(card_code=code, classifier_id=classifier_id)
        )
    after = {
        "limits": _told(limits_of_card(connection, code)),
        "classifiers": str(classifiers_of_card(connection, code)),
    }
    told = {name: value for name, value in after.items() if before[name] != value}
    if told:
        editing.log.record(tables.card, key, Action.UPDATE, before, told)
        if changed is None:  # the lists belong to the card, so its version tells of them
            card = tables.card
            connection.execute(
                update(card).where(card.c.card_code == code).values(version=card.c.version + 1)
            )
    return Done(version=row_of(connection, tables.card, key).version)


def _told(limits: list[wire.CardLimit]) -> str:
    return str([(one.account_id, one.credit_depth, one.credit_limit) for one in limits])


def _check_limits(asked: wire.SetCardLimits, editing: Editing, holder_id: int | None) -> None:
    for items in (asked.accounts, asked.classifiers):
        if len(items) > MOST_LIMITS:
            raise AppError(ErrorCode.TOO_MANY_ITEMS, count=len(items), limit=MOST_LIMITS)
    account = account_tables.account
    own = editing.connection.execute(
        select(account.c.account_id).where(account.c.holder_id == (holder_id or 0), LIVING_ACCOUNTS)
    ).scalars()
    left = set(own)
    for limit in asked.accounts:
        if limit.account_id not in left:
            raise AppError(
                ErrorCode.ACCOUNT_NOT_FOUND, account=limit.account_id, number=limit.account_id
            )
        left.discard(limit.account_id)  # named twice, it is not found the second time
        for field in ("credit_depth", "credit_limit"):
            value = getattr(limit, field)
            if value is not None and not 0 <= value <= LARGEST_SUM:
                raise AppError(ErrorCode.FIELD_BAD, field=field, value=str(value)[:60])
    table = classifier_tables.classifier
    for classifier_id in asked.classifiers:
        check_reference(editing.connection, table, "classifiers", classifier_id)
