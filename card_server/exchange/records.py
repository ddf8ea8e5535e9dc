"""What an imported file is made of: cells, formats, rows read, wishes of a row (domain 1.11)."""

from __future__ import annotations

from typing import Final

import msgspec

Cell = str | int | float | bool | None
"""A cell as it was read: text files have texts only, workbooks also numbers and flags."""

LARGEST_FILE: Final = 50 << 20
"""Bytes of a file at most."""
LARGEST_UNPACKED: Final = 400 << 20
"""Bytes of all parts of a workbook together, unpacked."""
MOST_ROWS: Final = 500_000
MOST_COLUMNS: Final = 200
LONGEST_CELL: Final = 4000
MEGABYTE: Final = 1 << 20


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """How a file was read: what was found out, or what a user said instead."""

    encoding: str = ""
    """Of a text file: utf-8, utf-16, cp1251 ..."""
    delimiter: str = ""
    sheet: str = ""
    """Of a workbook."""
    sheets: tuple[str, ...] = ()
    has_header: bool = True
    columns: tuple[str, ...] = ()
    """Names of the columns, from the first row or made up."""


class Formats(msgspec.Struct, frozen=True, kw_only=True):
    """How values are written in the file."""

    dates: str = "auto"
    """`auto`, `dmy`, `mdy`, `ymd`."""
    decimal: str = "auto"
    """`auto`, a point or a comma."""
    country: str = "RU"


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """Why a row cannot be imported: the refusal, and the field and value it is about."""

    code: str
    field: str = ""
    value: str = ""
    facts: dict[str, str | int | None] = {}
