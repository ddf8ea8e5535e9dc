"""Sign-in: server, login, password, the code of a second factor; the very first password.

The login and the server are remembered, the password is not. A refusal is told in the dialog, with
everything typed still there.
"""

from __future__ import annotations

from typing import Any, Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QWidget

from shared.client.client import Client, new_operation_id
from shared.client.connection import Server, Untrusted
from shared.hosting.certificates import is_loopback
from shared.i18n.texts import Text, language, tr
from shared.ui.courier import Courier, away
from shared.ui.dialogs import Dialog
from shared.ui.memory import Memory
from shared.ui.theme import STEP, Tone
from shared.ui.widgets import Notice, button, label, line, rows, wrapped
from shared.ui.workplace import BUG, sentence
from shared.wire.errors import AppError, ErrorCode
from shared.wire.users import ChangePassword, FirstPassword, FirstRun

TITLE = tr("Вход", "Sign in")
SERVER = tr("Сервер карт", "Card server")
SERVER_BAD = tr(
    "Адрес сервера: имя или IP и порт, например 127.0.0.1:9193",
    "The server's address is a name or IP and a port, for example 127.0.0.1:9193",
)
LOGIN = tr("Имя пользователя", "User name")
PASSWORD = tr("Пароль", "Password")
CODE = tr("Код из приложения", "Code of the app")
ENTER = tr("Войти", "Sign in")
CANCEL = tr("Отмена", "Cancel")
FIRST = tr(
    "Первый запуск: задайте пароль пользователя «{login}». Паролей по умолчанию здесь нет.",
    'First start: set the password of the user "{login}". There are no default passwords here.',
)
MUST = tr("Пароль нужно сменить, прежде чем работать.", "The password must be changed first.")
NEW = tr("Новый пароль", "New password")
REPEAT = tr("Ещё раз", "Once more")
DIFFERENT = tr("Пароли не совпадают", "The passwords are different")
SET = tr("Задать и войти", "Set and sign in")
CHANGE = tr("Сменить пароль", "Change the password")
OLD = tr("Нынешний пароль", "Present password")
CHANGED = tr("Пароль изменён", "The password was changed")
AGAIN = tr(
    "Сеанс закончился. Войдите снова: всё введённое осталось в окне.",
    "The session has ended. Sign in again: everything you typed is still there.",
)
PORT: Final = 9193
LAST_PORT: Final = 65535
WIDTH: Final = 380


SECURE: Final = "https://"
PLAIN: Final = "http://"
PIN: Final = "pin.{host}:{port}"
TRUST = tr("Отпечаток верный, доверять", "The fingerprint is right, trust it")


def server_of(text: str, memory: Memory) -> Server | None:
    """The server that was typed: `host`, `host:port`, or with `https://` or `http://` before.

    Another computer is asked by TLS unless `http://` says otherwise; the certificate that a person
    confirmed is remembered by its fingerprint.
    """
    plain = text.strip().rstrip("/")
    scheme = next((one for one in (SECURE, PLAIN) if plain.lower().startswith(one)), "")
    plain = plain[len(scheme) :]
    host, mark, port = plain.rpartition(":")
    if not mark or port.endswith("]"):
        host, port = plain, str(PORT)
    host = host.strip("[]")
    if not host or " " in host or not (port.isascii() and port.isdigit()):
        return None
    if not 0 < int(port) <= LAST_PORT:
        return None
    tls = scheme == SECURE or (not scheme and not is_loopback(host))
    pin = memory.get(PIN.format(host=host, port=int(port)), str, "") if tls else ""
    return Server(host=host, port=int(port), tls=tls, fingerprint=pin or None)


