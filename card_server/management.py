"""The management side: the routes of all subjects behind one dispatcher, one feed, one port."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from datetime import datetime
from typing import Final

import msgspec
from sqlalchemy import Engine

from card_server.campaigns.routes import ROUTES as CAMPAIGNS
from card_server.cards.dictionaries import ROUTES as CARD_DICTIONARIES
from card_server.cards.routes import ROUTES as CARDS
from card_server.classifiers.routes import ROUTES as CLASSIFIERS
from card_server.coupons.routes import ROUTES as COUPONS
from card_server.divisions.repository import bump_rules_version, read_value
from card_server.divisions.routes import ROUTES as DIVISIONS
from card_server.exchange.routes import ROUTES as IMPORTS
from card_server.holders.dictionaries import ROUTES as HOLDER_DICTIONARIES
from card_server.holders.routes import ROUTES as HOLDERS
from card_server.http.app import ManagementServer
from card_server.http.change_feed import ChangeFeed
from card_server.http.companion import Companion
from card_server.http.desk import PipelineDesk, Readers, Writer
from card_server.http.dispatch import Dispatcher
from card_server.http.routes import Desk, Route
from card_server.jobs.registry import WORKS
from card_server.jobs.routes import ROUTES as JOBS
from card_server.jobs.running import JobRunner
from card_server.ledger.dictionaries import ROUTES as LEDGER_DICTIONARIES
from card_server.ledger.merge_flow import finish_pending
from card_server.ledger.routes import ROUTES as LEDGER
from card_server.licences.routes import ROUTES as LICENCES
from card_server.receipts.routes import ROUTES as RECEIPTS
from card_server.reports.routes import ROUTES as REPORTS
from card_server.schemes.routes import ROUTES as PROGRAMS
from card_server.users.routes import ROUTES as USERS
from card_server.users.sessions import SessionBook
from card_server.works import QUICK, enter_works
from shared.settings.house import APP_SERVER

ROUTES: Final[tuple[Route, ...]] = (
    *USERS,
    *DIVISIONS,
    *LICENCES,
    *CLASSIFIERS,
    *PROGRAMS,
    *HOLDER_DICTIONARIES,
    *CARD_DICTIONARIES,
    *COUPONS,
    *CAMPAIGNS,
    *LEDGER_DICTIONARIES,
    *JOBS,
    *REPORTS,
    *LEDGER,
    *RECEIPTS,
    *CARDS,
    *HOLDERS,
    *IMPORTS,
)
"""Every request of the contract but `FollowChanges`, which waits on the port's own loop."""


class Management(msgspec.Struct, frozen=True):
    """What the port is made of; all of it ends with `close`."""

    server: ManagementServer
    feed: ChangeFeed
    readers: Readers
    jobs: JobRunner
    companion: Companion

    def start(self) -> None:
        """Begin with jobs that wait, and look after the application server."""
        self.jobs.start()
        self.companion.start()

    def close(self) -> None:
        """Close the port, interrupt the job at hand, close the connections."""
        self.server.close()
        self.jobs.stop()
        self.companion.close()
        self.readers.close()


def make_dispatcher(desk: Desk, clock: Callable[[], datetime]) -> Dispatcher:
    """All routes on one desk; jobs that can be ordered have their works."""
    enter_works()
    return Dispatcher(
        ROUTES, desk=desk, sessions=SessionBook(desk), clock=clock, bump_rules=bump_rules_version
    )


def make_management(
    writer: Writer,
    loop: asyncio.AbstractEventLoop,
    reader_engine: Engine,
    *,
    clock: Callable[[], datetime],
    health: Callable[[Companion], dict[str, object]],
    tls: ssl.SSLContext | None = None,
) -> Management:
    """The management side of a server that has the ledger."""
    readers = Readers(reader_engine)
    desk = PipelineDesk(writer, loop, readers)
    feed = ChangeFeed(desk)
    companion = Companion(
        lambda: readers.read(lambda connection: read_value(connection, APP_SERVER)), clock
    )
    dispatcher = make_dispatcher(desk, clock)
    server = ManagementServer(dispatcher, feed, lambda: health(companion), tls=tls)
    jobs = JobRunner(desk, WORKS, feed.edited, first=lambda: finish_pending(desk), quick=QUICK)
    return Management(server, feed, readers, jobs, companion)
