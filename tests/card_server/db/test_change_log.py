"""Edits and their journal."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, select

from card_server.db.change_log import ChangeLog, Editor, value_text
from card_server.divisions import tables as division_tables
from card_server.holders import tables as holder_tables
from card_server.users import tables as user_tables
from shared.wire.errors import AppError, ErrorCode

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
UNIT = {"unit_id": 1}


class Numbers:
    """Ids for change sets."""

    def __init__(self) -> None:
        self._numbers = count(10**13 + 1)

    def take(self, kind: str) -> int:
        """The next number."""
        assert kind == "change"
        return next(self._numbers)


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    """A transaction that is thrown away."""
    with engine.connect() as connection:
        yield connection


@pytest.fixture
def log(connection: Connection) -> ChangeLog:
    """The journal of user 1 at the desk."""
    editor = Editor(user_id=1, host="desk", application="crm-manager", reason="просьба гостя")
    return ChangeLog(connection, Numbers(), editor, NOW)


def _values(connection: Connection, change_id: int | None) -> dict[str, tuple[Any, Any, bool]]:
    table = user_tables.change_value
    rows = connection.execute(select(table).where(table.c.change_id == change_id))
    return {row.field_name: (row.old_value, row.new_value, row.is_personal) for row in rows}


def _set(connection: Connection, change_id: int | None) -> Any:
    table = user_tables.change_set
    return connection.execute(select(table).where(table.c.change_id == change_id)).one()


def test_an_edit_is_written_stamped_and_journalled(connection: Connection, log: ChangeLog) -> None:
    changes = {"name": "Пушкин", "pos_number": 7, "state": 1}
    change_id = log.edit(division_tables.unit, UNIT, changes, expected_version=1)
    unit = connection.execute(select(division_tables.unit)).one()
    assert (unit.name, unit.pos_number, unit.version) == ("Пушкин", 7, 2)
    assert (unit.updated_at, unit.updated_by) == (NOW, 1)
    assert _values(connection, change_id) == {
        "name": ("Ресторан 1", "Пушкин", False),
        "pos_number": (None, "7", False),
    }
    written = _set(connection, change_id)
    assert (written.table_name, written.row_key, written.action) == ("unit", "1", 2)
    assert (written.user_id, written.host, written.application) == (1, "desk", "crm-manager")
    assert (written.at, written.reason) == (NOW, "просьба гостя")


def test_an_edit_that_changes_nothing_leaves_no_trace(
    connection: Connection, log: ChangeLog
) -> None:
    assert log.edit(division_tables.unit, UNIT, {"name": "Ресторан 1"}) is None
    assert connection.execute(select(division_tables.unit.c.version)).scalar_one() == 1
    assert connection.execute(select(user_tables.change_set)).all() == []


def test_an_edit_of_an_older_version_is_refused(connection: Connection, log: ChangeLog) -> None:
    log.edit(division_tables.unit, UNIT, {"name": "first"}, expected_version=1)
    with pytest.raises(AppError) as caught:
        log.edit(division_tables.unit, UNIT, {"name": "second"}, expected_version=1)
    assert caught.value.code is ErrorCode.STALE_EDIT
    assert caught.value.facts == {"user": 1, "time": "2026-03-02T09:00:00+00:00"}
    assert connection.execute(select(division_tables.unit.c.name)).scalar_one() == "first"


def test_an_edit_of_a_row_that_is_gone_is_refused(log: ChangeLog) -> None:
    with pytest.raises(AppError) as caught:
        log.edit(division_tables.unit, {"unit_id": 99}, {"name": "nobody"})
    assert caught.value.code is ErrorCode.STALE_EDIT


def test_secrets_are_journalled_without_values(connection: Connection, log: ChangeLog) -> None:
    user = user_tables.user
    change_id = log.edit(user, {"user_id": 1}, {"password_hash": "$argon2id$x", "email": "a@b.ru"})
    assert _values(connection, change_id) == {
        "password_hash": (None, "changed", False),
        "email": (None, "a@b.ru", False),
    }


def test_a_new_person_is_marked_as_personal(connection: Connection, log: ChangeLog) -> None:
    holder = {"holder_id": 5, "pos_number": 5, "division_id": 1, "registered_at": NOW}
    log.insert(holder_tables.holder, {**holder, "external_code": "A-1"})
    person = {"holder_id": 5, "full_name": "Анна", "search_name": "анна", "gender": 2}
    change_id = log.insert(holder_tables.person, {**person, "remarks": None})
    assert _values(connection, change_id) == {
        "full_name": (None, "Анна", True),
        "search_name": (None, "анна", True),
        "gender": (None, "2", True),
    }
    row = connection.execute(select(holder_tables.holder)).one()
    assert (row.created_at, row.created_by, row.version) == (NOW, 1, 1)
    assert row.external_code == "A-1"


def test_outside_codes_of_holders_are_personal(connection: Connection, log: ChangeLog) -> None:
    holder = {"holder_id": 5, "pos_number": 5, "division_id": 1, "registered_at": NOW}
    change_id = log.insert(holder_tables.holder, {**holder, "external_code": "A-1"})
    values = _values(connection, change_id)
    assert values["external_code"] == (None, "A-1", True)
    assert values["registered_at"] == (None, "2026-03-02T09:00:00+00:00", False)
    assert "holder_id" not in values


def test_deletion_is_a_mark_that_can_be_taken_back(connection: Connection, log: ChangeLog) -> None:
    unit = division_tables.unit
    deleted = log.delete(unit, UNIT, expected_version=1)
    assert connection.execute(select(unit.c.deleted_at)).scalar_one() == NOW
    restored = log.restore(unit, UNIT)
    assert connection.execute(select(unit.c.deleted_at)).scalar_one() is None
    assert [_set(connection, change).action for change in (deleted, restored)] == [3, 4]
    assert _values(connection, deleted) == {}


def test_a_long_key_fits_its_column(connection: Connection, log: ChangeLog) -> None:
    setting = division_tables.setting
    row = {"setting_key": "k" * 80, "scope": 0, "scope_id": 0, "value": "1"}
    assert len(_set(connection, log.insert(setting, row)).row_key) == 60


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (None, None),
        (True, "1"),
        (False, "0"),
        (12345, "12345"),
        ("да", "да"),
        (date(2026, 3, 2), "2026-03-02"),
        (NOW + timedelta(milliseconds=5), "2026-03-02T09:00:00.005000+00:00"),
    ],
)
def test_values_are_kept_as_plain_text(value: object, kept: str | None) -> None:
    assert value_text(value) == kept
