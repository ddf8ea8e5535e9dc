"""The job `backup`: a whole copy each time, the oldest go, a server database says how (3.12)."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from card_server.db.backup import check_file
from card_server.db.engine import DatabaseAddress, address_of
from card_server.jobs.backup import remove_old
from card_server.jobs.registry import WORKS
from card_server.works import enter_backup
from shared.settings.house import BACKUP_KEEP
from shared.wire import jobs
from shared.wire.errors import AppError
from tests.helpers.office import Office
from tests.helpers.runs import run_job


@pytest.fixture
def _no_backup_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(WORKS, "backup", lambda _context: None)


@pytest.mark.usefixtures("_no_backup_afterwards")
def test_a_copy_is_made_beside_the_tills_and_so_many_are_kept(
    office: Office, address: DatabaseAddress, tmp_path: Path
) -> None:
    if not address.is_embedded:
        pytest.skip("a server database is copied by its own means")
    folder = tmp_path / "copies"
    enter_backup(address, folder)
    office.shop.issue(77)
    names = []
    for _ in range(BACKUP_KEEP.default + 2):
        run = run_job(office, "backup")
        assert (run.state, run.processed) == (jobs.DONE, 1)
        names.append(Path(json.loads(run.outcome or "")["file"]).name)
        office.shop.pass_time(minutes=1)
    assert sorted(path.name for path in folder.iterdir()) == names[2:]
    assert json.loads(run.outcome or "")["removed"] == [names[1]]
    check_file(folder / names[-1])
    with closing(sqlite3.connect(folder / names[-1])) as copy:
        assert copy.execute("SELECT card_code FROM crm_card").fetchall() == [(77,)]


@pytest.mark.usefixtures("_no_backup_afterwards")
def test_a_server_database_is_copied_by_its_own_means(office: Office, tmp_path: Path) -> None:
    address = address_of("postgresql+psycopg://crm@db.example/crm", tmp_path)
    enter_backup(address, tmp_path)
    run = run_job(office, "backup")
    assert run.state == jobs.FAILED
    assert "pg_dump" in (run.message or "")


@pytest.mark.usefixtures("_no_backup_afterwards")
def test_a_folder_that_cannot_be_made_is_told(
    office: Office, address: DatabaseAddress, tmp_path: Path
) -> None:
    if not address.is_embedded:
        pytest.skip("a server database is copied by its own means")
    (tmp_path / "file").write_text("no folder")
    enter_backup(address, tmp_path / "file")
    run = run_job(office, "backup")
    assert (run.state, (run.message or "")[:9]) != (jobs.DONE, "INTERNAL ")
    assert run.state == jobs.FAILED


def test_other_files_of_the_folder_stay(tmp_path: Path) -> None:
    for name in (
        "kartoteka-20260301-040000.db",
        "kartoteka-20260302-040000.db",
        "kartoteka-20260303-040000.db",
        "kartoteka-before-restore-20260101-000000.db",
        "other-20200101-000000.db",
        "notes.txt",
    ):
        (tmp_path / name).touch()
    gone = remove_old(tmp_path / "kartoteka-20260303-040000.db", 1)
    assert [path.name for path in gone] == [
        "kartoteka-20260301-040000.db",
        "kartoteka-20260302-040000.db",
    ]
    assert len(list(tmp_path.iterdir())) == 4


def test_a_copy_that_cannot_be_deleted_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for day in (1, 2):
        (tmp_path / f"kartoteka-2026030{day}-040000.db").touch()

    def locked(_path: Path) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "unlink", locked)
    with pytest.raises(AppError, match="FOLDER_DENIED"):
        remove_old(tmp_path / "kartoteka-20260302-040000.db", 1)
