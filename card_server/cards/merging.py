"""Cards in a merge: they go over to the survivor, their own limits with them (3.13)."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import delete, insert, select, update

from card_server.accounts import tables as account_tables
from card_server.accounts.merging import open_accounts
from card_server.cards import tables
from card_server.cards.issuing import BOUND
from card_server.holders.merge_items import Merge

MOST_REPLACED: Final = 50
"""A card that was replaced, its successor too, and so on."""


def merge_cards(merge: Merge) -> None:
    """Every card of the duplicate, also those it only answers for."""
    card = tables.card
    for code in merge.move(card, "card"):
        _leave_event(merge, code, merge.duplicate_id, merge.survivor_id)
    merge.move(card, "card_owner", owner="owner_holder_id")


def merge_limits(merge: Merge) -> None:
    """Limits of the moved cards name the survivor's accounts."""
    _point_limits(merge, merge.kept("card"), merge.duplicate_id, merge.survivor_id)


def part_cards(merge: Merge) -> None:
    """Back, with those that replaced them since."""
    card, connection = tables.card, merge.connection
    moved = merge.move_back(card, "card")
    merge.move_back(card, "card_owner", "owner_holder_id")
    following = merge.kept("card")
    for _ in range(MOST_REPLACED):
        found = connection.execute(
            select(card.c.replaced_by).where(
                card.c.card_code.in_(following), card.c.replaced_by.is_not(None)
            )
        )
        following = list(found.scalars())
        mine = connection.execute(
            select(card.c.card_code).where(
                card.c.card_code.in_(following), card.c.holder_id == merge.survivor_id
            )
        )
        for code in sorted(mine.scalars()):
            merge.log.edit(card, {"card_code": code}, {"holder_id": merge.duplicate_id})
            moved.append(code)
        if not following:
            break
    for code in moved:
        _leave_event(merge, code, merge.survivor_id, merge.duplicate_id)
    _point_limits(merge, moved, merge.survivor_id, merge.duplicate_id)


def _point_limits(merge: Merge, codes: list[int], giver: int, taker: int) -> None:
    """`card_account` rows go to the taker's account of the same type, or go away."""
    limit, connection = tables.card_account, merge.connection
    takers = {r.account_type_id: r.account_id for r in open_accounts(connection, taker)}
    givers = {
        row.account_id: takers.get(row.account_type_id) for row in _every_account(merge, giver)
    }
    for code in codes:
        rows = connection.execute(select(limit).where(limit.c.card_code == code)).all()
        known = {row.account_id for row in rows}
        for row in rows:
            if row.account_id not in givers:
                continue
            target = givers[row.account_id]
            where = (limit.c.card_code == code, limit.c.account_id == row.account_id)
            if target is None or target in known:
                connection.execute(delete(limit).where(*where))
            else:
                connection.execute(update(limit).where(*where).values(account_id=target))


def _every_account(merge: Merge, holder_id: int) -> list[Any]:
    """Accounts of a holder, closed ones too."""
    account = account_tables.account
    return list(
        merge.connection.execute(
            select(account.c.account_id, account.c.account_type_id).where(
                account.c.holder_id == holder_id
            )
        )
    )


def _leave_event(merge: Merge, code: int, old: int, new: int) -> None:
    merge.connection.execute(
        insert(tables.card_event).values(
            card_event_id=merge.ids.take("change"),
            card_code=code,
            at=merge.now,
            event=BOUND,
            user_id=merge.user_id,
            reason=f"merge {merge.merge_id}",
            old_holder_id=old,
            new_holder_id=new,
        )
    )
