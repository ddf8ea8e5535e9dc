"""Rows of import batches: the batch, the pieces of its file, its lines (domain 1.11)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from card_server.db.change_log import ChangeLog
from card_server.db.listing import Listing
from card_server.exchange import tables
from card_server.exchange.records import Cell, Fault, Reading
from shared.wire import imports as wire
from shared.wire.errors import AppError, ErrorCode

_batch, _piece, _row = tables.import_batch, tables.import_piece, tables.import_row
BATCH_FIELDS: Final = {name: _batch.c[name] for name in wire.Batch.__struct_fields__}
BATCHES: Final = Listing(
    source=_batch, key=_batch.c.batch_id, fields=BATCH_FIELDS, columns=list(BATCH_FIELDS.values())
)
ROW_COLUMNS: Final = (_row.c.row_no, _row.c.payload, _row.c.state, _row.c.errors, _row.c.object_id)
ROWS: Final = Listing(
    source=_row,
    key=_row.c.row_no,
    fields={name: _row.c[name] for name in ("row_no", "state", "error_code", "object_id")},
    columns=ROW_COLUMNS,
)
CHUNK: Final = 500
MARKING: Final = (
    update(_row)
    .where(_row.c.batch_id == bindparam("in_batch"), _row.c.row_no == bindparam("at_row"))
    .values(
        state=bindparam("to_state"),
        error_code=bindparam("to_code"),
        errors=bindparam("to_errors"),
        object_id=bindparam("to_object"),
        made=bindparam("to_made"),
        holder_id=bindparam("to_holder"),
    )
)
_cells = msgspec.json.Decoder(list[Cell])
_errors = msgspec.json.Decoder(list[wire.RowError])
_totals = msgspec.json.Decoder(list[wire.ControlTotal])


class Made(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What a row made or changed; the undo goes by it."""

    holder_id: int | None = None
    """A new guest."""
    changed_holder_id: int | None = None
    """A guest that was there before, changed by the row."""
    card_code: int | None = None
    """A new card."""
    bound_code: int | None = None
    """A card that was there before, bound by the row."""
    changed_code: int | None = None
    operations: list[int] = msgspec.field(default_factory=list)

    @property
    def object_id(self) -> int | None:
        """The one number that the list of rows shows."""
        first = self.operations[0] if self.operations else None
        cards = self.card_code or self.bound_code or self.changed_code
        return first or cards or self.holder_id or self.changed_holder_id


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A row of a batch as work needs it."""

    row_no: int
    cells: list[Cell]
    state: int = wire.NEW
    made: Made | None = None
    holder_id: int | None = None


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a row."""

    row_no: int
    state: int
    faults: Sequence[Fault] = ()
    made: Made | None = None
    holder_id: int | None = None
    """The guest whom the row is about: an erasure finds the row by it."""


# ---------------------------------------------------------------------- batches


def find_batch(connection: Connection, batch_id: int) -> Any:
    """The row of a batch that was not discarded; `ROW_NOT_FOUND` if there is none."""
    found = connection.execute(
        select(_batch).where(_batch.c.batch_id == batch_id, _batch.c.state != wire.DISCARDED)
    ).one_or_none()
    if found is None:
        raise AppError(ErrorCode.ROW_NOT_FOUND, what="import_batch", id=str(batch_id))
    return found


def batch_record(row: Sequence[Any]) -> wire.Batch:
    """A row in the order of the list's columns as the contract shows it."""
    return wire.Batch(**dict(zip(BATCH_FIELDS, row, strict=True)))


def shape_of(batch: Any) -> Reading:
    """How the file was read; nothing is known of one that was not."""
    return msgspec.json.decode(batch.shape or "{}", type=Reading)


def mapping_of(batch: Any) -> wire.Mapping:
    """Which column is what."""
    return msgspec.json.decode(batch.mapping, type=wire.Mapping)


def totals_of(text: str | None) -> dict[int, wire.ControlTotal]:
    """Control totals, or what was found, by account type."""
    return {one.account_type_id: one for one in _totals.decode(text or "[]")}


def text_of(value: Any) -> str:
    """A record as the JSON columns keep it."""
    return msgspec.json.encode(value).decode()


def write_batch(log: ChangeLog, batch_id: int, **values: Any) -> None:
    """Change a batch; the journal tells open windows, who saw it before is told it is stale."""
    log.edit(_batch, {"batch_id": batch_id}, values)


# ---------------------------------------------------------------------- the file


def put_piece(connection: Connection, batch_id: int, piece_no: int, body: bytes) -> None:
    """Keep a piece of the file, in place of one that came before."""
    connection.execute(
        delete(_piece).where(_piece.c.batch_id == batch_id, _piece.c.piece_no == piece_no)
    )
    connection.execute(
        insert(_piece).values(batch_id=batch_id, piece_no=piece_no, size=len(body), body=body)
    )


