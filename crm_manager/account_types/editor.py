"""The form of an account type: what it is, how long its value lives, and its ladder of levels."""

from __future__ import annotations

from typing import Any, Final

from crm_manager.account_types.columns import CLASSES, LEVELS, TYPES, UNITS
from crm_manager.account_types.ladder import Ladder
from crm_manager.declaring import (
    ACTIVE,
    LARGEST_NUMBER,
    ORDER,
    Subject,
    editor_of,
    name_field,
)
from crm_manager.naming import ACCOUNT_TYPES, SCHEMES
from crm_manager.words import plain
from shared.i18n.texts import tr
from shared.ui.fields import (
    ChoiceField,
    DayField,
    Field,
    FlagField,
    MoneyField,
    NameField,
    NumberField,
    TextField,
)
from shared.ui.filters import ChoiceFilter
from shared.ui.form import Section
from shared.ui.rows_field import RowsField
from shared.wire.programs import (
    AccountTypeFields,
    AddAccountType,
    DeleteAccountType,
    EditAccountType,
    GetAccountType,
    LevelFields,
    ListAccountTypes,
)

MOST_LEVELS: Final = 99
RANGES: Final = {
    0: tr("за всё время", "all time"),
    1: tr("за последние N дней", "the last N days"),
    2: tr("за последние N месяцев", "the last N months"),
    3: tr("за этот месяц", "this month"),
    4: tr("за этот квартал", "this quarter"),
    5: tr("за этот год", "this year"),
    6: tr("за прошлый месяц", "the previous month"),
    7: tr("за прошлый год", "the previous year"),
}
LEVEL: Final[tuple[Field, ...]] = (
    NumberField(
        name="level_no",
        label=tr("Номер", "Number"),
        needed=True,
        low=1,
        high=MOST_LEVELS,
        help=tr("Больше значит лучше", "Higher is better"),
    ),
    name_field(60),
    NameField(name="scheme_id", label=tr("Схема", "Scheme"), dictionary=SCHEMES, needed=True),
    MoneyField(
        name="threshold",
        label=tr("Порог", "Threshold"),
        default=0,
        needed=True,
        help=tr(
            "У первого уровня 0, дальше строго растёт",
            "0 for the first level, then it strictly rises",
        ),
    ),
    NameField(
        name="threshold_type_id",
        label=tr("Порог считать по счёту", "Threshold is measured on"),
        dictionary=ACCOUNT_TYPES,
        needed=True,
    ),
    ChoiceField(
        name="range_kind",
        label=tr("Период", "Range"),
        choices=RANGES,
        default=0,
        needed=True,
        help=tr("Один для всех уровней типа", "One for all levels of the type"),
    ),
    NumberField(name="range_value", label=tr("N периода", "N of the range"), default=0, high=3650),
    NumberField(
        name="keep_days",
        label=tr("Держать не меньше, дней", "Kept at least, days"),
        default=0,
        high=LARGEST_NUMBER,
    ),
    MoneyField(
        name="reward",
        label=tr("Награда за уровень", "Reward for the level"),
        default=0,
        needed=True,
    ),
    NameField(
        name="reward_type_id",
        label=tr("Награду начислить на", "Reward goes to"),
        dictionary=ACCOUNT_TYPES,
    ),
    FlagField(name="manual_only", label=tr("Только вручную", "By hand only")),
)


def _next_level(rows: tuple[Any, ...]) -> dict[str, Any]:
    """The rung above the highest."""
    if not rows:
        return {"level_no": 1}
    last = rows[-1]
    return {
        "level_no": last.level_no + 1,
        "scheme_id": last.scheme_id,
        "threshold_type_id": last.threshold_type_id,
        "range_kind": last.range_kind,
        "range_value": last.range_value,
    }


