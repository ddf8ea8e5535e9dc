"""`sign-heads`: with a key store it signs once, without one it says so and fails."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from card_server.__main__ import main
from card_server.cli.exit_codes import COULD_NOT_RUN
from card_server.db.engine import address_of
from card_server.ledger.chain_key import CHAIN_KEY
from shared.settings.secrets import SERVICE
from tests.card_server.cli.test_proof import START
from tests.card_server.cli.test_secret import MemoryKeyring, no_store, store
from tests.helpers.shop import open_shop
from tests.helpers.stories import busy_week

__all__ = ["no_store", "store"]


def _run(folder: Path, capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any]:
    code = main([*arguments, "--data", str(folder), "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_days_are_signed_once_and_the_key_stays_in_the_store(
    data_dir: Path,
    store: MemoryKeyring,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with open_shop(address_of(None, data_dir), START) as shop:
        busy_week(shop)
    code, first = _run(data_dir, capsys, "sign-heads")
    assert code == 0
    assert first["signed"][0] == "2026-03-02"
    assert len(store.stored[SERVICE, CHAIN_KEY]) == 64
    again = _run(data_dir, capsys, "sign-heads")[1]
    assert (again["signed"], again["public_key"]) == ([], first["public_key"])
    key = ["--public-key", first["public_key"]]
    code, report = _run(data_dir, capsys, "verify", "--full", *key)
    assert (code, report["signed_heads"], report["notes"]) == (0, len(first["signed"]), [])
    other = _run(data_dir, capsys, "verify", "--full", "--public-key", "00" * 32)[0]
    assert other == 1


@pytest.mark.usefixtures("no_store")
def test_without_a_key_store_nothing_is_signed_and_that_is_a_failure(
    data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["sign-heads", "--data", str(data_dir), "--language", "en"]) == COULD_NOT_RUN
    out, err = capsys.readouterr()
    assert out == ""
    assert "Nothing was signed: this account has no key store" in err


@pytest.mark.parametrize("stored", ["", "abcd", "zz" * 32, " " * 64])
def test_a_broken_key_is_not_replaced(
    data_dir: Path, store: MemoryKeyring, capsys: pytest.CaptureFixture[str], stored: str
) -> None:
    store.stored[SERVICE, CHAIN_KEY] = stored
    assert main(["sign-heads", "--data", str(data_dir), "--language", "en"]) == COULD_NOT_RUN
    assert "is no key" in capsys.readouterr().err
    assert store.stored[SERVICE, CHAIN_KEY] == stored
