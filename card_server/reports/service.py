"""The catalogue of reports, running one, exporting one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from card_server.http.routes import Reading
from card_server.reports.exporting import CSV_TYPE, XLSX_TYPE, to_csv, to_xlsx
from card_server.reports.forms import Report, Values, read_values, totals_of
from card_server.reports.journal import JOURNAL
from card_server.reports.liability import LIABILITY
from card_server.reports.turnover import TURNOVER
from shared.i18n.report_texts import report_text
from shared.wire import reports as wire
from shared.wire.errors import AppError, ErrorCode

REPORTS: Final = {report.code: report for report in (TURNOVER, LIABILITY, JOURNAL)}
LARGEST_PAGE: Final = 5000


def _columns(report: Report, language: str) -> list[wire.ReportColumn]:
    return [
        wire.ReportColumn(
            key=column.key,
            kind=column.kind,
            title=report_text(column.key, language),
            total=column.total,
        )
        for column in report.columns
    ]


def list_reports(_asked: wire.ListReports, reading: Reading) -> wire.Catalogue:
    """All reports in the user's language."""
    language = reading.actor.language
    forms = [
        wire.ReportForm(
            code=report.code,
            name=report_text(report.code, language),
            purpose=report_text(f"{report.code}.purpose", language),
            parameters=[
                wire.ReportParameter(
                    key=one.key,
                    kind=one.kind,
                    title=report_text(one.key, language),
                    needed=one.needed,
                    many=one.many,
                )
                for one in report.parameters
            ],
            columns=_columns(report, language),
        )
        for report in REPORTS.values()
    ]
    return wire.Catalogue(reports=forms)


def _report(code: str) -> Report:
    found = REPORTS.get(code)
    if found is None:
        raise AppError(ErrorCode.ROW_NOT_FOUND, what="report_form", id=code[:60])
    return found


def run_report(asked: wire.RunReport, reading: Reading) -> wire.ReportTable:
    """A page of a report."""
    report = _report(asked.code)
    values = read_values(report, asked.parameters)
    limit = max(1, min(asked.limit, LARGEST_PAGE))
    piece = report.run(reading.connection, reading.actor, values, asked.after, limit)
    return wire.ReportTable(
        columns=_columns(report, reading.actor.language),
        rows=piece.rows,
        totals=totals_of(report, piece.rows),
        next=piece.next,
    )


def _all_rows(report: Report, values: Values, reading: Reading) -> Iterator[list[wire.Cell]]:
    """Every row, page by page; more than a file should hold is refused."""
    after, count = None, 0
    while True:
        piece = report.run(reading.connection, reading.actor, values, after, LARGEST_PAGE)
        count += len(piece.rows)
        if count > wire.LARGEST_EXPORT:
            raise AppError(ErrorCode.TOO_MANY_ITEMS, count=count, limit=wire.LARGEST_EXPORT)
        yield from piece.rows
        after = piece.next
        if after is None:
            return


def export_report(asked: wire.ExportReport, reading: Reading) -> wire.ReportFile:
    """The whole report as a file."""
    report = _report(asked.code)
    values = read_values(report, asked.parameters)
    if asked.file not in (wire.XLSX, wire.CSV):
        raise AppError(ErrorCode.FIELD_BAD, field="file", value=asked.file[:20])
    language = reading.actor.language
    columns = _columns(report, language)
    rows = list(_all_rows(report, values, reading))
    title = report_text(report.code, language)
    is_csv = asked.file == wire.CSV
    body = to_csv(columns, rows) if is_csv else to_xlsx(title, columns, rows)
    return wire.ReportFile(
        name=f"{report.code}-{reading.now:%Y-%m-%d}.{asked.file}",
        media_type=CSV_TYPE if is_csv else XLSX_TYPE,
        body=body,
        rows=len(rows),
    )
