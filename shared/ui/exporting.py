"""Export of what a list shows: all rows of its filter, columns and order as on the screen."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from shared.i18n.texts import language
from shared.ui.column import Column
from shared.ui.names import Names

MOST_XLSX: Final = 1_048_575
"""Rows that a sheet can hold under its titles."""
FORMULA_SIGNS: Final = ("=", "+", "-", "@", "\t", "\r")
Told = Callable[[int], None]


def write(
    path: Path,
    columns: Sequence[Column],
    records: Iterable[Any],
    names: Names | None,
    told: Told = lambda _: None,
) -> int:
    """Write XLSX or CSV by the name of the file; returns the number of rows.

    The file appears whole or not at all. `told` hears the number of rows written so far.
    """
    fresh = path.with_name(path.name + ".part")
    try:
        if path.suffix.lower() == ".xlsx":
            count = _xlsx(fresh, columns, records, names, told)
        else:
            count = _csv(fresh, columns, records, names, told)
        os.replace(fresh, path)  # noqa: PTH105 - over an old file on Windows too
    finally:
        fresh.unlink(missing_ok=True)
    return count


def _csv(
    path: Path, columns: Sequence[Column], records: Iterable[Any], names: Names | None, told: Told
) -> int:
    count = 0
    mark = ";" if language() == "ru" else ","
    # the byte order mark tells a spreadsheet program that this is UTF-8
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=mark)
        writer.writerow([str(column.title) for column in columns])
        for record in records:
            writer.writerow([harmless(column.text(record, names)) for column in columns])
            count += 1
            if count % 1000 == 0:
                told(count)
    return count


def harmless(text: str) -> str:
    """A text that a spreadsheet program does not take for a formula."""
    is_number = text[1:].replace("\N{NO-BREAK SPACE}", "").replace(",", "").isdigit()
    return "'" + text if text.startswith(FORMULA_SIGNS) and not is_number else text


def _xlsx(
    path: Path, columns: Sequence[Column], records: Iterable[Any], names: Names | None, told: Told
) -> int:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Kartoteka")
    sheet.freeze_panes = "A2"
    for place, column in enumerate(columns, 1):
        sheet.column_dimensions[get_column_letter(place)].width = max(column.width / 7, 10)
    titles = []
    for column in columns:
        cell = WriteOnlyCell(sheet, value=str(column.title))
        cell.font = Font(bold=True)
        titles.append(cell)
    sheet.append(titles)
    count = 0
    for record in records:
        cells = []
        for column in columns:
            value = column.cell(record, names)
            cell = WriteOnlyCell(sheet, value=value)
            if isinstance(value, str):
                cell.data_type = "s"
            elif isinstance(value, float):
                cell.number_format = "#,##0.00"
            cells.append(cell)
        sheet.append(cells)
        count += 1
        if count >= MOST_XLSX:
            break
        if count % 1000 == 0:
            told(count)
    book.save(path)
    return count
