"""A few wrong passwords, then a pause."""

from __future__ import annotations

import pytest

from card_server.relay.handlers import password_gate
from card_server.relay.handlers.password_gate import PasswordGate
from shared.wire.errors import AppError, ErrorCode


def test_wrong_passwords_close_a_name_for_a_while() -> None:
    gate = PasswordGate()
    for second in range(5):
        gate.check("anna", second, 5, 15)
        gate.wrong("anna", second)
    with pytest.raises(AppError) as caught:
        gate.check("anna", 5.0, 5, 15)
    assert caught.value.code is ErrorCode.TRIES_EXCEEDED
    assert caught.value.facts["minutes"] == 15
    gate.check("boris", 5.0, 5, 15)
    gate.check("anna", 4.0 + 15 * 60, 5, 15)


def test_a_right_password_clears_the_name() -> None:
    gate = PasswordGate()
    for second in range(4):
        gate.wrong("anna", second)
    gate.right("anna")
    gate.wrong("anna", 5.0)
    gate.check("anna", 6.0, 5, 15)


def test_names_are_remembered_up_to_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(password_gate, "REMEMBERED", 2)
    gate = PasswordGate()
    for name in "abc":
        for second in range(5):
            gate.wrong(name, second)
    gate.check("a", 5.0, 5, 15)
    with pytest.raises(AppError):
        gate.check("c", 5.0, 5, 15)
