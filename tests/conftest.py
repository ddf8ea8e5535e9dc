"""Fixtures for everyone: a fresh database, quickly."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from card_server.db.engine import address_of, make_engine
from card_server.db.migrate import upgrade
from tests.helpers.shop import Shop, open_shop

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""Monday, noon in Moscow."""


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated embedded database, made once."""
    folder = tmp_path_factory.mktemp("template")
    address = address_of(None, folder)
    engine = make_engine(address)
    upgrade(engine, address, START)
    engine.dispose()
    assert address.file is not None
    return address.file


@pytest.fixture
def data_dir(template: Path, tmp_path: Path) -> Path:
    """A data folder with a fresh migrated database."""
    shutil.copy(template, tmp_path / template.name)
    return tmp_path


@pytest.fixture
def shop(data_dir: Path) -> Iterator[Shop]:
    """A restaurant with the r_keeper 7 preset, its clock in the test's hand."""
    with open_shop(data_dir, START) as shop:
        yield shop
