"""Guests sign in and register by a one-time code, or sign in by a password (crm-xml.md 8.8)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, select

from card_server.cards.enrolling import Enrolment, GuestWish
from card_server.cards.issuing import CardWish, check_bindable
from card_server.cards.records import CARD_VOIDED, KIND_VIRTUAL
from card_server.cards.repository import cards_of_holders, find_card_row
from card_server.classifiers.rules import need_right
from card_server.classifiers.signing_in import (
    REGISTRATION,
    SIGN_IN,
    Code,
    CodeRules,
    Started,
    start_code,
    use_code,
)
from card_server.holders import service, tables
from card_server.holders.records import ContactWish, PersonWish
from card_server.holders.repository import holders_by_contact
from card_server.holders.rules import PHONE, check_contact
from card_server.holders.workbench import Workbench
from card_server.licences.repository import check_issue
from card_server.messages.codes import CodeMessage
from card_server.relay.crm_xml_holder_reader import read_guest
from card_server.relay.crm_xml_reader import Envelope, needed
from card_server.relay.formats import maybe_number, read_flag
from card_server.relay.handlers.context import Context, Done
from card_server.relay.handlers.enrolling import enrolling
from card_server.relay.handlers.xml_holders import answering, asked_for, holder_reply
from shared.settings.house import COUNTRY
from shared.settings.wire import (
    LOGIN_CARD_RANGE,
    LOGIN_CODE_DIGITS,
    LOGIN_CODE_MINUTES,
    LOGIN_CODE_TRIES,
    LOGIN_CODES_PER_DAY,
    LOGIN_CODES_PER_MINUTE,
    LOGIN_LOCK_MINUTES,
)
from shared.wire.errors import AppError, ErrorCode

HOUSE_RIGHTS: Final = frozenset({"card.issue"})
"""What the house itself does for a guest whose phone is proven, whatever the program may do."""

ROOTS: Final = {SIGN_IN: "Login", REGISTRATION: "Registration"}


class Kept(msgspec.Struct, frozen=True):
    """A refusal whose traces stay: the wrong try is counted."""

    error: AppError


class SignIn:
    """One Login or Registration message."""

    def __init__(self, envelope: Envelope, context: Context, purpose: int) -> None:
        need_right(context.classifier, "login")
        self._context = context
        self._root = envelope.root
        self._purpose = purpose
        self._typed = needed(envelope.root, "Login")
        self._code = envelope.root.text_of("Auth_Code")
        self._asked = asked_for(envelope, context)
        if purpose == REGISTRATION:
            words = self._asked.words | {"account"}
            self._asked = msgspec.structs.replace(self._asked, words=words)
        self._country = context.value(COUNTRY)
        self._phone = self._normal()

    def _normal(self) -> str:
        try:
            return check_contact(self._typed, PHONE, self._country)
        except AppError as error:
            if self._purpose == REGISTRATION:
                raise
            raise AppError(ErrorCode.LOGIN_UNKNOWN) from error

    def _rules(self) -> CodeRules:
        value = self._context.value
        return CodeRules(
            digits=value(LOGIN_CODE_DIGITS),
            minutes=value(LOGIN_CODE_MINUTES),
            tries=value(LOGIN_CODE_TRIES),
            lock_minutes=value(LOGIN_LOCK_MINUTES),
            per_minute=value(LOGIN_CODES_PER_MINUTE),
            per_day=value(LOGIN_CODES_PER_DAY),
        )

    def work(self) -> Callable[[Connection, datetime], str | Kept]:
        """Step 1 without a code, step 2 with one."""
        return self._second if self._code else self._first

    def _holder(self, connection: Connection) -> int | None:
        """The one live holder of the phone."""
        found = holders_by_contact(connection, self._phone, PHONE)
        if len(found) > 1:
            raise AppError(ErrorCode.HOLDERS_MANY, count=len(found))
        return found[0] if found else None

    # ------------------------------------------------------------------ step 1

    def _first(self, connection: Connection, now: datetime) -> str | Kept:
        holder_id = self._holder(connection)
        card_code, wishes = None, None
        if self._purpose == REGISTRATION:
            card_code = self._free_card(connection, holder_id)
            wishes = pack_wishes(self._wishes())
        elif holder_id is None and not self._auto_registry():
            raise AppError(ErrorCode.LOGIN_UNKNOWN)
        if holder_id is None:
            check_issue(connection)
        started = start_code(
            connection,
            self._purpose,
            self._phone,
            classifier_id=self._context.classifier.classifier_id,
            rules=self._rules(),
            now=now,
            card_code=card_code,
            wishes=wishes,
        )
        if started.code:
            self._send(connection, started, holder_id, now)
        shown = ""
        if "code_timeout" in self._asked.words:
            shown = f"<Code_Timeout>{started.seconds}</Code_Timeout>"
        root = ROOTS[self._purpose]
        return f'<{root} Message_ID="{self._context.message_id}">{shown}</{root}>'

    def _auto_registry(self) -> bool:
        node = self._root.child("Login")
        return node is not None and read_flag(node.get("Auto_Registry")) is True

    def _free_card(self, connection: Connection, holder_id: int | None) -> int | None:
        shown = self._root.text_of("Card_Code")
        if not shown:
            return None
        code = maybe_number(shown)
        row = find_card_row(connection, code) if code is not None else None
        if code is None or row is None:
            raise AppError(ErrorCode.CARD_NOT_FOUND, card=shown, code=shown)
        if row["holder_id"] is not None and row["holder_id"] == holder_id:
            raise AppError(ErrorCode.ALREADY_REGISTERED)
        check_bindable(row)
        return code

    def _wishes(self) -> PersonWish:
        node = self._root.child("Holder") or self._root
        return read_guest(node, [node]).person

    def _send(
        self, connection: Connection, started: Started, holder_id: int | None, now: datetime
    ) -> None:
        sender = self._context.services.codes
        if sender is None:
            raise AppError(ErrorCode.CODE_NOT_SENT)
        message = CodeMessage(
            auth_code_id=started.auth_code_id,
            code=started.code,
            address=self._phone,
            holder_id=holder_id,
            contact_id=self._contact(connection, holder_id),
            not_after=now + timedelta(seconds=started.seconds),
        )
        sender.send(connection, self._context.desk.ids, message, now)

    def _contact(self, connection: Connection, holder_id: int | None) -> int | None:
        """The contact the code goes to."""
        contact, kind = tables.contact, tables.contact_type
        found: int | None = connection.execute(
            select(contact.c.contact_id)
            .join(kind, kind.c.contact_type_id == contact.c.contact_type_id)
            .where(
                contact.c.holder_id == (holder_id or 0),
                contact.c.value_norm == self._phone,
                contact.c.deleted_at.is_(None),
                kind.c["class"] == PHONE,
            )
            .order_by(contact.c.contact_id)
            .limit(1)
        ).scalar()
        return found

    # ------------------------------------------------------------------ step 2

    def _second(self, connection: Connection, now: datetime) -> str | Kept:
        used = use_code(connection, self._purpose, self._phone, self._code, self._rules(), now)
        if isinstance(used, AppError):
            return Kept(used)
        holder_id = self._holder(connection)
        with enrolling(self._context, connection, now, HOUSE_RIGHTS) as desk:
            if self._purpose == REGISTRATION:
                holder_id = self._registered(desk, holder_id, used)
            elif holder_id is None:
                holder_id = self._enrolled(desk, PersonWish(), with_card=True)
            self._confirm(desk.bench, holder_id)
        return self._reply(connection, holder_id)

    def _enrolled(self, desk: Enrolment, wish: PersonWish, *, with_card: bool) -> int:
        """A new guest with the proven phone, and a card of the program's range if there is one."""
        phone = ContactWish(type_class=PHONE, values={"value": self._typed})
        wish = msgspec.structs.replace(wish, contacts=[phone, *wish.contacts])
        holder_id = desk.add(GuestWish(person=wish))
        range_id = self._context.value(LOGIN_CARD_RANGE)
        if with_card and range_id:
            desk.cards.issue_next(holder_id, range_id, KIND_VIRTUAL)
        return holder_id

    def _registered(self, desk: Enrolment, holder_id: int | None, used: Code) -> int:
        """The guest of step 1: new, or found by phone with what was empty filled in."""
        wish = unpack_wishes(used.wishes)
        if holder_id is None:
            holder_id = self._enrolled(desk, wish, with_card=False)
        else:
            self._fill(desk.bench, holder_id, wish)
        if used.card_code is not None:
            card = CardWish(code=used.card_code, shown=str(used.card_code))
            desk.cards.apply(holder_id, card)
        return holder_id

    @staticmethod
    def _fill(bench: Workbench, holder_id: int, wish: PersonWish) -> None:
        person = tables.person
        row = (
            bench.connection.execute(select(person).where(person.c.holder_id == holder_id))
            .mappings()
            .one_or_none()
        )
        if row is not None:
            values = {name: value for name, value in wish.values.items() if not row[name]}
            service.edit_holder(bench, holder_id, PersonWish(values=values))

    def _confirm(self, bench: Workbench, holder_id: int) -> None:
        """The phone is proven: its contact says since when."""
        contact_id = self._contact(bench.connection, holder_id)
        if contact_id is not None:
            key = {"contact_id": contact_id}
            bench.log.edit(tables.contact, key, {"confirmed_at": bench.now})

    def _reply(self, connection: Connection, holder_id: int) -> str:
        lens = self._context.desk.lens(connection, self._context.rules)
        more = ""
        if self._purpose == SIGN_IN:
            rows = cards_of_holders(connection, [holder_id]).get(holder_id, [])
            codes = "".join(
                f"<Card><Card_Code>{row.card_code}</Card_Code></Card>"
                for row in rows
                if row.state != CARD_VOIDED
            )
            more = f"<Cards>{codes}</Cards>"
        return holder_reply(lens, holder_id, self._asked, self._context, more=more)


def pack_wishes(wish: PersonWish) -> str:
    """What a guest typed at step 1, until step 2 proves the phone."""
    return msgspec.json.encode(wish).decode()


def unpack_wishes(text: str | None) -> PersonWish:
    """The same back; days come as text."""
    if not text:
        return PersonWish()
    wish = msgspec.json.decode(text, type=PersonWish)
    birth = wish.values.get("birth_date")
    if isinstance(birth, str):
        wish.values["birth_date"] = date.fromisoformat(birth)
    return wish


def _sign_in(envelope: Envelope, context: Context, done: Done, purpose: int) -> None:
    answer = answering(context, done)

    def finish(found: Any) -> None:
        answer(found.error if isinstance(found, Kept) else found)

    context.desk.edit(SignIn(envelope, context, purpose).work(), finish)


def login(envelope: Envelope, context: Context, done: Done) -> None:
    """Login, both steps."""
    _sign_in(envelope, context, done, SIGN_IN)


def registration(envelope: Envelope, context: Context, done: Done) -> None:
    """Registration, both steps."""
    _sign_in(envelope, context, done, REGISTRATION)
