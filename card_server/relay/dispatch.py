"""From a call to its answer: parse, find who calls, hand to the action (crm-xml.md 3)."""

from __future__ import annotations

import asyncio
import secrets
import time
from typing import Final

import structlog

from card_server.classifiers.records import Classifier
from card_server.classifiers.rules import need_right
from card_server.ledger.rule_set import RuleSet
from card_server.relay.access import (
    LOOPBACK,
    Gate,
    check_call,
    find_classifier,
    network_allows,
    setting,
)
from card_server.relay.crm_xml_reader import Envelope, read_envelope
from card_server.relay.exchange import Answer, Call, Done, Transport
from card_server.relay.farcards_reader import (
    FUNCTIONS,
    function_of,
    read_card_query,
    read_transactions,
)
from card_server.relay.farcards_writer import NAMES, refused
from card_server.relay.handlers import farcards, xml_actions
from card_server.relay.handlers.context import Context, Desk
from card_server.relay.limits import Limits
from card_server.relay.texts import failure
from card_server.relay.waiting import Waiting, WaitingRoom
from card_server.relay.xml_tree import Node, parse
from shared.wire.errors import AppError, ErrorCode

log = structlog.get_logger(__name__)
BROKEN: Final = frozenset({ErrorCode.BAD_XML, ErrorCode.XML_FORBIDDEN, ErrorCode.EMPTY_REQUEST})


class Dispatch:
    """Answers every call exactly once; a bug becomes an incident number."""

    def __init__(self, desk: Desk, limits: Limits, loop: asyncio.AbstractEventLoop) -> None:
        self._desk = desk
        self._limits = limits
        self._loop = loop
        self._gate = Gate()
        self._room = WaitingRoom(limits.request_s, loop, self._refuse)
        self._stopping = False

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
        last = call.path_segments[-1].lower().removesuffix(".php") if call.path_segments else ""
        if last in FUNCTIONS:
            waiting.function = last
        if last == "licenseinfo":
            log.info("licence info asked", size=len(call.body))
            waiting(Answer(b""))
            return
        root = parse(call.body, self._limits, fold=last in FUNCTIONS)
        if last not in FUNCTIONS and root.tag.lower() == "root":
            root = parse(call.body, self._limits, fold=True)
            waiting.function = ""
        if waiting.function is not None:
            waiting.function = function_of(call.path_segments, root)
        if self._stopping:
            raise AppError(ErrorCode.STOPPING)
        if waiting.function is None:
            self._xml(root, call, waiting)
        else:
            self._farcards(waiting.function, root, call, waiting)

    def _refuse(self, waiting: Waiting, error: AppError) -> None:
        call, function, language = waiting.call, waiting.function, waiting.language
        body = (
            failure(error, call.message_id, language)
            if function is None
            else refused(function, error, language)
        )
        close = error.code in BROKEN and call.transport is Transport.HTTP
        answer = Answer(body, is_error=True, close=close)
        if error.code is ErrorCode.CLASSIFIER_UNKNOWN:
            rules = self._desk.rules
            limit = int(setting(rules, None, "api.wrong_codes", "20"))
            if self._gate.wrong_code(call.peer, time.monotonic(), limit):
                delay = float(setting(rules, None, "api.wrong_code_delay_s", "1"))
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
        waiting.language = setting(self._desk.rules, classifier, "api.language", "ru")
        waiting.windows_1251 = call.transport is Transport.RAW and classifier.wire_charset != 1

    @staticmethod
    def _check_global(rules: RuleSet, classifier: Classifier, envelope: Envelope) -> None:
        required = setting(rules, classifier, "api.require_global_type", "0")
        if required in ("1", "on") and not envelope.global_type:
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
            language=setting(rules, classifier, "api.language", "ru"),
            unit_id=unit.unit_id if unit is not None else None,
            division_id=unit.division_id if unit is not None else 1,
            user=user,
            peer=call.peer,
        )

    # ------------------------------------------------------------------ Farcards

    def _farcards(self, function: str, root: Node, call: Call, waiting: Waiting) -> None:
        if function == "licenseinfo":
            log.info("licence info asked", size=len(call.body))
            waiting(Answer(b""))
            return
        if function not in NAMES:
            raise AppError(ErrorCode.UNKNOWN_ACTION, action=function)
        rules = self._desk.rules
        unit_id = self._unit(rules, function, root)
        classifier = self._caller(rules, call, unit_id)
        networks = setting(rules, None, "relay.allowed_networks", LOOPBACK)
        if not network_allows(networks, call.peer):
            raise AppError(ErrorCode.ADDRESS_FORBIDDEN)
        self._known(classifier, call, waiting)
        check_call(rules, classifier, call.peer, self._gate, time.monotonic())
        need_right(classifier, "relay")
        context = self._context(classifier, call, unit_id or -1, "")
        if function == "getcardinfoex":
            farcards.get_card_info(root, context, waiting)
        elif function == "transactionsex":
            farcards.transactions(root, context, call.body, waiting)
        else:
            xml_actions.look_up(function, root, context, waiting)

    @staticmethod
    def _unit(rules: RuleSet, function: str, root: Node) -> int | None:
        """`pos_code` of the CHECK, else `pos_number` of the restaurant."""
        if function not in ("getcardinfoex", "transactionsex"):
            return None
        if function == "getcardinfoex":
            query = read_card_query(root)
            check, restaurant = query.check, query.restaurant
        else:
            message = read_transactions(root, b"")
            check, restaurant = message.check, message.restaurant
        if check is not None and check.restaurant_code in rules.unit_by_pos_code:
            return rules.unit_by_pos_code[check.restaurant_code]
        return rules.unit_by_pos_number.get(restaurant)

    @staticmethod
    def _caller(rules: RuleSet, call: Call, unit_id: int | None) -> Classifier:
        """Query, header, path segment, the unit's classifier, the default (farcards 2.1)."""
        sent = call.query.get("qualifier") or call.headers.get("terminal-type", "")
        if sent:
            return find_classifier(rules, sent)
        for segment in call.path_segments[:-1]:
            if segment in rules.classifier_codes:
                return find_classifier(rules, segment)
        unit = rules.units.get(unit_id) if unit_id is not None else None
        if unit is not None and unit.classifier_id in rules.classifiers:
            return find_classifier(rules, rules.classifiers[unit.classifier_id].code)
        default = rules.settings.get("relay.default_classifier", "")
        if default:
            return find_classifier(rules, default)
        raise AppError(ErrorCode.RELAY_NO_CLASSIFIER)
