"""What tills tell about their places: stations, unknown restaurants, first closed cheques.

Collected in memory beside the hot path and written now and then by an ordinary edit (domain 1.1,
farcards.md 2.1). What was not written before a crash is seen again with the next cheque.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import Connection, insert, select, update

from card_server.divisions import tables
from card_server.divisions.repository import bump_rules_version
from card_server.ledger.posting import Pipeline
from card_server.ledger.rule_set import RuleSet
from shared.wire.errors import AppError

TEST, LIVE = 1, 2
MOST_NAMES: Final = 200
"""Unknown numbers kept; a sender of rubbish fills no memory."""
LARGEST_STATION: Final = 2_147_483_647


class Sightings:
    """The notes of one server; used on the loop's thread, written by an edit."""

    def __init__(self) -> None:
        self._unknown: dict[str, int] = {}
        self._stations: set[tuple[int, int]] = set()
        self._closed: set[int] = set()

    @property
    def unknown_units(self) -> dict[str, int]:
        """Restaurant numbers and codes that fit no unit, with their calls."""
        return dict(self._unknown)

    def unit_unknown(self, restaurant: int, code: str) -> None:
        """A call from a place that no unit names."""
        name = code or str(restaurant)
        if name in self._unknown or len(self._unknown) < MOST_NAMES:
            self._unknown[name] = self._unknown.get(name, 0) + 1

    def station_seen(self, unit_id: int, station_no: int | None) -> None:
        """A till of a unit called."""
        if station_no is not None and 0 <= station_no <= LARGEST_STATION:
            self._stations.add((unit_id, station_no))

    def cheque_closed(self, rules: RuleSet, unit_id: int) -> None:
        """A closed cheque was booked: a test unit turns live."""
        unit = rules.units.get(unit_id)
        if unit is not None and unit.state == TEST:
            self._closed.add(unit_id)

    @property
    def has_news(self) -> bool:
        """There is something to write."""
        return bool(self._stations or self._closed)

    def take(self) -> Notes:
        """The notes to be written; what comes later waits for the next time."""
        notes = Notes(self._stations, self._closed)
        self._stations, self._closed = set(), set()
        return notes

    def put_back(self, notes: Notes) -> None:
        """The notes could not be written; they are tried again."""
        self._stations |= notes.stations
        self._closed |= notes.closed


class Notes:
    """One batch on its way into the tables."""

    def __init__(self, stations: set[tuple[int, int]], closed: set[int]) -> None:
        self.stations = stations
        self.closed = closed

    def write(self, connection: Connection, now: datetime) -> None:
        """Stations by themselves, units from test to live."""
        station = tables.station
        for unit_id, number in sorted(self.stations):
            where = (station.c.unit_id == unit_id, station.c.station_no == number)
            known = connection.execute(select(station.c.unit_id).where(*where)).first()
            if known is None:
                values = {"unit_id": unit_id, "station_no": number, "last_seen_at": now}
                connection.execute(insert(station).values(**values))
            else:
                connection.execute(update(station).where(*where).values(last_seen_at=now))
        unit = tables.unit
        for unit_id in sorted(self.closed):
            changed = connection.execute(
                update(unit)
                .where(unit.c.unit_id == unit_id, unit.c.state == TEST)
                .values(state=LIVE, updated_at=now, version=unit.c.version + 1)
            )
            if changed.rowcount:
                bump_rules_version(connection, now)


def write_sightings(pipeline: Pipeline, sightings: Sightings) -> None:
    """What was seen goes into the tables; what cannot be written is tried again later."""
    if not sightings.has_news:
        return
    notes = sightings.take()

    def finish(outcome: AppError | None) -> None:
        if isinstance(outcome, AppError):
            sightings.put_back(notes)

    pipeline.edit(notes.write, finish)
