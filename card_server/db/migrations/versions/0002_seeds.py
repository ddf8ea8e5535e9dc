"""Seeds: the rows every database starts with (domain 6.1)."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import context, op

from card_server.db.base import Moment

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ROLES = {
    1: ("Администратор", None, """
holder.view holder.edit holder.delete holder.merge person.unmask person.export person.erase
consent.edit card.issue card.issue_any card.state card.void card.limits operation.view
trace.view account.top_up account.adjust account.credit account.level operation.refund
operation.move operation.correct operation.backdate operation.approve hold.manage coupon.issue
coupon.state certificate.sell segment.edit campaign.edit campaign.publish campaign.replay
mailing.edit mailing.approve mailing.live dict.edit program.edit classifier.edit unit.edit
server.config licence.load job.run backup.run import.run books.close user.edit role.edit
report.view report.edit journal.view verify.run
"""),
    2: ("Менеджер", 500000, """
holder.view holder.edit holder.delete holder.merge person.unmask person.export consent.edit
card.issue card.state card.void card.limits operation.view trace.view account.top_up
account.adjust account.credit account.level operation.refund operation.move operation.correct
operation.backdate operation.approve hold.manage coupon.issue coupon.state certificate.sell
segment.edit campaign.edit campaign.publish campaign.replay mailing.approve dict.edit
program.edit books.close report.view report.edit
"""),
    3: ("Старший кассир", 100000, """
holder.view holder.edit person.unmask consent.edit card.issue card.state operation.view
trace.view account.top_up operation.refund hold.manage coupon.state certificate.sell report.view
"""),
    4: ("Маркетолог", None, """
holder.view consent.edit operation.view trace.view coupon.issue segment.edit campaign.edit
campaign.replay mailing.edit report.view report.edit
"""),
    5: ("Аудитор", None, """
holder.view operation.view trace.view campaign.replay report.view report.edit journal.view
verify.run
"""),
    6: ("Установщик", None, """
dict.edit program.edit classifier.edit unit.edit server.config licence.load job.run backup.run
import.run verify.run
"""),
}
CONTACT_TYPES = [(1, "Телефон", 1, 1, 1), (2, "Эл. почта", 2, 1, 1), (3, "Skype", 3, 0, None), (4, "Социальная сеть", 4, 0, None), (5, "Мессенджер", 5, 0, None)]
REASONS = ["ошибка кассира", "жалоба гостя", "компенсация", "потеря карты", "порча карты", "подарок руководителя", "исправление импорта", "перенос на другого гостя", "по запросу гостя", "другое"]
STACKING = [(1, "Основные", 2, False), (2, "Дополнительные", 1, False), (3, "Исключительные", 3, True)]
WEEKDAYS, WEEKEND = 0b0011111, 0b1100000
TIME_SETS = [(1, "Всегда", 0, None, None), (2, "Будни 12-16", WEEKDAYS, 720, 960), (3, "Выходные", WEEKEND, None, None), (4, "Ночь 22-06", 0, 1320, 360)]
ONCE, EACH_DAY, SKIP = 1, 2, 3
JOBS = [
    ("holds.expire", "Снятие просроченных резервов", '{"every_minutes": 1}', ONCE),
    ("lots.available", "Отложенные бонусы становятся доступны", '{"every_minutes": 10}', ONCE),
    ("lots.expire", "Сгорание бонусов", '{"day_start_plus": 10}', ONCE),
    ("lots.notice", "Предупреждение о сгорании", '{"at": "11:00"}', ONCE),
    ("limits.refill", "Регулярное пополнение", '{"day_start_plus": 5}', ONCE),
    ("levels.recalc", "Перерасчёт уровней", '{"day_start_plus": 20}', ONCE),
    ("birthday.give", "Начисления ко дню рождения", '{"day_start_plus": 30}', EACH_DAY),
    ("birthday.greet", "Поздравления с днём рождения", '{"at": "10:00"}', SKIP),
    ("cards.expire", "Окончание срока карт", '{"day_start_plus": 15}', ONCE),
    ("certificates.expire", "Окончание срока сертификатов", '{"day_start_plus": 15}', ONCE),
    ("coupons.expire", "Окончание срока купонов", '{"day_start_plus": 15}', ONCE),
    ("coupons.pool", "Пополнение пулов купонов", '{"day_start_plus": 40}', ONCE),
    ("segments.refresh", "Обновление сегментов", '{"day_start_plus": 60}', ONCE),
    ("rfm.recalc", "Пересчёт RFM", '{"day_start_plus": 60}', ONCE),
    ("campaigns.state", "Начало и окончание акций", '{"day_start_plus": 1}', ONCE),
    ("messages.send", "Отправка сообщений", '{"every_minutes": 1}', ONCE),
    ("mailing.run", "Ход рассылок", '{"every_minutes": 1}', ONCE),
    ("duplicates.find", "Поиск дублей", '{"weekday": 7, "day_start_plus": 90}', ONCE),
    ("person.erase", "Удаление персональных данных", '{"day_start_plus": 100}', EACH_DAY),
    ("licence.check", "Проверка лицензии", '{"day_start_plus": 2}', ONCE),
    ("chain.sign", "Подпись цепочки операций", '{"day_start_plus": 3}', EACH_DAY),
    ("verify.quick", "Быстрая проверка журнала", '{"day_start_plus": 120}', ONCE),
    ("verify.full", "Полная проверка журнала", '{"weekday": 7, "day_start_plus": 150}', ONCE),
    ("backup", "Резервная копия", '{"day_start_plus": 180}', ONCE),
    ("journal.purge", "Очистка журналов", '{"month_day": 1, "day_start_plus": 210}', ONCE),
]
TEMPLATES = [
    (1, "День рождения", 2, "С днём рождения, {name}!"), (2, "Бонусы скоро сгорят", 3, "{amount} бонусов сгорят {date}."),
    (3, "Бонусы доступны", 3, "Вам доступно {amount} бонусов."), (4, "Код подтверждения", 3, "Код: {code}"), (5, "Новый уровень", 3, "Ваш уровень: {level}."),
]


def _stamp() -> datetime:
    return context.config.attributes.get("now") or datetime.now(UTC)


def _fill(name: str, rows: list[dict[str, object]], *, standard: bool = True) -> None:
    """Insert rows through a light table whose moments go by the product's own type."""
    now = _stamp()
    if standard:
        rows = [{**row, "created_at": now, "updated_at": now} for row in rows]
    kinds = {k: Moment() if isinstance(v, datetime) else None for k, v in rows[0].items()}
    columns = [sa.column(k, kind) if kind is not None else sa.column(k) for k, kind in kinds.items()]
    op.get_bind().execute(sa.insert(sa.table("crm_" + name, *columns)), rows)


