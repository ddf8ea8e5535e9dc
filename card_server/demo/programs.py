"""Coupons, certificates, campaigns and segments of the demo, as rows for lists and editors."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, insert, update

from card_server.accounts import tables as account_tables
from card_server.accounts.records import CLASS_BONUS, OWNER_CERTIFICATE, OWNER_HOUSE
from card_server.campaigns import tables as campaign_tables
from card_server.coupons import tables as coupon_tables
from card_server.demo.batches import Batches
from card_server.demo.draws import Draws
from card_server.demo.sizes import Size
from card_server.divisions.repository import IdBlocks, bump_rules_version, next_dictionary_id
from card_server.segments import tables as segment_tables
from shared.wire import campaign_rules as rules
from shared.wire.ids import COUPON_PREFIX, make_id

CERTIFICATE_TYPE: Final = 81
RECEIVABLE_TYPE: Final = 82
MADE, ACTIVE = 1, 2
STD: Final = ("created_at", "updated_at")
COUPON_TYPES: Final = (
    ("Кофе в подарок", 1, None, 30),
    ("300 рублей на обед", 2, 300_00, 60),
    ("Скидка 20 % вечером", 3, None, 14),
    ("100 бонусов за отзыв", 4, 100_00, 90),
)
"""Name, class, own sum, days of life."""

CAMPAIGNS: Final = (
    "Счастливые часы",
    "Обед с двойными бонусами",
    "Приведи друга",
    "Десять чашек",
    "Летняя веранда",
    "Новогодний зал",
)
SEGMENTS: Final = (
    ("Постоянные гости", '{"all":[{"visits":{"days":90,"at_least":6}}]}'),
    ("Новые за месяц", '{"all":[{"registered":{"days":30}}]}'),
    ("Крупный средний чек", '{"all":[{"average_cheque":{"at_least":300000}}]}'),
    ("День рождения в этом месяце", '{"all":[{"birthday_month":{"offset":0}}]}'),
    ("Бонусы сгорят за 30 дней", '{"all":[{"burning":{"days":30}}]}'),
    ("Согласие на SMS", '{"all":[{"consent":{"purpose":2,"channel":1}}]}'),
)


def make_programs(
    connection: Connection,
    draws: Draws,
    size: Size,
    *,
    as_of: date,
    now: datetime,
    ids: IdBlocks,
) -> None:
    """Everything of this module."""
    _campaigns(connection, size.campaigns, as_of, now)
    _segments(connection, size.segments, now)
    _coupons(connection, draws, size.coupons, as_of, now)
    _certificates(connection, draws, size.certificates, now, ids)


def _campaigns(connection: Connection, count: int, as_of: date, now: datetime) -> None:
    campaign, version = campaign_tables.campaign, campaign_tables.campaign_version
    std = {"created_at": now, "updated_at": now}
    start = next_dictionary_id(connection, campaign)
    for number in range(max(0, count - (start - 1))):
        round_, place = divmod(number, len(CAMPAIGNS))
        name = CAMPAIGNS[place] + (f" {round_ + 1}" if round_ else "")
        campaign_id, version_id = start + number, next_dictionary_id(connection, version)
        connection.execute(
            insert(campaign).values(
                campaign_id=campaign_id,
                name=name,
                state=1,
                current_version_id=version_id,
                owner_user_id=4,
                is_active=False,
                **std,
            )
        )
        connection.execute(
            insert(version).values(
                campaign_version_id=version_id,
                campaign_id=campaign_id,
                version_no=1,
                valid_from=as_of - timedelta(days=30 * (place + 1)),
                valid_to=as_of + timedelta(days=30 * (place + 1)),
                stacking_group_id=1,
                trigger_kind=1,
                conditions=msgspec.json.encode(rules.CampaignConditions()).decode(),
                effects=_earn_percent(100 * (place + 1)),
            )
        )


def _earn_percent(rate_bp: int) -> str:
    effect = rules.EarnPercent(rate_bp=rate_bp)
    return msgspec.json.encode(rules.CampaignEffects(effects=(effect,))).decode()


def _segments(connection: Connection, count: int, now: datetime) -> None:
    segment = segment_tables.segment
    start = next_dictionary_id(connection, segment)
    for number in range(max(0, count - (start - 1))):
        round_, place = divmod(number, len(SEGMENTS))
        name, definition = SEGMENTS[place]
        connection.execute(
            insert(segment).values(
                segment_id=start + number,
                name=name + (f" {round_ + 1}" if round_ else ""),
                kind=1,
                definition=definition,
                refresh=1 + number % 2,
                created_at=now,
                updated_at=now,
            )
        )


def ean13(twelve: str) -> str:
    """Twelve digits with their check digit."""
    total = sum(int(digit) * (3 if i % 2 else 1) for i, digit in enumerate(twelve))
    return f"{twelve}{-total % 10}"


def _coupons(connection: Connection, draws: Draws, count: int, as_of: date, now: datetime) -> None:
    kinds, release = coupon_tables.coupon_type, coupon_tables.coupon_release
    first = next_dictionary_id(connection, kinds)
    for place, (name, kind, fixed, days) in enumerate(COUPON_TYPES):
        values: dict[str, Any] = {"class": kind, "fixed_sum": fixed, "valid_days": days}
        connection.execute(
            insert(kinds).values(
                coupon_type_id=first + place, name=name, created_at=now, updated_at=now, **values
            )
        )
        connection.execute(
            insert(release).values(
                release_id=place + 1,
                coupon_type_id=first + place,
                name=f"Выпуск {place + 1}",
                quantity=count // len(COUPON_TYPES),
                user_id=4,
                created_at=now,
            )
        )
    batches = Batches(connection)
    columns = ("coupon_id", "code", "coupon_type_id", "release_id", "state", "all_classifiers")
    batches.declare(coupon_tables.coupon, *columns, "valid_from", "valid_to", *STD)
    for number in range(count):
        # the number inside keeps codes apart, as a set of all that are taken would
        code = ean13(f"{draws.number('coupon', number, 'code', 10**5):05d}{number:07d}")
        place = number % len(COUPON_TYPES)
        begins = as_of - timedelta(days=draws.number("coupon", number, "from", 30))
        ends = begins + timedelta(days=COUPON_TYPES[place][3])
        state = ACTIVE if draws.chance("coupon", number, "active", 80) else MADE
        key = make_id(COUPON_PREFIX, int(code))
        row = (key, code, first + place, place + 1, state, True, begins, ends)
        batches.add("coupon", *row, now, now)
        if batches.is_full:
            batches.write()
    batches.write()


def _certificates(
    connection: Connection, draws: Draws, count: int, now: datetime, ids: IdBlocks
) -> None:
    """Made, not sold yet: an account without value, that a sale will fill."""
    std = {"created_at": now, "updated_at": now}
    values: dict[str, Any] = {"class": CERTIFICATE_TYPE}
    connection.execute(
        insert(account_tables.account_type).values(
            account_type_id=CERTIFICATE_TYPE,
            name="Подарочный сертификат",
            value_unit=1,
            uses_lots=True,
            open_for_all=False,
            **values,
            **std,
        )
    )
    connection.execute(
        insert(account_tables.account).values(
            account_id=CERTIFICATE_TYPE,
            owner_kind=OWNER_HOUSE,
            account_type_id=CERTIFICATE_TYPE,
            opened_at=now,
            balance=None,
            **std,
        )
    )
    connection.execute(
        insert(coupon_tables.certificate_type).values(
            certificate_type_id=1,
            account_type_id=CERTIFICATE_TYPE,
            name="Сертификат 3000",
            nominal=3_000_00,
            valid_days=365,
            **std,
        )
    )
    account = account_tables.account
    batches = Batches(connection)
    batches.declare(account, "account_id", "owner_kind", "account_type_id", "opened_at", *STD)
    batches.declare(
        coupon_tables.certificate,
        "certificate_id",
        "number",
        "type_id",
        "account_id",
        "state",
        *STD,
    )
    pairs = []
    for number in range(count):
        account_id, certificate_id = ids.take("account"), ids.take("certificate")
        code = f"{draws.number('certificate', number, 'code', 10**6):06d}{number:06d}"
        batches.add("account", account_id, OWNER_CERTIFICATE, CERTIFICATE_TYPE, now, now, now)
        batches.add("certificate", certificate_id, code, 1, account_id, MADE, now, now)
        pairs.append((account_id, certificate_id))
    batches.write()
    for account_id, certificate_id in pairs:
        connection.execute(
            update(account)
            .where(account.c.account_id == account_id)
            .values(certificate_id=certificate_id)
        )


def make_receivable(connection: Connection, now: datetime) -> None:
    """What a guest owes, settled from later points; and staff meals filled up every day."""
    std = {"created_at": now, "updated_at": now}
    values: dict[str, Any] = {"class": RECEIVABLE_TYPE}
    kinds, rule = account_tables.account_type, account_tables.refill_rule
    connection.execute(
        insert(kinds).values(
            account_type_id=RECEIVABLE_TYPE,
            name="Долг гостя",
            value_unit=2,
            open_for_all=False,
            **values,
            **std,
        )
    )
    connection.execute(
        insert(account_tables.account).values(
            account_id=RECEIVABLE_TYPE,
            owner_kind=OWNER_HOUSE,
            account_type_id=RECEIVABLE_TYPE,
            opened_at=now,
            balance=None,
            **std,
        )
    )
    connection.execute(
        update(kinds)
        .where(kinds.c.account_type_id == CLASS_BONUS)
        .values(receivable_type_id=RECEIVABLE_TYPE)
    )
    connection.execute(update(rule).values(is_active=True))
    bump_rules_version(connection, now)
