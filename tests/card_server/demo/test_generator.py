"""A demo database: the same rows in both modes, a clean ledger, and only into an empty database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from sqlalchemy import Connection, text

from card_server.db.engine import DatabaseAddress, address_of, make_engine
from card_server.db.migrate import upgrade
from card_server.demo.dump import dump_hash
from card_server.demo.generator import BULK, ENGINE, Demo, Wish, generate
from card_server.ledger.verify import verify
from card_server.presets.rk7 import apply_rk7_preset
from shared.wire.errors import AppError, ErrorCode
from tests.conftest import START


class Made:
    """A generated database with a connection to look at it."""

    def __init__(self, address: DatabaseAddress, demo: Demo, connection: Connection) -> None:
        self.address, self.demo, self.connection = address, demo, connection

    def one(self, statement: str) -> int:
        """The one number a statement gives."""
        return int(self.connection.execute(text(statement)).scalar_one())


def _make(folder: Path, **wish: object) -> Iterator[Made]:
    folder.mkdir(exist_ok=True)
    address = address_of(None, folder)
    demo = generate(address, Wish(**wish))  # type: ignore[arg-type]
    engine = make_engine(address, read_only=True)
    with engine.connect() as connection:
        yield Made(address, demo, connection)
    engine.dispose()


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    """The small demo, by the bulk mode."""
    yield from _make(tmp_path_factory.mktemp("bulk"), mode=BULK)


def test_both_modes_give_the_same_dump(small: Made, tmp_path: Path) -> None:
    again = generate(address_of(None, tmp_path), Wish(mode=ENGINE))
    assert again == small.demo
    assert len(again.dump_hash) == 64


def test_the_ledger_is_clean(small: Made) -> None:
    report = verify(small.connection, full=True)
    assert report.findings == []
    assert report.operations == small.demo.operations


def test_every_foreign_key_leads_somewhere(small: Made) -> None:
    assert small.connection.execute(text("PRAGMA foreign_key_check")).all() == []


def test_numbers_are_those_of_the_table(small: Made) -> None:
    assert small.one("SELECT COUNT(*) FROM crm_unit WHERE state = 2") == 3
    assert small.one("SELECT COUNT(*) FROM crm_classifier WHERE classifier_id > 0") == 3
    assert small.one("SELECT COUNT(*) FROM crm_coupon") == 200
    assert small.one("SELECT COUNT(*) FROM crm_certificate") == 20
    assert small.one("SELECT COUNT(*) FROM crm_campaign") == 6
    assert small.one("SELECT COUNT(*) FROM crm_segment") == 6
    assert 9 * 300 < small.demo.operations < 15 * 300
    assert 240 <= small.demo.holders <= 285


def test_what_happens_at_tills_happens(small: Made) -> None:
    statement = "SELECT kind, COUNT(*) FROM crm_operation WHERE status = 1 GROUP BY kind"
    kinds = {row[0]: row[1] for row in small.connection.execute(text(statement))}
    assert kinds[1] > 2_500, "sales"
    assert kinds[2] > 20, "returns"
    assert kinds[3] > 2, "roll-backs"
    assert kinds[14] >= 2, "corrections by hand"
    assert kinds[18] > 20, "points burn"
    assert small.one("SELECT COUNT(*) FROM crm_operation WHERE status = 2") > 15
    assert small.one("SELECT COUNT(*) FROM crm_operation WHERE attempt_no = 2") > 2
    assert small.one("SELECT COUNT(*) FROM crm_entry WHERE purpose = 1") > 100
    after_midnight = (
        "SELECT COUNT(*) FROM crm_operation WHERE SUBSTR(occurred_at, 12, 2) IN ('21', '22', '23')"
        " AND SUBSTR(occurred_at, 1, 10) = business_date"
    )
    assert small.one(after_midnight) > 0, "one hour past midnight is still yesterday"
    late = (
        "SELECT COUNT(*) FROM crm_operation WHERE status = 1"
        " AND julianday(recorded_at) - julianday(occurred_at) > 1"
    )
    assert small.one(late) > 5


def test_the_chain_is_in_the_order_of_the_clock(small: Made) -> None:
    moments = (
        small.connection.execute(text("SELECT recorded_at FROM crm_operation ORDER BY chain_no"))
        .scalars()
        .all()
    )
    assert list(moments) == sorted(moments)


def test_six_users_can_sign_in_with_the_roles_of_the_product(small: Made) -> None:
    found = {
        row.login: row
        for row in small.connection.execute(
            text(
                "SELECT u.login, u.password_hash, u.must_change, r.name AS role FROM crm_user u"
                " JOIN crm_user_role x ON x.user_id = u.user_id"
                " JOIN crm_role r ON r.role_id = x.role_id"
            )
        )
    }
    assert [user.login for user in small.demo.users] == list(found)
    assert len({user.role for user in small.demo.users}) == 6
    for user in small.demo.users:
        stored = found[user.login]
        assert stored.role == user.role
        assert stored.password_hash.startswith("$argon2id$")
        assert PasswordHasher().verify(stored.password_hash, user.password)
        assert not PasswordHasher().check_needs_rehash(stored.password_hash)


def test_the_demo_is_marked_and_licensed_without_quantity(small: Made) -> None:
    rows = small.connection.execute(text("SELECT setting_key, value FROM crm_setting"))
    marks: dict[str, str] = {row[0]: row[1] for row in rows}
    assert marks["system.demo"] == "1"
    assert marks["mailing.test_mode"] == "1"
    licence = small.connection.execute(
        text("SELECT number, quantity, valid_to, state FROM crm_licence")
    ).all()
    assert [tuple(row) for row in licence] == [("DEMO", 0, None, 2)]


def test_the_dump_hash_sees_one_changed_letter(tmp_path: Path) -> None:
    (made,) = _make(tmp_path / "other", size="60", months=1)
    engine = make_engine(made.address)
    with engine.begin() as connection:
        assert dump_hash(connection) == made.demo.dump_hash
        connection.execute(text("UPDATE crm_unit SET name = 'x' WHERE unit_id = 1"))
        assert dump_hash(connection) != made.demo.dump_hash
    engine.dispose()


def test_seed_day_and_months_make_another_demo(tmp_path: Path) -> None:
    wishes: list[dict[str, object]] = [
        {},
        {"seed": 8},
        {"as_of": date(2025, 3, 31)},
        {"months": 2},
    ]
    found = set()
    for number, wish in enumerate(wishes):
        (made,) = _make(tmp_path / str(number), **{"size": "60", "months": 1, **wish})
        found.add(made.demo.dump_hash)
    assert len(found) == len(wishes)


def test_a_database_in_use_is_refused_and_not_touched(tmp_path: Path) -> None:
    address = address_of(None, tmp_path)
    engine = make_engine(address)
    upgrade(engine, address, START)
    with engine.begin() as connection:
        apply_rk7_preset(connection, code="77", name="RK7", now=START)
    with engine.connect() as connection:
        before = dump_hash(connection)
        with pytest.raises(AppError) as caught:
            generate(address, Wish(size="60", months=1))
        assert caught.value.code is ErrorCode.NOT_EMPTY
        assert dump_hash(connection) == before
    engine.dispose()


def test_the_first_guests_of_every_size_are_the_same(small: Made, tmp_path: Path) -> None:
    (other,) = _make(tmp_path / "larger", size="400", months=1)
    people = text(
        "SELECT holder_id, full_name, birth_date, gender FROM crm_person"
        " ORDER BY holder_id LIMIT 240"
    )
    engine = make_engine(other.address, read_only=True)
    with engine.connect() as connection:
        theirs = connection.execute(people).all()
    engine.dispose()
    assert small.connection.execute(people).all() == theirs
