"""The session of a signed-in guest in Message/@Session (crm-xml.md 8.2, 8.8)."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import Connection

from card_server.classifiers.signing_in import Session, find_session, touch_session
from card_server.relay.crm_xml_reader import Envelope
from card_server.relay.handlers.context import Context
from shared.settings.wire import LOGIN_SESSION_DAYS
from shared.wire.errors import AppError, ErrorCode


def session_bytes(text: str) -> bytes | None:
    """The stored form of a GUID; None for what is none."""
    try:
        return uuid.UUID(text).bytes
    except ValueError:
        return None


def session_text(key: bytes) -> str:
    """`{GUID}` as replies show it."""
    return f"{{{str(uuid.UUID(bytes=key)).upper()}}}"


class Guest:
    """Who is signed in with a message; without a session the program itself asks."""

    def __init__(self, envelope: Envelope, context: Context) -> None:
        self._text = envelope.session
        self._context = context
        self._session: Session | None = None

    def holder_id(self, connection: Connection, asked: int | None, now: datetime) -> int | None:
        """The holder to be answered: the one asked for, or the guest's own.

        Raises `SESSION_LOST`, and `NO_API_RIGHT` for another holder than the guest.
        """
        if not self._text:
            return asked
        classifier = self._context.classifier
        key = session_bytes(self._text)
        self._session = find_session(connection, key, classifier.classifier_id, now)
        if asked is not None and asked != self._session.holder_id:
            raise AppError(ErrorCode.NO_API_RIGHT, right="holder.read", name=classifier.name)
        return self._session.holder_id

    def keep(self) -> None:
        """On the loop's thread, after the answer: the session was used."""
        session = self._session
        if session is None or not session.stale:
            return
        days = self._context.value(LOGIN_SESSION_DAYS)

        def work(connection: Connection, now: datetime) -> None:
            touch_session(connection, session.session_id, days, now)

        self._context.desk.edit(work, lambda _outcome: None)
