"""Sign-in: the first password, a wrong one, a second factor, a password that must be changed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from shared.client.client import Client
from shared.hosting.certificates import fingerprint_of
from shared.hosting.management_tls import management_tls
from shared.ui import theme
from shared.ui.login import Login, server_of
from shared.ui.memory import Memory
from tests.helpers.office import ADMINISTRATOR, PASSWORD, Office
from tests.shared.hosting.test_management_tls import NETWORK, NOW, serving, settings

ANOTHER = "another-long-password"


@pytest.fixture
def memory(office: Office) -> Memory:
    made = Memory()
    made.put("server", office.open().shown)
    return made


@pytest.fixture
def login(qapp: QApplication, memory: Memory) -> Iterator[Login]:
    theme.load_font(qapp)
    made = Login("test", memory)
    made.open()
    yield made
    if isinstance(made.outcome, Client):
        made.outcome.close()
    made.done(0)
    made.deleteLater()


def enter(dialog: Login, **texts: str) -> None:
    for name, text in texts.items():
        dialog.lines[name].setText(text)
    dialog.submit()


@pytest.mark.parametrize(
    ("typed", "host", "port"),
    [
        ("127.0.0.1:9193", "127.0.0.1", 9193),
        ("crm.example", "crm.example", 9193),
        ("[::1]:8000", "::1", 8000),
        ("[::1]", "::1", 9193),
    ],
)
def test_an_address_is_understood(typed: str, host: str, port: int) -> None:
    server = server_of(typed, Memory())
    assert server is not None
    assert (server.host, server.port) == (host, port)


@pytest.mark.parametrize(
    ("typed", "tls"),
    [
        ("127.0.0.1:9193", False),
        ("https://127.0.0.1:9193", True),
        ("crm.example", True),
        ("http://crm.example:9193/", False),
        ("HTTPS://[::1]", True),
    ],
)
def test_another_computer_is_asked_by_tls_unless_told_otherwise(typed: str, *, tls: bool) -> None:
    server = server_of(typed, Memory())
    assert server is not None
    assert server.tls is tls


@pytest.mark.parametrize("typed", ["", "a b:1", "host:0", "host:70000", "host:port", ":9193"])
def test_what_is_no_address_is_not_tried(typed: str) -> None:
    assert server_of(typed, Memory()) is None


def test_signing_in_remembers_server_and_login_and_not_the_password(
    qtbot: QtBot, login: Login, memory: Memory
) -> None:
    enter(login, login=ADMINISTRATOR, password=PASSWORD)
    qtbot.waitUntil(lambda: isinstance(login.outcome, Client), timeout=5000)
    assert memory.get("login", str, "") == ADMINISTRATOR
    assert PASSWORD not in str(memory._values)


def test_a_wrong_password_is_told_and_the_name_stays(qtbot: QtBot, login: Login) -> None:
    enter(login, login=ADMINISTRATOR, password="wrong-password")
    qtbot.waitUntil(login.notice.isVisible, timeout=5000)
    assert login.lines["login"].text() == ADMINISTRATOR
    assert login.isVisible()
    assert login.enter.isEnabled()


def test_a_server_that_does_not_answer_is_told_with_its_address(qtbot: QtBot, login: Login) -> None:
    enter(login, server="127.0.0.1:1", login=ADMINISTRATOR, password=PASSWORD)
    qtbot.waitUntil(login.notice.isVisible, timeout=5000)
    assert "127.0.0.1:1" in login.notice.text.text()


def test_a_password_that_must_be_changed_is_changed_first(
    qtbot: QtBot, login: Login, office: Office
) -> None:
    from sqlalchemy import update  # noqa: PLC0415 - this test alone sets the flag

    from card_server.users import tables  # noqa: PLC0415 - as above

    office.add_user("анна", "holder.view")
    with office.shop.connection.begin():
        table = tables.user
        must = update(table).where(table.c.login == "анна").values(must_change=True)
        office.shop.connection.execute(must)
    enter(login, login="анна", password=PASSWORD)
    qtbot.waitUntil(login.lines["new"].isVisible, timeout=5000)
    enter(login, new=ANOTHER, repeat="something else")
    assert login.notice.isVisible()
    enter(login, new=ANOTHER, repeat=ANOTHER)
    qtbot.waitUntil(lambda: isinstance(login.outcome, Client), timeout=5000)


def test_an_unknown_certificate_is_confirmed_by_its_fingerprint_once(
    qtbot: QtBot, login: Login, memory: Memory, tmp_path: Path
) -> None:
    context = management_tls(tmp_path, settings(tmp_path, "manage_tls = true"), NETWORK, NOW)
    known = fingerprint_of(tmp_path / "management.crt")
    with serving(context) as port:
        enter(login, server=f"https://127.0.0.1:{port}", login=ADMINISTRATOR, password=PASSWORD)
        qtbot.waitUntil(login.notice.isVisible)
        assert known in login.notice.text.text()
        assert login.notice.action.isVisible()
        login.notice.action.click()
        qtbot.waitUntil(login.enter.isEnabled)
        assert memory.get(f"pin.127.0.0.1:{port}", str, "") == known
        trusted = server_of(f"https://127.0.0.1:{port}", memory)
        assert trusted is not None
        assert trusted.fingerprint == known
