"""Rows that were refused as a file: the columns as they came, and why, so that it can be mended."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from card_server.exchange.records import Cell
from card_server.exchange.rules import text_of
from shared.i18n.import_texts import fault_text, field_text
from shared.wire import imports as wire

FORMULA: Final = ("=", "@", "+", "-", "\t", "\r")
HARMLESS: Final = re.compile(r"[+-]?[\d\s.,()-]*")
"""Numbers and phones may begin with a sign; nothing of them is a formula that calls anything."""


def shielded(cell: Cell, decimal: str = "") -> str:
    """A cell that no spreadsheet takes for a formula; the import reads it back as it was.

    A workbook's number gets the decimal sign that the mapping reads texts with.
    """
    text = text_of(cell)
    if isinstance(cell, float) and decimal == ",":
        text = text.replace(".", ",")
    if text.startswith(FORMULA) and not HARMLESS.fullmatch(text):
        return "'" + text
    return text


def error_file(
    columns: Sequence[str],
    rows: Iterable[wire.ImportRow],
    names: Mapping[str, str],
    language: str,
    decimal: str = "",
) -> bytes:
    """UTF-8 with a mark and semicolons, as spreadsheets read it without being asked."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    head = [*columns, field_text("row", language), field_text("reason", language)]
    writer.writerow([shielded(name) for name in head])
    for row in rows:
        cells = [shielded(cell, decimal) for cell in row.cells[: len(columns)]]
        cells += [""] * (len(columns) - len(cells))
        reasons = "; ".join(
            fault_text(
                one.code,
                one.field,
                {**one.facts, "value": one.value},
                language,
                names.get(one.field, ""),
            )
            for one in row.errors
        )
        writer.writerow([*cells, str(row.row_no), shielded(reasons)])
    return text.getvalue().encode("utf-8-sig")
