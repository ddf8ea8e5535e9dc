"""The journal of an edit of many rows."""

from __future__ import annotations

from sqlalchemy import func, select

from card_server.db.change_log import Editor
from card_server.db.gathered_log import GatheredLog
from card_server.divisions import tables as division_tables
from card_server.holders import tables as holder_tables
from card_server.users import tables as user_tables
from tests.helpers.shop import Shop


def test_the_journal_waits_and_is_then_complete(shop: Shop) -> None:
    connection, ids = shop.connection, shop.ledger.ids
    sets, values = user_tables.change_set, user_tables.change_value
    with connection.begin():
        before = connection.execute(select(func.count()).select_from(sets)).scalar_one()
        log = GatheredLog(connection, ids, Editor(classifier_id=1, application="xml"), shop.now)
        group = holder_tables.holder_group
        log.insert(group, {"group_id": 90, "name": "A"})
        log.insert_many(group, [{"group_id": 91, "name": "B"}, {"group_id": 92, "name": "C"}])
        log.edit(group, {"group_id": 90}, {"name": "D"})
        names = connection.execute(
            select(group.c.name).where(group.c.group_id >= 90).order_by(group.c.group_id)
        )
        assert list(names.scalars()) == ["D", "B", "C"], "the rows themselves do not wait"
        counted = connection.execute(select(func.count()).select_from(sets)).scalar_one()
        assert counted == before
        log.write()
        rows = connection.execute(
            select(sets.c.change_id, sets.c.row_key, sets.c.action, values.c.new_value)
            .join(values, values.c.change_id == sets.c.change_id)
            .where(values.c.field_name == "name", sets.c.table_name == "holder_group")
            .order_by(sets.c.change_id)
        ).all()
        found = [(row.row_key, row.action, row.new_value) for row in rows]
        assert found == [("90", 1, "A"), ("91", 1, "B"), ("92", 1, "C"), ("90", 2, "D")]
        numbers = [row.change_id for row in rows]
        assert numbers == list(range(numbers[0], numbers[0] + 4))
        counter = division_tables.id_counter
        stored = connection.execute(
            select(counter.c.next_value).where(counter.c.kind == "change")
        ).scalar_one()
        assert numbers[-1] % 10**13 == stored - 1, "none is kept back for later"
        log.write()
        again = connection.execute(select(func.count()).select_from(sets)).scalar_one()
        assert again == before + 4
