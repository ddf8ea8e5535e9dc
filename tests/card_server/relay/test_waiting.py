"""Tests of waiting: every call gets exactly one answer, whatever the desk does (crm-xml.md 12)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from card_server.relay.dispatch import Dispatch
from card_server.relay.exchange import Answer, Call, Transport
from card_server.relay.limits import Limits
from card_server.relay.waiting import WaitingRoom
from shared.wire.errors import AppError, ErrorCode
from tests.helpers.wire import CODE, FakeDesk

MESSAGE = f'<Message Action="Get contacts types info" Terminal_Type="{CODE}"/>'.encode()


def call(loop: asyncio.AbstractEventLoop, body: bytes = MESSAGE, **fields: Any) -> Call:
    """A call that was read just now."""
    facts = {
        "transport": Transport.HTTP,
        "path_segments": (),
        "query": {},
        "headers": {},
        "message_id": "0",
        "peer": "127.0.0.1",
        "received_at": loop.time(),
        **fields,
    }
    return Call(body=body, **facts)


class Moody:
    """A desk that answers each request late, several times, with a bug, or never."""

    def __init__(self, loop: asyncio.AbstractEventLoop, moods: list[str]) -> None:
        self._loop = loop
        self._moods = iter(moods)

    def act(self, done: Callable[[Any], None]) -> None:
        """Answer in the next mood."""
        mood = next(self._moods)
        if mood == "bug":
            raise RuntimeError(mood)
        if mood in ("once", "twice"):
            done(b"<ok/>")
        if mood in ("twice", "late"):
            self._loop.call_later(0.01, done, b"<ok/>")
        if mood == "refused":
            done(AppError(ErrorCode.BUSY))
        if mood == "too late":
            self._loop.call_later(0.3, done, b"<ok/>")


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.sampled_from(["once", "twice", "late", "too late", "never", "bug", "refused"]),
        max_size=12,
    )
)
def test_every_call_gets_exactly_one_answer(moods: list[str]) -> None:
    async def story() -> list[list[bytes]]:
        loop = asyncio.get_running_loop()
        desk = FakeDesk(Moody(loop, moods).act)
        dispatch = Dispatch(desk, Limits(request_s=0.1), loop)
        answers: list[list[bytes]] = [[] for _ in moods]
        for row in answers:
            dispatch.submit(call(loop), lambda answer, row=row: row.append(answer.body))  # type: ignore[misc]
        await asyncio.sleep(0.35 if {"never", "too late"} & set(moods) else 0.05)
        assert dispatch.waiting == 0
        return answers

    codes = {
        "bug": b"SAC-9999",
        "refused": b"SAC-9902",
        "never": b"SAC-9903",
        "too late": b"SAC-9903",
    }
    for mood, found in zip(moods, asyncio.run(story()), strict=True):
        assert len(found) == 1, mood
        assert codes.get(mood, b"<ok/>") in found[0]


def test_request_s_the_refusal_is_in_the_form_and_language_the_caller_knows() -> None:
    async def story() -> list[bytes]:
        loop = asyncio.get_running_loop()
        desk = FakeDesk(lambda _: None, settings={"api.language": "en"})
        dispatch = Dispatch(desk, Limits(request_s=0.05), loop)
        found: list[Answer] = []
        body = b'<ROOT><QRY Card="7" Restaurant="1"/></ROOT>'
        fields = {"path_segments": ("getcardinfoex",), "query": {"qualifier": CODE}}
        dispatch.submit(call(loop, body, **fields), found.append)
        dispatch.submit(call(loop, message_id="17", transport=Transport.RAW), found.append)
        await asyncio.sleep(0.15)
        return [answer.body for answer in found]

    relay, message = asyncio.run(story())
    assert b'<GetCardInfoEx Result="1"' in relay
    assert b"Processing took too long" in relay
    assert b'Message_ID="17" ErrorCode="SAC-9903" ErrorText="Processing took too long"' in message


def test_a_room_counts_who_waits_and_forgets_who_was_answered() -> None:
    async def story() -> tuple[int, int, int]:
        loop = asyncio.get_running_loop()
        refused: list[ErrorCode] = []
        room = WaitingRoom(1.0, loop, lambda _, error: refused.append(error.code))
        first = room.enter(call(loop), lambda _: None)
        room.enter(call(loop), lambda _: None)
        before = len(room)
        first(Answer(b""))
        after = len(room)
        room.give_up(AppError(ErrorCode.STOPPING))
        assert refused == [ErrorCode.STOPPING]
        return before, after, len(room)

    assert asyncio.run(story()) == (2, 1, 0)
