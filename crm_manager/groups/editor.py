"""The forms of groups of guests and of cards, with what accounts of their members begin with."""

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
from crm_manager.naming import ACCOUNT_TYPES, CARD_GROUPS, HOLDER_GROUPS, LEVELS
from shared.i18n.texts import Text, tr
from shared.ui.column import money_column, name_column
from shared.ui.fields import Field, MoneyField, NameField
from shared.ui.form import Section
from shared.ui.names import Dictionary
from shared.ui.rows_field import RowsField
from shared.wire import groups as wire

DEFAULT_COLUMNS: Final = (
    name_column("account_type_id", tr("Тип счёта", "Account type"), ACCOUNT_TYPES, width=240),
    name_column("level_id", tr("Уровень", "Level"), LEVELS, width=200),
    money_column("credit_depth", tr("Кредит", "Credit")),
)
DEFAULT: Final[tuple[Field, ...]] = (
    NameField(
        name="account_type_id",
        label=tr("Тип счёта", "Account type"),
        dictionary=ACCOUNT_TYPES,
        needed=True,
    ),
    NameField(
        name="level_id",
        label=tr("Уровень этого типа", "Level of this type"),
        dictionary=LEVELS,
        help=tr("Пусто: начальный", "Empty: the first one"),
    ),
    MoneyField(name="credit_depth", label=tr("Кредит", "Credit")),
)
DEFAULTS: Final = RowsField(
    name="defaults",
    label=tr("Счета новых участников", "Accounts of new members"),
    columns=DEFAULT_COLUMNS,
    sections=(Section(None, DEFAULT),),
    record=wire.GroupDefault,
    one=tr("Счёт участника", "Account of a member"),
    lines=4,
)


def _sections(dictionary: Dictionary) -> tuple[Section, ...]:
    above: Text = tr("Входит в", "Part of")
    parent = NameField(name="parent_id", label=above, dictionary=dictionary)
    return (Section(None, (name_field(), parent, ORDER, ACTIVE, DEFAULTS)),)


def _subject(dictionary: Dictionary, **more: Any) -> Subject:
    above = name_column("parent_id", tr("Входит в", "Part of"), dictionary, width=220)
    return Subject(
        key="group_id",
        right="dict.edit",
        columns=(NAME_COLUMN, above, *LAST_COLUMNS),
        sections=_sections(dictionary),
        parts=("defaults",),
        **more,
    )


HOLDER_GROUP: Final = _subject(
    HOLDER_GROUPS,
    code="holder_group",
    title=tr("Группы гостей", "Guest groups"),
    one=tr("Группа гостей", "Guest group"),
    new=tr("Новая группа", "New group"),
    table="holder_group",
    query=wire.ListHolderGroups(),
    get=lambda key: wire.GetHolderGroup(key=key),
    fields=wire.HolderGroupFields,
    add=wire.AddHolderGroup,
    edit=wire.EditHolderGroup,
    delete=wire.DeleteHolderGroup,
)
CARD_GROUP: Final = _subject(
    CARD_GROUPS,
    code="card_group",
    title=tr("Группы карт", "Card groups"),
    one=tr("Группа карт", "Card group"),
    new=tr("Новая группа", "New group"),
    table="card_group",
    query=wire.ListCardGroups(),
    get=lambda key: wire.GetCardGroup(key=key),
    fields=wire.CardGroupFields,
    add=wire.AddCardGroup,
    edit=wire.EditCardGroup,
    delete=wire.DeleteCardGroup,
)
HOLDER_EDITOR: Final = editor_of(HOLDER_GROUP)
CARD_EDITOR: Final = editor_of(CARD_GROUP)
