"""Pictures of every page and dialog of a program, in both languages, light and dark.

Goes through the program's table of contents by itself: a new page is pictured because it is there,
and so is every dialog that a deed of a list opens. Runs against a throw-away demo, without a
display: `start.py screenshots`.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication, QDialog, QTabWidget, QWidget

from shared.client.client import Client
from shared.i18n.texts import choose_language
from shared.logs.setup import set_up
from shared.ui import theme
from shared.ui.application import PASSWORD_VARIABLE, MakeShell, Program, make_application
from shared.ui.list_page import ListPage
from shared.ui.login import Login, server_of
from shared.ui.memory import Memory
from shared.ui.shell import PageEntry, Shell
from shared.ui.short_list import ShortList

LOOKS: Final = (("ru", "light"), ("ru", "dark"), ("en", "light"), ("en", "dark"))
SETTLE_MS: Final = 60
PATIENCE: Final = 100
SIZE: Final = (1280, 800)
NOBODY: Final = "zzzzz"
"""What a search does not find."""


class Camera:
    """Takes pictures of one window in one look."""

    def __init__(self, out: Path, suffix: str, shell: Shell, pages: Sequence[PageEntry]) -> None:
        self._out = out
        self._suffix = suffix
        self._shell = shell
        self._pages = pages
        self.taken = 0

    def wait(self) -> None:
        """Until nothing is asked any more, and everything is painted."""
        for _ in range(PATIENCE):
            _spin()
            if self._shell.workplace.courier.is_idle():
                break
        _spin()

    def take(self, name: str, widget: QWidget | None = None) -> None:
        """One picture."""
        path = self._out / f"{name}_{self._suffix}.png"
        (widget or self._shell).grab().save(str(path))
        self.taken += 1

    def go_round(self) -> None:
        """Every page, its dialogs, and a record of each kind."""
        for entry in self._pages:
            page = self._shell.open_page(entry.code)
            self.wait()
            self.take(entry.code)
            self._tabs(entry.code, page)
            if isinstance(page, ListPage):
                self._dialogs(entry.code, page)
                self._open_first(entry.code, page)
            else:
                self._short_lists(entry.code, page)
        self._empty()
        palette = self._shell.open_palette()
        self.wait()
        self.take("palette", palette)
        palette.reject()

    def _tabs(self, name: str, page: QWidget) -> None:
        for tabs in page.findChildren(QTabWidget):
            for index in range(tabs.count()):
                tabs.setCurrentIndex(index)
                self.wait()
                self.take(f"{name}_{index + 1}")
            return

    def _dialogs(self, name: str, page: ListPage) -> None:
        """What the deeds of a list open, with its first row chosen."""
        for deed in page.spec.deeds:
            if not deed.asks:
                continue
            row = self._row_for(page, deed)
            if row is None and deed.needs != "nothing":
                continue
            if row is not None:
                page.table.selectRow(row)
            page.run(deed)
            self.wait()
            self._close(f"{name}_{deed.code}")

    @staticmethod
    def _row_for(page: ListPage, deed: Any) -> int | None:
        for row in range(min(page.model.rowCount(), PATIENCE)):
            record = page.model.record(row)
            if record is not None and (deed.fits is None or deed.fits(record)):
                return row
        return None

    def _open_first(self, name: str, page: ListPage) -> None:
        """The record or dialog behind the first row."""
        if page.model.rowCount() == 0 or page.spec.opens is None:
            return
        page.table.opened.emit(page.model.record(0))
        self.wait()
        if not self._close(f"{name}_open") and self._shell.page is not page:
            self.take(f"{name}_open")
            if self._shell.page is not None:
                self._tabs(f"{name}_open", self._shell.page)
                self._list_of_tab(name)

    def _short_lists(self, name: str, page: QWidget) -> None:
        """What opens from the first row of a list that stands on a page of its own kind."""
        for found in page.findChildren(ShortList):
            if found.model.rowCount():
                found.table.opened.emit(found.model.record(0))
                self.wait()
                self._close(f"{name}_open")

    def _list_of_tab(self, name: str) -> None:
        """An operation of the guest, from his tab."""
        page = self._shell.page
        operations = getattr(page, "operations", None)
        if isinstance(operations, ListPage) and operations.model.rowCount():
            operations.table.opened.emit(operations.model.record(0))
            self.wait()
            self.take(f"{name}_operation")

    def _close(self, name: str) -> bool:
        """Picture and close the dialogs that are open; whether there were any."""
        found = False
        for _ in range(3):
            dialogs = [
                one
                for one in QApplication.topLevelWidgets()
                if isinstance(one, QDialog) and one.isVisible()
            ]
            if not dialogs:
                return found
            if not found:
                self.take(name, dialogs[-1])
            found = True
            for dialog in dialogs:
                dialog.done(0)
            self.wait()
        return found

    def _empty(self) -> None:
        """A search that finds nothing."""
        page = self._shell.open_page(self._pages[0].code)
        if isinstance(page, ListPage):
            page.search.setText(NOBODY)
            self.wait()
            for _ in range(PATIENCE):
                if not page.states.is_content:
                    break
                _spin()
            self.take("nothing_found")
            page.search.clear()


def _spin() -> None:
    """Let windows and threads work; a nested loop gives the interpreter's lock away."""
    loop = QEventLoop()
    QTimer.singleShot(SETTLE_MS, loop.quit)
    loop.exec()


@dataclass(frozen=True)
class Sitter:
    """A program that is pictured."""

    code: str
    pages: Sequence[PageEntry]
    make_shell: MakeShell


def picture_all(sitter: Sitter, server: str, login: str, password: str, out: Path) -> int:
    """All looks, one after the other; returns the number of pictures."""
    out.mkdir(parents=True, exist_ok=True)
    where = server_of(server, Memory())
    if where is None:
        message = f"{server!r} is no address"
        raise SystemExit(message)
    taken = 0
    for language, scheme in LOOKS:
        memory = Memory()
        memory.put("language", language)
        memory.put("scheme", scheme)
        memory.put("server", server)
        memory.put("login", login)
        application = make_application(sitter.code, memory)
        program = Program(application, sitter.code, memory, sitter.make_shell)
        choose_language(language)
        theme.apply(application, dark=scheme == "dark")
        dialog = Login(sitter.code, memory)
        dialog.open()
        _spin()
        dialog.grab().save(str(out / f"login_{language}_{scheme}.png"))
        dialog.done(0)
        client = Client(where, application=sitter.code, language=language)
        client.sign_in(login, password)
        shell = program.work(client)
        shell.resize(*SIZE)
        camera = Camera(out, f"{language}_{scheme}", shell, sitter.pages)
        camera.go_round()
        taken += camera.taken + 1
        shell.leave_now()
        shell.deleteLater()
        program.close()
    return taken


def main(sitter: Sitter, arguments: Sequence[str] | None = None) -> int:
    """Sign in as the demo's administrator and take the pictures."""
    parser = argparse.ArgumentParser(prog=f"{sitter.code} pictures", description=__doc__)
    parser.add_argument("--server", required=True)
    parser.add_argument("--login", required=True)
    parser.add_argument("--out", required=True, type=Path)
    options = parser.parse_args(arguments)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    set_up(console=False)
    taken = picture_all(
        sitter, options.server, options.login, os.environ.get(PASSWORD_VARIABLE, ""), options.out
    )
    sys.stdout.write(f"{taken} -> {options.out}\n")
    return 0 if taken else 1
