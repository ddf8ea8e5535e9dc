"""Software classifiers, their API rights, and the matrix as one resource (domain 1.2)."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Final

import msgspec

from shared.wire.base import SIGNED_IN, Command, ListQuery, Notice, Query, Record
from shared.wire.editing import AddRow, DeleteRow, EditRow

UNSET = msgspec.UNSET

API_RIGHTS: Final = (
    "card.read",
    "holder.read",
    "holder.search",
    "holder.add",
    "holder.write",
    "card.state",
    "card.issue",
    "account.block",
    "txn.write",
    "txn.read",
    "txn.read_all",
    "coupon.read",
    "coupon.issue",
    "coupon.use",
    "login",
    "person.full",
    "holder.image",
    "relay",
    "dict.read",
    "quote",
    "hold",
)
"""Rights of a program in the order of their bits, from 1 (crm-xml.md 4.2)."""


def _of_bits(*bits: int) -> tuple[str, ...]:
    return tuple(API_RIGHTS[bit - 1] for bit in bits)


PRESETS: Final[dict[str, tuple[str, ...]]] = {
    "pos": _of_bits(1, 2, 9, 10, 12, 14, 17, 18, 19, 20),
    "site": _of_bits(1, 2, 3, 4, 5, 7, 9, 10, 12, 13, 14, 15, 16, 17, 19),
    "call_centre": _of_bits(1, 2, 3, 4, 5, 6, 8, 11, 12, 13, 16, 19),
    "export": _of_bits(1, 2, 3, 11, 12, 16, 19),
    "full": API_RIGHTS,
}
"""What the editor offers; each goes with `api_visible` (crm-xml.md 4.2)."""


class ClassifierRow(Record, frozen=True, kw_only=True):
    """A program in the list; its code is shown only where it is edited."""

    classifier_id: int
    name: str
    client_type: str | None
    api_visible: bool
    calc_mode: int
    """1 the till counts, 2 we count."""
    time_zone: str
    day_start: int
    """Minute of the day."""
    last_seen_at: datetime | None
    sort_no: int
    is_active: bool
    version: int


class Classifier(Record, frozen=True, kw_only=True):
    """A program with its code, rights and schemes of levels."""

    row: ClassifierRow
    code: str
    code_kind: int
    """1 decimal, 2 hexadecimal, 3 letters and digits, 9 typed by hand."""
    external_code: str | None
    refund_unmatched: int
    """1 refuse, 2 accept and flag, 3 with a supervisor."""
    xml_key: int
    """1 strict, 2 amount, 3 amount and time."""
    backdate_days: int
    future_minutes: int
    hold_minutes: int
    pay_confirm: int
    """0 none, 1 card PIN, 2 code by SMS, 3 manager."""
    wire_charset: int
    """1 UTF-8, 2 Windows-1251."""
    late_capture: bool
    rate_limit: int
    rights: list[str]
    level_schemes: dict[int, int]
    """Level id -> scheme id that this program uses for it."""


class ListClassifiers(
    ListQuery[ClassifierRow], frozen=True, kw_only=True, forbid_unknown_fields=True
):
    """Programs that may call."""

    right: ClassVar[str] = SIGNED_IN


class GetClassifier(Query[Classifier], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One program with its code."""

    right: ClassVar[str] = "classifier.edit"
    key: int


class Code(Record, frozen=True, kw_only=True):
    """A code that no program has."""

    code: str


