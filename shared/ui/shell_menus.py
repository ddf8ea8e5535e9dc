"""The menus of the frame; every key of the frame stands in one of them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu

from shared.i18n.texts import LANGUAGES, NAMES, Text, language, tr

if TYPE_CHECKING:
    from shared.ui.shell import Shell

VIEW = tr("&Вид", "&View")
FILE = tr("&Файл", "&File")
GO = tr("&Переход", "&Go")
QUIT = tr("В&ыход", "&Quit")
BACK = tr("&Назад", "&Back")
REFRESH = tr("&Обновить", "&Refresh")
FIND_HERE = tr("Найти на &странице", "&Find on the page")
PALETTE = tr("Найти и &выполнить…", "Find and &do…")
LANGUAGE = tr("&Язык", "&Language")
SCHEME = tr("&Тема", "&Theme")
SCHEMES: Final = {
    "system": tr("&Как в системе", "As the &system"),
    "light": tr("&Светлая", "&Light"),
    "dark": tr("&Тёмная", "&Dark"),
}
PASSWORD = tr("&Сменить пароль…", "&Change password…")
SIGN_OUT = tr("Сменить &пользователя…", "&Switch user…")


def add_menus(shell: Shell) -> None:
    """File, Go, View."""
    file = shell.menuBar().addMenu(str(FILE))
    _act(shell, file, PASSWORD, "", shell.change_password.emit)
    _act(shell, file, SIGN_OUT, "", lambda: shell.leave(shell.sign_out.emit))
    file.addSeparator()
    _act(shell, file, QUIT, "Ctrl+Q", shell.close)
    go = shell.menuBar().addMenu(str(GO))
    _act(shell, go, PALETTE, "Ctrl+K", shell.open_palette)
    _act(shell, go, FIND_HERE, "Ctrl+F", partial(shell.page_do, "search_here"))
    _act(shell, go, REFRESH, "F5", partial(shell.page_do, "refresh"))
    _act(shell, go, BACK, "Alt+Left", shell.back)
    view = shell.menuBar().addMenu(str(VIEW))
    tongues = view.addMenu(str(LANGUAGE))
    for code in LANGUAGES:
        name = Text(NAMES[code], NAMES[code])
        action = _act(shell, tongues, name, "", partial(shell.choose_language, code))
        action.setCheckable(True)
        action.setChecked(code == language())
    schemes = view.addMenu(str(SCHEME))
    chosen = shell.workplace.memory.get("scheme", str, "system")
    for scheme, name in SCHEMES.items():
        action = _act(shell, schemes, name, "", partial(shell.scheme_chosen.emit, scheme))
        action.setCheckable(True)
        action.setChecked(scheme == chosen)


def _act(shell: Shell, menu: QMenu, text: Text, key: str, run: Callable[[], object]) -> QAction:
    action = QAction(str(text), shell)
    if key:
        action.setShortcut(QKeySequence(key))
    action.triggered.connect(lambda *_: run())
    menu.addAction(action)
    return action
