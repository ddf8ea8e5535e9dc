"""Builds every part of the server once; the one file that knows all, and the only clock."""

from __future__ import annotations

import asyncio
import importlib
import ssl
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec
import structlog
from sqlalchemy import Connection, Engine, select, update
from sqlalchemy.engine import Dialect

import card_server.schema  # noqa: F401 - the journal of edits finds its tables by name
from card_server.coupons import tables as coupon_tables
from card_server.db.base import to_milliseconds
from card_server.db.check import require_fit
from card_server.db.engine import DatabaseAddress, make_engine, plain_errors
from card_server.db.errors import explain
from card_server.db.finding import find_database
from card_server.db.migrate import require_current, upgrade
from card_server.divisions import tables as division_tables
from card_server.divisions.repository import RULES_VERSION_KEY, IdBlocks, read_setting
from card_server.divisions.setting_watch import LOOK_EVERY_S, SettingWatch
from card_server.http.companion import Companion
from card_server.ledger.durability import (
    INLINE_BELOW_S,
    Durability,
    FlushThread,
    InlineDurability,
    measure_flush_s,
)
from card_server.ledger.group import Ledger
from card_server.ledger.overlap import CommitThread
from card_server.ledger.posting import Pipeline
from card_server.ledger.reading import FactsReader
from card_server.ledger.rule_loading import load_rules
from card_server.ledger.writing import BookWriter, WriterHead
from card_server.licences.watching import LOOK_S, LicenceWatch
from card_server.messages.codes import QueuedCodeSender
from card_server.receipts import tables as receipt_tables
from card_server.relay.dispatch import Dispatch
from card_server.relay.handlers.context import Services
from card_server.relay.limits import Limits
from card_server.relay.listener import Listener
from card_server.relay.sightings import Sightings, write_sightings
from shared.wire.errors import AppError

if TYPE_CHECKING:
    from card_server.management import Management

log = structlog.get_logger(__name__)

MANAGEMENT: Final = "card_server.management"
"""Everything behind the management port: a third of what the server has to read in."""

READER_THREADS = 3
SIGHTINGS_S = 30.0
"""How often stations and first closed cheques are written."""
WRITER_ID = 1
LOOP_BUSY_MS = 25
"""How long the loop may stand still when another program holds the embedded database."""


def clock() -> datetime:
    """The one clock of the server: aware UTC, whole milliseconds."""
    return to_milliseconds(datetime.now(UTC))  # noqa: TID251 - composition is where time enters


class Core(msgspec.Struct, kw_only=True):
    """The running ledger: the pipeline and what must be closed after it."""

    address: DatabaseAddress
    writer_engine: Engine
    reader_engine: Engine
    connection: Connection
    pipeline: Pipeline
    durability: Durability
    readers: Executor
    ledger_thread: Executor | None
    committer: CommitThread | None
    flush_s: float
    settings: SettingWatch

    async def close(self) -> None:
        """Finish what is queued, then close the database."""
        await self.pipeline.drain()
        self.durability.close()
        self.readers.shutdown()
        if self.ledger_thread is not None:
            self.ledger_thread.shutdown()
        if self.committer is not None:
            self.committer.close()
        self.connection.close()
        self.writer_engine.dispose()
        self.reader_engine.dispose()


def load_head(connection: Connection) -> WriterHead:
    """The end of the writer's chain as stored."""
    writer = division_tables.writer
    row = connection.execute(
        select(writer.c.next_chain_no, writer.c.head_hash).where(writer.c.writer_id == WRITER_ID)
    ).one()
    return WriterHead(
        writer_id=WRITER_ID, next_chain_no=row.next_chain_no, head_hash=bytes(row.head_hash)
    )


def lock_head(connection: Connection) -> None:
    """Take the writer's row until the transaction ends; other processes wait for it."""
    writer = division_tables.writer
    connection.execute(
        update(writer)
        .where(writer.c.writer_id == WRITER_ID)
        .values(next_chain_no=writer.c.next_chain_no)
    )


def prepare(dialect: Dialect) -> tuple[FactsReader, BookWriter]:
    """The statements of the hot path, compiled for a dialect."""
    writer = BookWriter(
        dialect,
        documents=receipt_tables.operation_document,
        coupon_uses=coupon_tables.coupon_use,
        coupons=coupon_tables.coupon,
    )
    return FactsReader(dialect), writer


