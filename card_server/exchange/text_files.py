"""Text files as tables: the encoding and the delimiter are found out, every row is read once.

Pure: bytes in, rows out. A file that is no table is refused with a sentence, never read as one.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from card_server.exchange.records import LONGEST_CELL, MOST_COLUMNS, MOST_ROWS
from card_server.exchange.rules import too_large
from shared.wire.errors import AppError, ErrorCode

ENCODINGS: Final = ("utf-8", "utf-16", "utf-16-le", "utf-16-be", "cp1251", "cp866", "koi8-r")
"""What a user may say a file is written in; `utf-8` and `utf-16` pass over their mark."""
DELIMITERS: Final = (";", "\t", ",", "|")
"""In the order of preference when several fit."""
MARKS: Final = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
SAMPLE: Final = 64 << 10
SAMPLE_ROWS: Final = 60
CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
OTHER_TEXTS: Final = ("<", "{", "[{", "%PDF")
"""How files begin that are texts and no tables: XML, HTML, JSON, PDF."""
MOSTLY: Final = 0.6
"""The share of rows that must have the same number of columns."""
CSV_CELL_LIMIT: Final = 131_072
"""The reader's own bound of a cell: an open quote that swallows the file ends there."""


def encoding_of(content: bytes, name: str) -> str:
    """The encoding of a file: by its mark, by zero bytes, UTF-8 if it is valid, else Windows-1251.

    `FILE_NOT_TABLE` for what is no text in any of them.
    """
    for mark, encoding in MARKS:
        if content.startswith(mark):
            return encoding
    head = content[: SAMPLE & ~1]
    if b"\0" in head:
        even, odd = head[::2].count(0), head[1::2].count(0)
        if max(even, odd) > len(head) // 20 and min(even, odd) <= max(even, odd) // 20:
            return "utf-16-le" if odd > even else "utf-16-be"
        raise AppError(ErrorCode.FILE_NOT_TABLE, name=name, row=1)
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1251"
    return "utf-8"


def decoded(content: bytes, encoding: str, name: str) -> str:
    """The text of a file; `FILE_NOT_TABLE` with the row where it stops being one."""
    codec = "utf-8-sig" if encoding == "utf-8" else encoding
    try:
        text = content.decode(codec)
    except UnicodeDecodeError as error:
        row = content[: error.start].count(b"\n") + 1
        raise AppError(ErrorCode.FILE_NOT_TABLE, name=name, row=row) from error
    text = text.removesuffix("\x1a")
    head = text[:SAMPLE]
    found = CONTROL.search(head)
    if found is not None or head.lstrip().startswith(OTHER_TEXTS):
        row = head[: found.start() if found else 0].count("\n") + 1
        raise AppError(ErrorCode.FILE_NOT_TABLE, name=name, row=row)
    return text


def delimiter_of(text: str) -> str:
    """The delimiter that parts most rows into the same number of columns; `;` if none does."""
    sample = text[:SAMPLE]
    if len(text) > SAMPLE:
        sample = sample.rpartition("\n")[0] or sample
    best, best_mark = ";", (0.0, 0)
    for delimiter in DELIMITERS:
        widths = _widths(sample, delimiter)
        if not widths:
            continue
        width, count = Counter(widths).most_common(1)[0]
        share = count / len(widths)
        mark = (round(share, 1), min(width, 3))
        if width > 1 and share >= MOSTLY and mark > best_mark:
            best, best_mark = delimiter, mark
    return best


def _widths(sample: str, delimiter: str) -> list[int]:
    widths: list[int] = []
    try:
        for row in csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter):
            if any(cell.strip() for cell in row):
                widths.append(len(row))
            if len(widths) >= SAMPLE_ROWS:
                break
    except csv.Error:
        return []
    return widths


def rows_of(text: str, delimiter: str, name: str) -> Iterator[tuple[int, list[str]]]:
    """Rows with their numbers from 1; rows without any text are left out.

    `TOO_LONG` for a cell beyond the limit, `FILE_TOO_LARGE` for too many columns,
    `FILE_NOT_TABLE` where quotes do not close.
    """
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    number = 0
    try:
        for row in reader:
            number += 1
            if not any(cell.strip() for cell in row):
                continue
            if number > MOST_ROWS + 1:
                raise too_large(name)
            check_width(row, number, name)
            yield number, row
    except csv.Error as error:
        raise AppError(ErrorCode.FILE_NOT_TABLE, name=name, row=number + 1) from error


def check_width(row: list[str], number: int, name: str) -> None:
    """Refuse a row with too many columns or too long a text."""
    if len(row) > MOST_COLUMNS:
        raise too_large(name)
    for i, cell in enumerate(row):
        if len(cell) > LONGEST_CELL:
            raise AppError(ErrorCode.TOO_LONG, field=f"{number}:{i + 1}", limit=LONGEST_CELL)
        if CONTROL.search(cell):
            raise AppError(ErrorCode.FILE_NOT_TABLE, name=name, row=number)
