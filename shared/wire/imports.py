"""Imports of tables from other systems: upload, mapping, dry run, import, undo (domain 1.11, 3.14).

The way of a batch: `BeginImport`, pieces by `SendImportPiece`, `FinishImport` (a job reads the
file), `GetImport` (columns, preview, a proposed mapping), `SetImportMapping`, for opening balances
`SetControlTotals`, `CheckImport` (a job: errors by row), `PostImport`, `UndoImport` (jobs).
Jobs are followed with `GetRun` and stopped with `CancelRun`.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Final

import msgspec

from shared.wire.base import Command, Done, ListQuery, Made, Query, Record
from shared.wire.jobs import Ordered

RIGHT: Final = "import.run"

HOLDERS: Final = 1
CARDS: Final = 2
OPENING: Final = 3
KINDS: Final = (HOLDERS, CARDS, OPENING)
"""What a file holds: guests, cards with or without guests, opening balances."""

RECEIVING: Final = 0
LOADED: Final = 1
CHECKED: Final = 2
POSTED: Final = 3
UNDONE: Final = 4
POSTING: Final = 5
UNDOING: Final = 6
DISCARDED: Final = 7
"""States of a batch; 5 and 6 were begun and not finished, the same command goes on with them."""

NEW: Final = 0
GOOD: Final = 1
BAD: Final = 2
IMPORTED: Final = 3
TAKEN_BACK: Final = 4
KEPT: Final = 5
LEFT_OUT: Final = 6
"""States of a row: 3 made or changed something, 4 was undone, 5 could not be undone, 6 had nothing
to import (a balance of zero, a guest who is known already)."""

LARGEST_PIECE: Final = 512 << 10
"""Bytes of a piece of a file at most."""
LARGEST_FILE: Final = 50 << 20
PREVIEW_ROWS: Final = 20

SKIP: Final = 1
UPDATE: Final = 2
REFUSE: Final = 3
"""What becomes of a row whose guest or card is known already."""

Cell = str | int | float | bool | None


class ColumnUse(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A column of the file (from 0) and the field it goes to, e.g. `l_name`, `contact.1`."""

    column: int
    field: str


