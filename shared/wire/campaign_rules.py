"""Conditions and effects of a campaign: typed records, no scripts (domain 1.9).

They are stored as they are sent: JSON with a tag `is` in every node and the version of the shape.
Amounts are minor units, rates basis points, minutes of the day count from midnight.
"""

from __future__ import annotations

from typing import Final, TypeAlias

import msgspec

SHAPE: Final = 1
"""The shape of stored rules; a later one is read by a step that brings older ones forward."""


class Node(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="is"):
    """A node of the rules."""


# ---------------------------------------------------------------------- conditions


class All(Node, frozen=True, kw_only=True, tag="all"):
    """Every one of these; none at all is always true."""

    of: tuple[Condition, ...] = ()


class AnyOf(Node, frozen=True, kw_only=True, tag="any"):
    """At least one of these."""

    of: tuple[Condition, ...] = ()


class Not(Node, frozen=True, kw_only=True, tag="not"):
    """The opposite; what is not known stays not known."""

    of: Condition


class CheckTotal(Node, frozen=True, kw_only=True, tag="check_total"):
    """The net cheque lies between these, both inclusive."""

    least: int | None = None
    most: int | None = None


class Dishes(Node, frozen=True, kw_only=True, tag="dishes"):
    """Lines with one of these dish codes or categories: how many pieces, for how much.

    Quantities are in thousandths. Without codes and categories every line counts.
    """

    codes: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    least_quantity: int = 0
    least_sum: int = 0


class PaidBy(Node, frozen=True, kw_only=True, tag="paid_by"):
    """Some of the cheque was paid so: `cash`, `card`, or from accounts of a type."""

    means: str | None = None
    account_type_id: int | None = None


class OrderType(Node, frozen=True, kw_only=True, tag="order_type"):
    """The order is of one of these types."""

    types: tuple[str, ...]


class Table(Node, frozen=True, kw_only=True, tag="table"):
    """The order is on one of these tables."""

    tables: tuple[str, ...]


class Station(Node, frozen=True, kw_only=True, tag="station"):
    """The cheque comes from one of these stations."""

    numbers: tuple[int, ...]


class Guests(Node, frozen=True, kw_only=True, tag="guests"):
    """So many guests sat at the table."""

    least: int | None = None
    most: int | None = None


class WeekTime(Node, frozen=True, kw_only=True, tag="week_time"):
    """Weekdays (bit 0 = Monday, 0 = any) and hours; from > to crosses midnight."""

    weekdays: int = 0
    time_from: int | None = None
    time_to: int | None = None


class FirstSale(Node, frozen=True, kw_only=True, tag="first_sale"):
    """The first sale `ever`, of the `day`, or after so many days without one (`absence`)."""

    of: str
    days: int = 0


class NthVisit(Node, frozen=True, kw_only=True, tag="nth_visit"):
    """This visit has the number `n`, or (`each`) a multiple of it."""

    n: int
    each: bool = False


class LevelAtLeast(Node, frozen=True, kw_only=True, tag="level"):
    """The guest's account of the type is on this rung or higher."""

    account_type_id: int
    level_no: int


class InSegment(Node, frozen=True, kw_only=True, tag="segment"):
    """The guest is in the segment."""

    segment_id: int


class HolderGroup(Node, frozen=True, kw_only=True, tag="holder_group"):
    """The guest is in one of these groups."""

    groups: tuple[int, ...]


class CardGroup(Node, frozen=True, kw_only=True, tag="card_group"):
    """The card is in one of these groups."""

    groups: tuple[int, ...]


class Birthday(Node, frozen=True, kw_only=True, tag="birthday"):
    """The business day lies from so many days before the birthday to so many after it."""

    before: int = 0
    after: int = 0


class Gender(Node, frozen=True, kw_only=True, tag="gender"):
    """As in the guest's questionnaire: 1 male, 2 female."""

    gender: int


class Age(Node, frozen=True, kw_only=True, tag="age"):
    """Full years between these, both inclusive."""

    least: int | None = None
    most: int | None = None


