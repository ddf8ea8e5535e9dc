"""Places that tills tell about: collected in memory, written by an edit (domain 1.1)."""

from __future__ import annotations

from sqlalchemy import select

from card_server.divisions import tables
from card_server.relay.sightings import MOST_NAMES, Sightings, write_sightings
from tests.helpers.shop import Shop
from tests.helpers.till import Till


def test_unknown_places_are_counted_and_bounded() -> None:
    sightings = Sightings()
    for number in range(MOST_NAMES + 50):
        sightings.unit_unknown(number, "")
    sightings.unit_unknown(5, "")
    sightings.unit_unknown(5, "100010001")
    assert len(sightings.unknown_units) == MOST_NAMES
    assert sightings.unknown_units["5"] == 2
    assert sightings.has_news is False, "nothing to write"


def test_a_station_is_entered_once_and_seen_again(shop: Shop) -> None:
    sightings = Sightings()
    for _ in range(2):
        sightings.station_seen(1, 4)
        sightings.station_seen(1, None)
        sightings.station_seen(1, 2**40)
        with shop.connection.begin():
            sightings.take().write(shop.connection, shop.now)
        shop.pass_time(minutes=5)
    rows = shop.connection.execute(select(tables.station)).all()
    shop.connection.rollback()
    assert [(row.unit_id, row.station_no) for row in rows] == [(1, 4)]
    assert rows[0].last_seen_at < shop.now


def test_only_a_test_unit_becomes_live(shop: Shop) -> None:
    sightings = Sightings()
    sightings.cheque_closed(shop.ledger.rules, 99)
    assert sightings.has_news is False
    sightings.cheque_closed(shop.ledger.rules, 1)
    notes = sightings.take()
    table = tables.unit
    shop.change(table, table.c.unit_id == 1, state=3)
    with shop.connection.begin():
        notes.write(shop.connection, shop.now)
    state = shop.connection.execute(select(table.c.state).where(table.c.unit_id == 1)).scalar()
    shop.connection.rollback()
    assert state == 3, "somebody closed the unit meanwhile"
    sightings.cheque_closed(shop.ledger.rules, 1)
    assert sightings.has_news is False


def test_the_notes_go_through_the_pipeline(till: Till) -> None:
    sightings = till.dispatch.sightings
    sightings.station_seen(1, 7)
    write_sightings(till.pipeline, sightings)
    till.loop.run_until_complete(till.pipeline.drain())
    rows = till.shop.connection.execute(select(tables.station.c.station_no)).scalars().all()
    till.shop.connection.rollback()
    assert rows == [7]
    sightings.station_seen(1, 8)
    write_sightings(till.pipeline, sightings)
    assert sightings.has_news, "a pipeline that stops takes nothing; the note stays"
