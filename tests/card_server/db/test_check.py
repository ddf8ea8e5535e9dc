"""The look-over before start: all faults at once, nothing written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import Engine, text

from card_server.db.check import CheckReport, _check_product, check, require_fit
from card_server.db.engine import DatabaseAddress, address_of, make_engine
from card_server.db.faults import Fault
from card_server.db.migrate import head
from shared.wire.errors import AppError, ErrorCode


def _codes(report: CheckReport) -> list[str]:
    return [fault.code for fault in report.faults]


def test_a_sound_database_is_ok(address: DatabaseAddress, tmp_path: Path) -> None:
    url = address.url.render_as_string(hide_password=False)
    report = check(url, tmp_path, thorough=True)
    assert report.faults == []
    assert report.ok
    assert report.schema_version == report.head == head()
    assert report.product in ("SQLite", "PostgreSQL", "Microsoft SQL Server")
    assert report.product_version[0].isdigit()


def test_a_missing_file_is_told_and_not_made(tmp_path: Path) -> None:
    report = check(None, tmp_path)
    assert _codes(report) == ["EMPTY"]
    assert not report.ok
    assert list(tmp_path.iterdir()) == []


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    assert _codes(check(None, tmp_path / "missing")) == ["FOLDER"]


def test_a_bad_string_is_told(tmp_path: Path) -> None:
    report = check("CRM", tmp_path)
    assert _codes(report) == ["STRING_BAD"]
    assert report.faults[0].detail == "CRM"


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "kartoteka.db").write_bytes(b"a letter " * 400)
    assert _codes(check(None, tmp_path)) == ["NOT_A_DATABASE"]
    assert _codes(check(None, tmp_path, thorough=True)) == ["NOT_A_DATABASE"]


def test_a_newer_and_an_older_schema_are_told_apart(data_dir: Path) -> None:
    engine = make_engine(address_of(None, data_dir))
    for version, code in [("0999", "SCHEMA_NEWER"), ("0001", "SCHEMA_OLD")]:
        with engine.begin() as connection:
            connection.execute(text("UPDATE crm_migration SET version_num = :v"), {"v": version})
        report = check(None, data_dir)
        assert _codes(report) == [code]
        assert report.schema_version == version


def test_a_damaged_file_is_found_when_it_is_read_whole(data_dir: Path) -> None:
    path = data_dir / "kartoteka.db"
    raw = bytearray(path.read_bytes())
    middle = len(raw) // 2
    raw[middle : middle + 40_000] = b"\xff" * 40_000
    path.write_bytes(raw)
    assert _codes(check(None, data_dir, thorough=True)) == ["DAMAGED"]


def test_several_faults_come_together(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = make_engine(address_of(None, data_dir))
    with engine.begin() as connection:
        connection.execute(text("UPDATE crm_migration SET version_num = '0999'"))
    monkeypatch.setattr("card_server.db.check.LEAST_FREE_BYTES", 1 << 62)
    assert _codes(check(None, data_dir)) == ["DISK_FULL", "SCHEMA_NEWER"]


def test_a_server_that_does_not_answer_is_told(tmp_path: Path) -> None:
    report = check("postgresql://u@127.0.0.1:1/d", tmp_path)
    assert _codes(report) == ["PORT_CLOSED"]
    assert report.product == "PostgreSQL"


def test_the_report_is_json_with_both_languages() -> None:
    report = CheckReport()
    report.add(Fault.DISK_FULL, "/data")
    report.add(Fault.DISK_FULL, "again")
    document = msgspec.json.decode(msgspec.json.encode(report))
    assert document["ok"] is False
    assert document["faults"] == [
        {
            "code": "DISK_FULL",
            "cause_ru": "на диске нет места",
            "cause_en": "the disk is full",
            "remedy_ru": "освободите место на диске базы",
            "remedy_en": "make room on the disk of the database",
            "detail": "/data",
        }
    ]


@pytest.mark.postgresql
def test_a_server_that_is_too_old_is_refused_at_the_start(
    address: DatabaseAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    require_fit(address)
    monkeypatch.setattr("card_server.db.check.OLDEST_POSTGRESQL", 99)
    with pytest.raises(AppError) as caught:
        require_fit(address)
    assert caught.value.code is ErrorCode.DB_UNREACHABLE
    assert caught.value.facts["fault"] == "SERVER_OLD"


class FakeServer:
    """MS SQL Server's answer about the database it was asked on."""

    def __init__(self, version: tuple[int, ...], snapshot: int, collation: str) -> None:
        self.dialect = self
        self.name = "mssql"
        self.server_version_info = version
        self._row = (snapshot, collation)

    def execute(self, _statement: object) -> FakeServer:
        """The one question there is."""
        return self

    def one(self) -> tuple[int, str]:
        """Its one row."""
        return self._row


@pytest.mark.parametrize(
    ("server", "faults"),
    [
        (FakeServer((16, 0, 4075, 1), 1, "Cyrillic_General_CI_AS"), []),
        (FakeServer((13, 0, 1, 0), 1, "Cyrillic_General_100_CI_AS_SC"), []),
        (FakeServer((12, 0, 1, 0), 1, "Cyrillic_General_CI_AS"), ["SERVER_OLD"]),
        (FakeServer((15, 0, 1, 0), 0, "Cyrillic_General_CI_AS"), ["SNAPSHOT_OFF"]),
        (
            FakeServer((11, 0, 1, 0), 0, "Latin1_General_CI_AS"),
            ["SERVER_OLD", "SNAPSHOT_OFF", "COLLATION"],
        ),
    ],
)
def test_version_snapshot_and_collation_of_ms_sql_server_are_looked_at(
    server: Any, faults: list[str]
) -> None:
    report = CheckReport()
    _check_product(server, report)
    assert _codes(report) == faults


@pytest.mark.mssql
def test_the_settings_of_the_database_are_told(engine: Engine, tmp_path: Path) -> None:
    with engine.connect() as connection:
        outside = connection.execution_options(isolation_level="AUTOCOMMIT")
        outside.execute(text("ALTER DATABASE CURRENT SET READ_COMMITTED_SNAPSHOT OFF"))
    url = engine.url.render_as_string(hide_password=False)
    assert "SNAPSHOT_OFF" in _codes(check(url, tmp_path))
