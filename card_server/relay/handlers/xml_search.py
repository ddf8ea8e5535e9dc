"""Search holders and Search holders 2 (crm-xml.md 8.5, section 10)."""

from __future__ import annotations

import time
from array import array
from collections.abc import Sequence
from typing import Final

import msgspec

from card_server.cards.holder_search import find_holders, order_holders
from card_server.classifiers.rules import need_right
from card_server.ledger.lens import Lens
from card_server.relay.crm_xml_reader import Envelope
from card_server.relay.crm_xml_search_reader import SearchRequest, read_search
from card_server.relay.crm_xml_writer import root
from card_server.relay.exchange import Answer
from card_server.relay.handlers.context import Context, Done
from card_server.relay.handlers.holder_blocks import Asked, holder_block, see_holders
from card_server.relay.handlers.search_sets import SearchSet
from card_server.relay.handlers.xml_holders import asked_for
from card_server.relay.texts import failure
from shared.settings.house import COUNTRY
from shared.settings.wire import (
    API_PAGE_SIZE,
    API_SEARCH_HITS,
    API_SEARCH_MINUTES,
    API_SEARCH_PAGE_MAX,
    API_SEARCH_SETS,
)
from shared.wire.errors import AppError

PIECE: Final = 50
"""Holders that are read and written at a time, so that a cut page reads no more than it shows."""

FRAME_BYTES: Final = 400
"""The root element with its attributes."""


class Found(msgspec.Struct, kw_only=True):
    """The set after the search, and the written page."""

    ids: array[int]
    blocks: list[str]


def search(envelope: Envelope, context: Context, done: Done) -> None:
    """Change the set as the items say, then show a page of it."""
    need_right(context.classifier, "holder.search")
    request = read_search(envelope.root, context.limits)
    asked = asked_for(envelope, context)
    kept = _kept_set(request, envelope, context)
    page = _page_size(request, context)
    country = context.value(COUNTRY)
    hits = context.value(API_SEARCH_HITS)
    known = array("q") if kept is None or request.starts_anew else kept.ids
    sorted_so = kept is not None and not request.items and request.sort in ((), kept.sort)

    def look(lens: Lens) -> Found:
        ids = known
        if request.items:
            found = find_holders(lens.connection, request.items, hits, country)
            ids = array("q", found.union(ids))
        if not sorted_so:
            ids = array("q", order_holders(lens.connection, ids, request.sort))
        shown = ids[request.index - 1 : request.index - 1 + page]
        return Found(ids=ids, blocks=_page(lens, shown, asked, context))

    def finish(found: Found | AppError) -> None:
        if isinstance(found, AppError):
            done(Answer(failure(found, context.message_id, context.language), is_error=True))
            return
        done(_reply(found, request, kept, envelope, context))

    context.desk.look(look, finish)


def _kept_set(request: SearchRequest, envelope: Envelope, context: Context) -> SearchSet | None:
    """The set that is gone on with; None where a new one begins (SEARCH_LOST)."""
    sets = context.services.searches
    if request.has_items and (request.starts_anew or not request.guid):
        return None
    minutes = context.value(API_SEARCH_MINUTES)
    return sets.find(
        context.classifier.classifier_id,
        request.guid,
        envelope.session,
        time.monotonic(),
        minutes,
    )


def _page_size(request: SearchRequest, context: Context) -> int:
    most = context.value(API_SEARCH_PAGE_MAX)
    usual = context.value(API_PAGE_SIZE)
    return max(1, min(most, request.count or usual))


def _page(lens: Lens, ids: Sequence[int], asked: Asked, context: Context) -> list[str]:
    """Blocks of the page, as many as the reply may hold."""
    room = None if context.reply_bytes is None else context.reply_bytes - FRAME_BYTES
    blocks: list[str] = []
    for start in range(0, len(ids), PIECE):
        for seen, extras in see_holders(lens, ids[start : start + PIECE], asked, context):
            block = holder_block(seen, extras, asked, context)
            if room is not None:
                room -= len(block.encode())
                if room < 0 and blocks:
                    return blocks
            blocks.append(block)
    return blocks


def _reply(
    found: Found,
    request: SearchRequest,
    kept: SearchSet | None,
    envelope: Envelope,
    context: Context,
) -> Answer:
    sets, classifier_id = context.services.searches, context.classifier.classifier_id
    guid = sets.known(classifier_id, request.guid) if kept is None else kept.guid
    sort = request.sort
    if kept is not None and not sort and not request.items:
        sort = kept.sort
    made = sets.put(
        classifier_id,
        guid,
        envelope.session,
        found.ids,
        sort,
        time.monotonic(),
        context.value(API_SEARCH_SETS),
    )
    if request.clears_after:
        sets.drop(classifier_id, made.guid)
    span = ""
    if found.blocks:
        last = request.index + len(found.blocks) - 1
        span = f' IndexFrom="{request.index}" IndexTo="{last}"'
    attributes = f' Search_GUID="{made.guid}"{span} Count="{len(found.ids)}"'
    return Answer(root("Holders", "".join(found.blocks), context.message_id, attributes))
