"""Account types with their levels, schemes with their rates, time sets with their periods.

Levels, rates and periods belong to a row and are sent with it, all of them: what is not sent is
taken away (domain 1.5).
"""

from __future__ import annotations

from datetime import date
from typing import ClassVar

import msgspec

from shared.wire.base import SIGNED_IN, ListQuery, Query, Record
from shared.wire.editing import AddRow, DeleteRow, EditRow

UNSET = msgspec.UNSET
RIGHT = "program.edit"


class LevelFields(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rung of an account type; without `level_id` it is new."""

    level_id: int | None = None
    level_no: int
    name: str
    scheme_id: int
    threshold: int
    threshold_type_id: int
    range_kind: int = 0
    """0 all time, 1 last N days, 2 last N months, 3 this month, 4 this quarter, 5 this year,
    6 previous month, 7 previous year; one for all levels of a type."""
    range_value: int = 0
    keep_days: int = 0
    reward: int = 0
    reward_type_id: int | None = None
    manual_only: bool = False


class Level(LevelFields, frozen=True, kw_only=True, forbid_unknown_fields=False):
    """A rung as it stands."""


class AccountTypeRow(Record, frozen=True, kw_only=True):
    """An account type; enums as in domain 1.5."""

    account_type_id: int
    name: str
    parent_id: int | None
    account_class: int
    """1 bonus, 2 discount, 3 debit, 5 spent, 81 certificate, 82 receivable, 99 counter."""
    value_unit: int
    """1 money, 2 points, 3 count."""
    active_from: date | None
    active_to: date | None
    open_for_all: bool
    uses_lots: bool
    life_kind: int
    life_value: int
    delay_kind: int
    delay_value: int
    notice_days: str | None
    level_change: int
    level_down: int
    level_on_refund: bool
    default_scheme_id: int | None
    default_credit_depth: int
    min_balance: int
    round_step: int
    round_mode: int
    earn_base: int
    spent_base: int
    refund_earned: int
    refund_burned: int
    refund_grace_days: int
    receivable_type_id: int | None
    reinstate_days: int
    external_code: str | None
    sort_no: int
    is_active: bool
    version: int


class AccountType(Record, frozen=True, kw_only=True):
    """An account type with its ladder."""

    row: AccountTypeRow
    levels: list[Level]


class ListAccountTypes(
    ListQuery[AccountTypeRow], frozen=True, kw_only=True, forbid_unknown_fields=True
):
    """Account types."""

    right: ClassVar[str] = SIGNED_IN


class GetAccountType(Query[AccountType], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One account type with its levels."""

    right: ClassVar[str] = SIGNED_IN
    key: int


class AccountTypeFields(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """What of an account type can be edited; a field that is not sent stays as it is."""

    account_class: int | msgspec.UnsetType = UNSET
    name: str | msgspec.UnsetType = UNSET
    parent_id: int | msgspec.UnsetType | None = UNSET
    value_unit: int | msgspec.UnsetType = UNSET
    active_from: date | msgspec.UnsetType | None = UNSET
    active_to: date | msgspec.UnsetType | None = UNSET
    open_for_all: bool | msgspec.UnsetType = UNSET
    uses_lots: bool | msgspec.UnsetType = UNSET
    life_kind: int | msgspec.UnsetType = UNSET
    life_value: int | msgspec.UnsetType = UNSET
    delay_kind: int | msgspec.UnsetType = UNSET
    delay_value: int | msgspec.UnsetType = UNSET
    notice_days: str | msgspec.UnsetType | None = UNSET
    level_change: int | msgspec.UnsetType = UNSET
    level_down: int | msgspec.UnsetType = UNSET
    level_on_refund: bool | msgspec.UnsetType = UNSET
    default_scheme_id: int | msgspec.UnsetType | None = UNSET
    default_credit_depth: int | msgspec.UnsetType = UNSET
    min_balance: int | msgspec.UnsetType = UNSET
    round_step: int | msgspec.UnsetType = UNSET
    round_mode: int | msgspec.UnsetType = UNSET
    earn_base: int | msgspec.UnsetType = UNSET
    spent_base: int | msgspec.UnsetType = UNSET
    refund_earned: int | msgspec.UnsetType = UNSET
    refund_burned: int | msgspec.UnsetType = UNSET
    refund_grace_days: int | msgspec.UnsetType = UNSET
    receivable_type_id: int | msgspec.UnsetType | None = UNSET
    reinstate_days: int | msgspec.UnsetType = UNSET
    external_code: str | msgspec.UnsetType | None = UNSET
    sort_no: int | msgspec.UnsetType = UNSET
    is_active: bool | msgspec.UnsetType = UNSET


class AddAccountType(
    AddRow[AccountTypeFields], frozen=True, kw_only=True, forbid_unknown_fields=True
):
    """A new account type; name and class are needed, the rest follows from the class."""

    right: ClassVar[str] = RIGHT
    levels: list[LevelFields] = msgspec.field(default_factory=list)


class EditAccountType(
    EditRow[AccountTypeFields], frozen=True, kw_only=True, forbid_unknown_fields=True
):
    """Change an account type; its levels are replaced where they are sent."""

    right: ClassVar[str] = RIGHT
    levels: list[LevelFields] | None = None


class DeleteAccountType(DeleteRow, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Mark an account type as deleted; one that has accounts is refused."""

    right: ClassVar[str] = RIGHT


# ---------------------------------------------------------------------- schemes


class ParamFields(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rate that holds while its time set matches; without `scheme_param_id` it is new."""

    scheme_param_id: int | None = None
    time_id: int
    rate: int
    """Basis points."""
    external_id: int | None = None
    priority: int = 0
    colour: int | None = None


class Param(ParamFields, frozen=True, kw_only=True, forbid_unknown_fields=False):
    """A rate as it stands."""


class SchemeRow(Record, frozen=True, kw_only=True):
    """A scheme in the list."""

    scheme_id: int
    name: str
    base_rate: int
    external_id: int | None
    """The till's code of the discount or bonus."""
    limit_amount: int | None
    remarks: str | None
    sort_no: int
    is_active: bool
    version: int


class Scheme(Record, frozen=True, kw_only=True):
    """A scheme with its rates by time."""

    row: SchemeRow
    params: list[Param]


class ListSchemes(ListQuery[SchemeRow], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Schemes."""

    right: ClassVar[str] = SIGNED_IN


class GetScheme(Query[Scheme], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One scheme with its rates."""

    right: ClassVar[str] = SIGNED_IN
    key: int


class SchemeFields(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """What of a scheme can be edited; a field that is not sent stays as it is."""

    name: str | msgspec.UnsetType = UNSET
    base_rate: int | msgspec.UnsetType = UNSET
    external_id: int | msgspec.UnsetType | None = UNSET
    limit_amount: int | msgspec.UnsetType | None = UNSET
    remarks: str | msgspec.UnsetType | None = UNSET
    sort_no: int | msgspec.UnsetType = UNSET
    is_active: bool | msgspec.UnsetType = UNSET


class AddScheme(AddRow[SchemeFields], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A new scheme; a name is needed."""

    right: ClassVar[str] = RIGHT
    params: list[ParamFields] = msgspec.field(default_factory=list)


class EditScheme(EditRow[SchemeFields], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Change a scheme; its rates are replaced where they are sent."""

    right: ClassVar[str] = RIGHT
    params: list[ParamFields] | None = None


class DeleteScheme(DeleteRow, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Mark a scheme as deleted; one that is used is refused."""

    right: ClassVar[str] = RIGHT


# ---------------------------------------------------------------------- time sets


class PeriodFields(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A period; all that is filled must hold, masks of 0 mean any. Without id it is new."""

    time_period_id: int | None = None
    name: str | None = None
    date_start: date | None = None
    date_end: date | None = None
    months: int = 0
    """Bits 0..11."""
    weekdays: int = 0
    """Bit 0 is Monday."""
    days: int = 0
    """Bits 0..30."""
    time_from: int | None = None
    """Minute of the day; later than `time_to` crosses midnight, equal is the whole day."""
    time_to: int | None = None
    segment_id: int | None = None
    is_active: bool = True
    colour: int | None = None


class Period(PeriodFields, frozen=True, kw_only=True, forbid_unknown_fields=False):
    """A period as it stands."""


class TimeSetRow(Record, frozen=True, kw_only=True):
    """A time set in the list."""

    time_id: int
    name: str
    sort_no: int
    is_active: bool
    version: int


class TimeSet(Record, frozen=True, kw_only=True):
    """A time set with its periods."""

    row: TimeSetRow
    periods: list[Period]


class ListTimeSets(ListQuery[TimeSetRow], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Time sets."""

    right: ClassVar[str] = SIGNED_IN


class GetTimeSet(Query[TimeSet], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One time set with its periods."""

    right: ClassVar[str] = SIGNED_IN
    key: int


class TimeSetFields(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """What of a time set can be edited; a field that is not sent stays as it is."""

    name: str | msgspec.UnsetType = UNSET
    sort_no: int | msgspec.UnsetType = UNSET
    is_active: bool | msgspec.UnsetType = UNSET


class AddTimeSet(AddRow[TimeSetFields], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A new time set; a name is needed. Without a period it never matches."""

    right: ClassVar[str] = RIGHT
    periods: list[PeriodFields] = msgspec.field(default_factory=list)


class EditTimeSet(EditRow[TimeSetFields], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Change a time set; its periods are replaced where they are sent."""

    right: ClassVar[str] = RIGHT
    periods: list[PeriodFields] | None = None


class DeleteTimeSet(DeleteRow, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Mark a time set as deleted; one that is used is refused."""

    right: ClassVar[str] = RIGHT