MAIN: Final[tuple[Field, ...]] = (
    name_field(),
    ChoiceField(
        name="account_class", label=tr("Класс", "Class"), choices=plain(CLASSES), needed=True
    ),
    ChoiceField(name="value_unit", label=tr("Единица", "Unit"), choices=plain(UNITS)),
    NameField(
        name="default_scheme_id",
        label=tr("Схема по умолчанию", "Default scheme"),
        dictionary=SCHEMES,
    ),
    FlagField(
        name="open_for_all",
        label=tr("Открывать каждому новому гостю", "Open for every new guest"),
        default=True,
    ),
    ACTIVE,
    DayField(name="active_from", label=tr("Открывать с", "Opened from")),
    DayField(name="active_to", label=tr("Открывать по", "Opened until"), is_last=True),
)
LADDER: Final[tuple[Field, ...]] = (
    RowsField(
        name="levels",
        label=tr("Лестница", "Ladder"),
        columns=LEVELS,
        sections=(Section(None, LEVEL),),
        record=LevelFields,
        one=tr("Уровень", "Level"),
        order=lambda level: level.level_no,
        begin=_next_level,
        draw=Ladder,
        lines=4,
    ),
    ChoiceField(
        name="level_change",
        label=tr("Уровень меняется", "The level changes"),
        choices={
            0: tr("только вручную", "by hand only"),
            1: tr("вверх", "upwards"),
            2: tr("вверх и вниз", "up and down"),
        },
        default=0,
        needed=True,
    ),
    ChoiceField(
        name="level_down",
        label=tr("Вниз", "Downwards"),
        choices={
            1: tr("до измеренного уровня", "to the measured level"),
            2: tr("на одну ступень", "by one step"),
        },
        default=1,
        needed=True,
    ),
    FlagField(
        name="level_on_refund",
        label=tr("Возврат отнимает полученный уровень", "A refund takes its level back"),
        default=True,
    ),
)
LIFE: Final[tuple[Field, ...]] = (
    ChoiceField(
        name="life_kind",
        label=tr("Срок жизни", "Life"),
        choices={
            0: tr("без срока", "no end"),
            1: tr("N дней", "N days"),
            2: tr("N месяцев", "N months"),
            3: tr("до конца месяца через N месяцев", "to the end of the month, N months ahead"),
            4: tr("до дня года: месяц*100+день", "to a day of the year: month*100+day"),
            5: tr("N дней с последней покупки", "N days since the last sale"),
        },
        default=0,
        needed=True,
    ),
    NumberField(name="life_value", label=tr("N срока", "N of the life"), default=0, high=36_500),
    ChoiceField(
        name="delay_kind",
        label=tr("Доступны", "Available"),
        choices={
            0: tr("сразу", "at once"),
            1: tr("через N минут", "after N minutes"),
            2: tr("через N часов", "after N hours"),
            3: tr("через N дней", "after N days"),
        },
        default=0,
        needed=True,
    ),
    NumberField(
        name="delay_value", label=tr("N задержки", "N of the delay"), default=0, high=36_500
    ),
    TextField(
        name="notice_days",
        label=tr("Предупреждать о сгорании за, дней", "Warn before burning, days"),
        longest=20,
        help=tr("Через запятую: 14,3", "Separated by commas: 14,3"),
    ),
    NumberField(
        name="reinstate_days",
        label=tr("Вернуть сгоревшее можно, дней", "Burnt value can be brought back, days"),
        default=30,
        high=36_500,
    ),
)
FIGURES: Final[tuple[Field, ...]] = (
    MoneyField(
        name="default_credit_depth", label=tr("Кредит по умолчанию", "Default credit"), default=0
    ),
    MoneyField(name="min_balance", label=tr("Неснижаемый остаток", "Least balance"), default=0),
    MoneyField(
        name="round_step", label=tr("Округлять до", "Round to"), default=1, low=1, high=1_000_000
    ),
    ChoiceField(
        name="round_mode",
        label=tr("Округление", "Rounding"),
        choices={
            1: tr("половину вверх", "half up"),
            2: tr("вниз", "down"),
            3: tr("вверх", "up"),
        },
        default=1,
        needed=True,
    ),
    ChoiceField(
        name="earn_base",
        label=tr("Начислять с", "Earned on"),
        choices={
            1: tr("оплаченного не баллами", "what was not paid with points"),
            2: tr("суммы чека со скидками", "the net cheque"),
            3: tr("суммы до скидок", "the sum before discounts"),
        },
        default=1,
        needed=True,
    ),
    ChoiceField(
        name="spent_base",
        label=tr("Потраченным считать", "Spent means"),
        choices={
            1: tr("сумму чека", "the cheque's total"),
            2: tr("оплаченное деньгами", "what was paid with money"),
        },
        default=1,
        needed=True,
    ),
    ChoiceField(
        name="refund_earned",
        label=tr("Возврат: начисленное", "Refund: what was earned"),
        choices={
            1: tr("снять только ещё не доступное", "take back pending value only"),
            2: tr("снять в пределах остатка", "take back within the balance"),
            3: tr("снять, можно в минус", "take back, may go negative"),
            4: tr("недостающее в долг", "the rest becomes receivable"),
        },
        default=3,
        needed=True,
    ),
    NameField(
        name="receivable_type_id",
        label=tr("Счёт долга", "Receivable account"),
        dictionary=ACCOUNT_TYPES,
    ),
    ChoiceField(
        name="refund_burned",
        label=tr("Возврат: сгоревшее", "Refund: what has burnt"),
        choices={
            1: tr("в те же партии, прежние сроки", "same lots, old dates"),
            2: tr("в те же партии, с отсрочкой", "same lots, with a grace"),
            3: tr("не возвращать", "is not given back"),
        },
        default=1,
        needed=True,
    ),
    NumberField(
        name="refund_grace_days", label=tr("Отсрочка, дней", "Grace, days"), default=7, high=3650
    ),
    TextField(name="external_code", label=tr("Внешний код", "External code"), longest=40),
    ORDER,
)
SUBJECT: Final = Subject(
    code="account_type",
    title=tr("Типы счетов", "Account types"),
    one=tr("Тип счёта", "Account type"),
    new=tr("Новый тип счёта", "New account type"),
    table="account_type",
    key="account_type_id",
    right="program.edit",
    query=ListAccountTypes(),
    get=lambda key: GetAccountType(key=key),
    fields=AccountTypeFields,
    add=AddAccountType,
    edit=EditAccountType,
    delete=DeleteAccountType,
    columns=TYPES,
    sections=(
        Section(None, MAIN),
        Section(tr("Уровни", "Levels"), LADDER),
        Section(tr("Сроки", "Life and delay"), LIFE),
        Section(tr("Суммы и возвраты", "Sums and refunds"), FIGURES),
    ),
    parts=("levels",),
    filters=(
        ChoiceFilter(name="account_class", label=tr("Класс", "Class"), choices=plain(CLASSES)),
    ),
)


SPEC: Final = editor_of(SUBJECT)
