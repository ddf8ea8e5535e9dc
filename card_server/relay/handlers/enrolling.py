"""From a call to an enrolment: the workbench, the rules in force, work that is no database work."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from argon2 import PasswordHasher
from sqlalchemy import Connection

from card_server.accounts.opening import Rung
from card_server.cards.enrolling import Enrolment, GuestWish
from card_server.db.change_log import ChangeLog, Editor
from card_server.db.gathered_log import GatheredLog
from card_server.holders.photos import read_photo
from card_server.holders.workbench import Workbench
from card_server.ledger.calendar import zone_of
from card_server.relay.handlers.context import Context
from shared.settings.house import COUNTRY, HOLDER_GROUP
from shared.settings.wire import API_NAME_REQUIRED

APPLICATION = "xml"
HOST_WIDTH = 60


def workbench(
    context: Context, connection: Connection, now: datetime, log: ChangeLog | None = None
) -> Workbench:
    """An edit by the program that calls, under the rules of this moment."""
    classifier, rules, ids = context.classifier, context.rules, context.desk.ids
    zone = zone_of(classifier.time_zone, classifier.day_start)
    return Workbench(
        connection=connection,
        ids=ids,
        log=log or ChangeLog(connection, ids, editor(context), now),
        now=now,
        today=zone.local(now).date(),
        division_id=context.division_id,
        unit_id=context.unit_id,
        classifier_id=classifier.classifier_id,
        country=context.value(COUNTRY),
        name_required=context.value(API_NAME_REQUIRED),
        default_group=context.value(HOLDER_GROUP),
        holder_groups=rules.holder_groups,
        card_groups=rules.card_groups,
    )


def editor(context: Context) -> Editor:
    """Who edits: the program, from its address."""
    return Editor(
        classifier_id=context.classifier.classifier_id,
        host=context.peer[:HOST_WIDTH],
        application=APPLICATION,
    )


@contextmanager
def enrolling(
    context: Context,
    connection: Connection,
    now: datetime,
    rights: frozenset[str] | None = None,
) -> Iterator[Enrolment]:
    """Adds and edits guests, and writes their journal at the end.

    `rights` are the caller's unless the house itself acts for a guest.
    """
    rules = context.rules
    rungs = [
        Rung(
            level_id=level.level_id,
            account_type_id=level.account_type_id,
            level_no=level.level_no,
        )
        for level in rules.levels.values()
    ]
    log = GatheredLog(connection, context.desk.ids, editor(context), now)
    yield Enrolment(
        workbench(context, connection, now, log),
        rules.account_types,
        rungs,
        context.classifier.rights if rights is None else rights,
    )
    log.write()


def prepare(wishes: list[tuple[GuestWish, str]]) -> None:
    """Hash passwords and read pictures: slow, and so never on the ledger's thread."""
    hasher = PasswordHasher()
    for wish, picture in wishes:
        if picture:
            wish.person.photo = read_photo(picture)
        passwords = [card.password for card in wish.cards if card.password]
        if passwords:
            wish.password_hash = hasher.hash(passwords[-1])


def needs_preparing(wishes: list[tuple[GuestWish, str]]) -> bool:
    """There is a password to hash or a picture to read."""
    return any(picture or any(card.password for card in wish.cards) for wish, picture in wishes)


def prepared(context: Context, wishes: list[tuple[GuestWish, str]], go: Any, refuse: Any) -> None:
    """Do the slow part in a worker thread if there is one, then `go`; a refusal goes elsewhere."""
    if not needs_preparing(wishes):
        go()
        return

    def work(_connection: Connection) -> None:
        prepare(wishes)

    def finish(found: Any) -> None:
        if found is None:
            go()
        else:
            refuse(found)

    context.desk.read(work, finish)