class Mapping(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the columns of a file become fields."""

    columns: list[ColumnUse] = []
    dates: str = "auto"
    """`auto`, `dmy`, `mdy`, `ymd`; ISO days are always read."""
    decimal: str = "auto"
    """`auto`, a point or a comma."""
    match: str = ""
    """How a guest is found: `card_code`, `phone`, `external_code`, `holder_id`; empty: never."""
    on_match: int = REFUSE
    """1 leave the row out, 2 change the guest or the card, 3 an error of the row. In an import of
    cards it is about the card; a guest who is found is changed by 2 only, else the card is bound to
    him as he is."""
    account_type_id: int | None = None
    """Of the column `amount` where no column names the type."""
    group_id: int | None = None
    """Holder group of new guests whose row names none."""
    card_group_id: int | None = None
    skip_bad: bool = False
    """Import the good rows although others have errors."""


class ControlTotal(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the file should hold of an account type: how many balances, and their sum."""

    account_type_id: int
    count: int
    amount: int


class RowError(Record, frozen=True, kw_only=True):
    """Why a row cannot be imported, or undone: a refusal with the field and value it is about."""

    code: str
    field: str = ""
    value: str = ""
    facts: dict[str, str | int | None] = msgspec.field(default_factory=dict)


class ImportRow(Record, frozen=True, kw_only=True):
    """A row of the file as it was read, and what became of it."""

    row_no: int
    cells: list[Cell]
    state: int
    errors: list[RowError]
    object_id: int | None
    """The guest, card or operation that the row made or changed."""


class Batch(Record, frozen=True, kw_only=True):
    """An imported file in the list of all."""

    batch_id: int
    kind: int
    division_id: int
    file_name: str
    size: int
    state: int
    rows_total: int
    rows_ok: int
    rows_bad: int
    user_id: int
    created_at: datetime
    posted_at: datetime | None
    run_id: int | None
    """The last run of a job on it."""
    version: int


class FileShape(Record, frozen=True, kw_only=True):
    """How the file was read."""

    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    sheets: list[str] = msgspec.field(default_factory=list)
    has_header: bool = True
    columns: list[str] = msgspec.field(default_factory=list)


class TotalLine(Record, frozen=True, kw_only=True):
    """An account type: what was expected and what the good rows hold, in count and sum."""

    account_type_id: int
    expected_count: int | None
    expected_amount: int | None
    found_count: int
    found_amount: int


class Import(Record, frozen=True, kw_only=True):
    """A batch with its columns, its mapping and its first rows."""

    batch: Batch
    shape: FileShape
    mapping: Mapping
    proposed: Mapping
    """What the names of the columns suggest."""
    totals: list[TotalLine]
    preview: list[ImportRow]


class ImportField(Record, frozen=True, kw_only=True):
    """A field that columns can go to; `name` is in the reader's language."""

    field: str
    name: str
    kind: str
    """text, number, amount, day, flag, phone, email, code, choice."""
    required: bool = False
    many: bool = False
    """More than one column may go to it."""


class ImportFields(Record, frozen=True, kw_only=True):
    """All fields of a kind of import."""

    fields: list[ImportField]


class ImportFile(Record, frozen=True, kw_only=True):
    """A file to be saved."""

    name: str
    media_type: str
    body: bytes
    rows: int


# ---------------------------------------------------------------------- questions


class ListImports(ListQuery[Batch], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The history of imports of the user's divisions."""

    right: ClassVar[str] = RIGHT


class GetImport(Query[Import], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One batch."""

    right: ClassVar[str] = RIGHT
    batch_id: int


class ListImportRows(ListQuery[ImportRow], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Rows of a batch; conditions on `row_no`, `state`, `error_code`."""

    right: ClassVar[str] = RIGHT
    batch_id: int


class ListImportFields(Query[ImportFields], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The fields that columns of a kind of import can go to."""

    right: ClassVar[str] = RIGHT
    kind: int


class GetErrorFile(Query[ImportFile], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The rows with errors (or, after an undo, those that were kept) as CSV, each with its reason.

    The columns are those of the file, so that the corrected file can be loaded again.
    """

    right: ClassVar[str] = RIGHT
    batch_id: int


# ---------------------------------------------------------------------- the file


class BeginImport(Command[Made], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Announce a file; the reply's key is the batch."""

    right: ClassVar[str] = RIGHT
    kind: int
    division_id: int
    file_name: str
    size: int


class SendImportPiece(Command[Done], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A piece of the file, from 1; a piece that comes again takes the place of the first."""

    right: ClassVar[str] = RIGHT
    batch_id: int
    piece_no: int
    body: bytes


class FinishImport(Command[Ordered], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All pieces were sent: a job reads the file. `sha256` in hexadecimal digits, of the whole."""

    right: ClassVar[str] = RIGHT
    batch_id: int
    sha256: str


class ReadImport(Command[Ordered], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Read the file again, with what is given instead of what was found out."""

    right: ClassVar[str] = RIGHT
    batch_id: int
    version: int
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    has_header: bool | None = None


# ---------------------------------------------------------------------- the batch


class BatchCommand(Command[Done], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A change of a batch as it was seen."""

    right: ClassVar[str] = RIGHT
    batch_id: int
    version: int


class SetImportMapping(BatchCommand, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Say which column is what; the batch is to be checked again."""

    mapping: Mapping


class SetControlTotals(BatchCommand, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the other system says its balances are; without them no balance is imported."""

    totals: list[ControlTotal]


class DiscardImport(BatchCommand, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Forget a batch that was not imported: its rows and its file are deleted."""


class BatchOrder(Command[Ordered], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Long work on a batch as it was seen."""

    right: ClassVar[str] = RIGHT
    batch_id: int
    version: int


class CheckImport(BatchOrder, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Try every row without changing anything: errors by row, totals."""


class PostImport(BatchOrder, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Import the good rows of a checked batch, or go on where a cancel stopped."""


class UndoImport(BatchOrder, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Take back what the batch made and nobody used since; the rest is listed."""

    reason_id: int | None = None
    """Why; needed for opening balances, whose way back is an operation."""
