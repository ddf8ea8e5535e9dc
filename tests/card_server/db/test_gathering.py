"""Numbers of a statement in one value."""

from __future__ import annotations

from sqlalchemy import literal, select, union_all
from sqlalchemy.dialects import mssql, postgresql

from card_server.db.gathering import number_list, numbers
from card_server.ledger import tables
from tests.helpers.shop import Shop


def test_all_numbers_come_and_none_is_no_text(shop: Shop) -> None:
    given = [7, -3, 10_000_000_000_123, 7]
    rows = union_all(*(select(literal(one).label("number")) for one in given)).subquery()
    assert sorted(numbers(shop.connection, select(rows.c.number))) == sorted(given)
    assert numbers(shop.connection, select(tables.operation.c.operation_id)) == []
    shop.connection.rollback()


def test_every_database_has_its_own_word_for_it() -> None:
    statement = select(number_list(tables.operation.c.operation_id))
    server = mssql.dialect()  # type: ignore[no-untyped-call]
    assert "STRING_AGG(CAST(crm_operation.operation_id AS NVARCHAR(MAX)), ',')" in str(
        statement.compile(dialect=server)
    )
    assert "string_agg(CAST(" in str(statement.compile(dialect=postgresql.dialect()))  # type: ignore[no-untyped-call]
