"""Questions about imports: the history, a batch with its preview, its rows, its error file."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Connection, or_

from card_server.db.listing import list_rows
from card_server.exchange import repository, tables
from card_server.exchange.error_file import error_file
from card_server.exchange.fields import fields_of, proposed
from card_server.exchange.house import read_house
from card_server.exchange.mapping_rules import ONLY_MATCHED
from card_server.exchange.records import Reading as FileReading
from card_server.http.routes import Actor, Reading
from shared.i18n.import_texts import field_text
from shared.wire import imports as wire
from shared.wire.base import Page
from shared.wire.errors import AppError, ErrorCode

MOST_FILE_ROWS: Final = 100_000
FILE_CHUNK: Final = 1000
CSV_TYPE: Final = "text/csv; charset=utf-8"
_rows = tables.import_row


def own_batch(connection: Connection, actor: Actor, batch_id: int) -> Any:
    """The row of a batch of the user's divisions."""
    batch = repository.find_batch(connection, batch_id)
    actor.need_division(batch.division_id)
    return batch


def check_kind(kind: int) -> None:
    """Refuse a kind of import that there is none of."""
    if kind not in wire.KINDS:
        raise AppError(ErrorCode.FIELD_BAD, field="kind", value=str(kind)[:60])


def present(asked: Any, reading: Reading) -> wire.Import:
    """The batch as it stands, for a refusal of a stale edit."""
    return get_import(wire.GetImport(batch_id=asked.batch_id), reading)


def list_imports(asked: wire.ListImports, reading: Reading) -> Page[wire.Batch]:
    """The history of imports, the discarded ones left out."""
    batch, terms = tables.import_batch, [tables.import_batch.c.state != wire.DISCARDED]
    divisions = reading.actor.divisions
    if divisions is not None:
        terms.append(batch.c.division_id.in_(sorted(divisions)))
    found = list_rows(reading.connection, repository.BATCHES, asked, *terms)
    rows = [repository.batch_record(row) for row in found.rows]
    return Page(rows=rows, next=found.next, total=found.total, marks=found.marks)


def get_import(asked: wire.GetImport, reading: Reading) -> wire.Import:
    """A batch with what its columns suggest and its first rows."""
    connection = reading.connection
    batch = own_batch(connection, reading.actor, asked.batch_id)
    shape, house = repository.shape_of(batch), read_house(connection)
    lines = list_rows(
        connection,
        repository.ROWS,
        wire.ListImportRows(batch_id=asked.batch_id, limit=wire.PREVIEW_ROWS),
        _rows.c.batch_id == asked.batch_id,
    )
    fields = fields_of(batch.kind, house)
    return wire.Import(
        batch=repository.batch_record([batch._mapping[name] for name in repository.BATCH_FIELDS]),  # noqa: SLF001 - SQLAlchemy's public name
        shape=wire.FileShape(
            encoding=shape.encoding,
            delimiter=shape.delimiter,
            sheet=shape.sheet,
            sheets=list(shape.sheets),
            has_header=shape.has_header,
            columns=list(shape.columns),
        ),
        mapping=repository.mapping_of(batch),
        proposed=_proposed(batch.kind, shape, fields),
        totals=_lines_of_totals(batch),
        preview=[repository.row_record(row) for row in lines.rows],
    )


def _proposed(kind: int, shape: FileReading, fields: Any) -> wire.Mapping:
    usable = {code: fields[code] for code in fields if code not in ONLY_MATCHED[kind]}
    columns = proposed(shape.columns, usable) if shape.has_header else []
    named = {use.field for use in columns}
    keys = ("card_code", "phone", "external_code", "holder_id")
    match = next((key for key in keys if key in named), "") if kind == wire.OPENING else ""
    return wire.Mapping(columns=columns, match=match)


def _lines_of_totals(batch: Any) -> list[wire.TotalLine]:
    expected = repository.totals_of(batch.control)
    found = repository.totals_of(batch.found)
    return [
        wire.TotalLine(
            account_type_id=type_id,
            expected_count=expected[type_id].count if type_id in expected else None,
            expected_amount=expected[type_id].amount if type_id in expected else None,
            found_count=found[type_id].count if type_id in found else 0,
            found_amount=found[type_id].amount if type_id in found else 0,
        )
        for type_id in sorted(expected.keys() | found.keys())
    ]


def list_rows_of(asked: wire.ListImportRows, reading: Reading) -> Page[wire.ImportRow]:
    """Rows of a batch with what became of them."""
    own_batch(reading.connection, reading.actor, asked.batch_id)
    mine = _rows.c.batch_id == asked.batch_id
    found = list_rows(reading.connection, repository.ROWS, asked, mine)
    rows = [repository.row_record(row) for row in found.rows]
    return Page(rows=rows, next=found.next, total=found.total, marks=found.marks)


def list_fields(asked: wire.ListImportFields, reading: Reading) -> wire.ImportFields:
    """The fields of a kind of import, named in the reader's language."""
    check_kind(asked.kind)
    language = reading.actor.language
    needed = {wire.CARDS: "card_code"}.get(asked.kind)
    return wire.ImportFields(
        fields=[
            wire.ImportField(
                field=field.code,
                name=field_text(field.code, language, field.name),
                kind=field.kind,
                required=field.code == needed,
                many=field.many,
            )
            for field in fields_of(asked.kind, read_house(reading.connection)).values()
        ]
    )


def get_error_file(asked: wire.GetErrorFile, reading: Reading) -> wire.ImportFile:
    """Refused rows (or those an undo kept) as CSV; so many of them as a window can take."""
    connection, actor = reading.connection, reading.actor
    batch = own_batch(connection, actor, asked.batch_id)
    shape, house = repository.shape_of(batch), read_house(connection)
    told = or_(_rows.c.error_code.is_not(None), _rows.c.state == wire.KEPT)
    rows: list[wire.ImportRow] = []
    after: str | None = None
    while len(rows) < MOST_FILE_ROWS:
        page = list_rows(
            connection,
            repository.ROWS,
            wire.ListImportRows(batch_id=asked.batch_id, after=after, limit=FILE_CHUNK),
            _rows.c.batch_id == asked.batch_id,
            told,
        )
        rows += [repository.row_record(row) for row in page.rows]
        after = page.next
        if after is None:
            break
    mapping = repository.mapping_of(batch)
    names = {code: field.name for code, field in fields_of(batch.kind, house).items()}
    body = error_file(shape.columns, rows, names, actor.language, mapping.decimal)
    stem = batch.file_name.rpartition(".")[0] or batch.file_name
    return wire.ImportFile(
        name=f"{stem}-errors.csv", media_type=CSV_TYPE, body=body, rows=len(rows)
    )
