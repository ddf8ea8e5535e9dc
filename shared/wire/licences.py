"""Licences: what is allowed, what is used, until when; loading the vendor's file (domain 2.10)."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar

import msgspec

from shared.wire.base import SIGNED_IN, Command, ListQuery, Query, Record


class LicenceRow(Record, frozen=True, kw_only=True):
    """A licence; several of one metric add up."""

    licence_id: int
    number: str
    object_code: str
    metric: int
    """1 cards, 2 holders."""
    quantity: int
    """0 is any number."""
    valid_from: date
    valid_to: date | None
    loaded_at: datetime
    loaded_by: int | None
    state: int
    """0 not begun, 1 trial, 2 valid, 3 expiring, 4 grace, 5 expired, 6 over quota."""


class ListLicences(ListQuery[LicenceRow], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Licences of this installation, the trial among them."""

    right: ClassVar[str] = "licence.load"


class Licensing(Record, frozen=True, kw_only=True):
    """How the installation stands, for the windows' notice and the health page."""

    state: int
    """As of a licence; that of the best one, but over quota beats all."""
    object_code: str | None
    """What a licence for this installation must be made for; None before the first start."""
    stops_issue: bool
    """No new cards, no new holders, no mailings. Sales, refunds, reports and export go on."""
    ends_on: date | None
    """The last day of what is in force; None without an end, or with nothing in force."""
    days_left: int | None
    """Until that day; in grace until the end of grace."""
    cards: int
    cards_allowed: int | None
    """None is any number."""
    holders: int
    holders_allowed: int | None
    counted_on: date | None


class GetLicensing(Query[Licensing], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the installation stands."""

    right: ClassVar[str] = SIGNED_IN


class LicenceLoaded(Record, frozen=True, kw_only=True):
    """The licence that was loaded, and how the installation stands with it."""

    licence: LicenceRow
    features: dict[str, bool | int | str] = msgspec.field(default_factory=dict)
    standing: Licensing


class LoadLicence(Command[LicenceLoaded], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Load the vendor's file; it must be signed, made for this installation, and not over."""

    right: ClassVar[str] = "licence.load"
    largest_body: ClassVar[int] = 256 << 10
    body: bytes