class MakeCode(Query[Code], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A new code of kind 1, 2 or 3; nothing is stored."""

    right: ClassVar[str] = "classifier.edit"
    kind: int = 1


class ClassifierFields(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """What of a program can be edited; a field that is not sent stays as it is."""

    code: str | msgspec.UnsetType = UNSET
    code_kind: int | msgspec.UnsetType = UNSET
    name: str | msgspec.UnsetType = UNSET
    client_type: str | msgspec.UnsetType | None = UNSET
    external_code: str | msgspec.UnsetType | None = UNSET
    time_zone: str | msgspec.UnsetType = UNSET
    day_start: int | msgspec.UnsetType = UNSET
    api_visible: bool | msgspec.UnsetType = UNSET
    calc_mode: int | msgspec.UnsetType = UNSET
    refund_unmatched: int | msgspec.UnsetType = UNSET
    xml_key: int | msgspec.UnsetType = UNSET
    backdate_days: int | msgspec.UnsetType = UNSET
    future_minutes: int | msgspec.UnsetType = UNSET
    hold_minutes: int | msgspec.UnsetType = UNSET
    pay_confirm: int | msgspec.UnsetType = UNSET
    wire_charset: int | msgspec.UnsetType = UNSET
    late_capture: bool | msgspec.UnsetType = UNSET
    rate_limit: int | msgspec.UnsetType = UNSET
    sort_no: int | msgspec.UnsetType = UNSET
    is_active: bool | msgspec.UnsetType = UNSET


class AddClassifier(
    AddRow[ClassifierFields], frozen=True, kw_only=True, forbid_unknown_fields=True
):
    """A new program; name, code and time zone are needed. Without rights nothing is allowed."""

    right: ClassVar[str] = "classifier.edit"
    rights: list[str] = msgspec.field(default_factory=list)
    level_schemes: dict[int, int] = msgspec.field(default_factory=dict)


class EditClassifier(
    EditRow[ClassifierFields], frozen=True, kw_only=True, forbid_unknown_fields=True
):
    """Change a program; rights and schemes of levels are replaced where they are sent."""

    right: ClassVar[str] = "classifier.edit"
    rights: list[str] | None = None
    level_schemes: dict[int, int] | None = None


class DeleteClassifier(DeleteRow, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Mark a program as deleted; one that made operations is refused (`IN_USE`)."""

    right: ClassVar[str] = "classifier.edit"


# ---------------------------------------------------------------------- the matrix


class Cell(Record, frozen=True, kw_only=True):
    """What one program may do with one account type; where there is no cell: nothing."""

    classifier_id: int
    account_type_id: int
    visible: bool
    debit_allowed: bool
    credit_allowed: bool
    debit_priority: int | None
    credit_priority: int | None
    debit_k_bp: int
    credit_k_bp: int
    debit_time_id: int | None
    credit_time_id: int | None
    scheme_id: int | None
    max_pay_bp: int
    min_pay: int
    keep_rest: int
    sum_slot: int | None
    pos_kinds: int
    """1 payment, 2 discount, 4 bonus, 8 spending, added up."""
    version: int


class MatrixType(Record, frozen=True, kw_only=True):
    """A line of the matrix."""

    account_type_id: int
    name: str
    account_class: int
    value_unit: int
    is_active: bool


class Matrix(Record, frozen=True, kw_only=True):
    """All live programs, all live account types, and the cells that exist."""

    classifiers: list[ClassifierRow]
    account_types: list[MatrixType]
    cells: list[Cell]


class GetMatrix(Query[Matrix], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole matrix at once."""

    right: ClassVar[str] = SIGNED_IN


class CellFields(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """What of a cell can be edited; a field that is not sent stays as it is."""

    visible: bool | msgspec.UnsetType = UNSET
    debit_allowed: bool | msgspec.UnsetType = UNSET
    credit_allowed: bool | msgspec.UnsetType = UNSET
    debit_priority: int | msgspec.UnsetType | None = UNSET
    credit_priority: int | msgspec.UnsetType | None = UNSET
    debit_k_bp: int | msgspec.UnsetType = UNSET
    credit_k_bp: int | msgspec.UnsetType = UNSET
    debit_time_id: int | msgspec.UnsetType | None = UNSET
    credit_time_id: int | msgspec.UnsetType | None = UNSET
    scheme_id: int | msgspec.UnsetType | None = UNSET
    max_pay_bp: int | msgspec.UnsetType = UNSET
    min_pay: int | msgspec.UnsetType = UNSET
    keep_rest: int | msgspec.UnsetType = UNSET
    sum_slot: int | msgspec.UnsetType | None = UNSET
    pos_kinds: int | msgspec.UnsetType = UNSET


class CellEdit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A cell that is made (`version` None), changed, or taken away (`remove`)."""

    classifier_id: int
    account_type_id: int
    version: int | None = None
    remove: bool = False
    fields: CellFields = CellFields()


class CellVersion(Record, frozen=True, kw_only=True):
    """A cell after the command; None where it was taken away."""

    classifier_id: int
    account_type_id: int
    version: int | None


class MatrixChanged(Record, frozen=True, kw_only=True):
    """The changed cells and what is worth a second look."""

    cells: list[CellVersion]
    notices: list[Notice] = msgspec.field(default_factory=list)


class EditMatrix(Command[MatrixChanged], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Change some cells, all of them or none."""

    right: ClassVar[str] = "classifier.edit"
    cells: list[CellEdit]
