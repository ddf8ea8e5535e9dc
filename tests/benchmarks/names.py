"""Names of the guests of a benchmark, as unevenly spread as those of people are.

A few last names belong to one guest in a hundred each, and tens of thousands to a handful; the
commonest first names to one in fifteen. A search costs what it finds, so this decides its figures.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Final

import msgspec

_SYLLABLES = (
    "ба бе бо ва ве ви га го гу да де до жа жи за зе ка ке ко ку ла ле ли ло ма ме ми мо на не но "
    "па пе по ра ре ро са се со та те ти то фа фе ха хо ца ча че ша ше ща ю я"
)
_CONSONANTS = "б в г д з к л м н п р с т х ч ш"
ENDINGS: Final = (("ов", "ова"), ("ев", "ева"), ("ин", "ина"), ("ский", "ская"), ("енко", "енко"))
STEMS: Final = 12_000
_MEN = (
    "Александр Сергей Дмитрий Андрей Алексей Максим Евгений Иван Михаил Артём Николай Владимир "
    "Илья Денис Роман Игорь Никита Павел Кирилл Антон Олег Юрий Виктор Константин Егор Вадим "
    "Станислав Виталий Руслан Анатолий Даниил Валерий Василий Пётр Фёдор Борис Глеб Тимур"
)
_WOMEN = (
    "Елена Ольга Татьяна Наталья Анна Екатерина Мария Ирина Светлана Юлия Анастасия Марина "
    "Людмила Галина Надежда Дарья Алёна Виктория Оксана Кристина Валентина Евгения Любовь "
    "Александра Ксения Вера Полина Алина Лариса Нина Жанна Диана Инна Софья Яна Зоя Ася"
)
SYLLABLES: Final = tuple(_SYLLABLES.split())
CONSONANTS: Final = tuple(_CONSONANTS.split())
MEN: Final = tuple(_MEN.split())
WOMEN: Final = tuple(_WOMEN.split())


class Named(msgspec.Struct, frozen=True):
    """One guest's name."""

    last: str
    first: str
    middle: str

    @property
    def full(self) -> str:
        """The parts with a blank between."""
        return f"{self.last} {self.first} {self.middle}"


def _stem(number: int) -> str:
    first, rest = divmod(number * 7919 % (len(SYLLABLES) ** 2 * 16), 16 * len(SYLLABLES))
    second, consonant = divmod(rest, 16)
    text = SYLLABLES[first % len(SYLLABLES)] + SYLLABLES[second] + CONSONANTS[consonant]
    return text.capitalize()


def name_of(guest: int) -> Named:
    """A pure function of the guest's number."""
    drawn = blake2b(b"name %d" % guest, digest_size=16).digest()
    stem, ending, first, father = (
        int.from_bytes(drawn[i : i + 4], "big") / (1 << 32) for i in (0, 4, 8, 12)
    )
    woman = drawn[0] & 1
    number = int(STEMS * stem * stem)
    last = _stem(number) + ENDINGS[(number + int(2 * ending)) % len(ENDINGS)][woman]
    names = WOMEN if woman else MEN
    middle = MEN[int(len(MEN) * father**1.5)]
    stem_of_middle = middle[:-1] if middle[-1] in "йья" else middle
    return Named(
        last,
        names[int(len(names) * first**1.5)],
        stem_of_middle + ("овна" if woman else "ович"),
    )