class CouponPresent(Node, frozen=True, kw_only=True, tag="coupon"):
    """A coupon of the type is used in the cheque."""

    coupon_type_id: int


class PropertyIs(Node, frozen=True, kw_only=True, tag="property"):
    """A property of the guest has this value."""

    property_id: int
    value: str


class RegisteredDays(Node, frozen=True, kw_only=True, tag="registered"):
    """So many days have passed since the guest was registered."""

    least: int | None = None
    most: int | None = None


Condition: TypeAlias = (
    All
    | AnyOf
    | Not
    | CheckTotal
    | Dishes
    | PaidBy
    | OrderType
    | Table
    | Station
    | Guests
    | WeekTime
    | FirstSale
    | NthVisit
    | LevelAtLeast
    | InSegment
    | HolderGroup
    | CardGroup
    | Birthday
    | Gender
    | Age
    | CouponPresent
    | PropertyIs
    | RegisteredDays
)


# ---------------------------------------------------------------------- effects


class EarnPercent(Node, frozen=True, kw_only=True, tag="earn_percent"):
    """Points of so many basis points of the base, besides the basic rate."""

    rate_bp: int


class EarnFixed(Node, frozen=True, kw_only=True, tag="earn_fixed"):
    """So many points."""

    amount: int


class EarnMultiply(Node, frozen=True, kw_only=True, tag="earn_multiply"):
    """The basic accrual times this factor; under 10000 it is less, 0 is nothing."""

    factor_bp: int


class EarnPerStep(Node, frozen=True, kw_only=True, tag="earn_per_step"):
    """`amount` points for each full `step` of the net cheque."""

    amount: int
    step: int


class DiscountCode(Node, frozen=True, kw_only=True, tag="discount_code"):
    """The till gives the discount with this code."""

    code: int


class DiscountPercent(Node, frozen=True, kw_only=True, tag="discount_percent"):
    """So much off the sum that earlier discounts have left."""

    rate_bp: int


class MaxPay(Node, frozen=True, kw_only=True, tag="max_pay"):
    """The largest part of the cheque payable with points is raised or lowered to this."""

    max_bp: int


class IssueCoupon(Node, frozen=True, kw_only=True, tag="issue_coupon"):
    """The guest gets a coupon of the type."""

    coupon_type_id: int


class AddCounter(Node, frozen=True, kw_only=True, tag="add_counter"):
    """The guest's counter grows."""

    account_type_id: int
    amount: int


class SetLevel(Node, frozen=True, kw_only=True, tag="set_level"):
    """The guest's account comes up to this level, never down."""

    account_type_id: int
    level_id: int


class Message(Node, frozen=True, kw_only=True, tag="message"):
    """A line for the till and the guest."""

    text: str


class SetProperty(Node, frozen=True, kw_only=True, tag="set_property"):
    """A property of the guest gets this value."""

    property_id: int
    value: str


class LotLife(Node, frozen=True, kw_only=True, tag="lot_life"):
    """Life and delay of what this campaign gives, by the kinds of an account type."""

    life_kind: int = 0
    life_value: int = 0
    delay_kind: int = 0
    delay_value: int = 0


Effect: TypeAlias = (
    EarnPercent
    | EarnFixed
    | EarnMultiply
    | EarnPerStep
    | DiscountCode
    | DiscountPercent
    | MaxPay
    | IssueCoupon
    | AddCounter
    | SetLevel
    | Message
    | SetProperty
    | LotLife
)

EARNING: Final = (EarnPercent, EarnFixed, EarnMultiply, EarnPerStep)
"""Effects that give points."""


class CampaignEffects(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a version does when its conditions hold, as it is stored."""

    shape: int = SHAPE
    effects: tuple[Effect, ...] = ()
    all_or_nothing: bool = False
    """A limit that leaves less than the whole leaves nothing."""


class CampaignConditions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When a version applies, as it is stored."""

    shape: int = SHAPE
    when: Condition = All()
