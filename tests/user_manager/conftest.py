"""Fixtures of the User Manager's tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from tests.helpers.office import Office
from tests.helpers.windows import Window, open_window
from user_manager.contents import make_shell


@pytest.fixture
def window(qtbot: QtBot, office: Office) -> Iterator[Window]:
    """The User Manager over the office, with the administrator signed in."""
    with open_window(qtbot, office, make_shell=make_shell) as window:
        yield window
