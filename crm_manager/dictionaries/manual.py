"""Types of non-payers and reasons of operations by hand: what is shown and edited."""

from __future__ import annotations

from typing import Final

from crm_manager.declaring import (
    ACTIVE,
    LARGEST_NUMBER,
    LAST_COLUMNS,
    NAME_COLUMN,
    ORDER,
    Subject,
    name_field,
)
from crm_manager.masks import MaskField
from crm_manager.naming import NON_PAYERS
from crm_manager.words import OPERATION_KINDS
from shared.i18n.texts import tr
from shared.ui.column import Column, flag_column, name_column, number_column, text_column
from shared.ui.fields import (
    Choice,
    ChoiceGroup,
    FlagField,
    NameField,
    NumberField,
    TextField,
)
from shared.ui.form import Section
from shared.wire import dictionaries as wire

NON_PAYER_TYPE: Final = Subject(
    code="non_payer_type",
    title=tr("Неплательщики", "Non-payer types"),
    one=tr("Вид неплательщика", "Non-payer type"),
    new=tr("Новый вид неплательщика", "New non-payer type"),
    table="non_payer_type",
    key="non_payer_type_id",
    right=wire.RIGHT,
    query=wire.ListNonPayerTypes(),
    get=lambda key: wire.GetNonPayerType(key=key),
    fields=wire.NonPayerTypeFields,
    add=wire.AddNonPayerType,
    edit=wire.EditNonPayerType,
    delete=wire.DeleteNonPayerType,
    columns=(
        NAME_COLUMN,
        name_column("parent_id", tr("Входит в", "Part of"), NON_PAYERS),
        number_column("external_id", tr("Код кассы", "Till code")),
        flag_column("forbid_order", tr("Без заказа", "No order"), width=110),
        flag_column("forbid_topup", tr("Без пополнения", "No top-up"), width=140),
        text_column("notes", tr("Заметки", "Remarks")),
        *LAST_COLUMNS,
    ),
    sections=(
        Section(
            None,
            (
                name_field(),
                NameField(name="parent_id", label=tr("Входит в", "Part of"), dictionary=NON_PAYERS),
                NumberField(
                    name="external_id", label=tr("Код кассы", "Till code"), high=LARGEST_NUMBER
                ),
                ORDER,
                FlagField(name="forbid_order", label=tr("Заказ запрещён", "Orders are forbidden")),
                FlagField(
                    name="forbid_topup", label=tr("Пополнение запрещено", "Top-ups are forbidden")
                ),
                TextField(name="notes", label=tr("Заметки", "Remarks"), longest=255, wide=True),
                ACTIVE,
            ),
        ),
    ),
)
BY_HAND: Final = (2, 10, 11, 12, 13, 14, 15, 19, 20, 21, 24, 27)
"""Kinds of operations that a person gives a reason for; the kind is the bit."""
WHICH: Final = tr(
    "Только для этих операций (ничего: для всех)", "These operations only (none: all)"
)
KINDS: Final = ChoiceGroup(
    tr("Операции", "Operations"), tuple(Choice(k, OPERATION_KINDS[k][0]) for k in BY_HAND)
)
APPLIES: Final = MaskField(name="applies_to", label=WHICH, groups=(KINDS,), lines=9)
ANY: Final = tr("любых", "any")
REASON: Final = Subject(
    code="reason",
    title=tr("Причины", "Reasons"),
    one=tr("Причина", "Reason"),
    new=tr("Новая причина", "New reason"),
    table="reason",
    key="reason_id",
    right=wire.RIGHT,
    query=wire.ListReasons(),
    get=lambda key: wire.GetReason(key=key),
    fields=wire.ReasonFields,
    add=wire.AddReason,
    edit=wire.EditReason,
    delete=wire.DeleteReason,
    columns=(
        NAME_COLUMN,
        Column(
            "applies_to",
            tr("Для операций", "For operations"),
            show=lambda mask: APPLIES.shown(mask) or str(ANY),
            width=320,
        ),
        flag_column("needs_text", tr("С пояснением", "With words"), width=130),
        *LAST_COLUMNS,
    ),
    sections=(
        Section(
            None,
            (
                name_field(),
                ORDER,
                FlagField(
                    name="needs_text", label=tr("Требует пояснения", "Needs words of its own")
                ),
                ACTIVE,
                APPLIES,
            ),
        ),
    ),
)
