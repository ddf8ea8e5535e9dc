"""Files of tables: XLSX for people, CSV for programs; amounts become numbers with two decimals."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Any, Final

from shared.wire.reports import AMOUNT, DAY, MOMENT, Cell, ReportColumn

XLSX_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV_TYPE: Final = "text/csv; charset=utf-8"
SHEET_NAME: Final = 31
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
WIDTHS: Final = {AMOUNT: 16, DAY: 12, MOMENT: 20}
FORMATS: Final = {AMOUNT: "#,##0.00", DAY: "yyyy-mm-dd", MOMENT: "yyyy-mm-dd hh:mm:ss"}


def to_csv(columns: Sequence[ReportColumn], rows: Iterable[Sequence[Cell]]) -> bytes:
    """UTF-8 with a mark (Excel needs it), semicolons, decimal point; no cell is a formula."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow([column.title for column in columns])
    for row in rows:
        writer.writerow([_plain(c.kind, value) for c, value in zip(columns, row, strict=True)])
    return text.getvalue().encode("utf-8-sig")


def _plain(kind: str, value: Cell) -> str:
    if value is None:
        return ""
    if kind == AMOUNT:
        return str(Decimal(int(value)).scaleb(-2))
    if isinstance(value, str) and value.startswith(FORMULA):
        return "'" + value
    return str(value)


def to_xlsx(title: str, columns: Sequence[ReportColumn], rows: Iterable[Sequence[Cell]]) -> bytes:
    """A sheet with a frozen, filtered head; numbers are numbers and days are days."""
    from openpyxl import Workbook  # noqa: PLC0415 - the ports answer before it is loaded
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415 - the ports answer before it is loaded
    from openpyxl.styles import Font  # noqa: PLC0415 - the ports answer before it is loaded
    from openpyxl.utils import get_column_letter  # noqa: PLC0415 - the same

    book = Workbook(write_only=True)
    sheet = book.create_sheet(_sheet_name(title))
    sheet.freeze_panes = "A2"
    for i, column in enumerate(columns, start=1):
        letter = get_column_letter(i)
        sheet.column_dimensions[letter].width = WIDTHS.get(column.kind, 22)
    head = []
    for column in columns:
        cell = WriteOnlyCell(sheet, value=column.title)
        cell.font = Font(bold=True)
        head.append(cell)
    sheet.append(head)
    count = 1
    for row in rows:
        count += 1
        cells = zip(columns, row, strict=True)
        sheet.append([_cell(partial(WriteOnlyCell, sheet), c.kind, v) for c, v in cells])
    sheet.auto_filter.ref = f"A1:{get_column_letter(max(1, len(columns)))}{count}"
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def _cell(make: Callable[..., Any], kind: str, value: Cell) -> Any:
    if value is None:
        return None
    shown: Any = value
    if kind == AMOUNT:
        shown = Decimal(int(value)).scaleb(-2)
    elif kind == DAY:
        shown = date.fromisoformat(str(value))
    elif kind == MOMENT:
        shown = datetime.fromisoformat(str(value)).replace(tzinfo=None)
    cell = make(value=shown)
    if isinstance(shown, str):
        cell.data_type = "s"  # a text that begins with "=" stays a text
    if kind in FORMATS:
        cell.number_format = FORMATS[kind]
    return cell


def _sheet_name(title: str) -> str:
    return "".join(c for c in title if c not in r"[]:*?/\'")[:SHEET_NAME] or "Report"