def open_ledger(
    engine: Engine, now: Callable[[], datetime] = clock, *, server: str = ""
) -> tuple[Ledger, Connection]:
    """The ledger on one connection of its own, ready for groups; `server` is for messages."""
    connection = engine.connect()
    require_current(connection)
    connection.rollback()
    reader, writer = prepare(connection.dialect)
    ids = IdBlocks(prefix=1)
    ledger = Ledger(
        connection,
        reader=reader,
        writer=writer,
        ids=ids,
        load_rules=load_rules,
        load_head=load_head,
        lock_head=lock_head,
        explain=lambda error: explain(error, server),
        clock=now,
    )
    return ledger, connection


def open_database(database: str | None, data_dir: Path, *, create: bool = True) -> DatabaseAddress:
    """The address of the database; the embedded file is made and filled on first use."""
    address = find_database(database, data_dir, make_folder=create)
    require_fit(address)
    engine = make_engine(address)
    try:
        if create and address.file is not None and not address.file.exists():
            upgrade(engine, address, clock())
    finally:
        engine.dispose()
    return address


def _first(listeners: list[Callable[[OSError], None]]) -> Callable[[OSError], None]:
    """Calls the listener that is registered later; the two need each other."""

    def tell(error: OSError) -> None:
        for listener in listeners:
            listener(error)

    return tell


def _do_not_block(connection: Connection) -> None:
    """The loop's own connection waits for a lock by trying again, not by standing still."""
    driver: Any = connection.connection.driver_connection
    driver.execute(f"PRAGMA busy_timeout={LOOP_BUSY_MS}")


def build_core(
    address: DatabaseAddress,
    data_dir: Path,
    loop: asyncio.AbstractEventLoop,
    *,
    queue_s: float = Limits().queue_s,
    durability: str = "auto",
) -> Core:
    """The ledger with the durability that is cheaper on this disk, or the one asked for."""
    writer_engine = make_engine(address)
    reader_engine = make_engine(address, read_only=True)
    with plain_errors(address):
        ledger, connection = open_ledger(writer_engine, server=address.shown)
    flush_s = measure_flush_s(data_dir)
    thread = None if address.is_embedded else ThreadPoolExecutor(1, "ledger")
    failures: list[Callable[[OSError], None]] = []
    flushing: Durability = InlineDurability()
    committer = CommitThread(loop.call_soon_threadsafe) if address.is_embedded else None
    file = address.file
    if file is not None:
        _do_not_block(connection)
    slow = flush_s > INLINE_BELOW_S if durability == "auto" else durability == "pipelined"
    if file is not None and slow:
        driver: Any = connection.connection.driver_connection
        driver.execute("PRAGMA synchronous=NORMAL")
        log = file.with_name(file.name + "-wal")
        flushing = FlushThread(log, loop.call_soon_threadsafe, _first(failures))
    readers = ThreadPoolExecutor(READER_THREADS, "reader")
    pipeline = Pipeline(
        ledger,
        loop=loop,
        durability=flushing,
        readers=readers,
        read_connection=reader_engine.connect,
        executor=thread,
        committer=committer,
        queue_s=queue_s,
    )
    failures.append(pipeline.log_failed)
    return Core(
        address=address,
        writer_engine=writer_engine,
        reader_engine=reader_engine,
        connection=connection,
        pipeline=pipeline,
        durability=flushing,
        readers=readers,
        ledger_thread=thread,
        committer=committer,
        flush_s=flush_s,
        settings=SettingWatch(pipeline),
    )


class ServeOptions(msgspec.Struct, kw_only=True):
    """What the command line says about ports and places; port 0 lets the system choose."""

    data_dir: Path
    database: str | None = None
    host: str = "127.0.0.1"
    relay_port: int = 9192
    raw_port: int = 9191
    management_port: int = 9193
    tls_port: int = 9194
    durability: str = "auto"
    """`inline` or `pipelined` for who wants to choose; a server database is always inline."""
    tls: ssl.SSLContext | None = None
    """The certificate of the TLS port; None: there is no such port."""
    management_host: str = "127.0.0.1"
    management_tls: ssl.SSLContext | None = None
    """The certificate of the management port; None: it does not speak TLS."""


class Ports(msgspec.Struct, omit_defaults=True):
    """The ports that answer."""

    relay_port: int
    raw_port: int
    management_port: int
    tls_port: int | None = None


