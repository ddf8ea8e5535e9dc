"""Search results that stay on the server for later pages (crm-xml.md section 10)."""

from __future__ import annotations

import uuid
from array import array
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from shared.wire.errors import AppError, ErrorCode

MINUTE_S: Final = 60.0


class SearchSet(msgspec.Struct, kw_only=True):
    """Holders found, in the order they are shown; `sort` are the words that made the order."""

    guid: str
    session: str
    ids: array[int]
    sort: tuple[str, ...] = ()
    used_at: float = 0.0


class SearchSets:
    """The sets of every classifier: in memory, few, and gone when nobody asks for them.

    Only the loop's thread touches them; the search itself runs in a worker on its own copy.
    """

    def __init__(
        self, new_guid: Callable[[], str] = lambda: f"{{{str(uuid.uuid4()).upper()}}}"
    ) -> None:
        self._new_guid = new_guid
        self._sets: dict[int, OrderedDict[str, SearchSet]] = {}

    def find(
        self, classifier_id: int, guid: str, session: str, now_s: float, minutes: int
    ) -> SearchSet:
        """A set by its GUID, or without one the last of the classifier and session.

        Raises `SEARCH_LOST` for a set that is unknown or has not been used for `minutes`.
        """
        mine = self._sets.get(classifier_id, OrderedDict())
        for key in [k for k, s in mine.items() if now_s - s.used_at > minutes * MINUTE_S]:
            del mine[key]
        found = mine.get(plain(guid)) if guid else self._last(mine, session)
        if found is None:
            raise AppError(ErrorCode.SEARCH_LOST)
        found.used_at = now_s
        mine.move_to_end(plain(found.guid))
        return found

    @staticmethod
    def _last(mine: OrderedDict[str, SearchSet], session: str) -> SearchSet | None:
        return next((s for s in reversed(mine.values()) if s.session == session), None)

    def put(
        self,
        classifier_id: int,
        guid: str,
        session: str,
        ids: Sequence[int],
        sort: tuple[str, ...],
        now_s: float,
        limit: int,
    ) -> SearchSet:
        """Keep a set under its GUID, or a new one; above `limit` the oldest go."""
        made = SearchSet(
            guid=guid or self._new_guid(),
            session=session,
            ids=ids if isinstance(ids, array) else array("q", ids),
            sort=sort,
            used_at=now_s,
        )
        mine = self._sets.setdefault(classifier_id, OrderedDict())
        mine[plain(made.guid)] = made
        mine.move_to_end(plain(made.guid))
        while len(mine) > max(1, limit):
            mine.popitem(last=False)
        return made

    def known(self, classifier_id: int, guid: str) -> str:
        """The GUID of a set that exists, as it was given out; empty for any other text."""
        found = self._sets.get(classifier_id, OrderedDict()).get(plain(guid))
        return "" if found is None else found.guid

    def drop(self, classifier_id: int, guid: str) -> None:
        """Forget a set."""
        self._sets.get(classifier_id, OrderedDict()).pop(plain(guid), None)


def plain(guid: str) -> str:
    """A GUID as it is compared."""
    return guid.strip("{} ").lower()
