"""The Farcards half of the dispatch: which function, who calls, from where (farcards.md 2)."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

import msgspec
import structlog

from card_server.classifiers.records import Classifier
from card_server.classifiers.rules import need_right
from card_server.ledger.rule_set import RuleSet
from card_server.relay.access import (
    Gate,
    check_call,
    find_classifier,
    network_allows,
)
from card_server.relay.exchange import Answer, Call
from card_server.relay.farcards_check import CheckFacts
from card_server.relay.farcards_forms import JSON_FORM, XML_FORM, Form
from card_server.relay.farcards_json import is_json, read_json
from card_server.relay.farcards_reader import (
    FUNCTIONS,
    NOT_OFFERED,
    TRANSACTIONS,
    CardQuery,
    TransactionsCall,
    plain_name,
    read_card_query,
    read_transactions,
)
from card_server.relay.farcards_writer import NAMES, not_offered
from card_server.relay.handlers.card_window import get_card_info, phone_country
from card_server.relay.handlers.context import Context, Desk
from card_server.relay.handlers.farcards import station_of, transactions
from card_server.relay.handlers.finding import find_email, find_image
from card_server.relay.limits import Limits
from card_server.relay.sightings import Sightings
from card_server.relay.waiting import Waiting
from card_server.relay.xml_tree import Node
from shared.settings.wire import RELAY_ALIASES, RELAY_CLASSIFIER, RELAY_JSON, RELAY_NETWORKS
from shared.wire.errors import AppError, ErrorCode

log = structlog.get_logger(__name__)
PLAIN: Final = "text/plain; charset=utf-8"
MakeContext = Callable[[Classifier, Call, int, str], Context]
Known = Callable[[Classifier, Call, Waiting], None]


class Asked(msgspec.Struct):
    """A request that was read, whatever its function."""

    function: str
    root: Node | None = None
    query: CardQuery | None = None
    message: TransactionsCall | None = None

    @property
    def check(self) -> CheckFacts | None:
        """The CHECK of either kind of request."""
        if self.message is not None:
            return self.message.check
        return self.query.check if self.query is not None else None

    @property
    def restaurant(self) -> int:
        """The restaurant's number on the wire."""
        if self.message is not None:
            return self.message.restaurant
        return self.query.restaurant if self.query is not None else 0

    @property
    def station(self) -> int | None:
        """Stationcode of CHECK, else RKUni, else UnitNo."""
        if self.message is not None:
            return station_of(self.message)
        if self.query is None:
            return None
        check = self.query.check
        return (check.station if check is not None else None) or self.query.unit_no or None


