"""The preset "r_keeper 7", against the tables of domain 6.2."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from sqlalchemy import Connection, Engine, text

from card_server.classifiers.records import MODE_CRM, MODE_POS
from card_server.presets.rk7 import apply_rk7_preset
from shared.wire.campaign_rules import CampaignEffects, EarnFixed, EarnMultiply
from shared.wire.errors import AppError, ErrorCode

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
CODE, OTHER = "12345678901234567890", "09876543210987654321"


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    """A connection inside a transaction."""
    with engine.begin() as connection:
        yield connection


def apply(connection: Connection, code: str = CODE, name: str = "RK7", **facts: Any) -> int:
    return apply_rk7_preset(connection, code=code, name=name, now=NOW, **facts)


def rows(connection: Connection, statement: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in connection.execute(text(statement))]


def test_four_account_types_with_house_accounts(connection: Connection) -> None:
    apply(connection)
    found = rows(
        connection,
        "SELECT account_type_id, name, class, value_unit, uses_lots, life_kind, life_value,"
        " delay_kind, refund_earned, refund_burned, refund_grace_days"
        " FROM crm_account_type ORDER BY account_type_id",
    )
    assert [(*row[:4], bool(row[4]), *row[5:]) for row in found] == [
        (1, "Бонусный", 1, 2, True, 1, 365, 0, 3, 2, 7),
        (2, "Дисконтный", 2, 1, False, 0, 0, 0, 3, 1, 7),
        (3, "Дебетовый", 3, 1, False, 0, 0, 0, 3, 1, 7),
        (5, "Потраченные средства", 5, 1, False, 0, 0, 0, 3, 1, 7),
    ]
    assert rows(
        connection, "SELECT account_id, owner_kind, balance FROM crm_account ORDER BY account_id"
    ) == [(1, 9, None), (2, 9, None), (3, 9, None), (5, 9, None)]


def test_the_matrix_of_the_classifier(connection: Connection) -> None:
    apply(connection)
    found = rows(
        connection,
        "SELECT account_type_id, debit_allowed, credit_allowed, visible, debit_priority,"
        " credit_priority, debit_k_bp, credit_k_bp, max_pay_bp, sum_slot, pos_kinds"
        " FROM crm_classifier_account_type WHERE classifier_id = 1 ORDER BY account_type_id",
    )
    assert [(row[0], *map(bool, row[1:4]), *row[4:]) for row in found] == [
        (1, True, True, True, 101, 101, 10000, 10000, 5000, 2, 5),
        (2, True, True, True, None, None, 10000, 10000, 10000, None, 2),
        (3, True, True, True, None, None, 10000, 10000, 10000, 1, 1),
        (5, True, True, True, None, None, 10000, 10000, 10000, None, 8),
    ]


def test_the_classifier_and_its_rights(connection: Connection) -> None:
    assert apply(connection) == 1
    ((code, kind, client, visible, mode, day_start, zone),) = rows(
        connection,
        "SELECT code, code_kind, client_type, api_visible, calc_mode, day_start, time_zone"
        " FROM crm_classifier WHERE classifier_id = 1",
    )
    assert (code, kind, client, bool(visible), mode) == (CODE, 1, "RK7", True, MODE_POS)
    assert (day_start, zone) == (240, "Europe/Moscow")
    rights = {right for (right,) in rows(connection, "SELECT right_code FROM crm_classifier_right")}
    assert rights == {
        "card.read",
        "holder.read",
        "txn.write",
        "txn.read",
        "coupon.read",
        "coupon.use",
        "holder.image",
        "relay",
        "dict.read",
        "quote",
    }


LEVELS = (
    "SELECT l.account_type_id, l.level_no, l.name, l.threshold, l.range_kind, l.range_value,"
    " l.keep_days, l.reward, s.name, s.base_rate, s.external_id FROM crm_level l"
    " JOIN crm_scheme s ON s.scheme_id = l.scheme_id ORDER BY l.account_type_id DESC, l.level_no"
)


@pytest.mark.parametrize("mode", [MODE_POS, MODE_CRM])
def test_levels_with_rates_only_where_we_count(connection: Connection, mode: int) -> None:
    apply(connection, calc_mode=mode)
    on = 1 if mode == MODE_CRM else 0
    assert rows(connection, LEVELS) == [
        (2, 1, "Базовый", 0, 0, 0, 0, 0, "Скидка 3 %", 300 * on, 1),
        (2, 2, "Серебро", 15_000_00, 0, 0, 0, 0, "Скидка 5 %", 500 * on, 2),
        (2, 3, "Золото", 50_000_00, 0, 0, 0, 0, "Скидка 7 %", 700 * on, 3),
        (2, 4, "Платина", 150_000_00, 0, 0, 0, 0, "Скидка 10 %", 1000 * on, 4),
        (1, 1, "Гость", 0, 2, 12, 0, 0, "Бонус 3 %", 300 * on, 1),
        (1, 2, "Друг", 20_000_00, 2, 12, 0, 0, "Бонус 5 %", 500 * on, 2),
        (1, 3, "Семья", 60_000_00, 2, 12, 365, 500_00, "Бонус 7 %", 700 * on, 3),
    ]


@pytest.mark.parametrize(
    ("loyalty", "types"),
    [("discounts", [2] * 4), ("bonuses", [1] * 3), ("both", [2] * 4 + [1] * 3)],
)
def test_the_installer_chooses_the_ladders(
    connection: Connection, loyalty: str, types: list[int]
) -> None:
    apply(connection, loyalty=loyalty)
    assert [row[0] for row in rows(connection, LEVELS)] == types


def test_campaigns_coupon_segment_and_refill_are_ready_but_off(connection: Connection) -> None:
    apply(connection)
    apply(connection, OTHER, "Второй")
    campaigns = rows(
        connection,
        "SELECT c.name, c.state, c.is_active, v.trigger_kind, v.effects, v.published_at"
        " FROM crm_campaign c JOIN crm_campaign_version v"
        " ON v.campaign_version_id = c.current_version_id ORDER BY c.campaign_id",
    )
    assert [(n, s, bool(a), k, p) for n, s, a, k, _, p in campaigns] == [
        ("Приветственные 300", 1, False, 4, None),
        ("День рождения x2", 1, False, 3, None),
    ]
    effects = [msgspec.json.decode(row[4], type=CampaignEffects).effects for row in campaigns]
    assert effects == [(EarnFixed(amount=300_00),), (EarnMultiply(factor_bp=20_000),)]
    coupons = rows(connection, "SELECT name, class, valid_days, is_active FROM crm_coupon_type")
    assert [(*row[:3], bool(row[3])) for row in coupons] == [("Десерт в подарок", 1, 30, False)]
    segments = rows(connection, "SELECT name, is_active FROM crm_segment")
    assert [(name, bool(active)) for name, active in segments] == [("Не были 60 дней", False)]
    refills = rows(
        connection,
        "SELECT scope, scope_id, account_type_id, period, mode, amount, is_active"
        " FROM crm_refill_rule",
    )
    assert [(*row[:6], bool(row[6])) for row in refills] == [(4, 3, 3, 1, 1, 400_00, False)]


@pytest.mark.parametrize(
    ("first", "second", "rates"),
    [
        (MODE_POS, MODE_CRM, {"Бонус 3 % (CRM)": 300, "Скидка 10 % (CRM)": 1000}),
        (MODE_CRM, MODE_POS, {"Бонус 3 % (касса)": 0, "Скидка 10 % (касса)": 0}),
    ],
)
def test_a_second_classifier_of_the_other_mode_gets_schemes_of_its_own(
    connection: Connection, first: int, second: int, rates: dict[str, int]
) -> None:
    apply(connection, calc_mode=first)
    before = rows(connection, LEVELS)
    assert apply(connection, OTHER, "Второй", calc_mode=second) == 2
    assert rows(connection, LEVELS) == before, "the first classifier's schemes stay"
    own = rows(
        connection,
        "SELECT s.name, s.base_rate FROM crm_classifier_level x"
        " JOIN crm_scheme s ON s.scheme_id = x.scheme_id WHERE x.classifier_id = 2",
    )
    assert len(own) == 7
    assert rates.items() <= dict(own).items()
    assert apply(connection, "3", "Третий", calc_mode=second) == 3
    assert rows(connection, "SELECT COUNT(*) FROM crm_scheme") == [(14,)]


def test_a_second_classifier_of_the_same_mode_needs_nothing_of_its_own(
    connection: Connection,
) -> None:
    apply(connection)
    apply(connection, OTHER, "Второй")
    assert rows(connection, "SELECT COUNT(*) FROM crm_classifier_level") == [(0,)]
    assert rows(connection, "SELECT COUNT(*) FROM crm_level") == [(7,)]


@pytest.mark.parametrize(
    ("code", "name", "refusal"),
    [
        ("abcdef", "Другой", ErrorCode.CODE_TAKEN),
        ("AbcDef", "Другой", ErrorCode.CODE_TAKEN),
        ("#SUITE", "Другой", ErrorCode.CODE_TAKEN),
        ("", "Другой", ErrorCode.CODE_LENGTH),
        ("1" * 21, "Другой", ErrorCode.CODE_LENGTH),
        ("новый", "rk7 ", ErrorCode.NAME_TAKEN),
        ("новый", "система", ErrorCode.NAME_TAKEN),
        ("новый", "", ErrorCode.FIELD_BAD),
        ("новый", "n" * 61, ErrorCode.FIELD_BAD),
    ],
)
def test_a_taken_or_bad_code_or_name_is_refused_and_nothing_is_made(
    connection: Connection, code: str, name: str, refusal: ErrorCode
) -> None:
    apply(connection, "ABCdef")
    before = rows(connection, "SELECT COUNT(*) FROM crm_classifier")
    with pytest.raises(AppError) as caught:
        apply(connection, code, name)
    assert caught.value.code is refusal
    assert rows(connection, "SELECT COUNT(*) FROM crm_classifier") == before


def test_every_preset_edit_is_seen_by_a_running_server(connection: Connection) -> None:
    version = "SELECT value FROM crm_setting WHERE setting_key = 'rules.version'"
    ((before,),) = rows(connection, version)
    apply(connection)
    ((after,),) = rows(connection, version)
    assert int(after) == int(before) + 1
