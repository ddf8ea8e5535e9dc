"""All tables of the product on one MetaData; importing this module makes it complete."""

from __future__ import annotations

from card_server.accounts import tables as accounts
from card_server.campaigns import tables as campaigns
from card_server.cards import tables as cards
from card_server.classifiers import tables as classifiers
from card_server.coupons import tables as coupons
from card_server.db.base import metadata
from card_server.divisions import tables as divisions
from card_server.exchange import tables as exchange
from card_server.holders import tables as holders
from card_server.jobs import tables as jobs
from card_server.ledger import tables as ledger
from card_server.licences import tables as licences
from card_server.messages import tables as messages
from card_server.receipts import tables as receipts
from card_server.reports import tables as reports
from card_server.schemes import tables as schemes
from card_server.segments import tables as segments
from card_server.users import tables as users

SUBJECTS = (
    accounts,
    campaigns,
    cards,
    classifiers,
    coupons,
    divisions,
    exchange,
    holders,
    jobs,
    ledger,
    licences,
    messages,
    receipts,
    reports,
    schemes,
    segments,
    users,
)
"""The tables module of every subject that has tables."""

__all__ = ["SUBJECTS", "metadata"]
