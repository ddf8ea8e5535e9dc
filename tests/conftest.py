"""Fixtures for everyone: a fresh database, quickly.

`CRM_TEST_DATABASE_URL` names a server (PostgreSQL or MS SQL) where the sign-in may create
databases; without it everything runs on SQLite.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot
from sqlalchemy import Engine

from card_server.db.engine import DatabaseAddress, make_engine
from shared.logs.setup import set_up
from tests.helpers.databases import URL_VARIABLE, Databases
from tests.helpers.office import Office, open_office
from tests.helpers.profiles import register
from tests.helpers.shop import Shop, open_shop
from tests.helpers.till import Till, open_till
from tests.helpers.tsql import StatementWatch
from tests.helpers.windows import Window, open_window

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
register()

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""Monday, noon in Moscow."""


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    """Makes fresh databases on the store under test."""
    databases = Databases(os.environ.get(URL_VARIABLE), tmp_path_factory.mktemp("databases"))
    yield databases
    databases.close()


@pytest.fixture(scope="session", autouse=True)
def _logs() -> None:
    """Log lines go where pytest keeps them; tracebacks without the values of variables."""
    set_up(console=False, hooks=False)


@pytest.fixture(autouse=True)
def _store(request: pytest.FixtureRequest) -> None:
    """Tests for one server's ways are skipped where it is not the store under test."""
    for backend in ("mssql", "postgresql"):
        marked = request.node.get_closest_marker(backend) is not None
        if marked and backend not in os.environ.get(URL_VARIABLE, ""):
            pytest.skip(f"{URL_VARIABLE} names no {backend} server")


@pytest.fixture(scope="session")
def _statements() -> Iterator[StatementWatch]:
    """Looks at the statements of all tests."""
    with StatementWatch() as watch:
        yield watch


@pytest.fixture(autouse=True)
def _t_sql(_statements: StatementWatch) -> Iterator[None]:
    """Every statement that a test runs must be one that MS SQL Server would take."""
    yield
    assert _statements.take() == []


@pytest.fixture
def address(databases: Databases, tmp_path: Path) -> Iterator[DatabaseAddress]:
    """A fresh migrated database on the store under test."""
    made = databases.fresh(tmp_path)
    yield made
    databases.drop(made)


@pytest.fixture
def engine(address: DatabaseAddress) -> Iterator[Engine]:
    """An engine on a fresh migrated database."""
    engine = make_engine(address)
    yield engine
    engine.dispose()


@pytest.fixture
def data_dir(databases: Databases, tmp_path: Path) -> Path:
    """A data folder with a fresh migrated embedded database, whatever the store under test is."""
    shutil.copy(databases.template_file, tmp_path / "kartoteka.db")
    return tmp_path


@pytest.fixture
def shop(address: DatabaseAddress) -> Iterator[Shop]:
    """A restaurant with the r_keeper 7 preset, its clock in the test's hand."""
    with open_shop(address, START) as shop:
        yield shop


@pytest.fixture
def till(shop: Shop, address: DatabaseAddress) -> Iterator[Till]:
    """A program at the relay port of the shop, with every right."""
    with open_till(shop, address) as till:
        yield till


@pytest.fixture
def office(shop: Shop, address: DatabaseAddress) -> Iterator[Office]:
    """The management side of the shop, with the administrator signed in."""
    with open_office(shop, address) as office:
        office.sign_in()
        yield office


@pytest.fixture
def window(qtbot: QtBot, office: Office) -> Iterator[Window]:
    """The Card Editor over the office, with the administrator signed in."""
    with open_window(qtbot, office) as window:
        yield window
