"""Lists of guests in a merge: the survivor stands where the duplicate stood (3.13)."""

from __future__ import annotations

from sqlalchemy import select, update

from card_server.holders.merge_items import Merge
from card_server.segments import tables


def merge_segments(merge: Merge) -> None:
    """Lists in which the survivor is not yet."""
    member = tables.segment_member
    mine = select(member.c.segment_id).where(member.c.holder_id == merge.survivor_id)
    rows = merge.connection.execute(
        select(member.c.segment_id).where(
            member.c.holder_id == merge.duplicate_id, member.c.segment_id.not_in(mine)
        )
    )
    for segment_id in sorted(rows.scalars()):
        _hand_over(merge, segment_id, merge.duplicate_id, merge.survivor_id)
        merge.keep("segment", segment_id)


def part_segments(merge: Merge) -> None:
    """Back."""
    for segment_id in merge.kept("segment"):
        _hand_over(merge, segment_id, merge.survivor_id, merge.duplicate_id)


def _hand_over(merge: Merge, segment_id: int, giver: int, taker: int) -> None:
    member = tables.segment_member
    merge.connection.execute(
        update(member)
        .where(member.c.segment_id == segment_id, member.c.holder_id == giver)
        .values(holder_id=taker)
    )
