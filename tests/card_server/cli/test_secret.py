"""`set-secret`: values go into the key store and nowhere else."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as NoKeyring
from keyring.errors import PasswordDeleteError

from card_server.__main__ import main
from card_server.cli.exit_codes import COULD_NOT_RUN, OK
from card_server.db.finding import find_database
from shared.settings.secrets import SERVICE


class MemoryKeyring(KeyringBackend):
    """A key store that lives as long as its test."""

    priority = 1.0

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.stored: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        """What is stored."""
        return self.stored.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        """Store it."""
        self.stored[(service, username)] = password

    def delete_password(self, service: str, username: str) -> None:
        """Forget it."""
        if self.stored.pop((service, username), None) is None:
            raise PasswordDeleteError(username)


@pytest.fixture
def store() -> Iterator[MemoryKeyring]:
    """The system's key store for one test."""
    before = keyring.get_keyring()
    store = MemoryKeyring()
    keyring.set_keyring(store)
    yield store
    keyring.set_keyring(before)


@pytest.fixture
def no_store() -> Iterator[None]:
    """A machine without a key store."""
    before = keyring.get_keyring()
    keyring.set_keyring(NoKeyring())  # type: ignore[no-untyped-call]
    yield
    keyring.set_keyring(before)


def type_in(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """What another program writes to standard input."""
    monkeypatch.setattr("sys.stdin", io.StringIO(text))


@pytest.mark.parametrize("value", ["пароль с пробелом ", "p@ss:w/rd", "x"])
def test_the_value_comes_from_standard_input_and_is_not_shown(
    store: MemoryKeyring,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    value: str,
) -> None:
    type_in(monkeypatch, value + "\r\n")
    assert main(["set-secret", "smtp.password"]) == OK
    assert store.stored == {(SERVICE, "smtp.password"): value}
    out, err = capsys.readouterr()
    assert value not in out.replace("smtp.password: ok", "") + err


def test_the_password_of_a_database_server_is_found_when_it_is_needed(
    store: MemoryKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    type_in(monkeypatch, "secret\n")
    assert main(["set-secret"]) == OK
    assert store.stored
    found = find_database("postgresql://crm@db.example/crm", Path())
    assert found.url.password == "secret"
    assert "secret" not in found.shown
    given = find_database("postgresql://crm:own@db.example/crm", Path())
    assert given.url.password == "own"
    assert find_database(None, Path()).url.password is None


def test_a_secret_can_be_forgotten(
    store: MemoryKeyring, capsys: pytest.CaptureFixture[str]
) -> None:
    store.stored[(SERVICE, "database")] = "x"
    assert main(["set-secret", "--delete"]) == OK
    assert store.stored == {}
    assert main(["set-secret", "--delete"]) == OK
    assert "there was none" in capsys.readouterr().out


@pytest.mark.parametrize("text", ["", "\n", "\r\n", "x" * 2001])
def test_an_empty_or_endless_value_stores_nothing(
    store: MemoryKeyring, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    type_in(monkeypatch, text)
    assert main(["set-secret"]) == COULD_NOT_RUN
    assert store.stored == {}


@pytest.mark.parametrize("name", ["", "Database", "имя", "a b", "../x", "x" * 61])
def test_a_bad_name_is_refused(store: MemoryKeyring, name: str) -> None:
    assert main(["set-secret", name]) == COULD_NOT_RUN
    assert store.stored == {}


@pytest.mark.usefixtures("no_store")
def test_a_machine_without_a_key_store_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    type_in(monkeypatch, "secret\n")
    assert main(["set-secret", "--language", "en"]) == COULD_NOT_RUN
    err = capsys.readouterr().err
    assert "No key store" in err
    assert "Traceback" not in err
    assert find_database("postgresql://crm@db.example/crm", Path()).url.password is None
