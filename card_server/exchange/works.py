"""Long work on a batch: reading the file, the dry run, forgetting a batch; all in pieces.

What a run is ordered with names the batch and what the user was allowed then. Every piece writes
its rows and where to go on in one transaction, so a run that was interrupted goes on without
doubling anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from typing import Any, Final

import msgspec
from sqlalchemy import Connection

from card_server.exchange import repository, rules, text_files
from card_server.exchange.deciding import Judge, Rights
from card_server.exchange.drafting import Drafter, fault_of
from card_server.exchange.house import read_house
from card_server.exchange.known import read_known
from card_server.exchange.records import Cell, Draft, Fault, Reading
from card_server.exchange.repository import Line, Mark
from card_server.exchange.seen import Seen
from card_server.exchange.workbooks import Workbook, is_workbook
from card_server.jobs.running import Pass, Piece, RunContext
from shared.wire import imports as wire
from shared.wire.errors import AppError, ErrorCode

READ: Final = "import.read"
CHECK: Final = "import.check"
DISCARD: Final = "import.discard"
PIECE_ROWS: Final = 200
HEAD_ROWS: Final = 2

Rows = Iterator[tuple[int, list[Cell]]]


class Params(msgspec.Struct, frozen=True, kw_only=True):
    """What work on a batch is ordered with."""

    batch_id: int = 0
    rights: Rights = msgspec.field(default_factory=Rights)
    reading: Reading = msgspec.field(default_factory=Reading)
    """What the user said of the file; the rest is found out."""
    finds_header: bool = True
    reason_id: int | None = None


class Desk(msgspec.Struct, frozen=True, kw_only=True):
    """What every row of a batch is read and decided with."""

    batch: Any
    mapping: wire.Mapping
    house: Any
    drafter: Drafter
    judge: Judge
    counts_cards: bool = False
    """The licence may end inside the batch: every piece counts its cards."""

    def drafts(self, lines: Iterable[Line]) -> list[Draft]:
        """Rows as they are understood."""
        return [self.drafter.draft(line.row_no, line.cells) for line in lines]


def open_desk(context: RunContext, params: Params) -> Desk:
    """Read the batch and the dictionaries."""
    today = context.desk.edit(lambda _connection, now, _ids: now).date()

    def read(connection: Connection) -> Desk:
        batch = repository.find_batch(connection, params.batch_id)
        mapping, house = repository.mapping_of(batch), read_house(connection)
        return Desk(
            batch=batch,
            mapping=mapping,
            house=house,
            drafter=Drafter(batch.kind, mapping, house, today),
            judge=Judge(batch.kind, mapping, house, params.rights),
        )

    return context.desk.read(read)


# ---------------------------------------------------------------------- reading the file


def read_file(context: RunContext) -> None:
    """Turn the file into rows: find out what it is, then write its rows piece by piece."""
    params = context.params(Params)
    batch_id = params.batch_id

    def load(connection: Connection) -> tuple[Any, bytes, str]:
        return (
            repository.find_batch(connection, batch_id),
            *repository.file_of(connection, batch_id),
        )

    batch, content, sha256 = context.desk.read(load)
    if len(content) != batch.size or sha256 != batch.sha256:
        raise AppError(
            ErrorCode.FILE_INCOMPLETE,
            name=batch.file_name,
            found=len(content),
            expected=batch.size,
        )
    while context.resume_at is None or context.resume_at == "clear":
        context.piece(lambda how: _clear(how, batch_id))
    start = int(context.resume_at)
    shape, rows = _opened(context, content, batch.file_name, params)
    waiting = (row for row in rows if row[0] > start)
    done = start > 0
    while part := list(islice(waiting, PIECE_ROWS)):
        done = True
        context.piece(lambda how, part=part: _put(how, batch_id, part))  # type: ignore[misc]
    if not done:
        raise AppError(ErrorCode.FILE_EMPTY, name=batch.file_name)
    context.piece(lambda how: _loaded(how, batch_id, shape))
    context.tell_total(context.processed)


def _clear(how: Pass, batch_id: int) -> Piece:
    """Rows of an earlier reading go first."""
    more = repository.drop_rows(how.connection, batch_id, 1000)
    return Piece(resume_at="clear" if more else "0", processed=0)


def _put(how: Pass, batch_id: int, part: list[tuple[int, list[Cell]]]) -> Piece:
    repository.put_rows(how.connection, batch_id, part)
    return Piece(resume_at=str(part[-1][0]), processed=len(part))


def _loaded(how: Pass, batch_id: int, shape: Reading) -> Piece:
    counts = repository.counts_of(how.connection, batch_id)
    repository.write_batch(
        how.log,
        batch_id,
        state=wire.LOADED,
        shape=repository.text_of(shape),
        rows_total=sum(counts.values()),
        rows_ok=0,
        rows_bad=0,
        found=None,
    )
    return Piece(resume_at=None, processed=0)


def _opened(context: RunContext, content: bytes, name: str, params: Params) -> tuple[Reading, Rows]:
    """How the file is read, and its rows without the header."""
    said = params.reading
    if is_workbook(content):
        book = Workbook(content, name)
        sheet = said.sheet or book.sheets[0]
        shape = Reading(sheet=sheet, sheets=book.sheets)
        rows: Rows = book.rows(sheet)
    else:
        encoding = said.encoding or text_files.encoding_of(content, name)
        text = text_files.decoded(content, encoding, name)
        context.tell_total(text.count("\n"))
        delimiter = said.delimiter or text_files.delimiter_of(text)
        shape = Reading(encoding=encoding, delimiter=delimiter)
        rows = _texts(text, delimiter, name)
    head = list(islice(rows, HEAD_ROWS))
    has_header = looks_like_header(head) if params.finds_header else said.has_header
    width = max((len(cells) for _, cells in head), default=0)
    names = _names(head[0][1] if head and has_header else [], width)
    shape = msgspec.structs.replace(shape, has_header=has_header, columns=names)
    return shape, chain(head[1:] if has_header else head, rows)


def _texts(text: str, delimiter: str, name: str) -> Rows:
    for number, cells in text_files.rows_of(text, delimiter, name):
        yield number, list(cells)


def looks_like_header(head: list[tuple[int, list[Cell]]]) -> bool:
    """The first row has names: different texts, none of which is a number, a day or an address."""
    if not head:
        return False
    texts = [rules.text_of(cell) for cell in head[0][1]]
    filled = [text for text in texts if text]
    plain = all(isinstance(cell, str) for cell in head[0][1] if rules.text_of(cell))
    data = any("@" in text or sum(c.isdigit() for c in text) * 2 >= len(text) for text in filled)
    return bool(filled) and plain and not data and len(set(filled)) == len(filled)


def _names(header: list[Cell], width: int) -> tuple[str, ...]:
    """Names of columns; one without a name is called by its number."""
    names = [rules.text_of(cell)[:100] for cell in header]
    names += [""] * (width - len(names))
    return tuple(name or str(i) for i, name in enumerate(names, start=1))


# ---------------------------------------------------------------------- the dry run


class Totals:
    """Counts and sums of the good rows of opening balances, in the sign of the file."""

    def __init__(self) -> None:
        self._found: dict[int, list[int]] = {}

    def add(self, draft: Draft) -> None:
        """A row that will be imported."""
        for part in draft.balances:
            one = self._found.setdefault(part.account_type_id, [0, 0])
            one[0] += 1
            one[1] += part.amount

    def told(self) -> list[wire.ControlTotal]:
        """What was found, by account type."""
        return [
            wire.ControlTotal(account_type_id=type_id, count=count, amount=amount)
            for type_id, (count, amount) in sorted(self._found.items())
        ]


def check_rows(context: RunContext) -> None:
    """Try every row: what it would do is decided, nothing is done; starts anew after a restart."""
    params = context.params(Params)
    desk = open_desk(context, params)
    context.tell_total(desk.batch.rows_total)
    if context.processed:  # what was seen of the rows before is gone
        context.note(processed=-context.processed, failed=-context.failed, resume_at=None)
    seen, totals = Seen(desk.judge, desk.house, desk.mapping), Totals()
    counts = {wire.GOOD: 0, wire.LEFT_OUT: 0, wire.BAD: 0}
    last = 0
    while lines := context.desk.read(_next_lines(params.batch_id, last)):
        drafts = desk.drafts(lines)
        marks = context.desk.read(
            lambda connection, drafts=drafts: _judged(connection, desk, seen, totals, drafts)  # type: ignore[misc]
        )
        for mark in marks:
            counts[mark.state] += 1
        bad = sum(mark.state == wire.BAD for mark in marks)
        last = lines[-1].row_no
        context.piece(lambda how, marks=marks, bad=bad: _marked(how, params.batch_id, marks, bad))  # type: ignore[misc]
    context.piece(lambda how: _checked(how, params.batch_id, counts, totals))
    context.tell_outcome({"ok": counts[wire.GOOD], "bad": counts[wire.BAD]})


def _next_lines(batch_id: int, last: int) -> Callable[[Connection], list[Line]]:
    return lambda connection: repository.lines_of(
        connection, batch_id, after=last, limit=PIECE_ROWS
    )


def _judged(
    connection: Connection, desk: Desk, seen: Seen, totals: Totals, drafts: list[Draft]
) -> list[Mark]:
    known = read_known(connection, drafts)
    marks = []
    for draft in drafts:
        faults: list[Fault] = list(draft.faults)
        state = wire.BAD
        if not faults:
            try:
                decision = desk.judge.decide(draft, known)
                seen.check(draft, decision)
                state = wire.LEFT_OUT if decision.leave_out else wire.GOOD
            except AppError as error:
                faults.append(fault_of(error))
        if state == wire.GOOD:
            totals.add(draft)
        marks.append(Mark(row_no=draft.row_no, state=state, faults=faults))
    return marks


def _marked(how: Pass, batch_id: int, marks: list[Mark], bad: int) -> Piece:
    repository.mark_rows(how.connection, batch_id, marks)
    return Piece(resume_at=str(marks[-1].row_no), processed=len(marks), failed=bad)


def _checked(how: Pass, batch_id: int, counts: dict[int, int], totals: Totals) -> Piece:
    repository.write_batch(
        how.log,
        batch_id,
        state=wire.CHECKED,
        rows_ok=counts[wire.GOOD] + counts[wire.LEFT_OUT],
        rows_bad=counts[wire.BAD],
        found=repository.text_of(totals.told()),
    )
    return Piece(resume_at=None, processed=0)


# ---------------------------------------------------------------------- forgetting


def discard_rows(context: RunContext) -> None:
    """Delete the rows and the file of a batch that was discarded."""
    batch_id = context.params(Params).batch_id

    def piece(how: Pass) -> Piece:
        more = repository.drop_rows(how.connection, batch_id, 1000)
        if not more:
            repository.drop_pieces(how.connection, batch_id)
        return Piece(resume_at="more" if more else None, processed=1000 if more else 0)

    while context.piece(piece):
        pass
