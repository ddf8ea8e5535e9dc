"""Common names, combined; nobody in particular."""

from __future__ import annotations

from typing import Final

LAST: Final = (
    "Иванов",
    "Смирнов",
    "Кузнецов",
    "Попов",
    "Васильев",
    "Петров",
    "Соколов",
    "Михайлов",
    "Новиков",
    "Фёдоров",
    "Морозов",
    "Волков",
    "Алексеев",
    "Лебедев",
    "Семёнов",
    "Егоров",
    "Павлов",
    "Козлов",
    "Степанов",
    "Николаев",
    "Орлов",
    "Андреев",
    "Макаров",
    "Никитин",
    "Захаров",
    "Зайцев",
    "Соловьёв",
    "Борисов",
    "Яковлев",
    "Григорьев",
    "Римский-Корсаков",
    "О'Нил",
)
MALE: Final = (
    "Александр",
    "Дмитрий",
    "Максим",
    "Сергей",
    "Андрей",
    "Алексей",
    "Артём",
    "Илья",
    "Кирилл",
    "Михаил",
    "Никита",
    "Матвей",
    "Роман",
    "Егор",
    "Пётр",
    "Фёдор",
)
FEMALE: Final = (
    "Анна",
    "Мария",
    "Елена",
    "Дарья",
    "Алина",
    "Ирина",
    "Екатерина",
    "Арина",
    "Полина",
    "Ольга",
    "Юлия",
    "Татьяна",
    "Наталья",
    "Виктория",
    "Алёна",
    "Ксения",
)


FATHERS: Final = (
    "Александр",
    "Дмитри",
    "Сергее",
    "Андрее",
    "Алексее",
    "Иван",
    "Николае",
    "Владимир",
    "Виктор",
    "Петр",
    "Юрье",
    "Михайл",
)
"""Stems of patronymics: + ович / овна, after a vowel + вич / вна."""

UNUSUAL: Final[tuple[tuple[str, str, str], ...]] = (
    ("Ёлкина", "Алёна", "Семёновна"),
    ("Мамин-Сибиряк", "Дмитрий", "Наркисович"),
    ("О'Нил", "Патрик", ""),
    ('Иванов "Младший"', "Пётр", ""),
    ("Müller", "Jürgen", ""),
    ("d'Artagnan", "Charles", ""),
    ("ИВАНОВА", "МАРИЯ", "ПЕТРОВНА"),
    ("Нгуен", "Тхи Хоа", ""),
    ("Оглы", "Мамед", "Али"),
    ("Ли", "Я", ""),
    ("", "Жанна", ""),
    ("Голенищев-Кутузов-Смоленский-" + "Б" * 31, "Иннокентий-Апполинарий-Мстислав-Ярополк", ""),
    ("Öztürk", "Ayşe", ""),
    ("Шевченко-Ґонта", "Їжак", ""),
)
"""Names that break programs: yo, hyphens, apostrophes, quotes, Latin, capitals, very long ones."""

LONGEST_FULL_NAME: Final = 140


def long_full_name(stem: str) -> str:
    """A full name of exactly 140 characters."""
    return (stem + " " + "Долгоимённый " * LONGEST_FULL_NAME)[:LONGEST_FULL_NAME]


def patronymic(stem: str, *, female: bool) -> str:
    """A patronymic in its form for a woman or a man."""
    ending = ("вна" if female else "вич") if stem[-1] in "ие" else ("овна" if female else "ович")
    return ("Дмитрие" if stem == "Дмитри" else stem) + ending


def last_name(stem: str, *, female: bool) -> str:
    """A last name in its form for a woman or a man."""
    if female and stem.endswith(("ов", "ев", "ёв", "ин")):
        return stem + "а"
    return stem
