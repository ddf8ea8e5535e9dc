"""The application server as the card server sees it: asked now and then whether it answers.

Nothing depends on it: tills and windows are served whether it lives or not. The look runs in a
thread of its own, so that a host that does not answer costs nobody anything.
"""

from __future__ import annotations

import http.client
import ssl
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Final

import msgspec
import structlog

log = structlog.get_logger(__name__)
LOOK_S: Final = 5.0
TIMEOUT_S: Final = 3.0
OK: Final = 200
SECURE: Final = "https://"
PLAIN: Final = "http://"


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """How the application server was found at the last look."""

    address: str
    is_alive: bool
    since: datetime
    """When that was found out first."""
    why: str = ""
    """What kept it from answering."""


def probe(address: str) -> str:
    """Ask for the self-diagnosis; empty if it answers, else the reason.

    Nothing secret is sent and nothing of the answer is believed, so any certificate will do.
    """
    host = address.removeprefix(SECURE).removeprefix(PLAIN)
    connection: http.client.HTTPConnection
    if address.startswith(SECURE):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        connection = http.client.HTTPSConnection(host, timeout=TIMEOUT_S, context=context)
    else:
        connection = http.client.HTTPConnection(host, timeout=TIMEOUT_S)
    try:
        connection.request("GET", "/health")
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        return str(getattr(error, "strerror", None) or error or type(error).__name__)
    finally:
        connection.close()
    return "" if status == OK else f"HTTP {status}"


class Companion:
    """Looks after the registered application server until it is closed."""

    def __init__(
        self,
        address: Callable[[], str],
        clock: Callable[[], datetime],
        *,
        look: Callable[[str], str] = probe,
        every_s: float = LOOK_S,
    ) -> None:
        self._address = address
        self._clock = clock
        self._look = look
        self._every_s = every_s
        self._seen: Seen | None = None
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def seen(self) -> Seen | None:
        """The last look; None while none is registered."""
        return self._seen

    def start(self) -> None:
        """Begin to look."""
        self._thread = threading.Thread(target=self._run, name="companion", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Look no more."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(TIMEOUT_S * 2)

    def look(self) -> None:
        """One look; what changed is logged."""
        address, before = self._address(), self._seen
        if not address:
            self._seen = None
            return
        why = self._look(address)
        if before is not None and before.address == address and before.is_alive is (not why):
            self._seen = msgspec.structs.replace(before, why=why)
            return
        self._seen = Seen(address=address, is_alive=not why, since=self._clock(), why=why)
        if why:
            log.warning("application server does not answer", address=address, why=why)
        else:
            log.info("application server answers", address=address)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self.look()
            except Exception:  # whatever it is, the next look may succeed
                log.exception("look at the application server failed")
            self._stop.wait(self._every_s)
