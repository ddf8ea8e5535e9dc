"""The form of a scheme: its base rate and the rates that hold by time."""

from __future__ import annotations

from typing import Final

from crm_manager.declaring import (
    ACTIVE,
    LARGEST_NUMBER,
    LAST_COLUMNS,
    NAME_COLUMN,
    ORDER,
    Subject,
    editor_of,
    name_field,
)
from crm_manager.naming import TIME_SETS
from crm_manager.schemes.week_rates import RatesWeek
from shared.i18n.texts import tr
from shared.ui.column import money_column, name_column, number_column, rate_column, text_column
from shared.ui.fields import Field, MoneyField, NameField, NumberField, RateField, TextField
from shared.ui.form import Section
from shared.ui.rows_field import RowsField
from shared.wire.programs import (
    AddScheme,
    DeleteScheme,
    EditScheme,
    GetScheme,
    ListSchemes,
    ParamFields,
    SchemeFields,
)

LARGEST_RATE: Final = 100_000
SCHEMES: Final = (
    NAME_COLUMN,
    rate_column("base_rate", tr("Ставка", "Rate")),
    number_column("external_id", tr("Код кассы", "Till code")),
    money_column("limit_amount", tr("Не больше", "At most")),
    text_column("remarks", tr("Заметки", "Remarks"), width=220),
    *LAST_COLUMNS,
)
PARAMS: Final = (
    name_column("time_id", tr("Расписание", "Time set"), TIME_SETS, width=220),
    rate_column("rate", tr("Ставка", "Rate")),
    number_column("priority", tr("Приоритет", "Priority")),
    number_column("external_id", tr("Код кассы", "Till code")),
)


def _rate(name: str) -> RateField:
    return RateField(
        name=name,
        label=tr("Ставка", "Rate"),
        default=0,
        needed=True,
        high=LARGEST_RATE,
        help=tr(
            "Скидка не больше 100 %, бонусы не больше 1000 %",
            "A discount is at most 100%, a bonus at most 1000%",
        ),
    )


def _till_code() -> NumberField:
    return NumberField(
        name="external_id",
        label=tr("Код кассы", "Till code"),
        high=LARGEST_NUMBER,
        help=tr("Код скидки или бонуса на кассе", "The till's code of the discount or bonus"),
    )


PARAM: Final[tuple[Field, ...]] = (
    NameField(
        name="time_id", label=tr("Расписание", "Time set"), dictionary=TIME_SETS, needed=True
    ),
    _rate("rate"),
    NumberField(
        name="priority",
        label=tr("Приоритет", "Priority"),
        default=0,
        high=32_000,
        help=tr("Подходят несколько: берётся больший", "Several match: the highest wins"),
    ),
    _till_code(),
)
SUBJECT: Final = Subject(
    code="scheme",
    title=tr("Схемы", "Schemes"),
    one=tr("Схема", "Scheme"),
    new=tr("Новая схема", "New scheme"),
    table="scheme",
    key="scheme_id",
    right="program.edit",
    query=ListSchemes(),
    get=lambda key: GetScheme(key=key),
    fields=SchemeFields,
    add=AddScheme,
    edit=EditScheme,
    delete=DeleteScheme,
    columns=SCHEMES,
    sections=(
        Section(
            None,
            (
                name_field(),
                _rate("base_rate"),
                _till_code(),
                MoneyField(
                    name="limit_amount",
                    label=tr("Скидка не больше суммы", "A discount is at most this sum"),
                ),
                TextField(name="remarks", label=tr("Заметки", "Remarks"), longest=500, wide=True),
                ORDER,
                ACTIVE,
            ),
        ),
        Section(
            tr("Ставки по времени", "Rates by time"),
            (
                RowsField(
                    name="params",
                    label=tr("Вместо основной ставки", "Instead of the base rate"),
                    columns=PARAMS,
                    sections=(Section(None, PARAM),),
                    record=ParamFields,
                    one=tr("Ставка по времени", "Rate by time"),
                    draw=RatesWeek,
                    lines=3,
                ),
            ),
        ),
    ),
    parts=("params",),
    empty=tr("Схем пока нет", "No schemes yet"),
    empty_why=tr(
        "Схема говорит, сколько процентов начислить или скинуть.",
        "A scheme says how many percent are earned or given off.",
    ),
)
SPEC: Final = editor_of(SUBJECT)
