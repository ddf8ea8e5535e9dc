"""Follows the change feed on a thread of its own and hands every change to a listener."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Thread
from typing import Final

from shared.client.client import Client
from shared.wire.changes import Changes, FollowChanges
from shared.wire.errors import AppError

WAIT_S: Final = 25.0
SLACK_S: Final = 15.0
PAUSES_S: Final = (0.5, 1.0, 2.0, 5.0)


class Follower:
    """Long-polls until it is stopped; goes on from its cursor after every interruption.

    It has a client of its own: a request that waits would keep others of the same client waiting.
    `told` gets the changes, `lost` a refusal each time the server cannot be asked (and None when it
    can be again). Both are called on the follower's thread.
    """

    def __init__(
        self,
        client: Client,
        told: Callable[[Changes], None],
        lost: Callable[[AppError | None], None],
        *,
        after: str | None = None,
    ) -> None:
        """`after` is the cursor of a follower that ended, to miss nothing in between."""
        self._client = client
        self._told = told
        self._lost = lost
        self._stop = Event()
        self._cursor = after
        self._thread = Thread(target=self._run, name="changes", daemon=True)

    @property
    def cursor(self) -> str | None:
        """How far it has been told."""
        return self._cursor

    def start(self) -> None:
        """Begin to follow from now."""
        self._thread.start()

    def stop(self, wait_s: float = 5.0) -> None:
        """End; the client is closed, which wakes a request that waits."""
        self._stop.set()
        self._client.close()
        self._thread.join(wait_s)

    def _run(self) -> None:
        failures = 0
        while not self._stop.is_set():
            try:
                # after an interruption the first answer comes at once, to tell that it is over
                request = FollowChanges(after=self._cursor, wait_s=0 if failures else WAIT_S)
                changes = self._client.ask(request, timeout_s=WAIT_S + SLACK_S)
            except AppError as error:
                if self._stop.is_set():
                    return
                self._lost(error)
                self._stop.wait(PAUSES_S[min(failures, len(PAUSES_S) - 1)])
                failures += 1
                continue
            if failures:
                failures = 0
                self._lost(None)
            first = self._cursor is None
            self._cursor = changes.cursor
            if not first and not self._stop.is_set():
                self._told(changes)
