"""XLSX workbooks as tables, read in a stream; what would fill the memory is refused before.

A workbook is a packed file that anybody may have made: encrypted ones, ones of the old format,
ones that unpack to gigabytes and ones with a document type are told by a sentence.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from card_server.exchange.records import (
    LARGEST_UNPACKED,
    LONGEST_CELL,
    MOST_COLUMNS,
    MOST_ROWS,
    Cell,
)
from card_server.exchange.rules import too_large
from shared.wire.errors import AppError, ErrorCode

PACKED: Final = b"PK\x03\x04"
COMPOUND: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How an old XLS begins, and an XLSX with a password."""
ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")
MOST_PARTS: Final = 2000
LARGEST_PART: Final = 300 << 20
LARGEST_TEXTS: Final = 64 << 20
"""The table of shared texts is held in memory."""
HEAD: Final = 4096
BOOK: Final = "xl/workbook.xml"
UNREADABLE: Final = (
    zipfile.BadZipFile,
    zlib.error,
    NotImplementedError,
    RuntimeError,
    EOFError,
    OSError,
    ValueError,
)
"""What a broken packed file raises."""
NO_DATE: Final = (datetime, date, time, timedelta)


def is_workbook(content: bytes) -> bool:
    """The file is a workbook of some kind, not a text."""
    return content.startswith((PACKED, COMPOUND))


def check_workbook(content: bytes, name: str) -> None:
    """Refuse what cannot be read or would not fit, by the directory of the packed file alone."""
    if content.startswith(COMPOUND):
        locked = ENCRYPTED in content
        code = ErrorCode.FILE_ENCRYPTED if locked else ErrorCode.FILE_OLD_FORMAT
        raise AppError(code, name=name)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            _check_parts(packed, name)
    except UNREADABLE as error:
        raise AppError(ErrorCode.FILE_NOT_TABLE, name=name, row=1) from error


def _check_parts(packed: zipfile.ZipFile, name: str) -> None:
    parts = packed.infolist()
    if any(part.flag_bits & 1 for part in parts):
        raise AppError(ErrorCode.FILE_ENCRYPTED, name=name)
    if BOOK not in {part.filename for part in parts}:
        raise AppError(ErrorCode.FILE_NOT_TABLE, name=name, row=1)
    texts = sum(p.file_size for p in parts if p.filename.lower().endswith("sharedstrings.xml"))
    sizes = [part.file_size for part in parts]
    is_bomb = len(parts) > MOST_PARTS or sum(sizes) > LARGEST_UNPACKED or max(sizes) > LARGEST_PART
    if is_bomb or texts > LARGEST_TEXTS:
        raise too_large(name)
    for part in parts:
        if not part.filename.lower().endswith((".xml", ".rels")):
            continue
        with packed.open(part) as content:
            if b"<!DOCTYPE" in content.read(HEAD).replace(b"\0", b""):
                raise AppError(ErrorCode.FILE_NOT_TABLE, name=name, row=1)


class Workbook:
    """A workbook that was checked; its sheets are read row by row."""

    def __init__(self, content: bytes, name: str) -> None:
        from openpyxl import load_workbook  # noqa: PLC0415 - the ports answer before it is loaded

        check_workbook(content, name)
        self._name = name
        try:
            # links and formulas are not followed: the values are those the file was saved with
            self._book = load_workbook(
                io.BytesIO(content), read_only=True, data_only=True, keep_links=False
            )
            self.sheets = tuple(sheet.title for sheet in self._book.worksheets)
        except Exception as error:  # what a broken workbook raises in openpyxl is not a list
            raise AppError(ErrorCode.FILE_NOT_TABLE, name=name, row=1) from error
        if not self.sheets:
            raise AppError(ErrorCode.FILE_EMPTY, name=name)

    def rows(self, sheet: str) -> Iterator[tuple[int, list[Cell]]]:
        """Rows of a sheet with their numbers; rows without any value are left out."""
        if sheet not in self.sheets:
            raise AppError(ErrorCode.SHEET_UNKNOWN, name=self._name, sheet=sheet[:60])
        found = self._book[sheet]
        found.reset_dimensions()  # what the file says of its size need not be true
        number = 0
        rows = found.iter_rows(values_only=True, max_col=MOST_COLUMNS + 1)
        while True:
            try:
                values = next(rows, None)
            except Exception as error:  # the same: any fault of the sheet is the file's
                raise AppError(ErrorCode.FILE_NOT_TABLE, name=self._name, row=number + 1) from error
            if values is None:
                return
            number += 1
            if number > MOST_ROWS + 1:
                raise too_large(self._name)
            row = [_cell(value, number, i) for i, value in enumerate(values)]
            while row and row[-1] is None:
                row.pop()
            if len(row) > MOST_COLUMNS:
                raise too_large(self._name)
            if row:
                yield number, row

    def close(self) -> None:
        """Let the packed file go."""
        self._book.close()


def _cell(value: Any, row: int, column: int) -> Cell:
    """A value of a workbook as a cell: days in ISO, everything else as it is."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if abs(value) < 1 << 63 else str(value)
    if isinstance(value, float):
        return value if abs(value) < float("inf") else None
    if isinstance(value, NO_DATE):
        if isinstance(value, datetime) and value.time() == time():
            return value.date().isoformat()
        return str(value)
    text = str(value).strip()
    if len(text) > LONGEST_CELL:
        raise AppError(ErrorCode.TOO_LONG, field=f"{row}:{column + 1}", limit=LONGEST_CELL)
    return text or None