def pieces_of(connection: Connection, batch_id: int) -> tuple[int, int, int]:
    """How many pieces came, the number of the last one, the bytes of all."""
    count, last, size = connection.execute(
        select(func.count(), func.max(_piece.c.piece_no), func.sum(_piece.c.size)).where(
            _piece.c.batch_id == batch_id
        )
    ).one()
    return int(count), int(last or 0), int(size or 0)


def file_of(connection: Connection, batch_id: int) -> tuple[bytes, str]:
    """The whole file and its hash."""
    parts = connection.execute(
        select(_piece.c.body).where(_piece.c.batch_id == batch_id).order_by(_piece.c.piece_no)
    ).scalars()
    content = b"".join(bytes(part) for part in parts)
    return content, hashlib.sha256(content).hexdigest()


def drop_pieces(connection: Connection, batch_id: int) -> None:
    """The file is needed no more; its guests' data stay in fewer places."""
    connection.execute(delete(_piece).where(_piece.c.batch_id == batch_id))


# ---------------------------------------------------------------------- rows


def put_rows(
    connection: Connection, batch_id: int, rows: Iterable[tuple[int, Sequence[Cell]]]
) -> None:
    """Keep rows as they were read."""
    values = [
        {"batch_id": batch_id, "row_no": number, "payload": text_of(cells)}
        for number, cells in rows
    ]
    if values:
        connection.execute(insert(_row), values)


def drop_rows(connection: Connection, batch_id: int, most: int) -> bool:
    """Delete some rows of a batch; False when none is left."""
    last = connection.execute(
        select(_row.c.row_no).where(_row.c.batch_id == batch_id).order_by(_row.c.row_no).limit(most)
    ).scalars()
    numbers = list(last)
    if numbers:
        connection.execute(
            delete(_row).where(_row.c.batch_id == batch_id, _row.c.row_no <= numbers[-1])
        )
    return len(numbers) == most


def lines_of(
    connection: Connection,
    batch_id: int,
    *,
    after: int = 0,
    limit: int = CHUNK,
    states: Sequence[int] = (),
    backwards: bool = False,
) -> list[Line]:
    """Rows behind (or before) a number, in order."""
    terms = [_row.c.batch_id == batch_id]
    if states:
        terms.append(_row.c.state.in_(list(states)))
    if backwards:
        terms.append(_row.c.row_no < after)
    else:
        terms.append(_row.c.row_no > after)
    order = _row.c.row_no.desc() if backwards else _row.c.row_no
    found = connection.execute(
        select(_row.c.row_no, _row.c.payload, _row.c.state, _row.c.made, _row.c.holder_id)
        .where(*terms)
        .order_by(order)
        .limit(limit)
    )
    return [
        Line(
            row_no=row.row_no,
            cells=_cells.decode(row.payload),
            state=row.state,
            made=msgspec.json.decode(row.made, type=Made) if row.made else None,
            holder_id=row.holder_id,
        )
        for row in found
    ]


def mark_rows(connection: Connection, batch_id: int, marks: Sequence[Mark]) -> None:
    """Write what became of rows."""
    if not marks:
        return
    connection.execute(
        MARKING,
        [
            {
                "in_batch": batch_id,
                "at_row": mark.row_no,
                "to_state": mark.state,
                "to_code": mark.faults[0].code if mark.faults else None,
                "to_errors": text_of(list(mark.faults)) if mark.faults else None,
                "to_object": mark.made.object_id if mark.made is not None else None,
                "to_made": text_of(mark.made) if mark.made is not None else None,
                "to_holder": mark.holder_id,
            }
            for mark in marks
        ],
    )


def counts_of(connection: Connection, batch_id: int) -> dict[int, int]:
    """How many rows are in each state."""
    found = connection.execute(
        select(_row.c.state, func.count()).where(_row.c.batch_id == batch_id).group_by(_row.c.state)
    )
    return {row[0]: row[1] for row in found}


def row_record(row: Sequence[Any]) -> wire.ImportRow:
    """A row in the order of the list's columns as the contract shows it."""
    number, payload, state, errors, object_id = row
    return wire.ImportRow(
        row_no=number,
        cells=list(_cells.decode(payload)),
        state=state,
        errors=_errors.decode(errors or "[]"),
        object_id=object_id,
    )


def now_posted(connection: Connection, log: ChangeLog, batch_id: int, now: datetime) -> None:
    """The import is complete."""
    counts = counts_of(connection, batch_id)
    write_batch(
        log,
        batch_id,
        state=wire.POSTED,
        posted_at=now,
        rows_ok=counts.get(wire.IMPORTED, 0) + counts.get(wire.LEFT_OUT, 0),
        rows_bad=counts.get(wire.BAD, 0) + counts.get(wire.GOOD, 0),
    )
    drop_pieces(connection, batch_id)
