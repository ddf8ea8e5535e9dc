"""Stacking groups and drafts of campaigns: edited, cloned, tried on a bill (domain 1.9)."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Final

import msgspec

from shared.wire.base import SIGNED_IN, Command, ListQuery, Made, Query, Record
from shared.wire.campaign_rules import CampaignConditions, CampaignEffects, LotLife
from shared.wire.editing import AddRow, DeleteRow, EditRow

UNSET = msgspec.UNSET
RIGHT: Final = "campaign.edit"


# ---------------------------------------------------------------------- stacking groups


class StackingGroupRow(Record, frozen=True, kw_only=True):
    """Which campaigns of a group apply together."""

    stacking_group_id: int
    name: str
    mode: int
    """1 all apply, 2 best for the guest, 3 first by priority, 4 least for the guest."""
    max_applied: int | None
    exclusive: bool
    """Nothing outside the group applies with it."""
    sort_no: int
    is_active: bool
    version: int


class StackingGroupFields(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """What of a group can be edited; a field that is not sent stays as it is."""

    name: str | msgspec.UnsetType = UNSET
    mode: int | msgspec.UnsetType = UNSET
    max_applied: int | msgspec.UnsetType | None = UNSET
    exclusive: bool | msgspec.UnsetType = UNSET
    sort_no: int | msgspec.UnsetType = UNSET
    is_active: bool | msgspec.UnsetType = UNSET


class ListStackingGroups(
    ListQuery[StackingGroupRow], frozen=True, kw_only=True, forbid_unknown_fields=True
):
    """Stacking groups."""

    right: ClassVar[str] = SIGNED_IN


class GetStackingGroup(
    Query[StackingGroupRow], frozen=True, kw_only=True, forbid_unknown_fields=True
):
    """One stacking group."""

    right: ClassVar[str] = SIGNED_IN
    key: int


class AddStackingGroup(
    AddRow[StackingGroupFields], frozen=True, kw_only=True, forbid_unknown_fields=True
):
    """A new group; name and mode are needed."""

    right: ClassVar[str] = RIGHT


class EditStackingGroup(
    EditRow[StackingGroupFields], frozen=True, kw_only=True, forbid_unknown_fields=True
):
    """Change a group."""

    right: ClassVar[str] = RIGHT


class DeleteStackingGroup(DeleteRow, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Mark a group as deleted; one that is used is refused."""

    right: ClassVar[str] = RIGHT


# ---------------------------------------------------------------------- campaigns


class CampaignLimit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much and how often a version may give; per campaign or unit it is a budget."""

    per: int
    """1 campaign, 2 unit, 3 guest, 4 card."""
    period: int = 0
    """0 whole, 1 day, 2 week, 3 month."""
    max_amount: int | None = None
    max_count: int | None = None


class CampaignRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A version of a campaign: where, when, for whom, on what conditions, with what effects."""

    valid_from: date
    valid_to: date | None = None
    time_id: int | None = None
    segment_id: int | None = None
    priority: int = 100
    """Smaller goes first."""
    stacking_group_id: int
    trigger_kind: int = 1
    """1 sale, 2 quote only, 3 birthday, 4 registration, 5 level reached, 6 coupon used,
    7 schedule, 8 top-up."""
    conditions: CampaignConditions = CampaignConditions()
    effects: CampaignEffects = CampaignEffects()
    units: tuple[int, ...] = ()
    """None at all is everywhere."""
    classifiers: tuple[int, ...] = ()
    limits: tuple[CampaignLimit, ...] = ()


class CampaignRow(Record, frozen=True, kw_only=True):
    """A campaign in the list."""

    campaign_id: int
    name: str
    state: int
    """1 draft, 2 test, 3 running, 4 paused, 5 finished."""
    owner_user_id: int | None
    remarks: str | None
    sort_no: int
    is_active: bool
    version: int