class FarcardsDispatch:
    """Answers tills; shares gate and context with the dispatch of the XML API."""

    def __init__(
        self,
        desk: Desk,
        limits: Limits,
        gate: Gate,
        context: MakeContext,
        known: Known,
        sightings: Sightings,
    ) -> None:
        self._desk = desk
        self._limits = limits
        self._gate = gate
        self._context = context
        self._known = known
        self._sightings = sightings

    # ------------------------------------------------------------------ is it ours?

    def function_in(self, call: Call) -> str | None:
        """The function a call names by its path, or by an alias of the settings; else None."""
        if not call.path_segments:
            return None
        name = plain_name(call.path_segments)
        if not call.path_segments:
            return None
        name = plain_name(call.path_segments)
        if name in FUNCTIONS:
            return name
        return aliases(self._desk.rules.value(RELAY_ALIASES)).get(name)

    def wants_json(self, call: Call, function: str | None) -> bool:
        """The JSON variant was asked for: of a known function, or where it is switched on."""
        if not is_json(call.headers.get("content-type", "")):
            return False
        return function is not None or (bool(call.path_segments) and self._any_json())

    def _any_json(self) -> bool:
        rules = self._desk.rules
        units = [unit_id for unit_id, key in rules.unit_settings if key == RELAY_JSON.key]
        return rules.value(RELAY_JSON) or any(rules.value(RELAY_JSON, None, u) for u in units)

    # ------------------------------------------------------------------ answering

    def answer_json(self, call: Call, function: str | None, waiting: Waiting) -> None:
        """The JSON variant, if the unit has it switched on."""
        if function is None or function not in NAMES or function in NOT_OFFERED:
            sentence = f"unknown function {call.path_segments[-1][:60]}"
            waiting(Answer(sentence.encode(), content_type=PLAIN, status=404))
            return
        if not self._any_json():
            waiting(Answer(OFF.encode(), content_type=PLAIN, status=415))
            return
        waiting.form = JSON_FORM
        asked = self._read(function, read_json(call.body), call)
        unit_id = self._unit(asked)
        if not self._json_on(unit_id):
            waiting(Answer(OFF.encode(), content_type=PLAIN, status=415))
            return
        self._act(asked, unit_id, call, JSON_FORM, waiting)

    def _json_on(self, unit_id: int | None) -> bool:
        return self._desk.rules.value(RELAY_JSON, None, unit_id)

    def answer(self, function: str, root: Node, call: Call, waiting: Waiting) -> None:
        """A request in XML."""
        if function == "licenseinfo":
            licence_info(call, waiting)
            return
        if function in NOT_OFFERED:
            waiting(Answer(not_offered(NAMES[function], waiting.language), is_error=True))
            return
        if function not in NAMES:
            raise AppError(ErrorCode.UNKNOWN_ACTION, action=function)
        asked = self._read(function, root, call)
        self._act(asked, self._unit(asked), call, XML_FORM, waiting)

    def answer_transactions(self, message: TransactionsCall, call: Call, waiting: Waiting) -> None:
        """A TransactionsEx that was read already."""
        asked = Asked(TRANSACTIONS, message=message)
        self._act(asked, self._unit(asked), call, XML_FORM, waiting)

    def _read(self, function: str, root: Node, call: Call) -> Asked:
        asked = Asked(function, root)
        if function == TRANSACTIONS:
            asked.message = read_transactions(root, call.body)
        elif function in ("getcardinfoex", "getcardimageex"):
            asked.query = read_card_query(root)
        return asked

    def _unit(self, asked: Asked) -> int | None:
        """`pos_code` of the CHECK, else `pos_number` of the restaurant; strangers are noted."""
        rules = self._desk.rules
        check = asked.check
        code = check.restaurant_code if check is not None else ""
        unit_id = rules.unit_by_pos_code.get(code) if code else None
        if unit_id is None:
            unit_id = rules.unit_by_pos_number.get(asked.restaurant)
        if unit_id is not None:
            self._sightings.station_seen(unit_id, asked.station)
        elif code or asked.restaurant:
            self._sightings.unit_unknown(asked.restaurant, code)
        return unit_id

    def _act(
        self, asked: Asked, unit_id: int | None, call: Call, form: Form, waiting: Waiting
    ) -> None:
        rules = self._desk.rules
        classifier = caller(rules, call, unit_id)
        networks = rules.value(RELAY_NETWORKS)
        if not network_allows(networks, call.peer):
            raise AppError(ErrorCode.ADDRESS_FORBIDDEN)
        self._known(classifier, call, waiting)
        check_call(rules, classifier, call.peer, self._gate, time.monotonic())
        need_right(classifier, "relay")
        context = self._context(classifier, call, unit_id or -1, "")
        if asked.message is not None:
            closed = bool(asked.check is not None and asked.check.closed)

            def sold(_: Answer) -> None:
                if closed and unit_id is not None:
                    self._sightings.cheque_closed(rules, unit_id)

            transactions(asked.message, context, form, waiting, sold)
        elif asked.function == "getcardinfoex" and asked.query is not None:
            get_card_info(asked.query, context, form, waiting)
        elif asked.query is not None:
            find_image(asked.query.card, context, form, waiting, phone_country(context))
        elif asked.root is not None:
            query = asked.root.child("qry") or asked.root
            find_email(query.get("email"), context, form, waiting)


OFF: Final = "the JSON variant is switched off for this unit (relay.json)"


def licence_info(call: Call, waiting: Waiting) -> None:
    """LicenseInfo: its body is not documented, so only its size is noted."""
    log.info("licence info asked", size=len(call.body))
    waiting(Answer(b""))


def aliases(value: str) -> dict[str, str]:
    """`relay.aliases`: `name=function` pairs, parted by commas or semicolons."""
    found = {}
    for pair in value.replace(";", ",").split(","):
        name, equals, function = pair.partition("=")
        target = function.strip().lower().removesuffix(".php")
        if equals and target in FUNCTIONS:
            found[name.strip().lower().removesuffix(".php")] = target
    return found


def caller(rules: RuleSet, call: Call, unit_id: int | None) -> Classifier:
    """Query, header, path segment, the unit's classifier, the default (farcards.md 2.1)."""
    sent = call.query.get("qualifier") or call.headers.get("terminal-type", "")
    if sent:
        return find_classifier(rules, sent)
    for segment in call.path_segments[:-1]:
        if segment in rules.classifier_codes:
            return find_classifier(rules, segment)
    unit = rules.units.get(unit_id) if unit_id is not None else None
    if unit is not None and unit.classifier_id in rules.classifiers:
        return find_classifier(rules, rules.classifiers[unit.classifier_id].code)
    default = rules.value(RELAY_CLASSIFIER)
    if default:
        return find_classifier(rules, default)
    raise AppError(ErrorCode.RELAY_NO_CLASSIFIER)
