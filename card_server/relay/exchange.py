"""What passes between the sockets and those who answer: a call goes in, an answer comes out.

The listener knows bytes and clocks, the answerer knows messages; neither imports the other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Protocol

import msgspec

XML_CONTENT_TYPE = "text/xml; charset=utf-8"
"""The only content type some tills accept (crm-xml section 1.2, farcards section 2)."""


class Transport(Enum):
    """How a call came and how its answer is framed."""

    HTTP = "http"
    RAW = "raw"


class Call(msgspec.Struct, frozen=True, gc=False):
    """One request that was read completely; its body is not looked at yet.

    `query` has lower-case names. `headers` holds only `terminal-type` and `content-type`, lower
    case. `message_id` is the caller's over raw TCP and `0` over HTTP. `received_at` is the loop's
    clock in seconds: whoever queues a call measures `limits.queue_s` from it.
    """

    body: bytes
    transport: Transport
    path_segments: tuple[str, ...]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    message_id: str
    peer: str
    received_at: float


class Answer(msgspec.Struct, frozen=True, gc=False):
    """The reply document to one call, always UTF-8; the listener puts the frame around it.

    `is_error` marks a refusal over raw TCP (`Message-Type: Error`). `status` other than 200 is for
    the JSON variant only. `close` ends the connection after this answer (always so over raw TCP);
    broken XML over HTTP has to set it, since what follows cannot be trusted (rule R10).
    `windows_1251` re-codes a raw reply for a classifier that wants it (section 2).
    """

    body: bytes
    content_type: str = XML_CONTENT_TYPE
    is_error: bool = False
    status: int = 200
    close: bool = False
    windows_1251: bool = False


Done = Callable[[Answer], None]
"""Takes the answer to one call; on the loop's thread, at once or later; only the first counts."""


class Answerer(Protocol):
    """Who turns calls into answers."""

    def submit(self, call: Call, done: Done) -> None:
        """Take a call without blocking; every call gets exactly one `done`."""

    def stop(self) -> None:
        """Refuse every call from now on; those taken before go on."""

    def give_up(self) -> None:
        """Answer whatever still waits; nobody waits for it any longer."""
