"""Fresh migrated databases for tests: SQLite, or the server of CRM_TEST_DATABASE_URL."""

from __future__ import annotations

import shutil
import uuid
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import DBAPIError

from card_server.db.engine import DatabaseAddress, address_of, make_engine
from card_server.db.migrate import upgrade

URL_VARIABLE: Final = "CRM_TEST_DATABASE_URL"
STRATEGIES_SINCE: Final = 15
MIGRATED: Final = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class Databases:
    """Makes a fresh database for each test that wants one, and takes them away afterwards.

    SQLite: a migrated file, made once and copied. PostgreSQL: a migrated database, made once and
    used as a template. MS SQL: a database of its own, migrated each time (it has no templates).
    """

    def __init__(self, url: str | None, folder: Path) -> None:
        self._server = address_of(url, folder) if url else None
        self._folder = folder
        self._template: Path | str | None = None
        self._made: list[str] = []
        self._admin: Engine | None = None

    @property
    def backend(self) -> str:
        """`sqlite`, `postgresql` or `mssql`."""
        return "sqlite" if self._server is None else self._server.url.get_backend_name()

    @property
    def template_file(self) -> Path:
        """A migrated SQLite file, whatever the other databases are made on."""
        path = self._folder / "template" / "kartoteka.db"
        if not path.exists():
            path.parent.mkdir()
            _migrate(address_of(None, path.parent))
        return path

    def fresh(self, folder: Path) -> DatabaseAddress:
        """A migrated database that nobody has used; an embedded one lies in `folder`."""
        if self._server is None:
            shutil.copy(self.template_file, folder / "kartoteka.db")
            return address_of(None, folder)
        if self.backend == "postgresql":
            if self._template is None:
                self._template = self._create()
                _migrate(self._named(self._template))
            return self._named(self._create(template=str(self._template)))
        address = self._named(self._create())
        _migrate(address)
        return address

    def empty(self, folder: Path) -> DatabaseAddress:
        """A database without a table."""
        return address_of(None, folder) if self._server is None else self._named(self._create())

    def drop(self, address: DatabaseAddress) -> None:
        """Take one away at once: a server would otherwise keep them all until the end."""
        name = str(address.url.database)
        if self._server is not None and name in self._made:
            self._made.remove(name)
            self._drop(name)

    def close(self) -> None:
        """Drop what is left on the server."""
        for name in reversed(self._made):
            self._drop(name)
        if self._admin is not None:
            self._admin.dispose()

    def _drop(self, name: str) -> None:
        ending = " WITH (FORCE)" if self.backend == "postgresql" else ""
        with suppress(DBAPIError):
            self._execute(f"DROP DATABASE {name}{ending}")

    @property
    def _has_strategies(self) -> bool:
        """PostgreSQL 15 and later."""
        if self.backend != "postgresql" or self._admin is None:
            return False
        version = self._admin.dialect.server_version_info or (0,)
        return int(version[0]) >= STRATEGIES_SINCE

    def _named(self, name: str) -> DatabaseAddress:
        assert self._server is not None
        url = self._server.url.set(database=name)
        return DatabaseAddress(url, url.render_as_string(hide_password=True))

    def _create(self, template: str | None = None) -> str:
        name = f"kartoteka_test_{uuid.uuid4().hex[:12]}"
        ending = f" TEMPLATE {template}" if template else ""
        if template and self._has_strategies:
            ending += " STRATEGY FILE_COPY"  # half the time of the other way
        if self.backend == "mssql":
            ending = " COLLATE Cyrillic_General_CI_AS"
        self._execute(f"CREATE DATABASE {name}{ending}")
        if self.backend == "mssql":
            self._execute(f"ALTER DATABASE {name} SET READ_COMMITTED_SNAPSHOT ON")
        self._made.append(name)
        return name

    def _execute(self, statement: str) -> None:
        assert self._server is not None
        if self._admin is None:
            plain = make_engine(self._server)
            self._admin = create_engine(plain.url, isolation_level="AUTOCOMMIT")
            plain.dispose()
        with self._admin.connect() as connection:
            connection.execute(text(statement))


def _migrate(address: DatabaseAddress) -> None:
    engine = make_engine(address)
    try:
        upgrade(engine, address, MIGRATED)
    finally:
        engine.dispose()
