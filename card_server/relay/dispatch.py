"""From a call to its answer: parse, find who calls, hand to the action (crm-xml.md 3)."""

from __future__ import annotations

import asyncio
import secrets
import time
from typing import Final

import msgspec
import structlog

from card_server.classifiers.records import Classifier
from card_server.ledger.rule_set import RuleSet
from card_server.relay.access import Gate, check_call, find_classifier, setting
from card_server.relay.crm_xml_reader import Envelope, read_envelope
from card_server.relay.exchange import Answer, Call, Done, Transport
from card_server.relay.farcards_dispatch import FarcardsDispatch, licence_info
from card_server.relay.farcards_reader import TRANSACTIONS, function_of, read_quoted
from card_server.relay.handlers import xml_actions
from card_server.relay.handlers.context import Context, Desk, Services
from card_server.relay.limits import Limits
from card_server.relay.shapes import Shapes
from card_server.relay.sightings import Sightings
from card_server.relay.texts import failure
from card_server.relay.waiting import Waiting, WaitingRoom
from card_server.relay.xml_tree import Node, parse
from shared.settings.wire import (
    API_GLOBAL_TYPE,
    API_LANGUAGE,
    API_WRONG_CODE_DELAY,
    API_WRONG_CODES,
)
from shared.wire.errors import AppError, ErrorCode

log = structlog.get_logger(__name__)
BROKEN: Final = frozenset({ErrorCode.BAD_XML, ErrorCode.XML_FORBIDDEN, ErrorCode.EMPTY_REQUEST})


class Dispatch:
    """Answers every call exactly once; a bug becomes an incident number."""

    def __init__(
        self,
        desk: Desk,
        limits: Limits,
        loop: asyncio.AbstractEventLoop,
        services: Services | None = None,
    ) -> None:
        self._desk = desk
        self._limits = limits
        self._loop = loop
        self._gate = Gate()
        self._services = services or Services()
        self._shapes = Shapes(limits)
        self._room = WaitingRoom(limits.request_s, loop, self._refuse)
        self._stopping = False
        self.sightings = Sightings()
        self._tills = FarcardsDispatch(
            desk, limits, self._gate, self._context, self._known, self.sightings
        )

    @property
    def waiting(self) -> int:
        """Calls without an answer; shown by the self-diagnosis."""
        return len(self._room)

    def stop(self) -> None:
        """Refuse every call from now on; those taken before go on."""
        self._stopping = True

    def give_up(self) -> None:
        """Nobody waits any longer: what is still queued was not booked, of the rest who knows."""
        self._desk.refuse_queued()
        self._room.give_up(AppError(ErrorCode.PROCESSING_TIMEOUT))

    def submit(self, call: Call, done: Done) -> None:
        """Take a call without blocking."""
        waiting = self._room.enter(call, done)
        try:
            self._answer(call, waiting)
        except AppError as error:
            self._refuse(waiting, error)
        except Exception as error:
            reference = secrets.token_hex(4).upper()
            log.exception("request failed", reference=reference, error=type(error).__name__)
            self._refuse(waiting, AppError(ErrorCode.INTERNAL, ref=reference))

    def _answer(self, call: Call, waiting: Waiting) -> None:
        function = waiting.function = self._tills.function_in(call)
        if function == "licenseinfo":
            licence_info(call, waiting)
            return
        if self._tills.wants_json(call, function):
            waiting.function = function or ""
            self._refuse_while_stopping()
            self._tills.answer_json(call, function, waiting)
            return
        if function == TRANSACTIONS:
            self._transactions(call, waiting)
            return
        root = self._shapes.parse(call.body, fold=function is not None)
        if function is None and root.tag.lower() == "root":
            root = parse(call.body, self._limits, fold=True)
            waiting.function = function = function_of(call.path_segments, root)
        self._refuse_while_stopping()
        if function is None:
            self._xml(root, call, waiting)
        else:
            self._tills.answer(function, root, call, waiting)

    def _transactions(self, call: Call, waiting: Waiting) -> None:
        """What a till sends most, read without its tree where the markup is known."""
        quoted = self._shapes.quoted(call.body)
        message = read_quoted(quoted, call.body) if quoted is not None else None
        if message is None:
            root = parse(call.body, self._limits, fold=True)
            self._refuse_while_stopping()
            self._tills.answer(TRANSACTIONS, root, call, waiting)
            return
        self._refuse_while_stopping()
        self._tills.answer_transactions(message, call, waiting)

    def _refuse_while_stopping(self) -> None:
        if self._stopping:
            raise AppError(ErrorCode.STOPPING)

    def _refuse(self, waiting: Waiting, error: AppError) -> None:
        call, function, language = waiting.call, waiting.function, waiting.language
        if function is None:
            answer = Answer(failure(error, call.message_id, language), is_error=True)
        else:
            answer = waiting.form.refused(function, error, language)
        if error.code in BROKEN and call.transport is Transport.HTTP:
            answer = msgspec.structs.replace(answer, close=True)
        if error.code is ErrorCode.CLASSIFIER_UNKNOWN:
            rules = self._desk.rules
            limit = setting(rules, None, API_WRONG_CODES)
            if self._gate.wrong_code(call.peer, time.monotonic(), limit):
                delay = setting(rules, None, API_WRONG_CODE_DELAY)
                self._loop.call_later(delay, waiting, answer)
                return
        waiting(answer)

    # ------------------------------------------------------------------ XML API

    def _xml(self, root: Node, call: Call, waiting: Waiting) -> None:
        rules = self._desk.rules
        envelope = read_envelope(root, call.headers.get("terminal-type", ""))
        classifier = find_classifier(rules, envelope.terminal_type)
        self._known(classifier, call, waiting)
        check_call(rules, classifier, call.peer, self._gate, time.monotonic())
        self._check_global(rules, classifier, envelope)
        context = self._context(classifier, call, envelope.unit_id, envelope.user)
        xml_actions.act(envelope, context, waiting)

    def _known(self, classifier: Classifier, call: Call, waiting: Waiting) -> None:
        """From here on refusals are in the caller's language and encoding."""
        waiting.language = setting(self._desk.rules, classifier, API_LANGUAGE)
        waiting.windows_1251 = call.transport is Transport.RAW and classifier.wire_charset != 1

    @staticmethod
    def _check_global(rules: RuleSet, classifier: Classifier, envelope: Envelope) -> None:
        if setting(rules, classifier, API_GLOBAL_TYPE) and not envelope.global_type:
            raise AppError(ErrorCode.GLOBAL_TYPE_BAD)

    def _context(self, classifier: Classifier, call: Call, unit_id: int, user: str) -> Context:
        rules = self._desk.rules
        unit = rules.units.get(unit_id)
        return Context(
            classifier=classifier,
            rules=rules,
            desk=self._desk,
            limits=self._limits,
            message_id=call.message_id,
            language=setting(rules, classifier, API_LANGUAGE),
            unit_id=unit.unit_id if unit is not None else None,
            division_id=unit.division_id if unit is not None else 1,
            user=user,
            peer=call.peer,
            reply_bytes=self._limits.raw_reply_bytes if call.transport is Transport.RAW else None,
            services=self._services,
        )
