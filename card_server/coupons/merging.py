"""Coupons and certificates in a merge: they go over to the survivor (3.13)."""

from __future__ import annotations

from typing import Final

from card_server.coupons import tables
from card_server.holders.merge_items import Merge

MOVED: Final = ((tables.coupon, "coupon"), (tables.certificate, "certificate"))


def merge_coupons(merge: Merge) -> None:
    """Of every state: a used one belongs to the guest's history."""
    for table, kind in MOVED:
        merge.move(table, kind)


def part_coupons(merge: Merge) -> None:
    """Back."""
    for table, kind in MOVED:
        merge.move_back(table, kind)
