"""What changes on the server reaches the windows: the follower's thread becomes signals."""

from __future__ import annotations

import threading

from PySide6.QtCore import QObject, Qt, Signal

from shared.client.changes import Follower
from shared.client.client import Client
from shared.wire.changes import Changes
from shared.wire.errors import AppError


class Live(QObject):
    """Follows the change feed; pages connect `changed` and redraw what is theirs."""

    changed = Signal(object)
    """`Changes`: rows and operations since the last time."""
    link = Signal(object)
    """None when the server answers again, the refusal when it cannot be asked."""
    _told = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lock = threading.Lock()
        self._news: list[Changes | AppError | None] = []
        self._follower: Follower | None = None
        self._told.connect(self._tell, Qt.ConnectionType.QueuedConnection)

    def follow(self, client: Client) -> None:
        """Begin to follow in the name of this client's session, or go on in a new session's."""
        cursor = self._follower.cursor if self._follower is not None else None
        self.stop()
        self._follower = Follower(client.twin(), self._keep, self._keep, after=cursor)
        self._follower.start()

    def stop(self) -> None:
        """End; a request that waits is woken."""
        if self._follower is not None:
            self._follower.stop()
            self._follower = None

    def _keep(self, news: Changes | AppError | None) -> None:
        """On the follower's thread."""
        with self._lock:
            self._news.append(news)
        self._told.emit()

    def _tell(self) -> None:
        with self._lock:
            news, self._news = self._news, []
        for one in news:
            if isinstance(one, Changes):
                self.changed.emit(one)
            else:
                self.link.emit(one)
