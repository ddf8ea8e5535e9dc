"""Search results that stay on the server (crm-xml.md section 10)."""

from __future__ import annotations

import pytest

from card_server.relay.handlers.search_sets import SearchSets
from shared.wire.errors import AppError, ErrorCode


def put(sets: SearchSets, *ids: int, who: int = 1, guid: str = "", session: str = "") -> str:
    return sets.put(who, guid, session, ids, (), 0.0, 20).guid


def lost(sets: SearchSets, guid: str, now_s: float = 0.0, who: int = 1, session: str = "") -> bool:
    try:
        sets.find(who, guid, session, now_s, 30)
    except AppError as error:
        return error.code is ErrorCode.SEARCH_LOST
    return False


def test_a_set_is_found_by_its_guid_and_only_by_its_program() -> None:
    sets = SearchSets()
    guid = put(sets, 3, 1, 2)
    assert list(sets.find(1, guid.lower().strip("{}"), "", 0.0, 30).ids) == [3, 1, 2]
    assert lost(sets, guid, who=2)


def test_without_a_guid_the_last_set_of_the_program_and_session_counts() -> None:
    sets = SearchSets()
    put(sets, 1)
    put(sets, 2, session="a")
    assert list(sets.find(1, "", "", 0.0, 30).ids) == [1]
    assert list(sets.find(1, "", "a", 0.0, 30).ids) == [2]
    assert lost(sets, "", session="b")


def test_a_set_lives_thirty_minutes_after_its_last_use() -> None:
    sets = SearchSets()
    guid = put(sets, 1)
    assert not lost(sets, guid, 1800.0)
    assert not lost(sets, guid, 3600.0)
    assert lost(sets, guid, 5401.0)


def test_above_twenty_sets_the_oldest_go() -> None:
    sets = SearchSets()
    guids = [put(sets, i) for i in range(20)]
    sets.find(1, guids[0], "", 0.0, 30)
    put(sets, 99)
    assert not lost(sets, guids[0])
    assert lost(sets, guids[1])


def test_a_set_may_be_filled_anew_and_dropped() -> None:
    sets = SearchSets()
    guid = put(sets, 1)
    assert put(sets, 2, guid=guid) == guid
    assert list(sets.find(1, guid, "", 0.0, 30).ids) == [2]
    sets.drop(1, guid)
    sets.drop(7, guid)
    with pytest.raises(AppError):
        sets.find(1, guid, "", 0.0, 30)
