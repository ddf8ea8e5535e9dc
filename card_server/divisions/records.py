"""Divisions and units as the rules see them (domain 1.1)."""

from __future__ import annotations

from datetime import date

import msgspec


class Division(msgspec.Struct, kw_only=True, frozen=True):
    """A company or branch that owns rows."""

    division_id: int
    id_prefix: int
    name: str
    books_closed_until: date | None = None


class Unit(msgspec.Struct, kw_only=True, frozen=True):
    """A restaurant."""

    unit_id: int
    division_id: int
    name: str
    pos_code: str | None = None
    pos_number: int | None = None
    classifier_id: int | None = None
    state: int = 1