def upgrade() -> None:
    """Forward only."""
    now = _stamp()
    _fill("schema_version", [{"schema_version_id": 1, "major": 1, "minor": 0, "product": "kartoteka", "applied_at": now}], standard=False)
    _fill("division", [{"division_id": 1, "id_prefix": 1, "name": "Головное подразделение", "is_main": True}])
    _fill("writer", [{"writer_id": 1, "division_id": 1, "name": "main", "next_chain_no": 1, "head_hash": bytes(32)}], standard=False)
    _fill("classifier", [{"classifier_id": 0, "code": "#suite", "name": "Система", "time_zone": "Europe/Moscow", "api_visible": False}])
    _fill("unit", [{"unit_id": 1, "division_id": 1, "name": "Ресторан 1", "state": 1}])
    _fill("role", [{"role_id": i, "name": n, "amount_limit": limit, "is_builtin": True} for i, (n, limit, _) in ROLES.items()])
    _fill("role_right", [{"role_id": i, "right_code": code} for i, (_, _, codes) in ROLES.items() for code in codes.split()], standard=False)
    _fill("user", [{"user_id": 1, "login": "Администратор", "full_name": "Администратор", "password_hash": "!", "must_change": True, "all_divisions": True}])
    _fill("user_role", [{"user_id": 1, "role_id": 1}], standard=False)
    _fill("contact_type", [{"contact_type_id": i, "name": n, "class": c, "dispatch": bool(d), "max_holders": m} for i, n, c, d, m in CONTACT_TYPES])
    _fill("address_type", [{"address_type_id": i, "name": n} for i, n in enumerate(("Домашний", "Рабочий", "Доставка"), 1)])
    _fill("holder_group", [{"group_id": i, "name": n} for i, n in enumerate(("Гости", "VIP", "Сотрудники", "WEB"), 1)])
    _fill("card_group", [{"group_id": i, "name": n} for i, n in enumerate(("Обычные", "Сотрудники", "Виртуальные"), 11)])
    _fill("non_payer_type", [{"non_payer_type_id": 1, "external_id": 0, "name": "Без ограничений"}])
    _fill("country", [{"country_id": 1, "name": "Россия", "name_key": "россия"}], standard=False)
    _fill("reason", [{"reason_id": i, "name": n, "applies_to": 0, "needs_text": n == "другое"} for i, n in enumerate(REASONS, 1)])
    _fill("stacking_group", [{"stacking_group_id": i, "name": n, "mode": m, "exclusive": x} for i, n, m, x in STACKING])
    _fill("time_set", [{"time_id": i, "name": n} for i, n, *_ in TIME_SETS])
    _fill("time_period", [{"time_period_id": i, "time_id": i, "weekdays": w, "time_from": a, "time_to": b} for i, _, w, a, b in TIME_SETS])
    _fill("rfm_profile", [{"rfm_profile_id": 1, "name": "Год", "period_days": 365, "r_bounds": '"quantiles"', "f_bounds": '"quantiles"', "m_bounds": '"quantiles"'}])
    _fill("job", [{"job_id": i, "code": c, "name": n, "schedule": s, "catch_up": u} for i, (c, n, s, u) in enumerate(JOBS, 1)])
    _fill("message_template", [{"template_id": i, "name": n, "channel_kind": 1, "purpose": p, "body": b} for i, n, p, b in TEMPLATES])
    _fill("setting", [
        {"setting_key": "rules.version", "scope": 0, "scope_id": 0, "value": "1"},
        {"setting_key": "mailing.test_mode", "scope": 0, "scope_id": 0, "value": "1"},
    ])
