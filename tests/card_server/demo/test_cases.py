"""The fixed cases on cards 10001 to 10024, each with its numbers (domain 6.3)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Connection, text

from card_server.db.engine import address_of, make_engine
from card_server.demo.generator import AS_OF, Wish, generate
from card_server.ledger.verify import verify

BONUS, DEBIT, SPENT, OWED = 1, 3, 5, 82
ACTIVE, INACTIVE, VOIDED, BLOCKED = 1, 2, 3, 4


class Cases:
    """Short questions about the demo."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def rows(self, statement: str, **facts: Any) -> list[tuple[Any, ...]]:
        """What a statement gives."""
        return [tuple(row) for row in self._connection.execute(text(statement), facts)]

    def card(self, number: int, *columns: str) -> tuple[Any, ...]:
        """Columns of card 10000 + number."""
        names = ", ".join(columns)
        (row,) = self.rows(f"SELECT {names} FROM crm_card WHERE card_code = :c", c=10_000 + number)  # noqa: S608 - our own columns
        return row

    def holder(self, number: int) -> int:
        """The holder of a case's card."""
        return int(self.card(number, "holder_id")[0])

    def account(self, number: int, type_id: int, *columns: str) -> tuple[Any, ...]:
        """Columns of an account of the card's holder."""
        statement = (
            f"SELECT {', '.join(columns)} FROM crm_account"  # noqa: S608 - our own columns
            " WHERE holder_id = :h AND account_type_id = :t AND state = 1"
        )
        (row,) = self.rows(statement, h=self.holder(number), t=type_id)
        return row

    def balance(self, number: int, type_id: int = BONUS) -> int:
        """A balance of a case."""
        return int(self.account(number, type_id, "balance")[0])

    def lots(self, number: int) -> list[tuple[int, int, str]]:
        """(amount, remaining, last day) of the points, in the order of making."""
        (account_id,) = self.account(number, BONUS, "account_id")
        return [
            (amount, rest, str(day))
            for amount, rest, day in self.rows(
                "SELECT amount, remaining, expires_on FROM crm_lot WHERE account_id = :a"
                " ORDER BY lot_id",
                a=account_id,
            )
        ]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Cases, Any]]:
    """A demo of little but the cases, and its address."""
    address = address_of(None, tmp_path_factory.mktemp("cases"))
    generate(address, Wish(size="60", months=1))
    engine = make_engine(address, read_only=True)
    with engine.connect() as connection:
        yield Cases(connection), address
    engine.dispose()


@pytest.fixture
def cases(demo: tuple[Cases, Any]) -> Cases:
    """The questions."""
    return demo[0]


def test_every_card_of_the_cases_is_there_and_no_other(cases: Cases) -> None:
    found = cases.rows("SELECT card_code FROM crm_card WHERE card_code < 10025 ORDER BY card_code")
    assert [code for (code,) in found] == list(range(10_001, 10_025))


def test_10001_is_the_example_of_the_specification_before_its_refund(cases: Cases) -> None:
    assert cases.balance(1) == 117_00
    assert cases.lots(1) == [
        (60_00, 0, "2026-09-10"),
        (100_00, 60_00, "2026-12-31"),
        (57_00, 57_00, "2027-03-31"),
    ]
    assert cases.balance(1, SPENT) == 1_240_00
    sale = cases.rows(
        "SELECT a.amount FROM crm_allocation a JOIN crm_entry e ON e.entry_id = a.entry_id"
        " JOIN crm_account k ON k.account_id = e.account_id"
        " WHERE k.holder_id = :h AND e.purpose = 1 ORDER BY a.allocation_id",
        h=cases.holder(1),
    )
    assert sale == [(60_00,), (40_00,)]


def test_10002_is_blocked_with_its_reason(cases: Cases) -> None:
    assert cases.card(2, "state", "block_reason") == (BLOCKED, "карта утеряна")
    assert cases.rows("SELECT event FROM crm_card_event WHERE card_code = 10002 ORDER BY at") == [
        (2,),
        (6,),
    ]


def test_10003_is_expired_10004_unbound_10005_inactive(cases: Cases) -> None:
    assert cases.card(3, "state", "valid_to") == (ACTIVE, "2026-03-21")
    assert cases.card(4, "state", "holder_id") == (INACTIVE, None)
    assert cases.card(5, "state") == (INACTIVE,)
    assert cases.holder(5) > 0


def test_10006_is_void_and_replaced_by_10007(cases: Cases) -> None:
    assert cases.card(6, "state", "replaced_by") == (VOIDED, 10_007)
    assert cases.card(7, "state") == (ACTIVE,)
    assert cases.holder(6) == cases.holder(7)


def test_10008_is_negative_after_a_refund(cases: Cases) -> None:
    assert cases.account(8, BONUS, "balance", "uncovered") == (-90_00, 90_00)
    assert cases.balance(8, SPENT) == 500_00


def test_10009_has_points_that_wait(cases: Cases) -> None:
    assert cases.account(9, BONUS, "balance", "pending") == (75_00, 75_00)


def test_10010_burns_in_three_days(cases: Cases) -> None:
    assert cases.lots(10) == [(40_00, 40_00, "2026-04-03")]


