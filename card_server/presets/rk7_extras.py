"""What the preset makes ready but leaves off: two campaigns, a coupon, a segment, a refill.

Conditions and effects are typed nodes with the names of domain 1.9; the installer switches on what
the restaurant wants.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Table, insert, select

from card_server.accounts import tables as account_tables
from card_server.campaigns import tables as campaign_tables
from card_server.coupons import tables as coupon_tables
from card_server.divisions.repository import next_dictionary_id
from card_server.presets.rk7_content import DEBIT
from card_server.segments import tables as segment_tables
from shared.wire import campaign_rules as rules

DRAFT: Final = 1
TRIGGER_BIRTHDAY, TRIGGER_REGISTRATION = 3, 4
MAIN_STACKING: Final = 1
PRODUCT_COUPON: Final = 1
SCOPE_GROUP: Final = 4
STAFF_GROUP: Final = 3
PERIOD_DAY: Final = 1
UP_TO: Final = 1

CAMPAIGNS: Final[tuple[tuple[str, int, rules.Condition, rules.Effect], ...]] = (
    (
        "Приветственные 300",
        TRIGGER_REGISTRATION,
        rules.All(),
        rules.EarnFixed(amount=300_00),
    ),
    (
        "День рождения x2",
        TRIGGER_BIRTHDAY,
        rules.All(of=(rules.Birthday(before=3, after=3),)),
        rules.EarnMultiply(factor_bp=20_000),
    ),
)
SEGMENT: Final = ("Не были 60 дней", {"all": [{"last_visit_before": {"days": 60}}]})
COUPON: Final = ("Десерт в подарок", 30)
REFILL: Final = {
    "scope": SCOPE_GROUP,
    "scope_id": STAFF_GROUP,
    "account_type_id": DEBIT,
    "period": PERIOD_DAY,
    "mode": UP_TO,
    "amount": 400_00,
}
"""Staff meals: every day the debit account of group "Сотрудники" is filled up to 400.00."""


def add_extras(connection: Connection, std: dict[str, Any]) -> None:
    """Make them once, off; what carries the name already stays as it is."""
    for name, trigger, condition, effect in CAMPAIGNS:
        if _is_new(connection, campaign_tables.campaign, name):
            _campaign(connection, name, trigger, condition, effect, std)
    name, definition = SEGMENT
    if _is_new(connection, segment_tables.segment, name):
        segment = segment_tables.segment
        connection.execute(
            insert(segment).values(
                segment_id=next_dictionary_id(connection, segment),
                name=name,
                kind=1,
                definition=_json(definition),
                is_active=False,
                **std,
            )
        )
    _coupon_type(connection, std)
    _refill(connection, std)


def _campaign(
    connection: Connection,
    name: str,
    trigger: int,
    condition: rules.Condition,
    effect: rules.Effect,
    std: dict[str, Any],
) -> None:
    campaign, version = campaign_tables.campaign, campaign_tables.campaign_version
    campaign_id = next_dictionary_id(connection, campaign)
    version_id = next_dictionary_id(connection, version)
    connection.execute(
        insert(campaign).values(
            campaign_id=campaign_id,
            name=name,
            state=DRAFT,
            current_version_id=version_id,
            owner_user_id=1,
            is_active=False,
            **std,
        )
    )
    connection.execute(
        insert(version).values(
            campaign_version_id=version_id,
            campaign_id=campaign_id,
            version_no=1,
            valid_from=std["created_at"].date(),
            stacking_group_id=MAIN_STACKING,
            trigger_kind=trigger,
            conditions=_json(rules.CampaignConditions(when=condition)),
            effects=_json(rules.CampaignEffects(effects=(effect,))),
        )
    )


def _coupon_type(connection: Connection, std: dict[str, Any]) -> None:
    name, days = COUPON
    table = coupon_tables.coupon_type
    if not _is_new(connection, table, name):
        return
    values = {"class": PRODUCT_COUPON, "name": name, "valid_days": days, "is_active": False}
    connection.execute(
        insert(table).values(
            coupon_type_id=next_dictionary_id(connection, table),
            stackable_group_id=MAIN_STACKING,
            **values,
            **std,
        )
    )


def _refill(connection: Connection, std: dict[str, Any]) -> None:
    rule = account_tables.refill_rule
    known = connection.execute(
        select(rule.c.refill_id).where(
            *(rule.c[key] == REFILL[key] for key in ("scope", "scope_id", "account_type_id"))
        )
    ).first()
    if known is None:
        number = next_dictionary_id(connection, rule)
        connection.execute(insert(rule).values(refill_id=number, is_active=False, **REFILL, **std))


def _is_new(connection: Connection, table: Table, name: str) -> bool:
    return connection.execute(select(table.c.name).where(table.c.name == name)).first() is None


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
