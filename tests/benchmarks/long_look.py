"""A long report as another program: reads every entry again and again on its own connection."""

from __future__ import annotations

import sys
from pathlib import Path

from sqlalchemy import func, select

from card_server.db.engine import address_of, make_engine
from card_server.ledger import tables


def main() -> None:
    """Read until the process is ended."""
    engine = make_engine(address_of(None, Path(sys.argv[1])), read_only=True)
    entry, operation = tables.entry, tables.operation
    statement = (
        select(operation.c.unit_id, entry.c.account_type_id, func.sum(entry.c.amount), func.count())
        .join(operation, operation.c.operation_id == entry.c.operation_id)
        .group_by(operation.c.unit_id, entry.c.account_type_id)
    )
    while True:
        with engine.connect() as connection:
            connection.execute(statement).all()


if __name__ == "__main__":
    main()
