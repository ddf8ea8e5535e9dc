"""Fills an empty database with the demo: a pure function of (seed, as-of, months, size)."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from typing import Any, Final, NamedTuple, Protocol

import msgspec
from sqlalchemy import Connection, Engine, func, insert, select

from card_server.accounts import tables as account_tables
from card_server.accounts.records import CLASS_BONUS as POINTS
from card_server.cards import tables as card_tables
from card_server.classifiers import tables as classifier_tables
from card_server.db.engine import DatabaseAddress, make_engine, plain_errors
from card_server.db.migrate import current, upgrade
from card_server.demo.bulk import BulkPoster
from card_server.demo.calls import complaint_of, order_of, posting_of
from card_server.demo.case_story import CaseStory
from card_server.demo.cases import CASE_CARDS, Holders, make_cases
from card_server.demo.draws import Draws
from card_server.demo.dump import dump_hash
from card_server.demo.engine import EnginePoster
from card_server.demo.hurrying import GUESTS, POSTINGS, calm, hurry, indexes_aside
from card_server.demo.memory import Memory, Opened
from card_server.demo.organisation import (
    DEMO_KEY,
    DemoClassifier,
    DemoUser,
    Place,
    make_classifiers,
    make_units,
    make_users,
    mark_as_demo,
)
from card_server.demo.people import FIRST_CARD
from card_server.demo.population import Population
from card_server.demo.programs import make_programs, make_receivable
from card_server.demo.sizes import Size, cards_of, size_of
from card_server.demo.timeline import DAY_S, Act, Period, Planner, Row, Timeline, moment_of
from card_server.divisions.repository import BLOCK, IdBlocks, read_setting
from card_server.holders import tables as holder_tables
from card_server.ledger import tables as ledger_tables
from card_server.ledger.calendar import add_months
from card_server.ledger.posting_port import Posting
from card_server.ledger.rule_set import RuleSet
from card_server.schemes import tables as scheme_tables
from shared.wire.errors import AppError, ErrorCode

ENGINE, BULK = "engine", "bulk"
AS_OF: Final = date(2026, 3, 31)
MONTHS: Final = 18
TAIL_DAYS: Final = 2
STEP: Final = 10_000
MORNING_S: Final = 10 * 3600
"""The last days go through the ordinary ledger in both modes, together with the fixed cases."""

GROUP_S: Final = 60
LARGEST_GROUP: Final = 64

Progress = Callable[[str, int, int], None]
"""Told the stage, how much of it is done, and how much there is."""


class Demo(msgspec.Struct, kw_only=True):
    """What was made."""

    classifiers: list[DemoClassifier]
    cards: int
    holders: int
    operations: int
    first_card: int
    story_card: int
    """Of a guest without debts, for the story of a visit."""
    users: list[DemoUser]
    dump_hash: str


class Wish(msgspec.Struct, kw_only=True, frozen=True):
    """What is asked for; the rows are a function of this and of nothing else."""

    size: str = "small"
    seed: int = 7
    as_of: date = AS_OF
    months: int = MONTHS
    mode: str = BULK


class Poster(Protocol):
    """Posts one group at a moment."""

    @property
    def rules(self) -> RuleSet:
        """The dictionaries in force."""

    def post(self, now: datetime, postings: Sequence[Posting[Any]]) -> list[Any]:
        """The outcomes in order."""


def quiet(_stage: str, _done: int, _total: int) -> None:
    """Progress that nobody watches."""


def generate(
    address: DatabaseAddress, wish: Wish | None = None, progress: Progress = quiet
) -> Demo:
    """Fill an empty database. Raises NOT_EMPTY, and nothing is changed, for any other."""
    wish = wish or Wish()
    engine = make_engine(address)
    gc.disable()
    try:
        with plain_errors(address):
            return _Generator(engine, address, wish, progress).run()
    finally:
        gc.enable()
        engine.dispose()


class _Generator:
    """The stages, in order."""

    def __init__(
        self, engine: Engine, address: DatabaseAddress, wish: Wish, progress: Progress
    ) -> None:
        self._engine = engine
        self._address = address
        self._wish = wish
        self._progress = progress
        self._draws = Draws(wish.seed)
        self._period = Period(start=add_months(wish.as_of, -wish.months), as_of=wish.as_of)
        self._size: Size = size_of(cards_of(wish.size))
        self._cases = Holders()

    def run(self) -> Demo:
        """Everything; the database is closed afterwards."""
        start = moment_of(self._period.begin_s)
        require_empty(self._engine, self._address.shown)
        upgrade(self._engine, self._address, start)
        with self._engine.connect() as connection:
            hurry(connection)
            classifiers, users, places, opened = self._set_up(connection, start)
            self._post(connection, opened, places)
            self._progress("hash", 0, 1)
            digest = dump_hash(connection)
            counted = select(func.count()).select_from(ledger_tables.operation)
            operations = connection.execute(counted).scalar_one()
            holders = connection.execute(
                select(func.count()).select_from(holder_tables.holder)
            ).scalar_one()
            story_card = find_story_card(connection)
            connection.rollback()
            calm(connection)
        return Demo(
            classifiers=classifiers,
            cards=self._size.cards,
            holders=int(holders),
            operations=int(operations),
            first_card=FIRST_CARD,
            story_card=story_card,
            users=users,
            dump_hash=digest,
        )

    # ------------------------------------------------------------------ what is there

    def _set_up(
        self, connection: Connection, start: datetime
    ) -> tuple[list[DemoClassifier], list[DemoUser], list[Place], Opened]:
        draws, size, period, ids = self._draws, self._size, self._period, self._blocks()
        with connection.begin():
            ids.bind(lambda: connection)
            classifiers = make_classifiers(connection, draws, size, start)
            users = make_users(connection, draws, start)
            places = make_units(connection, size, start)
            mark_as_demo(connection, period.start, start)
            make_programs(connection, draws, size, as_of=period.as_of, now=start, ids=ids)
            self._card_range(connection, start)
            levels = first_levels(connection)
            make_receivable(connection, start)
            self._cases = make_cases(connection, ids, as_of=period.as_of, now=start, levels=levels)
        with indexes_aside(connection, GUESTS), connection.begin():
            population = Population(connection, draws=draws, period=period, ids=ids, levels=levels)
            population.populate(
                size.cards,
                size.units,
                lambda code, count: self._progress("guests", code - FIRST_CARD, count),
            )
        return classifiers, users, places, population.opened

    def _blocks(self) -> IdBlocks:
        """Ids in blocks that fit the size: for a small demo those of the server itself."""
        return IdBlocks(prefix=1, block=max(BLOCK, self._size.cards // 10))

    def _card_range(self, connection: Connection, now: datetime) -> None:
        last = FIRST_CARD + self._size.cards - 1
        connection.execute(
            insert(card_tables.card_range).values(
                range_id=1,
                name="Карты гостей",
                start_code=FIRST_CARD,
                end_code=FIRST_CARD + 9_999_999,
                current_code=last + 1,
                division_id=1,
                card_group_id=11,
                holder_group_id=1,
                digits=8,
                created_at=now,
                updated_at=now,
            )
        )

    # ------------------------------------------------------------------ what happens

    def _plan(self, opened: Opened, places: list[Place]) -> Timeline:
        planner = Planner(self._draws, self._period, places, self._size.per_card)
        timeline = Timeline()
        count = len(opened.holders)
        for guest in range(count):
            for row in planner.rows(guest, opened.several[guest]):
                timeline.add(row)
            if guest % STEP == 0:
                self._progress("plan", guest, count)
        return timeline

    def _post(self, connection: Connection, opened: Opened, places: list[Place]) -> None:
        """The long part by the chosen mode, the last days by the ordinary ledger."""
        timeline = self._plan(opened, places)
        split = self._period.end_s - TAIL_DAYS * DAY_S
        rows = timeline.in_order()
        driver = Driver(self._draws, places, opened, len(timeline), self._progress)
        if self._wish.mode == BULK:
            with indexes_aside(connection, POSTINGS):
                memory = Memory(opened)
                bulk = BulkPoster(connection, self._blocks(), memory)
                driver.drive(bulk, rows, split, memory)
                bulk.finish(moment_of(split))
                self._progress("indexes", 0, 1)
        else:
            first = EnginePoster(self._engine, moment_of(self._period.begin_s))
            driver.drive(first, rows, split, None)
            first.close()
        last = EnginePoster(self._engine, moment_of(split))
        cases = CaseStory(last, self._cases, self._wish.as_of, moment_of(split))
        cases.early()
        driver.drive(last, rows, None, None)
        cases.late(moment_of(self._period.end_s + MORNING_S))
        last.close()


class Call(NamedTuple):
    """A row with what is made of it."""

    row: Row
    order: str
    card: int
    posting: Posting[Any]


class Driver:
    """Makes groups of the rows: those of one minute, that name different orders."""

    def __init__(
        self, draws: Draws, places: list[Place], opened: Opened, total: int, progress: Progress
    ) -> None:
        self._draws = draws
        self._places = places
        self._opened = opened
        self._total = total
        self._progress = progress
        self._done = 0
        self._ahead: Row | None = None

    def drive(
        self, poster: Poster, rows: Iterator[Row], limit: int | None, memory: Memory | None
    ) -> None:
        """Post what comes before `limit`; the first row after it is kept for the next call."""
        group: list[Call] = []
        taken: set[str] = set()
        minute = 0
        while (row := self._ahead or next(rows, None)) is not None:
            self._ahead = None
            if limit is not None and row.at >= limit:
                self._ahead = row
                break
            call = self._call(row, poster.rules)
            same = row.at // GROUP_S == minute and call.order not in taken
            if group and (not same or len(group) >= LARGEST_GROUP):
                self._run(poster, group, minute, memory)
                group, taken = [], set()
            minute = row.at // GROUP_S
            taken.add(call.order)
            group.append(call)
        if group:
            self._run(poster, group, minute, memory)

    def _call(self, row: Row, rules: RuleSet) -> Call:
        place = self._places[row.place]
        classifier = rules.classifiers[place.classifier_id]
        order = order_of(row, self._draws)
        card = self._opened.cards[row.guest] + row.visit % self._opened.several[row.guest]
        posting: Posting[Any]
        if row.act == Act.ADJUST:
            posting = complaint_of(row, order, self._opened.holders[row.guest], place)
        else:
            posting = posting_of(row, self._draws, order, card, place, classifier)
        return Call(row, order, card, posting)

    def _run(self, poster: Poster, group: list[Call], minute: int, memory: Memory | None) -> None:
        now = moment_of((minute + 1) * GROUP_S)
        if memory is not None:
            memory.expect({call.card: call.row.guest for call in group})
            for call in group:
                if call.row.kept:
                    memory.keep(call.order)
        poster.post(now, [call.posting for call in group])
        if memory is not None and memory.is_open:
            for call in group:
                if not call.row.kept:
                    memory.drop(call.order)
        self._done += len(group)
        if self._done % STEP < len(group):
            self._progress("operations", self._done, self._total)


def first_levels(connection: Connection) -> dict[int, int]:
    """The lowest level of each account type that has levels."""
    level = scheme_tables.level
    rows = connection.execute(
        select(level.c.account_type_id, func.min(level.c.level_id)).group_by(
            level.c.account_type_id
        )
    )
    return {row[0]: row[1] for row in rows}


def require_empty(engine: Engine, shown: str) -> None:
    """Refuse (NOT_EMPTY) a database in which somebody has begun to work."""
    with engine.connect() as connection:
        if current(connection) is None:
            return
        for table in (
            holder_tables.holder,
            card_tables.card,
            classifier_tables.classifier,
            ledger_tables.operation,
        ):
            key = next(iter(table.primary_key.columns))
            count = select(func.count()).select_from(table).where(key > 0)
            found = connection.execute(count).scalar_one()
            if found:
                raise AppError(ErrorCode.NOT_EMPTY, database=shown, what=table.name, n=int(found))


def find_story_card(connection: Connection) -> int:
    """The first ordinary card whose guest owes no points."""
    card, account = card_tables.card, account_tables.account
    found = connection.execute(
        select(func.min(card.c.card_code))
        .join(account, account.c.holder_id == card.c.holder_id)
        .where(
            card.c.card_code >= FIRST_CARD + CASE_CARDS,
            account.c.account_type_id == POINTS,
            account.c.balance >= 0,
            account.c.uncovered == 0,
        )
    ).scalar_one()
    return int(found)


def is_unfinished(address: DatabaseAddress) -> bool:
    """The embedded database is marked as a demo: it may be made anew."""
    if address.file is None or not address.file.exists():
        return False
    engine = make_engine(address, read_only=True)
    try:
        with engine.connect() as connection:
            if current(connection) is None:
                return False
            return read_setting(connection, DEMO_KEY) is not None
    finally:
        engine.dispose()
