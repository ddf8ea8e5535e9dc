"""Rows and files of old imports go; the history of what was imported stays."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import Connection, Table, func, select

from card_server.exchange import purging, tables
from shared.wire import imports as wire
from tests.helpers.importing import Importer, key
from tests.helpers.office import Office

NAMES = "Фамилия\n" + "".join(f"Гость{letter}\n" for letter in "абвгд")


@pytest.fixture
def importer(office: Office, monkeypatch: pytest.MonkeyPatch) -> Importer:
    monkeypatch.setattr(purging, "PAGE", 2)
    return Importer(office)


def purge(office: Office, now: datetime) -> None:
    after: str | None = ""
    while after is not None:
        gone = office.desk.edit(
            lambda c, _now, _ids, after=after: purging.purge_imports(c, now, after)  # type: ignore[misc]
        )
        after = gone.next


def left(office: Office, batch_id: int) -> tuple[int, int]:
    """Rows and pieces of a batch."""

    def count(connection: Connection, table: Table) -> int:
        statement = select(func.count()).select_from(table).where(table.c.batch_id == batch_id)
        return int(connection.execute(statement).scalar_one())

    rows, pieces = tables.import_row, tables.import_piece
    return office.desk.read(lambda c: (count(c, rows), count(c, pieces)))


def test_a_file_that_nobody_imported_is_forgotten_after_a_month(
    office: Office, importer: Importer
) -> None:
    old = importer.load(wire.HOLDERS, NAMES)
    importer.map(old, "l_name")
    purge(office, office.shop.now + purging.ABANDONED)
    assert left(office, old) == (5, 1)
    office.shop.pass_time(days=31)
    office.sign_in()
    young = importer.load(wire.HOLDERS, NAMES)
    purge(office, office.shop.now)
    assert left(office, old) == (0, 0)
    assert left(office, young) == (5, 1)
    assert len(office.ask(wire.ListImports()).rows) == 2
    check = wire.CheckImport(operation_id=key(), batch_id=old, version=importer.version(old))
    assert office.refused(check) == "WRONG_STATE"


def test_an_import_keeps_its_rows_as_long_as_the_journal(
    office: Office, importer: Importer
) -> None:
    batch_id = importer.load(wire.HOLDERS, NAMES)
    importer.map(batch_id, "l_name")
    importer.check(batch_id)
    importer.post(batch_id)
    purge(office, office.shop.now + 10 * purging.ABANDONED)
    assert left(office, batch_id) == (5, 0)
    purge(office, office.shop.now + 100 * purging.ABANDONED)
    assert left(office, batch_id) == (0, 0)
    batch = importer.see(batch_id).batch
    assert (batch.state, batch.rows_ok) == (wire.POSTED, 5)
    undo = wire.UndoImport(operation_id=key(), batch_id=batch_id, version=batch.version)
    assert office.refused(undo) == "WRONG_STATE"
