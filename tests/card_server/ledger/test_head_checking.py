"""Daily heads: signed once for every day that ended, and no longer true after a change."""

from __future__ import annotations

from datetime import date

from sqlalchemy import update

from card_server.ledger import tables
from card_server.ledger.book import SUITE
from card_server.ledger.calendar import zone_of
from card_server.ledger.head_checking import sign_heads
from card_server.ledger.signing import Head, KeySigner
from card_server.ledger.verify import verify
from tests.helpers.shop import Shop
from tests.helpers.stories import busy_week

ZONE = zone_of("Europe/Moscow", 240)
SIGNER = KeySigner(bytes(range(32)))


def _sign(shop: Shop) -> list[Head]:
    with shop.connection.begin():
        return sign_heads(shop.connection, shop.now, zone=ZONE, signer=SIGNER)


def test_every_day_that_ended_is_signed_once(shop: Shop) -> None:
    assert SUITE == 0
    assert _sign(shop) == []
    busy_week(shop)
    heads = _sign(shop)
    days = [head.business_date for head in heads]
    assert days[0] == date(2026, 3, 2)
    assert days == [date(2026, 3, 2 + i) for i in range(len(days))]
    assert days[-1] < ZONE.business_date(shop.now)
    assert [head.chain_no for head in heads] == sorted(head.chain_no for head in heads)
    assert _sign(shop) == []
    shop.pass_time(days=2)
    assert [head.business_date for head in _sign(shop)] == [
        date(2026, 3, 2 + len(days)),
        date(2026, 3, 3 + len(days)),
    ]


def test_verify_checks_heads_and_signatures(shop: Shop) -> None:
    busy_week(shop)
    count = len(_sign(shop))
    key = SIGNER.public_key
    good = verify(shop.connection, full=True, public_key=key)
    assert (good.ok, good.signed_heads, good.notes) == (True, count, [])
    blind = verify(shop.connection, full=True)
    assert blind.ok
    assert "no public key" in blind.notes[0]
    other = verify(shop.connection, full=True, public_key=KeySigner(bytes(32)).public_key)
    assert {finding.invariant for finding in other.findings} == {"3.15 signature"}


def test_a_whole_chain_that_was_hashed_anew_betrays_itself(shop: Shop) -> None:
    """Who may write the database may make all hashes anew, but not the signature."""
    busy_week(shop)
    _sign(shop)
    with shop.connection.begin():
        shop.connection.execute(update(tables.chain_head).values(hash=bytes(32)))
    report = verify(shop.connection, full=True, public_key=SIGNER.public_key)
    assert {"3.15 head", "3.15 signature"} <= {f.invariant for f in report.findings}