class Login(Dialog):
    """Ends with a signed-in `Client`."""

    def __init__(
        self,
        application: str,
        memory: Memory,
        *,
        client: Client | None = None,
        parent: QWidget | None = None,
    ) -> None:
        """With `client` its session is opened anew: server and login stand."""
        super().__init__(TITLE, parent)
        self._application = application
        self._memory = memory
        self._again = client
        self._courier = Courier(self._refused, self._bug, self)
        self._client: Client | None = None
        self._is_first = False
        self._must_change = False
        self._untrusted = ""
        """Fingerprint of a certificate that waits to be confirmed."""
        self._lay_out()
        self.notice.pressed.connect(self._trust)
        self._fill()

    def _lay_out(self) -> None:
        self.notice = Notice(self, can_close=False)
        self.hint = wrapped("", "faint", self)
        self.hint.hide()
        self.lines: dict[str, QLineEdit] = {}
        self._labels: dict[str, QWidget] = {}
        column = rows(label("Kartoteka", "title", self), self.hint, self.notice)
        for name, text, is_secret in (
            ("server", SERVER, False),
            ("login", LOGIN, False),
            ("password", PASSWORD, True),
            ("code", CODE, False),
            ("new", NEW, True),
            ("repeat", REPEAT, True),
        ):
            column.addLayout(self._line(name, text, is_secret=is_secret))
        self.enter = button(ENTER, self.submit, "main", self)
        self.enter.setDefault(True)
        self.cancel = button(CANCEL, self.reject, None, self)
        column.addLayout(line(None, self.cancel, self.enter))
        column.setContentsMargins(3 * STEP, 3 * STEP, 3 * STEP, 2 * STEP)
        self.setLayout(column)
        self.setFixedWidth(WIDTH)

    def _line(self, name: str, text: Text, *, is_secret: bool) -> Any:
        made = QLineEdit(self)
        made.setObjectName(name)
        made.setAccessibleName(str(text))
        if is_secret:
            made.setEchoMode(QLineEdit.EchoMode.Password)
        shown = label(text, "faint", self)
        shown.setBuddy(made)
        self.lines[name] = made
        self._labels[name] = shown
        return rows(shown, made, spacing=3)

    def _fill(self) -> None:
        kept = self._memory.get("server", str, f"127.0.0.1:{PORT}")
        login = self._memory.get("login", str, "")
        if self._again is not None:
            kept = self._memory.get("server", str, self._again.server.shown)
            login = self._again.me.login if self._again.me is not None else login
            self.hint.setText(str(AGAIN))
            self.hint.show()
        self.lines["server"].setText(kept)
        self.lines["login"].setText(login)
        for name in ("server", "login"):
            self.lines[name].setReadOnly(self._again is not None)
        self._show("server", "login", "password")
        self.lines["password" if login else "login"].setFocus()

    def _show(self, *names: str) -> None:
        for name, made in self.lines.items():
            made.setVisible(name in names)
            self._labels[name].setVisible(name in names)
        self.adjustSize()

    # ------------------------------------------------------------------ asking

    def submit(self) -> None:
        """Sign in with what is typed."""
        text = {name: made.text() for name, made in self.lines.items()}
        server = server_of(text["server"], self._memory)
        if server is None:
            self.notice.tell(SERVER_BAD)
            self.lines["server"].setFocus()
            return
        if self._asks_new and text["new"] != text["repeat"]:
            self.notice.tell(DIFFERENT)
            self.lines["repeat"].setFocus()
            return
        self.enter.setEnabled(False)
        self.notice.hide()
        self._courier.start(self, self._enter(server, text), lane="enter")

    @property
    def _asks_new(self) -> bool:
        return self._is_first or self._must_change

    async def _enter(self, server: Server, text: dict[str, str]) -> None:
        client = self._again or self._take_client(server)
        try:
            if self._is_first:
                key = new_operation_id()
                await away(client.ask, FirstPassword(operation_id=key, password=text["new"]))
                text["password"] = text["new"]
                self._is_first = False
            elif self._again is None and not self._must_change:
                state = await away(client.ask, FirstRun())
                if state.password_needed:
                    self._begin_first(state.login)
                    return
            await self._sign_in(client, text)
        finally:
            self.enter.setEnabled(True)

    def _take_client(self, server: Server) -> Client:
        if self._client is None or self._client.server != server:
            if self._client is not None:
                self._client.close()
            self._client = Client(server, application=self._application, language=language())
        return self._client

    async def _sign_in(self, client: Client, text: dict[str, str]) -> None:
        if self._must_change:
            await away(
                client.ask,
                ChangePassword(
                    operation_id=new_operation_id(),
                    old_password=text["password"],
                    new_password=text["new"],
                ),
            )
            text["password"] = text["new"]
        code = text["code"].strip() or None
        me = await away(client.sign_in, text["login"].strip(), text["password"], code)
        if me.must_change:
            self._begin_change()
            return
        self._memory.put("server", self.lines["server"].text().strip())
        self._memory.put("login", me.login)
        self._client = None
        self._courier.close()
        self.end(client)

    def _begin_first(self, login: str) -> None:
        self._is_first = True
        self.hint.setText(FIRST.of(login=login))
        self.hint.show()
        self.lines["login"].setText(login)
        self.enter.setText(str(SET))
        self._show("server", "new", "repeat")
        self.lines["new"].setFocus()

    def _begin_change(self) -> None:
        self._must_change = True
        self.hint.setText(str(MUST))
        self.hint.show()
        self.enter.setText(str(SET))
        self._show("new", "repeat")
        self.lines["new"].setFocus()

    def _refused(self, error: AppError) -> None:
        if error.code is ErrorCode.CODE_NEEDED:
            self._show("server", "login", "password", "code")
            self.notice.tell(sentence(error), Tone.WARN)
            self.lines["code"].setFocus()
            return
        if isinstance(error, Untrusted) and error.found:
            self._untrusted = error.found
            self.notice.tell(sentence(error), Tone.WARN, TRUST)
            return
        self.notice.tell(sentence(error), Tone.BAD)
        name = "new" if self._asks_new else "password"
        self.lines[name].setFocus()
        self.lines[name].selectAll()

    def _trust(self) -> None:
        """The person compared the fingerprint and confirms it."""
        server = server_of(self.lines["server"].text(), self._memory)
        if server is not None and self._untrusted:
            pin = PIN.format(host=server.host, port=server.port)
            self._memory.put(pin, self._untrusted)
            self._untrusted = ""
            self.submit()

    def _bug(self, error: BaseException) -> None:
        self.notice.tell(BUG.of(kind=type(error).__name__), Tone.BAD)

    def done(self, result: int) -> None:
        """Esc, Cancel or signed in."""
        self.setCursor(Qt.CursorShape.ArrowCursor)
        if self._client is not None:
            self._client.close()
            self._client = None
        super().done(result)
