"""Reports: the catalogue, a page of rows, a file (domain 5, rights report.view)."""

from __future__ import annotations

from typing import ClassVar, Final

import msgspec

from shared.wire.base import Query, Record

TEXT, COUNT, AMOUNT, DAY, MONTH, MOMENT, FLAG = (
    "text",
    "count",
    "amount",
    "day",
    "month",
    "moment",
    "flag",
)
"""Kinds of columns and parameters; an amount is minor units, a month `YYYY-MM`."""
XLSX: Final = "xlsx"
CSV: Final = "csv"
LARGEST_EXPORT: Final = 200_000


class ReportColumn(Record, frozen=True, kw_only=True):
    """A column: its key, its kind, and whether its amounts add up in a footer."""

    key: str
    kind: str
    title: str
    total: bool = False


class ReportParameter(Record, frozen=True, kw_only=True):
    """What a report asks for before it runs; `many` takes a list of ids."""

    key: str
    kind: str
    title: str
    needed: bool = False
    many: bool = False


class ReportForm(Record, frozen=True, kw_only=True):
    """A report of the catalogue."""

    code: str
    name: str
    purpose: str
    parameters: list[ReportParameter]
    columns: list[ReportColumn]


class Catalogue(Record, frozen=True, kw_only=True):
    """All reports that the user may run, in his language."""

    reports: list[ReportForm]


class ListReports(Query[Catalogue], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The catalogue."""

    right: ClassVar[str] = "report.view"


Cell = str | int | bool | None


class ReportTable(Record, frozen=True, kw_only=True):
    """Rows of a report in the order of its columns, and what goes on behind them."""

    columns: list[ReportColumn]
    rows: list[list[Cell]]
    totals: dict[str, int]
    """Sums of the columns that add up, over the rows of this page."""
    next: str | None = None


class RunReport(Query[ReportTable], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Run a report; long ones come in pages."""

    right: ClassVar[str] = "report.view"
    code: str
    parameters: dict[str, str | int | bool | list[int] | None] = msgspec.field(default_factory=dict)
    after: str | None = None
    limit: int = 1000


class ReportFile(Record, frozen=True, kw_only=True):
    """A file to be saved."""

    name: str
    media_type: str
    body: bytes
    rows: int


class ExportReport(Query[ReportFile], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole report as a file: `xlsx` or `csv`; more than 200 000 rows are refused."""

    right: ClassVar[str] = "report.view"
    code: str
    parameters: dict[str, str | int | bool | list[int] | None] = msgspec.field(default_factory=dict)
    file: str = XLSX