async def serve(
    options: ServeOptions,
    *,
    ready: Callable[[Ports], None],
    stop: asyncio.Event,
    limits: Limits | None = None,
) -> None:
    """Run the server until `stop` is set; `ready` is told the ports once they answer.

    The caller holds the lock of the data folder (`FolderLock`).
    """
    limits = limits or Limits()
    address = open_database(options.database, options.data_dir)
    loop = asyncio.get_running_loop()
    core = build_core(
        address,
        options.data_dir,
        loop,
        queue_s=limits.queue_s,
        durability=options.durability,
    )
    dispatch = Dispatch(core.pipeline, limits, loop, Services(codes=QueuedCodeSender()))
    listener = Listener(dispatch, limits, wall_clock=lambda: clock().astimezone())
    licences = LicenceWatch(core.pipeline)
    management: Management | None = None
    watchers = (
        asyncio.ensure_future(_watch_rules(core)),
        asyncio.ensure_future(_write_sightings(core.pipeline, dispatch.sightings)),
        asyncio.ensure_future(_look_again(licences.look, LOOK_S)),
        asyncio.ensure_future(_look_again(core.settings.look, LOOK_EVERY_S)),
    )
    try:
        relay_port = await listener.open(options.host, options.relay_port)
        raw_port = await listener.open(options.host, options.raw_port)
        tls_port = None
        if options.tls is not None:
            tls_port = await listener.open(options.host, options.tls_port, options.tls)
        # tills are served by now; the windows' side is read in beside them
        await loop.run_in_executor(None, importlib.import_module, MANAGEMENT)
        management = _make_management(options, core, dispatch, licences)
        management_port = management.server.open(options.management_host, options.management_port)
        ports = Ports(relay_port, raw_port, management_port, tls_port)
        log.info("server answers", database=address.shown, **msgspec.to_builtins(ports))
        ready(ports)
        management.start()
        await stop.wait()
        log.info("server stops", waiting=dispatch.waiting)
        await listener.stop(limits.stop_s)
    finally:
        for watcher in watchers:
            watcher.cancel()
        if management is not None:
            await loop.run_in_executor(None, management.close)
        await core.close()
        log.info("server has stopped")


def _make_management(
    options: ServeOptions, core: Core, dispatch: Dispatch, licences: LicenceWatch
) -> Management:
    from card_server.management import make_management  # noqa: PLC0415 - after the relay port
    from card_server.works import enter_backup  # noqa: PLC0415 - after the relay port

    enter_backup(core.address, options.data_dir / "backups")
    management = make_management(
        core.pipeline,
        asyncio.get_running_loop(),
        core.reader_engine,
        clock=clock,
        health=lambda companion: health(core, dispatch.sightings, licences, companion),
        tls=options.management_tls,
    )
    core.pipeline.follow(management.feed)
    return management


async def _watch_rules(core: Core) -> None:
    """Once a second: another program may have edited the dictionaries."""
    while True:
        await asyncio.sleep(1)
        core.pipeline.read(read_rules_version, lambda found: _compare(core, found))


async def _look_again(look: Callable[[], None], every_s: float) -> None:
    """At the start and every so often: has a licence ended, has a setting no effect?"""
    while True:
        look()
        await asyncio.sleep(every_s)


async def _write_sightings(pipeline: Pipeline, sightings: Sightings) -> None:
    """Now and then: stations and first closed cheques, beside the postings."""
    while True:
        await asyncio.sleep(SIGHTINGS_S)
        write_sightings(pipeline, sightings)


def _compare(core: Core, found: int | AppError) -> None:
    if isinstance(found, int) and found != core.pipeline.rules.version:
        core.pipeline.rules_changed()


def read_rules_version(connection: Connection) -> int:
    """The number that every edit of a dictionary counts up."""
    return int(read_setting(connection, RULES_VERSION_KEY) or "1")


def health(
    core: Core, sightings: Sightings, licences: LicenceWatch, companion: Companion
) -> dict[str, object]:
    """The self-diagnosis that the management port answers with."""
    counts = core.pipeline.counts
    return {
        "state": "running",
        "database": core.address.shown,
        "flush_ms": round(core.flush_s * 1000, 3),
        "durability": type(core.durability).__name__,
        "idle_settings": core.settings.shown,
        "queued": core.pipeline.queued,
        "groups": counts.groups,
        "requests": counts.requests,
        "operations": counts.operations,
        "largest_group": counts.largest_group,
        "lines_not_booked": counts.lines_not_booked,
        "sales_without_spent": counts.sales_without_spent,
        "unknown_units": sightings.unknown_units,
        "licence": licences.shown,
        "application_server": companion.seen,
    }
