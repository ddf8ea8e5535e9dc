"""`verify` and `rebuild` as a person or a script runs them."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from card_server.__main__ import main
from card_server.db.engine import address_of, make_engine
from tests.helpers.shop import open_shop
from tests.helpers.stories import busy_week

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
Run = Any


@pytest.fixture
def story(data_dir: Path) -> Path:
    """A data folder with a week in it, and nobody at the database."""
    with open_shop(address_of(None, data_dir), START) as shop:
        busy_week(shop)
    return data_dir


@pytest.fixture
def run(story: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command on the folder; gives back exit code and JSON answer."""

    def command(name: str, *arguments: str) -> tuple[int, Any]:
        code = main([name, "--data", str(story), "--json", *arguments])
        out = capsys.readouterr()
        return code, json.loads(out.out) if out.out else out.err

    return command


def _damage(folder: Path, statement: str) -> None:
    with closing(sqlite3.connect(folder / "kartoteka.db")) as connection:
        connection.execute(statement)
        connection.commit()


def test_a_clean_ledger_ends_with_0(run: Run) -> None:
    for arguments in ([], ["--full"], ["--from", "3"], ["--from", "2026-03-04"]):
        code, report = run("verify", *arguments)
        assert (code, report["ok"]) == (0, True), report


def test_a_finding_ends_with_1_and_says_where(run: Run, story: Path) -> None:
    _damage(story, "UPDATE crm_lot SET remaining = remaining + 1 WHERE remaining > 0")
    code, report = run("verify", "--full")
    assert code == 1
    first = report["findings"][0]
    assert first["table"] == "crm_lot"
    assert first["invariant"].startswith("I-8")
    assert int(first["found"]) == int(first["expected"]) + 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["--from", "yesterday"],
        ["--as-of", "2026-31-31"],
        ["--public-key", "zz"],
        ["--public-key", "00"],
    ],
)
def test_what_cannot_be_read_ends_with_2_and_repeats_it(run: Run, arguments: list[str]) -> None:
    code, error = run("verify", *arguments)
    assert code == 2
    assert arguments[1] in error


def test_no_database_ends_with_2_and_makes_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for command in ("verify", "rebuild"):
        assert main([command, "--data", str(tmp_path / "nowhere")]) == 2
        assert "card-server: " in capsys.readouterr().err
    assert not (tmp_path / "nowhere" / "kartoteka.db").exists()


def test_rebuild_mends_what_verify_found(run: Run, story: Path) -> None:
    run("rebuild")
    _damage(story, "UPDATE crm_account SET balance = 5 WHERE account_type_id = 1 AND balance > 0")
    assert run("verify", "--full")[0] == 1
    code, dry = run("rebuild", "--dry-run")
    assert (code, dry["changed"] > 0) == (1, True)
    assert run("verify", "--full")[0] == 1, "a dry run changes nothing"
    code, report = run("rebuild")
    assert code == 1
    assert {change["column"] for change in report["changes"]} == {"balance"}
    assert run("rebuild")[0] == 0
    assert run("verify", "--full")[0] == 0


def test_rebuild_refuses_while_the_database_is_open(run: Run, story: Path) -> None:
    engine = make_engine(address_of(None, story))
    with engine.connect() as connection:
        before = connection.execute(text("SELECT sum(balance) FROM crm_account")).scalar()
        connection.rollback()
        code, error = run("rebuild")
        assert code == 2
        assert "card-server: " in error
        assert run("verify", "--full")[0] == 0, "verify needs no lock"
        after = connection.execute(text("SELECT sum(balance) FROM crm_account")).scalar()
        assert after == before
    engine.dispose()