class CampaignWarning(Record, frozen=True, kw_only=True):
    """A finding about the rules; what is `wrong` can never work."""

    code: str
    wrong: bool
    facts: dict[str, str]


class Campaign(Record, frozen=True, kw_only=True):
    """A campaign with its draft and what is doubtful about it."""

    row: CampaignRow
    rules: CampaignRules
    version_no: int
    warnings: list[CampaignWarning]


class CampaignFields(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """What of a campaign can be edited besides its rules."""

    name: str | msgspec.UnsetType = UNSET
    owner_user_id: int | msgspec.UnsetType | None = UNSET
    remarks: str | msgspec.UnsetType | None = UNSET
    sort_no: int | msgspec.UnsetType = UNSET
    is_active: bool | msgspec.UnsetType = UNSET


class ListCampaigns(ListQuery[CampaignRow], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Campaigns."""

    right: ClassVar[str] = SIGNED_IN


class GetCampaign(Query[Campaign], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One campaign with its rules."""

    right: ClassVar[str] = SIGNED_IN
    key: int


class AddCampaign(AddRow[CampaignFields], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A new draft; a name is needed."""

    right: ClassVar[str] = RIGHT
    rules: CampaignRules


class EditCampaign(EditRow[CampaignFields], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Change a draft; the rules are replaced where they are sent."""

    right: ClassVar[str] = RIGHT
    rules: CampaignRules | None = None


class DeleteCampaign(DeleteRow, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Mark a campaign as deleted."""

    right: ClassVar[str] = RIGHT


class CloneCampaign(Command[Made], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A new draft with the rules of a campaign, under another name."""

    right: ClassVar[str] = RIGHT
    key: int
    name: str


# ---------------------------------------------------------------------- tried on a bill


class TriedLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A line of an invented cheque; the quantity is in thousandths."""

    code: str
    category: str = ""
    quantity: int = 1_000
    sum: int


class TriedBill(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An invented sale; what is not given is not known, and no rule holds on it."""

    business_date: date
    minute: int = 720
    """Of the day, at the restaurant."""
    net: int
    base: int | None = None
    """What the rate is applied to; the net cheque if not given."""
    rate_bp: int = 0
    step: int = 1
    """Smallest step of the account: 100 are whole points."""
    unit_id: int | None = None
    classifier_id: int = 0
    station: int | None = None
    lines: tuple[TriedLine, ...] | None = None
    means: dict[str, int] | None = None
    """`cash`, `card` -> how much."""
    paid_types: tuple[int, ...] = ()
    order_type: str | None = None
    table: str | None = None
    guests: int | None = None
    visits: int | None = None
    """Sales of the guest before this one."""
    last_visit: date | None = None
    levels: dict[int, int] = {}
    """Account type -> number of the level."""
    segments: tuple[int, ...] = ()
    time_sets: tuple[int, ...] = ()
    holder_group: int | None = None
    card_group: int | None = None
    birthday: date | None = None
    gender: int | None = None
    coupon_types: tuple[int, ...] = ()
    properties: dict[int, str] = {}
    registered_on: date | None = None


class TriedPart(Record, frozen=True, kw_only=True):
    """A part of the accrual: of the campaign, or of the basic rate."""

    of_campaign: bool
    units: int
    life: LotLife | None


class Tried(Record, frozen=True, kw_only=True):
    """What the bill would earn and be allowed, and why."""

    result: str
    """applied, cut, not."""
    why: str
    """conditions, unknown, limit, dates, time, unit, classifier, segment, trigger; or empty."""
    parts: list[TriedPart]
    discount: int
    discount_codes: list[int]
    max_pay_bp: int | None
    messages: list[str]
    warnings: list[CampaignWarning]


class TryCampaign(Query[Tried], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Rules as they are typed, on an invented bill; nothing is written, no limit is used up."""

    right: ClassVar[str] = RIGHT
    rules: CampaignRules
    bill: TriedBill
