"""The camera goes through a program by itself and leaves a picture of each page and dialog."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from shared.ui.pictures import Camera, Sitter, picture_all
from tests.helpers.office import Office
from tests.helpers.windows import open_window
from user_manager.contents import PAGES, make_shell


def test_every_page_and_what_opens_on_it_is_pictured(
    qtbot: QtBot, office: Office, tmp_path: Path
) -> None:
    out = tmp_path / "pictures"
    out.mkdir()
    with open_window(qtbot, office, make_shell=make_shell) as window:
        camera = Camera(out, "ru_light", window.shell, PAGES)
        camera.go_round()
    names = {path.stem.removesuffix("_ru_light") for path in out.iterdir()}
    assert {entry.code for entry in PAGES} <= names
    assert {"users_add", "users_open", "roles_open", "palette", "nothing_found"} <= names
    assert camera.taken == len(names)
    assert all(not QImage(str(path)).isNull() for path in out.iterdir())


def test_an_address_that_is_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="no where"):
        picture_all(Sitter("user-manager", PAGES, make_shell), "no where", "a", "b", tmp_path)
