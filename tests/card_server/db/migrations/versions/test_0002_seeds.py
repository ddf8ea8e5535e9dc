"""The rows that every database starts with, family by family (domain 6.1 and section 5)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

import pytest
from sqlalchemy import Connection, Engine, text

ADMINISTRATOR, MANAGER, CASHIER, MARKETER, AUDITOR, INSTALLER = range(1, 7)
RIGHTS: Final = """
holder.view +++++. holder.edit +++... holder.delete ++.... holder.merge ++....
person.unmask +++... person.contacts ...... person.export ++.... person.erase +.....
consent.edit ++++.. card.issue +++... card.issue_any +..... card.state +++... card.void ++....
card.limits ++.... operation.view +++++. trace.view +++++. account.top_up ++L...
account.adjust +L.... account.credit ++.... account.level ++.... operation.refund ++L...
operation.move ++.... operation.correct ++.... operation.backdate ++....
operation.approve ++.... hold.manage +++... coupon.issue ++.+.. coupon.state +++...
certificate.sell +++... segment.edit ++.+.. campaign.edit ++.+.. campaign.publish ++....
campaign.replay ++.++. mailing.edit +..+.. mailing.approve ++.... mailing.live +.....
dict.edit ++...+ program.edit ++...+ classifier.edit +....+ unit.edit +....+
server.config +....+ licence.load +....+ job.run +....+ backup.run +....+ import.run +....+
books.close ++.... user.edit +..... role.edit +..... report.view +++++. report.edit ++.++.
journal.view +...+. verify.run +...++
"""
"""The table of section 5, columns A M C K U I."""


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    """A connection to a fresh database."""
    with engine.connect() as connection:
        yield connection


def rows(connection: Connection, statement: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in connection.execute(text(statement))]


def test_division_unit_writer_and_the_suites_own_classifier(connection: Connection) -> None:
    assert rows(connection, "SELECT division_id, name, id_prefix FROM crm_division") == [
        (1, "Головное подразделение", 1)
    ]
    assert rows(connection, "SELECT unit_id, division_id, name, state FROM crm_unit") == [
        (1, 1, "Ресторан 1", 1)
    ]
    (writer,) = rows(
        connection, "SELECT writer_id, division_id, next_chain_no, head_hash FROM crm_writer"
    )
    assert writer[:3] == (1, 1, 1)
    assert bytes(writer[3]) == bytes(32)
    ((number, code, name, visible),) = rows(
        connection, "SELECT classifier_id, code, name, api_visible FROM crm_classifier"
    )
    assert (number, code, name, bool(visible)) == (0, "#suite", "Система", False)


def test_the_administrator_has_no_password_and_must_set_one(connection: Connection) -> None:
    ((number, login, password, must_change, everywhere),) = rows(
        connection,
        "SELECT user_id, login, password_hash, must_change, all_divisions FROM crm_user",
    )
    assert (number, login, bool(must_change), bool(everywhere)) == (1, "Администратор", True, True)
    assert not password.startswith("$"), "a hash that any password could match"
    assert rows(connection, "SELECT user_id, role_id FROM crm_user_role") == [(1, ADMINISTRATOR)]


def test_six_builtin_roles_with_exactly_the_rights_of_the_table(connection: Connection) -> None:
    words = RIGHTS.split()
    table = dict(zip(words[::2], words[1::2], strict=True))
    assert len(table) == 52
    expected = {
        (role, right)
        for right, marks in table.items()
        for role, mark in enumerate(marks, ADMINISTRATOR)
        if mark != "."
    }
    assert set(rows(connection, "SELECT role_id, right_code FROM crm_role_right")) == expected
    assert rows(
        connection,
        "SELECT role_id, name, amount_limit, unmask_per_day FROM crm_role ORDER BY role_id",
    ) == [
        (ADMINISTRATOR, "Администратор", None, 50),
        (MANAGER, "Менеджер", 5_000_00, 50),
        (CASHIER, "Старший кассир", 1_000_00, 50),
        (MARKETER, "Маркетолог", None, 50),
        (AUDITOR, "Аудитор", None, 50),
        (INSTALLER, "Установщик", None, 50),
    ]
    assert all(row[0] for row in rows(connection, "SELECT is_builtin FROM crm_role"))


def test_contact_types_address_types_groups_and_country(connection: Connection) -> None:
    found = rows(
        connection,
        "SELECT contact_type_id, name, class, dispatch, max_holders FROM crm_contact_type"
        " ORDER BY contact_type_id",
    )
    assert [(i, name, kind, bool(send), most) for i, name, kind, send, most in found] == [
        (1, "Телефон", 1, True, 1),
        (2, "Эл. почта", 2, True, 1),
        (3, "Skype", 3, False, None),
        (4, "Социальная сеть", 4, False, None),
        (5, "Мессенджер", 5, False, None),
    ]
    families = {
        "SELECT address_type_id, name FROM crm_address_type": [
            (1, "Домашний"),
            (2, "Рабочий"),
            (3, "Доставка"),
        ],
        "SELECT group_id, name FROM crm_holder_group": [
            (1, "Гости"),
            (2, "VIP"),
            (3, "Сотрудники"),
            (4, "WEB"),
        ],
        "SELECT group_id, name FROM crm_card_group": [
            (11, "Обычные"),
            (12, "Сотрудники"),
            (13, "Виртуальные"),
        ],
        "SELECT country_id, name FROM crm_country": [(1, "Россия")],
    }
    for statement, expected in families.items():
        assert rows(connection, f"{statement} ORDER BY 1") == expected
    assert rows(
        connection, "SELECT non_payer_type_id, external_id, name FROM crm_non_payer_type"
    ) == [(1, 0, "Без ограничений")]


def test_reasons_and_only_another_one_wants_a_text(connection: Connection) -> None:
    found = rows(connection, "SELECT name, needs_text FROM crm_reason ORDER BY reason_id")
    assert [name for name, _ in found] == [
        "ошибка кассира",
        "жалоба гостя",
        "компенсация",
        "потеря карты",
        "порча карты",
        "подарок руководителя",
        "исправление импорта",
        "перенос на другого гостя",
        "по запросу гостя",
        "другое",
    ]
    assert [name for name, needs in found if needs] == ["другое"]


def test_stacking_groups_time_sets_and_the_rfm_profile(connection: Connection) -> None:
    groups = rows(
        connection,
        "SELECT stacking_group_id, name, mode, exclusive FROM crm_stacking_group ORDER BY 1",
    )
    assert [(i, name, mode, bool(alone)) for i, name, mode, alone in groups] == [
        (1, "Основные", 2, False),
        (2, "Дополнительные", 1, False),
        (3, "Исключительные", 3, True),
    ]
    assert rows(
        connection,
        "SELECT s.name, p.months, p.weekdays, p.days, p.time_from, p.time_to"
        " FROM crm_time_set s JOIN crm_time_period p ON p.time_id = s.time_id ORDER BY s.time_id",
    ) == [
        ("Всегда", 0, 0, 0, None, None),
        ("Будни 12-16", 0, 0b0011111, 0, 12 * 60, 16 * 60),
        ("Выходные", 0, 0b1100000, 0, None, None),
        ("Ночь 22-06", 0, 0, 0, 22 * 60, 6 * 60),
    ]
    assert rows(connection, "SELECT period_days, r_bounds, f_bounds FROM crm_rfm_profile") == [
        (365, '"quantiles"', '"quantiles"')
    ]


def test_all_standing_jobs_are_on_with_their_times(connection: Connection) -> None:
    found = rows(connection, "SELECT code, schedule, catch_up, is_active FROM crm_job")
    assert all(active for *_, active in found)
    schedules = {code: json.loads(schedule) for code, schedule, *_ in found}
    assert schedules == {
        "holds.expire": {"every_minutes": 1},
        "lots.available": {"every_minutes": 10},
        "lots.expire": {"day_start_plus": 10},
        "lots.notice": {"at": "11:00"},
        "limits.refill": {"day_start_plus": 5},
        "levels.recalc": {"day_start_plus": 20},
        "birthday.give": {"day_start_plus": 30},
        "birthday.greet": {"at": "10:00"},
        "cards.expire": {"day_start_plus": 15},
        "certificates.expire": {"day_start_plus": 15},
        "coupons.expire": {"day_start_plus": 15},
        "coupons.pool": {"day_start_plus": 40},
        "segments.refresh": {"day_start_plus": 60},
        "rfm.recalc": {"day_start_plus": 60},
        "campaigns.state": {"day_start_plus": 1},
        "messages.send": {"every_minutes": 1},
        "mailing.run": {"every_minutes": 1},
        "duplicates.find": {"weekday": 7, "day_start_plus": 90},
        "person.erase": {"day_start_plus": 100},
        "licence.check": {"day_start_plus": 2},
        "chain.sign": {"day_start_plus": 3},
        "verify.quick": {"day_start_plus": 120},
        "verify.full": {"weekday": 7, "day_start_plus": 150},
        "backup": {"day_start_plus": 180},
        "journal.purge": {"month_day": 1, "day_start_plus": 210},
    }
    missed = {code: catch_up for code, _, catch_up, _ in found if catch_up != 1}
    assert missed == {"birthday.give": 2, "person.erase": 2, "chain.sign": 2, "birthday.greet": 3}


def test_templates_and_mailings_in_test_mode(connection: Connection) -> None:
    found = rows(connection, "SELECT name, purpose FROM crm_message_template ORDER BY template_id")
    assert found == [
        ("День рождения", 2),
        ("Бонусы скоро сгорят", 3),
        ("Бонусы доступны", 3),
        ("Код подтверждения", 3),
        ("Новый уровень", 3),
    ]
    assert ("mailing.test_mode", "1") in rows(
        connection, "SELECT setting_key, value FROM crm_setting WHERE scope = 0"
    )
