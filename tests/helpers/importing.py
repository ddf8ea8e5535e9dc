"""Drives imports through the office: a file goes up in pieces, its jobs are run at once."""

from __future__ import annotations

import hashlib
from typing import Any

from card_server.exchange.routes import WORKS
from card_server.jobs import repository
from card_server.jobs.running import JobRunner
from shared.wire import imports as wire
from shared.wire.jobs import DONE, GetRun, Run
from tests.helpers.office import Office, new_operation_id


def key() -> str:
    """A fresh operation id."""
    return new_operation_id()


class Importer:
    """The window of imports, without a window."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.runner = JobRunner(office.desk, WORKS)

    def run_jobs(self) -> None:
        """Work off what was ordered."""
        for due in self.office.desk.read(repository.due_runs):
            self.runner.run(due)

    def run(self, order: Any) -> Run:
        """Order long work and wait for it."""
        ordered = self.office.ask(order)
        self.run_jobs()
        return self.office.ask(GetRun(run_id=ordered.run_id))

    def begin(self, kind: int, content: bytes, name: str = "гости.csv") -> int:
        """Send a file; it is not read yet."""
        made = self.office.ask(
            wire.BeginImport(
                operation_id=key(), kind=kind, division_id=1, file_name=name, size=len(content)
            )
        )
        step = wire.LARGEST_PIECE
        for number, start in enumerate(range(0, len(content), step), start=1):
            self.office.ask(
                wire.SendImportPiece(
                    operation_id=key(),
                    batch_id=made.key,
                    piece_no=number,
                    body=content[start : start + step],
                )
            )
        return made.key

    def finish(self, batch_id: int, content: bytes) -> Run:
        """Say that all was sent, and have it read."""
        sha256 = hashlib.sha256(content).hexdigest()
        return self.run(wire.FinishImport(operation_id=key(), batch_id=batch_id, sha256=sha256))

    def load(self, kind: int, content: bytes | str, name: str = "гости.csv") -> int:
        """A file that was sent and read."""
        body = content.encode() if isinstance(content, str) else content
        batch_id = self.begin(kind, body, name)
        run = self.finish(batch_id, body)
        assert run.state == DONE, run
        return batch_id

    def see(self, batch_id: int) -> wire.Import:
        """The batch as it stands."""
        return self.office.ask(wire.GetImport(batch_id=batch_id))

    def version(self, batch_id: int) -> int:
        """Its version now."""
        return self.see(batch_id).batch.version

    def map(self, batch_id: int, *fields: str, **options: Any) -> None:
        """Columns in order of the file; an empty name leaves a column out."""
        columns = [wire.ColumnUse(column=i, field=field) for i, field in enumerate(fields) if field]
        self.office.ask(
            wire.SetImportMapping(
                operation_id=key(),
                batch_id=batch_id,
                version=self.version(batch_id),
                mapping=wire.Mapping(columns=columns, **options),
            )
        )

    def totals(self, batch_id: int, *totals: tuple[int, int, int]) -> None:
        """Control totals: type, count, sum."""
        self.office.ask(
            wire.SetControlTotals(
                operation_id=key(),
                batch_id=batch_id,
                version=self.version(batch_id),
                totals=[
                    wire.ControlTotal(account_type_id=one, count=count, amount=amount)
                    for one, count, amount in totals
                ],
            )
        )

    def check(self, batch_id: int) -> Run:
        """The dry run."""
        version = self.version(batch_id)
        return self.run(wire.CheckImport(operation_id=key(), batch_id=batch_id, version=version))

    def post(self, batch_id: int) -> Run:
        """The import."""
        version = self.version(batch_id)
        return self.run(wire.PostImport(operation_id=key(), batch_id=batch_id, version=version))

    def undo(self, batch_id: int, reason_id: int | None = None) -> Run:
        """The undo."""
        return self.run(
            wire.UndoImport(
                operation_id=key(),
                batch_id=batch_id,
                version=self.version(batch_id),
                reason_id=reason_id,
            )
        )

    def rows(self, batch_id: int) -> list[wire.ImportRow]:
        """All rows of the batch."""
        return self.office.ask(wire.ListImportRows(batch_id=batch_id, limit=1000)).rows

    def faults(self, batch_id: int) -> dict[int, list[tuple[str, str]]]:
        """Code and field of every fault by its row."""
        return {
            row.row_no: [(one.code, one.field) for one in row.errors]
            for row in self.rows(batch_id)
            if row.errors
        }
