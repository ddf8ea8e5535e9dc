"""Restaurants, tills, users, the licence and the mark of a demo database."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final

import msgspec
from argon2 import PasswordHasher
from argon2.low_level import Type, hash_secret
from sqlalchemy import Connection, insert, update

from card_server.classifiers.records import MODE_CRM, MODE_POS
from card_server.demo.draws import Draws
from card_server.demo.sizes import Size
from card_server.divisions import tables as division_tables
from card_server.divisions.repository import set_setting
from card_server.licences import tables as licence_tables
from card_server.presets.rk7 import apply_rk7_preset
from card_server.presets.rk7_content import RIGHTS
from card_server.users import tables as user_tables
from shared.wire.classifiers import PRESETS

DEMO_KEY: Final = "system.demo"
"""The mark of a demo database: titles and reports say so, mailings stay in test mode."""

CLASSIFIERS: Final = (
    ("RK7", MODE_POS),
    ("RK7 CRM", MODE_CRM),
    ("Доставка", MODE_POS),
    ("Сайт", MODE_CRM),
    ("Терминал", MODE_POS),
)
OPEN_TO_ALL: Final = "Доставка"
"""The program that may everything of the API, so that every action can be tried."""
PLACES: Final = (
    "Бульвар",
    "Набережная",
    "Вокзал",
    "Парк",
    "Площадь",
    "Мельница",
    "Причал",
    "Сквер",
    "Галерея",
    "Пассаж",
)
USERS: Final = (
    (1, "Администратор", "Администратор демонстрации", "Администратор"),
    (2, "manager", "Марина Управляева", "Менеджер"),
    (3, "cashier", "Константин Кассиров", "Старший кассир"),
    (4, "marketing", "Алла Рекламина", "Маркетолог"),
    (5, "auditor", "Борис Проверкин", "Аудитор"),
    (6, "installer", "Игорь Настройщиков", "Установщик"),
)
"""User (and role) id, login, name, role. The seeded administrator gets a password too: a demo
opens without the question of the first run."""

STATIONS: Final = 3
LIVE, VALID, BY_CARDS = 2, 2, 1
SALT_BYTES: Final = 16
PARALLELISM: Final = 4
FIRST_HASHER: Final = PasswordHasher(parallelism=PARALLELISM)
"""The parameters of the product's own hashes."""


class DemoClassifier(msgspec.Struct):
    """A classifier that a demo till may use."""

    name: str
    code: str
    mode: str


class DemoUser(msgspec.Struct):
    """A user of the demo only."""

    login: str
    password: str
    role: str


class Place(msgspec.Struct, frozen=True):
    """Where a visit happens: the restaurant and the classifier of its tills."""

    unit_id: int
    classifier_id: int
    mode: int


def make_classifiers(
    connection: Connection, draws: Draws, size: Size, now: datetime
) -> list[DemoClassifier]:
    """The preset, once for each classifier."""
    made = []
    for number, (name, mode) in enumerate(CLASSIFIERS[: size.classifiers]):
        code = draws.text("classifier", number, "code", 20)
        rights = PRESETS["full"] if name == OPEN_TO_ALL else RIGHTS
        apply_rk7_preset(connection, code=code, name=name, now=now, calc_mode=mode, rights=rights)
        made.append(DemoClassifier(name, code, "pos" if mode == MODE_POS else "crm"))
    return made


def make_units(connection: Connection, size: Size, now: datetime) -> list[Place]:
    """Live restaurants with their tills; restaurant n has number and code n of the till."""
    unit, station = division_tables.unit, division_tables.station
    std = {"created_at": now, "updated_at": now}
    places = []
    for number in range(1, size.units + 1):
        round_, place = divmod(number - 1, len(PLACES))
        values: dict[str, Any] = {
            "name": PLACES[place] + (f" {round_ + 1}" if round_ else ""),
            "pos_code": str(number),
            "pos_number": number,
            "classifier_id": 1 + (number - 1) % size.classifiers,
            "state": LIVE,
            "address": f"Москва, Примерная улица, {number}",
            "phone": "+7 000 000-00-00",
        }
        if number == 1:
            connection.execute(
                update(unit).where(unit.c.unit_id == 1).values(**values, updated_at=now)
            )
        else:
            connection.execute(insert(unit).values(unit_id=number, division_id=1, **values, **std))
        rows = [
            {"unit_id": number, "station_no": i, "name": f"Касса {i}"}
            for i in range(1, STATIONS + 1)
        ]
        connection.execute(insert(station), rows)
        classifier_id = values["classifier_id"]
        mode = CLASSIFIERS[classifier_id - 1][1]
        places.append(Place(number, classifier_id, mode))
    return places


def make_users(connection: Connection, draws: Draws, now: datetime) -> list[DemoUser]:
    """One user for each role, with passwords of the demo."""
    user = user_tables.user
    made = []
    for number, login, full_name, role in USERS:
        password = f"demo-{draws.text('user', number, 'password', 10)}"
        values = {
            "full_name": full_name,
            "password_hash": _hash(draws, number, password),
            "must_change": False,
            "password_at": now,
            "all_divisions": True,
            "updated_at": now,
        }
        if number == 1:
            connection.execute(update(user).where(user.c.user_id == 1).values(**values))
        else:
            row = {"user_id": number, "login": login, "created_at": now, **values}
            connection.execute(insert(user).values(**row))
            connection.execute(insert(user_tables.user_role).values(user_id=number, role_id=number))
        made.append(DemoUser(login, password, role))
    return made


def _hash(draws: Draws, number: int, password: str) -> str:
    """Argon2id as everywhere; only here the salt is drawn, or no two demos would agree."""
    salt = draws.raw("user", number, "salt").to_bytes(8, "big")
    salt += draws.raw("user", number, "salt+").to_bytes(8, "big")
    return hash_secret(
        password.encode(),
        salt,
        time_cost=FIRST_HASHER.time_cost,
        memory_cost=FIRST_HASHER.memory_cost,
        parallelism=FIRST_HASHER.parallelism,
        hash_len=FIRST_HASHER.hash_len,
        type=Type.ID,
    ).decode()


def mark_as_demo(connection: Connection, start: date, now: datetime) -> None:
    """The demo licence, without quantity and end, and the mark that windows show."""
    connection.execute(
        insert(licence_tables.licence).values(
            licence_id=1,
            number="DEMO",
            object_code="demo",
            metric=BY_CARDS,
            quantity=0,
            valid_from=start,
            features='{"demo":true}',
            file_body=b"",
            loaded_at=now,
            state=VALID,
        )
    )
    set_setting(connection, DEMO_KEY, "1", now)