def test_10011_is_due_and_not_booked_yet(cases: Cases) -> None:
    assert cases.lots(11) == [(30_00, 30_00, "2026-03-30")]
    assert cases.balance(11) == 30_00
    assert cases.rows(
        "SELECT COUNT(*) FROM crm_operation WHERE kind = 18 AND holder_id = :h", h=cases.holder(11)
    ) == [(0,)]


def test_10012_is_one_kopeck_below_a_level_and_10013_exactly_at_it(cases: Cases) -> None:
    ((threshold,),) = cases.rows(
        "SELECT threshold FROM crm_level WHERE account_type_id = 2 AND level_no = 2"
    )
    assert cases.balance(12, SPENT) == threshold - 1 == 14_999_99
    assert cases.balance(13, SPENT) == threshold == 15_000_00


def test_birthdays_duplicates_and_the_anonymous_guest(cases: Cases) -> None:
    def person(number: int) -> tuple[Any, ...]:
        (row,) = cases.rows(
            "SELECT full_name, birth_date, birth_md FROM crm_person WHERE holder_id = :h",
            h=cases.holder(number),
        )
        return row

    assert person(14)[2] == AS_OF.month * 100 + AS_OF.day
    assert person(15)[1:] == ("1992-02-29", 229)
    assert person(16)[1] == person(17)[1] == "1979-09-09"
    assert person(16)[0].lower().replace("ё", "е") == person(17)[0].lower()
    phones = cases.rows(
        "SELECT value FROM crm_contact WHERE value_norm = '70009997716' ORDER BY contact_id"
    )
    assert [value for (value,) in phones] == ["+7 000 999-77-16", "8 (000) 999 77 16"]
    assert person(21)[0] == ""
    assert cases.rows(
        "SELECT is_anonymous FROM crm_holder WHERE holder_id = :h", h=cases.holder(21)
    ) == [(1,)]


def test_10018_took_over_what_its_duplicate_had(cases: Cases) -> None:
    assert cases.balance(18) == 55_00
    assert cases.balance(18, SPENT) == 500_00
    assert sorted(cases.lots(18)) == [(20_00, 20_00, "2026-10-17"), (35_00, 35_00, "2026-07-09")]
    survivor = cases.holder(18)
    ((duplicate, operation_id),) = cases.rows(
        "SELECT duplicate_id, operation_id FROM crm_holder_merge WHERE survivor_id = :h", h=survivor
    )
    assert operation_id is not None
    assert cases.rows(
        "SELECT state, merged_into FROM crm_holder WHERE holder_id = :h", h=duplicate
    ) == [(2, survivor)]
    accounts = cases.rows(
        "SELECT state, balance, merged_into FROM crm_account WHERE holder_id = :h", h=duplicate
    )
    assert len(accounts) == 4
    assert all(
        state == 3 and balance == 0 and target is not None for state, balance, target in accounts
    )


def test_10019_has_an_open_hold(cases: Cases) -> None:
    assert cases.account(19, BONUS, "balance", "held") == (100_00, 60_00)
    ((amount, state, ends),) = cases.rows(
        "SELECT amount, state, expires_at FROM crm_hold WHERE holder_id = :h", h=cases.holder(19)
    )
    assert (amount, state) == (60_00, 1)
    assert ends > "2026-04-06"


def test_10020_owes_and_10022_is_limited_to_money(cases: Cases) -> None:
    assert cases.balance(20, OWED) == -25_00
    assert cases.card(22, "limited_accounts") == (1,)
    assert cases.balance(22, DEBIT) == 500_00
    assert cases.balance(22) == 50_00
    assert cases.rows("SELECT account_id FROM crm_card_account WHERE card_code = 10022") == [
        cases.account(22, DEBIT, "account_id")
    ]


def test_10023_is_erased_and_its_ledger_stays(cases: Cases) -> None:
    holder_id = cases.holder(23)
    assert cases.rows("SELECT state FROM crm_holder WHERE holder_id = :h", h=holder_id) == [(3,)]
    for table in ("crm_person", "crm_contact"):
        assert not cases.rows(f"SELECT 1 FROM {table} WHERE holder_id = :h", h=holder_id)  # noqa: S608 - our own tables
    assert cases.rows("SELECT user_id FROM crm_erasure WHERE holder_id = :h", h=holder_id) == [(1,)]
    assert cases.balance(23) == 10_00


def test_10024_is_a_staff_card_with_a_daily_refill(cases: Cases) -> None:
    assert cases.card(24, "kind", "group_id", "state") == (4, 12, ACTIVE)
    assert cases.balance(24, DEBIT) == 400_00
    assert cases.rows(
        "SELECT scope, scope_id, period, mode, amount, is_active FROM crm_refill_rule"
    ) == [(4, 3, 1, 1, 400_00, 1)]


def test_the_ledger_of_the_cases_is_clean(demo: tuple[Cases, Any]) -> None:
    engine = make_engine(demo[1], read_only=True)
    with engine.connect() as connection:
        assert verify(connection, full=True).findings == []
    engine.dispose()


@pytest.mark.parametrize("day", [date(2024, 2, 29), date(2025, 11, 30)])
def test_the_cases_work_on_every_day_of_the_year(
    tmp_path_factory: pytest.TempPathFactory, day: date
) -> None:
    address = address_of(None, tmp_path_factory.mktemp("day"))
    assert generate(address, Wish(size="60", months=1, as_of=day)).cards == 60
