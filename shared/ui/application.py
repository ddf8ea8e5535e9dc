"""A program with windows, from its start to its end: theme, language, sign-in, main window.

The program says what its window is made of; the rest (following the system's light or dark, a new
window in another language, signing in again) is the same for all.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

import structlog
from platformdirs import user_config_path
from PySide6.QtCore import QLibraryInfo, QLocale, QObject, QTimer, QTranslator
from PySide6.QtWidgets import QApplication

from shared.client.client import Client, new_operation_id
from shared.i18n.texts import choose_language, language, tr
from shared.ui import theme
from shared.ui.courier import until
from shared.ui.dialogs import ask_form
from shared.ui.fields import Fault, SecretField
from shared.ui.form import Section
from shared.ui.login import CHANGE, CHANGED, DIFFERENT, NEW, OLD, REPEAT, Login
from shared.ui.memory import Memory
from shared.ui.shell import Shell
from shared.ui.workplace import Workplace
from shared.wire.users import ChangePassword, SignOut

log = structlog.get_logger(__name__)
PASSWORD_VARIABLE = "KARTOTEKA_DEMO_PASSWORD"  # noqa: S105 - the name of a variable
"""A demo on this computer fills its invented password in; nothing else sets it."""
MakeShell = Callable[[Workplace], Shell]
PASSWORD_FORM = (
    Section(
        None,
        (
            SecretField(name="old", label=OLD, needed=True),
            SecretField(name="new", label=NEW, needed=True),
            SecretField(name="repeat", label=REPEAT, needed=True),
        ),
    ),
)
WELCOME_BACK = tr("Вход выполнен, продолжаем", "Signed in, going on")


def memory_of(program: str) -> Memory:
    """Where a program remembers sizes and filters of this person."""
    return Memory(Path(user_config_path("Kartoteka", appauthor=False)) / f"{program}.json")


def make_application(program: str, memory: Memory) -> QApplication:
    """The one `QApplication`, in the language and scheme of the person."""
    existing = QApplication.instance()
    application = existing if isinstance(existing, QApplication) else QApplication(sys.argv[:1])
    application.setApplicationName(program)
    application.setApplicationDisplayName("Kartoteka")
    known = "ru" if QLocale.system().language() is QLocale.Language.Russian else "en"
    choose_language(memory.get("language", str, known))
    theme.load_font(application)
    return application


class Program(QObject):
    """One running program."""

    def __init__(
        self, application: QApplication, code: str, memory: Memory, make_shell: MakeShell
    ) -> None:
        super().__init__()
        self.application = application
        self._code = code
        self.memory = memory
        self._make_shell = make_shell
        self._translator: QTranslator | None = None
        self.workplace: Workplace | None = None
        self.shell: Shell | None = None
        self.login: Login | None = None
        self._signing_in = False
        self._speak()
        self.paint()
        application.styleHints().colorSchemeChanged.connect(lambda _: self.paint())

    def catch_faults(self) -> None:
        """A bug in a slot is logged and told, and the window stays."""
        sys.excepthook = self._hook

    # ------------------------------------------------------------------ look

    def paint(self) -> None:
        """Light or dark, as the person chose or the system has it."""
        chosen = self.memory.get("scheme", str, "system")
        dark = theme.system_is_dark() if chosen == "system" else chosen == "dark"
        theme.apply(self.application, dark=dark)

    def _choose_scheme(self, code: str) -> None:
        self.memory.put("scheme", code)
        self.paint()
        self._renew_later()

    def _choose_language(self, code: str) -> None:
        self.memory.put("language", code)
        choose_language(code)
        self._speak()
        self._renew_later()

    def _renew_later(self) -> None:
        """A new window in the other language or scheme, when this one's menu is done."""
        QTimer.singleShot(0, self, self._renew)

    def _speak(self) -> None:
        """Qt's own words (file dialogs, menus of fields) in the language of the program."""
        if self._translator is not None:
            self.application.removeTranslator(self._translator)
        self._translator = QTranslator(self)
        folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
        if self._translator.load(f"qtbase_{language()}", folder):
            self.application.installTranslator(self._translator)

    # ------------------------------------------------------------------ signing in

    def begin(self, server: str | None = None, login_name: str | None = None) -> Login:
        """Ask who it is; the window opens when it is known."""
        if server is not None:
            self.memory.put("server", server)
        if login_name is not None:
            self.memory.put("login", login_name)
        self.application.setQuitOnLastWindowClosed(False)
        login = self.login = Login(self._code, self.memory)
        login.lines["password"].setText(os.environ.get(PASSWORD_VARIABLE, ""))
        login.finished.connect(lambda _: self._signed_in(login))
        login.open()
        return login

    def _signed_in(self, login: Login) -> None:
        client = login.outcome
        login.deleteLater()
        self.login = None
        if isinstance(client, Client):
            self.work(client)
        else:
            self.application.quit()

    def work(self, client: Client, **more: Any) -> Shell:
        """Open the window of a signed-in person."""
        place = self.workplace = Workplace(client, self.memory, **more)
        place.sign_in_again = self._sign_in_again
        place.live.follow(client)
        return self._open()

    def _open(self) -> Shell:
        if self.workplace is None:
            message = "nobody is signed in"
            raise RuntimeError(message)
        shell = self.shell = self._make_shell(self.workplace)
        shell.language_chosen.connect(self._choose_language)
        shell.scheme_chosen.connect(self._choose_scheme)
        shell.sign_out.connect(self._sign_out)
        shell.change_password.connect(self._change_password)
        shell.closing.connect(self._closed)
        shell.show()
        shell.open_first()
        shell.jobs.look()
        return shell

    def _renew(self) -> None:
        before = self.shell
        if before is None or self.workplace is None:
            return
        before.closing.disconnect(self._closed)
        before.leave_now()
        self._open()
        before.deleteLater()

    async def _sign_in_again(self) -> None:
        """The session was lost: one dialog, whoever asks, and all go on when it is done."""
        place = self.workplace
        if place is None or self.shell is None:
            return
        if self.login is None:
            self.login = Login(self._code, self.memory, client=place.client, parent=self.shell)
            self.login.open()
        login = self.login
        await until(login.finished)
        if self.login is login:
            self.login = None
            if login.outcome is None:
                self.shell.leave_now()
                return
            place.live.follow(place.client)
            place.me_changed.emit()
            place.say(WELCOME_BACK)
            login.deleteLater()

    def _sign_out(self) -> None:
        place, shell = self.workplace, self.shell
        if place is None or shell is None:
            return
        place.start(self, self._end_session(place, shell))

    async def _end_session(self, place: Workplace, shell: Shell) -> None:
        await place.ask(SignOut(operation_id=new_operation_id()))
        shell.closing.disconnect(self._closed)
        shell.leave_now()
        QTimer.singleShot(0, self, lambda: self._start_over(place, shell))

    def _start_over(self, place: Workplace, shell: Shell) -> None:
        shell.deleteLater()
        self.workplace = self.shell = None
        place.close()
        self.begin()

    def _change_password(self) -> None:
        if self.workplace is not None and self.shell is not None:
            self.workplace.start(self.shell, self._ask_password(self.workplace, self.shell))

    async def _ask_password(self, place: Workplace, shell: Shell) -> None:
        async def submit(values: dict[str, Any], operation_id: str) -> None:
            if values["new"] != values["repeat"]:
                raise Fault(str(DIFFERENT))
            await place.ask(
                ChangePassword(
                    operation_id=operation_id,
                    old_password=values["old"],
                    new_password=values["new"],
                )
            )

        if await ask_form(place, shell, CHANGE, PASSWORD_FORM, submit):
            place.say(CHANGED)

    # ------------------------------------------------------------------ the end

    def _closed(self) -> None:
        self.close()
        self.application.quit()

    def close(self) -> None:
        """Stop asking and following."""
        if self.workplace is not None:
            self.workplace.close()
            self.workplace = None

    def _hook(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        log.error("a fault in a window", error=kind.__name__, exc_info=(kind, error, trace))
        if self.workplace is not None:
            self.workplace.bug(error)
