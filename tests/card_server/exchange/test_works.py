"""Reading a file: what a header is, names of columns, a reading that goes on after a restart."""

from __future__ import annotations

import hashlib
import time
from typing import Any

import pytest

from card_server.exchange import repository, works
from card_server.exchange.records import Cell
from card_server.exchange.routes import WORKS
from card_server.exchange.works import looks_like_header
from card_server.jobs import repository as jobs
from card_server.jobs.running import JobRunner
from shared.wire import imports as wire
from shared.wire.jobs import DONE, ENDED, GetRun, Ordered, Run
from tests.helpers.importing import Importer, key
from tests.helpers.office import Office


@pytest.mark.parametrize(
    ("first", "is_header"),
    [
        (["Карта", "Фамилия"], True),
        (["Карта", "Phone 2", None], True),
        (["1001", "Иванова"], False),
        (["Иванова", "a@b.example"], False),
        (["Иванова", "31.12.1985"], False),
        ([1001, "Иванова"], False),
        (["да", "да"], False),
        ([None, ""], False),
    ],
)
def test_a_header_is_a_row_of_different_names(first: list[Cell], is_header: bool) -> None:
    assert looks_like_header([(1, first), (2, ["x", "y"])]) == is_header


def test_no_row_at_all_is_no_header() -> None:
    assert not looks_like_header([])


def test_columns_without_a_name_are_called_by_their_number(
    office: Office,
) -> None:
    importer = Importer(office)
    batch_id = importer.load(wire.HOLDERS, "Фамилия;;Имя\nИванова;x;Анна;лишняя\n")
    assert importer.see(batch_id).shape.columns == ["Фамилия", "2", "Имя", "4"]


def test_a_reading_that_was_interrupted_goes_on_where_it_stood(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    importer = Importer(office)
    monkeypatch.setattr(works, "PIECE_ROWS", 2)
    body = ("Фамилия\n" + "".join(f"Гость{i}\n" for i in "абвгд")).encode()
    batch_id = importer.begin(wire.HOLDERS, body)
    real = repository.put_rows
    pieces: list[list[int]] = []

    def put(connection: Any, batch: int, rows: Any) -> None:
        part = list(rows)
        pieces.append([number for number, _ in part])
        if len(pieces) == 2:
            importer.runner._stop.set()
        real(connection, batch, part)

    monkeypatch.setattr(repository, "put_rows", put)
    run = importer.finish(batch_id, body)
    assert run.state == 7
    office.desk.edit(lambda c, _now, _ids: jobs.plan_interrupted(c))
    importer.runner._stop.clear()
    importer.run_jobs()
    run = office.ask(GetRun(run_id=run.run_id))
    assert (run.state, run.processed, run.total) == (DONE, 5, 5)
    assert pieces == [[2, 3], [4, 5], [6]]
    assert importer.see(batch_id).batch.rows_total == 5


def test_a_dry_run_that_was_interrupted_starts_anew_and_counts_once(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    importer = Importer(office)
    monkeypatch.setattr(works, "PIECE_ROWS", 1)
    batch_id = importer.load(wire.HOLDERS, "Фамилия;Телефон\nА;+79000000001\nБ;+79000000001\n")
    importer.map(batch_id, "l_name", "contact.1")
    real = repository.mark_rows
    marked: list[int] = []

    def mark(connection: Any, batch: int, marks: Any) -> None:
        marked.extend(one.row_no for one in marks)
        if marked == [2]:
            importer.runner._stop.set()
        real(connection, batch, marks)

    monkeypatch.setattr(repository, "mark_rows", mark)
    version = importer.version(batch_id)
    run = importer.run(wire.CheckImport(operation_id=key(), batch_id=batch_id, version=version))
    assert run.state == 7
    office.desk.edit(lambda c, _now, _ids: jobs.plan_interrupted(c))
    importer.runner._stop.clear()
    importer.run_jobs()
    run = office.ask(GetRun(run_id=run.run_id))
    assert (run.processed, run.failed, run.outcome) == (2, 1, '{"ok":1,"bad":1}')
    assert marked == [2, 2, 3]
    assert importer.faults(batch_id) == {3: [("ROW_TWICE", "contact.1")]}


def test_a_program_imports_over_loopback_while_the_runner_works_beside_it(office: Office) -> None:
    client = office.client()
    runner = JobRunner(office.desk, WORKS)
    runner.start()
    body = ("Фамилия\n" + "".join(f"Гость{letter}\n" for letter in "абвгд")).encode("utf-16")

    def wait(ordered: Ordered) -> Run:
        runner.wake()
        deadline = time.monotonic() + 20
        while (run := client.ask(GetRun(run_id=ordered.run_id))).state not in ENDED:
            assert time.monotonic() < deadline, run
            time.sleep(0.02)
        return run

    def version() -> int:
        return client.ask(wire.GetImport(batch_id=batch_id)).batch.version

    try:
        begin = wire.BeginImport(
            operation_id=key(), kind=1, division_id=1, file_name="a.csv", size=len(body)
        )
        batch_id = client.ask(begin).key
        client.ask(
            wire.SendImportPiece(operation_id=key(), batch_id=batch_id, piece_no=1, body=body)
        )
        sha256 = hashlib.sha256(body).hexdigest()
        finish = wire.FinishImport(operation_id=key(), batch_id=batch_id, sha256=sha256)
        assert wait(client.ask(finish)).state == DONE
        mapping = client.ask(wire.GetImport(batch_id=batch_id)).proposed
        client.ask(
            wire.SetImportMapping(
                operation_id=key(), batch_id=batch_id, version=version(), mapping=mapping
            )
        )
        for order in (wire.CheckImport, wire.PostImport):
            asked = order(operation_id=key(), batch_id=batch_id, version=version())
            assert wait(client.ask(asked)).state == DONE
        assert client.ask(wire.GetImport(batch_id=batch_id)).batch.rows_ok == 5
        file = client.ask(wire.GetErrorFile(batch_id=batch_id))
        assert (file.rows, file.body[:3]) == (0, b"\xef\xbb\xbf")
    finally:
        runner.stop()
