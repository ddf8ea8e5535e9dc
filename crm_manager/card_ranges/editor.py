"""The form of a range of card numbers."""

from __future__ import annotations

from typing import Any, Final

from crm_manager.declaring import (
    ACTIVE,
    LAST_COLUMNS,
    NAME_COLUMN,
    ORDER,
    Subject,
    editor_of,
    name_field,
)
from crm_manager.naming import ACCOUNT_TYPES, CARD_GROUPS, DIVISIONS, HOLDER_GROUPS
from shared.i18n.texts import tr
from shared.ui.column import code_column, money_column, name_column
from shared.ui.fields import (
    ChecksField,
    Field,
    FlagField,
    MoneyField,
    NameField,
    NumberField,
)
from shared.ui.form import Section
from shared.wire.base import Condition
from shared.wire.cards import (
    AddCardRange,
    CardRangeFields,
    DeleteCardRange,
    EditCardRange,
    ListCardRanges,
)

LARGEST_CODE: Final = (1 << 63) - 1
MOST_MONTHS: Final = 1200
MOST_DIGITS: Final = 19
COLUMNS: Final = (
    NAME_COLUMN,
    code_column("start_code", tr("Первый номер", "First number"), width=160, is_right=True),
    code_column("end_code", tr("Последний номер", "Last number"), width=160, is_right=True),
    code_column("current_code", tr("Выпущено до", "Issued until"), width=160, is_right=True),
    name_column("division_id", tr("Подразделение", "Division"), DIVISIONS),
    name_column("card_group_id", tr("Группа карт", "Card group"), CARD_GROUPS),
    name_column("holder_group_id", tr("Группа гостей", "Guest group"), HOLDER_GROUPS),
    money_column("start_bonus", tr("Приветственный бонус", "Start bonus"), width=180),
    *LAST_COLUMNS,
)


def _code(name: str, label: Any) -> NumberField:
    return NumberField(name=name, label=label, needed=True, low=1, high=LARGEST_CODE)


FIELDS: Final[tuple[Field, ...]] = (
    name_field(),
    NameField(
        name="division_id",
        label=tr("Подразделение", "Division"),
        dictionary=DIVISIONS,
        needed=True,
    ),
    _code("start_code", tr("Первый номер", "First number")),
    _code("end_code", tr("Последний номер", "Last number")),
    NameField(name="card_group_id", label=tr("Группа карт", "Card group"), dictionary=CARD_GROUPS),
    NameField(
        name="holder_group_id",
        label=tr("Группа новых гостей", "Group of new guests"),
        dictionary=HOLDER_GROUPS,
    ),
    MoneyField(
        name="start_bonus", label=tr("Приветственный бонус", "Start bonus"), default=0, needed=True
    ),
    NumberField(
        name="valid_months",
        label=tr("Срок карты, месяцев", "Valid, months"),
        low=1,
        high=MOST_MONTHS,
        help=tr("Пусто: бессрочно", "Empty: no end"),
    ),
    NumberField(
        name="digits",
        label=tr("Цифр в номере", "Digits of a number"),
        low=1,
        high=MOST_DIGITS,
        help=tr("Номер дополняется нулями слева", "Numbers are filled with zeros at the left"),
    ),
    ORDER,
    FlagField(
        name="make_anonymous",
        label=tr("Карте сразу нужен безымянный гость", "A card gets a nameless guest at once"),
    ),
    ACTIVE,
    ChecksField(
        name="account_types",
        label=tr("Только эти счета (ничего: все)", "These accounts only (none: all)"),
        dictionary=ACCOUNT_TYPES,
        lines=5,
    ),
)
SUBJECT: Final = Subject(
    code="card_range",
    title=tr("Диапазоны карт", "Card ranges"),
    one=tr("Диапазон карт", "Card range"),
    new=tr("Новый диапазон", "New range"),
    table="card_range",
    key="range_id",
    right="dict.edit",
    see="holder.view",
    query=ListCardRanges(),
    get=lambda key: ListCardRanges(where=[Condition(field="range_id", value=key)], limit=1),
    fields=CardRangeFields,
    add=AddCardRange,
    edit=EditCardRange,
    delete=DeleteCardRange,
    columns=COLUMNS,
    sections=(Section(None, FIELDS),),
    plain_lists=("account_types",),
    empty=tr("Диапазонов пока нет", "No ranges yet"),
    empty_why=tr(
        "Карты выпускаются из диапазона номеров: добавьте его.",
        "Cards are issued from a range of numbers: add one.",
    ),
)
SPEC: Final = editor_of(SUBJECT)
