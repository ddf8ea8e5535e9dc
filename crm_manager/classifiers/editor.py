"""The form of a program: code, clock, money rules, the tree of rights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from crm_manager.classifiers.code_field import CodeField
from crm_manager.classifiers.rights import RIGHTS
from crm_manager.declaring import ACTIVE, ORDER, name_field
from crm_manager.naming import LEVELS, SCHEMES
from shared.i18n.texts import tr
from shared.ui.column import name_column
from shared.ui.editor import EditorSpec
from shared.ui.fields import (
    ChecksField,
    ChoiceField,
    Field,
    FlagField,
    NameField,
    NumberField,
    TextField,
)
from shared.ui.form import Section
from shared.ui.rows_field import RowsField
from shared.wire.classifiers import (
    PRESETS,
    AddClassifier,
    Classifier,
    ClassifierFields,
    EditClassifier,
    GetClassifier,
)

MAIN: Final[tuple[Field, ...]] = (
    name_field(),
    TextField(
        name="client_type",
        label=tr("Вид", "Kind"),
        longest=15,
        help=tr("Коротко: RK7, WEB", "Short: RK7, WEB"),
    ),
    CodeField(
        name="code",
        label=tr("Код", "Code"),
        needed=True,
        wide=True,
        help=tr(
            "По коду сервер узнаёт программу; регистр букв важен",
            "The server knows the program by its code; case matters",
        ),
    ),
    FlagField(
        name="api_visible",
        label=tr("Пускать: иначе любой запрос отклоняется", "Let in: else every call is refused"),
        default=True,
        wide=True,
    ),
    TextField(name="external_code", label=tr("Внешний код", "External code"), longest=100),
    ORDER,
    ACTIVE,
)
CLOCK: Final[tuple[Field, ...]] = (
    TextField(
        name="time_zone",
        label=tr("Часовой пояс", "Time zone"),
        needed=True,
        longest=64,
        default="Europe/Moscow",
        help=tr("Имя пояса или сдвиг: +03:00", "Name of a zone, or an offset: +03:00"),
    ),
    NumberField(
        name="day_start",
        label=tr("Начало дня, минут от полуночи", "Start of the day, minutes from midnight"),
        default=240,
        high=1439,
        help=tr("240 значит 04:00", "240 means 04:00"),
    ),
    NumberField(
        name="backdate_days",
        label=tr("Операция прошлым числом, дней", "Operation in the past, days"),
        default=3,
        high=3650,
    ),
    NumberField(
        name="future_minutes",
        label=tr("Часы спешат, минут", "Clock ahead, minutes"),
        default=10,
        high=1440,
    ),
)
RULES: Final[tuple[Field, ...]] = (
    ChoiceField(
        name="calc_mode",
        label=tr("Суммы считает", "Amounts are counted by"),
        choices={1: tr("касса", "the till"), 2: tr("сервер", "the server")},
        default=1,
        needed=True,
    ),
    ChoiceField(
        name="refund_unmatched",
        label=tr("Возврат без продажи", "Refund without its sale"),
        choices={
            1: tr("отклонять", "refuse"),
            2: tr("принимать с отметкой", "accept and flag"),
            3: tr("с подтверждением старшего", "with a supervisor"),
        },
        default=2,
        needed=True,
    ),
    ChoiceField(
        name="xml_key",
        label=tr("Повтор XML-операции узнавать", "A repeated XML operation is known"),
        choices={
            1: tr("строго по номеру", "strictly by number"),
            2: tr("по номеру и сумме", "by number and amount"),
            3: tr("по номеру, сумме и времени", "by number, amount and time"),
        },
        default=2,
        needed=True,
    ),
    ChoiceField(
        name="pay_confirm",
        label=tr("Оплату подтверждает", "Payment is confirmed by"),
        choices={
            0: tr("никто", "nobody"),
            1: tr("ПИН карты", "card PIN"),
            2: tr("код в SMS", "code by SMS"),
            3: tr("менеджер", "manager"),
        },
        default=0,
        needed=True,
    ),
    NumberField(
        name="hold_minutes",
        label=tr("Резерв живёт, минут", "A hold lives, minutes"),
        default=60,
        low=1,
        high=10_080,
    ),
    NumberField(
        name="rate_limit",
        label=tr("Запросов в секунду", "Requests a second"),
        default=0,
        high=100_000,
        help=tr("0: без ограничения", "0: no limit"),
    ),
    ChoiceField(
        name="wire_charset",
        label=tr("Кодировка ответов", "Charset of replies"),
        choices={
            1: tr("Юникод (UTF-8)", "Unicode (UTF-8)"),
            2: tr("кириллица Windows-1251", "Cyrillic Windows-1251"),
        },
        default=1,
        needed=True,
    ),
    FlagField(
        name="late_capture",
        label=tr("Списывать истёкший резерв", "Capture a hold that has expired"),
    ),
)
TREE: Final = ChecksField(
    name="rights", label=tr("Права", "Rights"), groups=RIGHTS, lines=12, default=PRESETS["pos"]
)


class LevelScheme(msgspec.Struct, frozen=True, kw_only=True):
    """The scheme that this program uses for a level."""

    level_id: int
    scheme_id: int


LEVEL_SCHEME: Final[tuple[Field, ...]] = (
    NameField(name="level_id", label=tr("Уровень", "Level"), dictionary=LEVELS, needed=True),
    NameField(name="scheme_id", label=tr("Схема", "Scheme"), dictionary=SCHEMES, needed=True),
)
OWN_SCHEMES: Final = RowsField(
    name="level_schemes",
    label=tr("Свои схемы уровней", "Schemes of levels of its own"),
    help=tr(
        "Уровни, которых здесь нет, берут схему из своего типа счёта",
        "Levels that are not here take the scheme of their account type",
    ),
    columns=(
        name_column("level_id", tr("Уровень", "Level"), LEVELS, width=260),
        name_column("scheme_id", tr("Схема", "Scheme"), SCHEMES, width=220),
    ),
    sections=(Section(None, LEVEL_SCHEME),),
    record=LevelScheme,
    one=tr("Схема уровня", "Scheme of a level"),
    order=lambda one: one.level_id,
    lines=3,
)
SECTIONS: Final = (
    Section(None, MAIN),
    Section(tr("Права программы", "Rights of the program"), (TREE,)),
    Section(tr("Правила", "Rules"), RULES),
    Section(tr("Время", "Time"), CLOCK),
    Section(tr("Уровни", "Levels"), (OWN_SCHEMES,)),
)
OWN: Final = ("code", "rights", "level_schemes")


def _values(program: Classifier) -> Mapping[str, Any]:
    names = [f.name for section in SECTIONS for f in section.fields if f.name not in OWN]
    row = program.row
    plain = {n: getattr(row if hasattr(row, n) else program, n) for n in names}
    return {
        **plain,
        "code": (program.code, program.code_kind),
        "rights": tuple(sorted(program.rights)),
        "level_schemes": tuple(
            LevelScheme(level_id=level, scheme_id=scheme)
            for level, scheme in sorted(program.level_schemes.items())
        ),
    }


def _parts(values: Mapping[str, Any]) -> dict[str, Any]:
    """Plain fields, and beside them what is sent whole."""
    plain = {name: value for name, value in values.items() if name not in OWN}
    if "code" in values:
        plain["code"], plain["code_kind"] = values["code"]
    sent: dict[str, Any] = {"fields": ClassifierFields(**plain)}
    if "rights" in values:
        sent["rights"] = list(values["rights"])
    if "level_schemes" in values:
        sent["level_schemes"] = {one.level_id: one.scheme_id for one in values["level_schemes"]}
    return sent


def _edit(key: int, version: int, operation_id: str, changes: dict[str, Any]) -> EditClassifier:
    sent = _parts(changes)
    return EditClassifier(operation_id=operation_id, key=key, version=version, **sent)


def _add(operation_id: str, values: dict[str, Any]) -> AddClassifier:
    return AddClassifier(operation_id=operation_id, **_parts(values))


SPEC: Final = EditorSpec(
    code="classifier",
    title=tr("Классификатор", "Classifier"),
    title_new=tr("Новый классификатор", "New classifier"),
    sections=SECTIONS,
    fields=ClassifierFields,
    own=frozenset(OWN),
    right="classifier.edit",
    get=lambda key: GetClassifier(key=key),
    values=_values,
    version=lambda program: int(program.row.version),
    edit=_edit,
    add=_add,
    tables=frozenset({"classifier"}),
    history="classifier",
)
