"""Sentences about rules of campaigns in Russian and English: warnings, reasons of verdicts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

WARNINGS: Final[dict[str, tuple[str, str]]] = {
    "ALWAYS": ("Условие выполняется всегда", "The condition always holds"),
    "DATES_TURNED": (
        "Акция заканчивается ({last}) раньше, чем начинается ({first})",
        "The campaign ends ({last}) before it begins ({first})",
    ),
    "LIFE_ALONE": (
        "Срок жизни бонусов задан, но акция ничего не начисляет",
        "A life of points is given, but the campaign gives no points",
    ),
    "LIMIT_EMPTY": (
        "В ограничении нет ни суммы, ни числа раз, или они отрицательны",
        "A limit has neither a sum nor a count, or they are negative",
    ),
    "LIST_EMPTY": ("Список пуст: {field}", "The list is empty: {field}"),
    "NEVER": ("Условия никогда не выполнятся вместе", "The conditions can never hold together"),
    "NO_EFFECT": ("Акция ничего не делает", "The campaign does nothing"),
    "NO_LIMIT": (
        "Акция начисляет бонусы без бюджета и ограничений",
        "The campaign gives points without a budget or a limit",
    ),
    "OVER_LIMIT": (
        "Одно начисление ({amount}) больше ограничения ({limit})",
        "One accrual ({amount}) is more than the limit ({limit})",
    ),
    "RANGE_EMPTY": (
        "Нижняя граница ({least}) больше верхней ({most})",
        "The lower bound ({least}) is above the upper one ({most})",
    ),
    "TOO_DEEP": (
        "Условия вложены глубже {most} уровней",
        "Conditions are nested deeper than {most} levels",
    ),
    "VALUE_BAD": ("Недопустимое значение {field}: {value}", "Bad value of {field}: {value}"),
}
"""By the code of a warning; `{}` are its facts."""

REASONS: Final[dict[str, tuple[str, str]]] = {
    "classifier": ("не для этой программы", "not for this program"),
    "conditions": ("условия не выполнены", "its conditions do not hold"),
    "dates": ("вне срока действия", "outside its dates"),
    "exclusive": (
        "применена акция, с которой другие не сочетаются",
        "a campaign applies that allows no other",
    ),
    "limit": ("исчерпан бюджет или лимит", "a budget or limit is used up"),
    "other_group": ("уже применены другие акции", "other campaigns apply already"),
    "segment": ("гость не входит в сегмент", "the guest is not in the segment"),
    "stacking": ("выбрана другая акция той же группы", "another campaign of its group was chosen"),
    "time": ("вне времени действия", "outside its hours"),
    "trigger": ("запускается другим событием", "another event triggers it"),
    "unit": ("не для этого ресторана", "not for this restaurant"),
    "unknown": (
        "касса или анкета не сообщили нужных данных",
        "the till or the questionnaire did not tell what it needs",
    ),
}
"""By the reason of a verdict."""


def warning_text(code: str, facts: Mapping[str, object], language: str) -> str:
    """A warning as a sentence; an unknown code stands for itself."""
    return _pick(WARNINGS, code, language).format_map(_Facts(facts))


def reason_text(why: str, language: str) -> str:
    """Why a campaign did not apply, or applied in part."""
    return _pick(REASONS, why, language)


def _pick(texts: Mapping[str, tuple[str, str]], code: str, language: str) -> str:
    russian, english = texts.get(code, (code, code))
    return russian if language == "ru" else english


class _Facts(dict[str, object]):
    """A fact that is not there shows its name instead of failing."""

    def __missing__(self, key: str) -> str:
        return f"{{{key}}}"
