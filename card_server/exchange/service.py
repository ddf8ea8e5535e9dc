"""Use cases of imports: the file comes, columns are mapped, work is ordered (domain 1.11, 3.14)."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Connection

from card_server.db.editing import check_reference
from card_server.divisions import tables as division_tables
from card_server.exchange import posting_work, repository, tables, undoing_work, works
from card_server.exchange.batch_reading import check_kind, own_batch
from card_server.exchange.deciding import Rights
from card_server.exchange.house import read_house
from card_server.exchange.mapping_rules import check_mapping, check_totals, compare_totals
from card_server.exchange.records import Reading as FileReading
from card_server.exchange.rules import too_large
from card_server.exchange.text_files import DELIMITERS, ENCODINGS
from card_server.http.routes import Actor, Editing
from card_server.jobs import service as jobs
from card_server.jobs.repository import is_under_way
from card_server.ledger import tables as ledger_tables
from shared.wire import imports as wire
from shared.wire.base import Done, Made
from shared.wire.errors import AppError, ErrorCode
from shared.wire.jobs import Ordered

LONGEST_NAME: Final = 255
MOST_PIECES: Final = 2000
HASH_DIGITS: Final = 64
STATES: Final = {
    wire.RECEIVING: "receiving",
    wire.LOADED: "loaded",
    wire.CHECKED: "checked",
    wire.POSTED: "posted",
    wire.UNDONE: "undone",
    wire.POSTING: "posting",
    wire.UNDOING: "undoing",
}
OPEN: Final = (wire.LOADED, wire.CHECKED)


def _need_state(batch: Any, event: str, *states: int) -> None:
    if batch.state not in states:
        raise AppError(
            ErrorCode.WRONG_STATE,
            event=event,
            object=batch.file_name[:60],
            state=STATES[batch.state],
        )


def _need_rest(connection: Connection, batch: Any, event: str) -> None:
    """No work on the batch is under way."""
    if batch.run_id is not None and is_under_way(connection, batch.run_id):
        raise AppError(
            ErrorCode.WRONG_STATE, event=event, object=batch.file_name[:60], state="running"
        )


def _need_rows(connection: Connection, batch: Any, event: str) -> None:
    """Rows of an old batch were purged; its line in the history is all that is left."""
    if not repository.lines_of(connection, batch.batch_id, limit=1):
        raise AppError(
            ErrorCode.WRONG_STATE, event=event, object=batch.file_name[:60], state="purged"
        )


# ---------------------------------------------------------------------- the file


def begin(asked: wire.BeginImport, editing: Editing) -> Made:
    """A batch that waits for its file."""
    connection, actor = editing.connection, editing.actor
    check_kind(asked.kind)
    name = asked.file_name.replace("\\", "/").rpartition("/")[2].strip()
    if not name:
        raise AppError(ErrorCode.FIELD_MISSING, field="file_name")
    if len(name) > LONGEST_NAME:
        raise AppError(ErrorCode.TOO_LONG, field="file_name", limit=LONGEST_NAME)
    check_reference(connection, division_tables.division, "division_id", asked.division_id)
    actor.need_division(asked.division_id)
    if asked.size <= 0:
        raise AppError(ErrorCode.FILE_EMPTY, name=name)
    if asked.size > wire.LARGEST_FILE:
        raise too_large(name)
    batch_id = editing.ids.take("change")
    editing.log.insert(
        tables.import_batch,
        {
            "batch_id": batch_id,
            "kind": asked.kind,
            "division_id": asked.division_id,
            "file_name": name,
            "size": asked.size,
            "mapping": repository.text_of(wire.Mapping()),
            "state": wire.RECEIVING,
            "user_id": actor.user_id,
        },
    )
    return Made(key=batch_id)


def send_piece(asked: wire.SendImportPiece, editing: Editing) -> Done:
    """Keep a piece of the file."""
    batch = own_batch(editing.connection, editing.actor, asked.batch_id)
    _need_state(batch, "send", wire.RECEIVING)
    _need_rest(editing.connection, batch, "send")
    if not 1 <= asked.piece_no <= MOST_PIECES:
        raise AppError(ErrorCode.FIELD_BAD, field="piece_no", value=str(asked.piece_no)[:60])
    if not 0 < len(asked.body) <= wire.LARGEST_PIECE:
        raise AppError(ErrorCode.REQUEST_TOO_LARGE, limit=wire.LARGEST_PIECE)
    repository.put_piece(editing.connection, asked.batch_id, asked.piece_no, asked.body)
    _, _, size = repository.pieces_of(editing.connection, asked.batch_id)
    if size > batch.size:
        raise AppError(
            ErrorCode.FILE_INCOMPLETE, name=batch.file_name, found=size, expected=batch.size
        )
    return Done()


def finish(asked: wire.FinishImport, editing: Editing) -> Ordered:
    """All of the file is there: it is read by a job."""
    batch = own_batch(editing.connection, editing.actor, asked.batch_id)
    _need_state(batch, "finish", wire.RECEIVING)
    _need_rest(editing.connection, batch, "finish")
    sha256 = asked.sha256.strip().lower()
    if len(sha256) != HASH_DIGITS or not set(sha256) <= set("0123456789abcdef"):
        raise AppError(ErrorCode.FIELD_BAD, field="sha256", value=asked.sha256[:60])
    count, last, size = repository.pieces_of(editing.connection, asked.batch_id)
    if size != batch.size or count != last:
        raise AppError(
            ErrorCode.FILE_INCOMPLETE, name=batch.file_name, found=size, expected=batch.size
        )
    return _order(editing, batch, works.READ, works.Params(batch_id=asked.batch_id), sha256=sha256)


def read_again(asked: wire.ReadImport, editing: Editing) -> Ordered:
    """Read the file as the user says instead of as was found out."""
    batch = _seen(asked, editing, "read", wire.RECEIVING, *OPEN)
    for field, value, known in (
        ("encoding", asked.encoding, ENCODINGS),
        ("delimiter", asked.delimiter, DELIMITERS),
    ):
        if value and value not in known:
            raise AppError(ErrorCode.FIELD_BAD, field=field, value=value[:60])
    if batch.sha256 is None:
        raise AppError(
            ErrorCode.FILE_INCOMPLETE, name=batch.file_name, found=0, expected=batch.size
        )
    params = works.Params(
        batch_id=asked.batch_id,
        reading=FileReading(
            encoding=asked.encoding,
            delimiter=asked.delimiter,
            sheet=asked.sheet,
            has_header=bool(asked.has_header),
        ),
        finds_header=asked.has_header is None,
    )
    return _order(editing, batch, works.READ, params, state=wire.RECEIVING)


# ---------------------------------------------------------------------- the batch


def _seen(asked: Any, editing: Editing, event: str, *states: int) -> Any:
    """The batch as the user saw it, in a state that allows the act, and at rest."""
    batch = own_batch(editing.connection, editing.actor, asked.batch_id)
    key = {"batch_id": asked.batch_id}
    editing.log.edit(tables.import_batch, key, {}, expected_version=asked.version)
    _need_state(batch, event, *states)
    _need_rest(editing.connection, batch, event)
    return batch


def _order(editing: Editing, batch: Any, code: str, params: works.Params, **values: Any) -> Ordered:
    ordered = jobs.ordered(editing, code, params)
    repository.write_batch(editing.log, batch.batch_id, run_id=ordered.run_id, **values)
    return ordered


def _edit(editing: Editing, batch: Any, values: dict[str, Any]) -> Done:
    """Write and journal a change of the batch."""
    key = {"batch_id": batch.batch_id}
    editing.log.edit(tables.import_batch, key, values)
    return Done(version=repository.find_batch(editing.connection, batch.batch_id).version)


def set_mapping(asked: wire.SetImportMapping, editing: Editing) -> Done:
    """Which column is what; the batch waits for a new dry run."""
    batch = _seen(asked, editing, "map", *OPEN)
    house = read_house(editing.connection)
    check_mapping(batch.kind, asked.mapping, repository.shape_of(batch).columns, house)
    values = {
        "mapping": repository.text_of(asked.mapping),
        "state": wire.LOADED,
        "found": None,
        "rows_ok": 0,
        "rows_bad": 0,
    }
    return _edit(editing, batch, values)


def set_totals(asked: wire.SetControlTotals, editing: Editing) -> Done:
    """What the other system says its balances are."""
    batch = _seen(asked, editing, "control", *OPEN)
    if batch.kind != wire.OPENING:
        raise AppError(ErrorCode.FIELD_BAD, field="kind", value=str(batch.kind))
    check_totals(asked.totals, read_house(editing.connection))
    return _edit(editing, batch, {"control": repository.text_of(asked.totals)})


def discard(asked: wire.DiscardImport, editing: Editing) -> Done:
    """Forget a batch that was not imported; a job deletes its rows."""
    batch = _seen(asked, editing, "discard", wire.RECEIVING, *OPEN)
    params = works.Params(batch_id=asked.batch_id)
    _order(editing, batch, works.DISCARD, params)
    key = {"batch_id": asked.batch_id}
    editing.log.edit(tables.import_batch, key, {"state": wire.DISCARDED})
    return Done()


def _rights(actor: Actor) -> Rights:
    divisions = None if actor.divisions is None else tuple(sorted(actor.divisions))
    return Rights(divisions=divisions, any_card="card.issue_any" in actor.rights)


def check(asked: wire.CheckImport, editing: Editing) -> Ordered:
    """Order the dry run."""
    batch = _seen(asked, editing, "check", *OPEN)
    _need_rows(editing.connection, batch, "check")
    house, shape = read_house(editing.connection), repository.shape_of(batch)
    check_mapping(batch.kind, repository.mapping_of(batch), shape.columns, house)
    params = works.Params(batch_id=asked.batch_id, rights=_rights(editing.actor))
    return _order(editing, batch, works.CHECK, params)


def post(asked: wire.PostImport, editing: Editing) -> Ordered:
    """Order the import; opening balances only if their totals are those that were given."""
    batch = _seen(asked, editing, "import", wire.CHECKED, wire.POSTING)
    if batch.state == wire.CHECKED:
        if batch.kind == wire.OPENING:
            compare_totals(repository.totals_of(batch.control), repository.totals_of(batch.found))
        if batch.rows_bad and not repository.mapping_of(batch).skip_bad:
            raise AppError(ErrorCode.ROW_BAD, count=batch.rows_bad)
    params = works.Params(batch_id=asked.batch_id, rights=_rights(editing.actor))
    return _order(editing, batch, posting_work.POST, params, state=wire.POSTING)


def undo(asked: wire.UndoImport, editing: Editing) -> Ordered:
    """Order the undo of what a batch made."""
    batch = _seen(asked, editing, "undo", wire.POSTED, wire.POSTING, wire.UNDOING)
    _need_rows(editing.connection, batch, "undo")
    if batch.kind == wire.OPENING and asked.reason_id is None:
        raise AppError(ErrorCode.REASON_NEEDED, field="reason_id")
    if asked.reason_id is not None:
        reason = ledger_tables.reason
        check_reference(editing.connection, reason, "reason_id", asked.reason_id)
    params = works.Params(
        batch_id=asked.batch_id, rights=_rights(editing.actor), reason_id=asked.reason_id
    )
    return _order(editing, batch, undoing_work.UNDO, params, state=wire.UNDOING)
