"""Makes the daily signed heads, and checks them against the chain (domain 3.12, 3.15)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import Connection, func, insert, select

from card_server.divisions import tables as division_tables
from card_server.ledger import tables
from card_server.ledger.calendar import Zone, minute_of_day, zone_of
from card_server.ledger.rule_loading import load_rules
from card_server.ledger.signing import Head, Signer, is_signed
from card_server.ledger.verify_records import Findings

MOST_DAYS = 400
"""Days that one run catches up with; more are signed by the next run."""


def sign_heads(connection: Connection, now: datetime, *, zone: Zone, signer: Signer) -> list[Head]:
    """Sign the head of every writer for each business day that has ended and is not signed yet.

    Runs inside the caller's transaction; a second run signs nothing more.
    """
    made = unsigned_heads(connection, now, zone=zone)
    for head in made:
        keep_head(connection, head, signer, now)
    return made


def unsigned_heads(connection: Connection, now: datetime, *, zone: Zone) -> list[Head]:
    """The heads of business days that have ended and are not signed yet, the oldest first."""
    found: list[Head] = []
    yesterday = zone.business_date(now) - timedelta(days=1)
    writers = connection.execute(select(division_tables.writer.c.writer_id)).scalars().all()
    for writer_id in writers:
        day = _first_unsigned(connection, writer_id, zone)
        while day is not None and day <= yesterday and len(found) < MOST_DAYS:
            head = _head_at(connection, writer_id, day, zone)
            if head is not None:
                found.append(head)
            day += timedelta(days=1)
    return found


def is_kept(connection: Connection, head: Head) -> bool:
    """The head of that writer and day is signed already."""
    table = tables.chain_head
    row = connection.execute(
        select(table.c.chain_no).where(
            table.c.writer_id == head.writer_id, table.c.business_date == head.business_date
        )
    ).first()
    return row is not None


def keep_head(connection: Connection, head: Head, signer: Signer, now: datetime) -> None:
    """Sign a head and store it for ever."""
    connection.execute(
        insert(tables.chain_head).values(
            writer_id=head.writer_id,
            business_date=head.business_date,
            chain_no=head.chain_no,
            hash=head.hash,
            signed_at=now,
            signature=signer.sign(head.text()),
        )
    )


def system_zone(connection: Connection) -> Zone:
    """Where the business day of standing jobs begins (domain 0.3)."""
    settings = load_rules(connection).settings
    return zone_of(
        settings.get("system.time_zone", "Europe/Moscow"),
        minute_of_day(settings.get("system.day_start", "04:00")),
    )


def _first_unsigned(connection: Connection, writer_id: int, zone: Zone) -> date | None:
    head, operation = tables.chain_head, tables.operation
    last = connection.execute(
        select(func.max(head.c.business_date)).where(head.c.writer_id == writer_id)
    ).scalar()
    if last is not None:
        following: date = last + timedelta(days=1)
        return following
    first = connection.execute(
        select(operation.c.recorded_at)
        .where(operation.c.writer_id == writer_id)
        .order_by(operation.c.chain_no)
        .limit(1)
    ).scalar()
    return zone.business_date(first) if first is not None else None


def _head_at(connection: Connection, writer_id: int, day: date, zone: Zone) -> Head | None:
    """The last link recorded before the day ended."""
    table = tables.operation
    row = connection.execute(
        select(table.c.chain_no, table.c.hash)
        .where(table.c.writer_id == writer_id, table.c.recorded_at < zone.day_end(day))
        .order_by(table.c.chain_no.desc())
        .limit(1)
    ).first()
    return Head(writer_id, day, row.chain_no, bytes(row.hash)) if row is not None else None


def check_heads(
    connection: Connection,
    writer_id: int,
    last: int,
    public_key: bytes | None,
    found: Findings,
    notes: list[str],
) -> int:
    """Every signed head names a link that is still so; with the key, the signature is right too."""
    head, operation = tables.chain_head, tables.operation
    rows = connection.execute(
        select(head, operation.c.hash.label("link"))
        .outerjoin(
            operation,
            (operation.c.writer_id == head.c.writer_id) & (operation.c.chain_no == head.c.chain_no),
        )
        .where(head.c.writer_id == writer_id, head.c.chain_no <= last)
        .order_by(head.c.business_date)
    ).mappings()
    count = 0
    for row in rows:
        count += 1
        one = Head(writer_id, row["business_date"], row["chain_no"], bytes(row["hash"]))
        name = f"{writer_id} {one.business_date}"
        stored = bytes(row["link"]) if row["link"] is not None else None
        found.check("crm_chain_head", name, "3.15 head", one.hash, stored)
        if public_key is not None and not is_signed(one, bytes(row["signature"]), public_key):
            found.add("crm_chain_head", name, "3.15 signature", "of the key's owner", "another")
    if count and public_key is None:
        notes.append("signatures were not checked: no public key")
    return count
