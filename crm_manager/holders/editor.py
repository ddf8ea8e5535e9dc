"""The questionnaire of a guest, and the form of a new one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from crm_manager.naming import DIVISIONS, HOLDER_GROUPS, NON_PAYERS
from crm_manager.words import GENDERS, LANGUAGES, MARITAL
from shared.i18n.texts import Text, tr
from shared.ui.editor import EditorSpec
from shared.ui.fields import (
    ChoiceField,
    DayField,
    FlagField,
    NameField,
    PhoneField,
    TextField,
)
from shared.ui.form import Section
from shared.wire.base import Command
from shared.wire.holders import (
    AddHolder,
    ContactFields,
    EditHolder,
    GetHolder,
    Holder,
    HolderFields,
    Person,
)

TOO_EARLY = tr("Год рождения раньше 1900", "The year of birth is before 1900")
FIRST_YEAR: Final = 1900


def _born(day: date) -> Text | None:
    return TOO_EARLY if day.year < FIRST_YEAR else None


NAMES: Final = (
    TextField(name="l_name", label=tr("Фамилия", "Last name"), longest=100),
    TextField(name="f_name", label=tr("Имя", "First name"), longest=100),
    TextField(name="m_name", label=tr("Отчество", "Middle name"), longest=100),
    DayField(
        name="birth_date",
        label=tr("День рождения", "Birthday"),
        help=tr("Для поздравлений и акций", "For congratulations and campaigns"),
        check=_born,
    ),
)
PERSON: Final = Section(
    tr("Анкета", "Person"),
    (
        *NAMES,
        ChoiceField(name="gender", label=tr("Пол", "Gender"), choices=GENDERS, default=0),
        ChoiceField(
            name="marital", label=tr("Семейное положение", "Family"), choices=MARITAL, default=0
        ),
        ChoiceField(
            name="language",
            label=tr("Язык сообщений", "Language of messages"),
            choices=LANGUAGES,
            default=1049,
            needed=True,
        ),
        TextField(
            name="source",
            label=tr("Откуда узнал о нас", "How the guest found us"),
            longest=100,
        ),
        FlagField(name="smokes", label=tr("Курит", "Smokes")),
        FlagField(
            name="verified",
            label=tr("Данные проверены по документу", "Checked against a document"),
        ),
    ),
)
HOUSE: Final = Section(
    tr("Учёт", "House"),
    (
        NameField(
            name="group_id",
            label=tr("Группа", "Group"),
            dictionary=HOLDER_GROUPS,
            help=tr(
                "Задаёт уровень и кредит новых счетов", "Gives level and credit of new accounts"
            ),
        ),
        NameField(
            name="non_payer_type_id",
            label=tr("Тип неплательщика", "Non-payer type"),
            dictionary=NON_PAYERS,
        ),
        TextField(
            name="external_code",
            label=tr("Код во внешней программе", "Code in another program"),
            longest=40,
        ),
        TextField(name="inn", label=tr("ИНН", "Taxpayer number"), longest=12),
        TextField(
            name="remarks", label=tr("Примечание", "Remarks"), longest=1000, lines=3, wide=True
        ),
    ),
)


def values_of(holder: Holder) -> Mapping[str, Any]:
    """What the form shows of a guest."""
    person = holder.person or Person()
    named = {name: getattr(person, name) for name in Person.__struct_fields__}
    return {
        **named,
        "group_id": holder.row.group_id,
        "verified": holder.row.verified,
        "non_payer_type_id": holder.non_payer_type_id,
        "external_code": holder.external_code,
    }


def _edit(key: int, version: int, operation_id: str, changes: dict[str, Any]) -> Command[Any]:
    return EditHolder(
        operation_id=operation_id,
        holder_id=key,
        version=version,
        fields=HolderFields(**changes),
    )


SPEC: Final = EditorSpec(
    code="holder",
    title=tr("Гость", "Guest"),
    title_new=tr("Новый гость", "New guest"),
    sections=(PERSON, HOUSE),
    fields=HolderFields,
    right="holder.edit",
    get=lambda key: GetHolder(holder_id=key),
    values=values_of,
    version=lambda holder: int(holder.row.version),
    edit=_edit,
    tables=frozenset({"holder", "person"}),
    history="holder",
)

NEW: Final = (
    Section(
        None,
        (
            *NAMES,
            PhoneField(name="phone", label=tr("Телефон", "Phone")),
            TextField(name="email", label=tr("Эл. почта", "E-mail"), longest=120),
            NameField(
                name="division_id",
                label=tr("Подразделение", "Division"),
                dictionary=DIVISIONS,
                needed=True,
            ),
            NameField(name="group_id", label=tr("Группа", "Group"), dictionary=HOLDER_GROUPS),
        ),
    ),
)


def add_command(operation_id: str, values: Mapping[str, Any]) -> AddHolder:
    """The command of a new guest from the form `NEW`."""
    contacts = [values[name] for name in ("phone", "email") if values[name]]
    person = {f.name: values[f.name] for f in NAMES if values[f.name] is not None}
    if values["group_id"] is not None:
        person["group_id"] = values["group_id"]
    return AddHolder(
        operation_id=operation_id,
        division_id=values["division_id"],
        fields=HolderFields(**person),
        contacts=[ContactFields(value=value) for value in contacts],
    )
