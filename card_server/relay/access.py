"""Who calls: a classifier by its code, its networks and rate; wrong codes (crm-xml.md 3, 4)."""

from __future__ import annotations

import ipaddress
from collections import deque
from functools import lru_cache
from typing import Final, TypeVar

from card_server.classifiers.records import Classifier
from card_server.ledger.rule_set import RuleSet
from shared.settings.declare import Setting
from shared.settings.wire import API_NETWORKS
from shared.wire.errors import AppError, ErrorCode

T = TypeVar("T")

WINDOW_S: Final = 60.0
LONGEST_CODE: Final = 20
MOST_ADDRESSES: Final = 10_000
"""Addresses whose wrong codes are counted; the one that was quiet longest is forgotten."""


def find_classifier(rules: RuleSet, code: str) -> Classifier:
    """The classifier of a code, letter case counting; CLASSIFIER_UNKNOWN or _HIDDEN."""
    classifier_id = rules.classifier_codes.get(code.strip())
    found = rules.classifiers.get(classifier_id) if classifier_id is not None else None
    if found is None or not found.is_active or not code or found.classifier_id == 0:
        raise AppError(ErrorCode.CLASSIFIER_UNKNOWN, code=code[:LONGEST_CODE])
    if not found.api_visible:
        raise AppError(ErrorCode.CLASSIFIER_HIDDEN, name=found.name)
    return found


@lru_cache(maxsize=4096)
def network_allows(networks: str, address: str) -> bool:
    """An address is inside one of the networks; an empty list allows any."""
    parts = [part.strip() for part in networks.replace(";", ",").split(",") if part.strip()]
    if not parts:
        return True
    try:
        caller = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(caller, ipaddress.IPv6Address) and caller.ipv4_mapped is not None:
        caller = caller.ipv4_mapped
    for part in parts:
        try:
            if caller in ipaddress.ip_network(part, strict=False):
                return True
        except ValueError:
            continue  # the Configurator shows a network that cannot be read; it allows no one
    return False


class Gate:
    """Counts wrong codes per address and requests per classifier."""

    def __init__(self) -> None:
        self._wrong: dict[str, deque[float]] = {}
        self._seconds: dict[int, tuple[int, int]] = {}

    def wrong_code(self, peer: str, now: float, limit: int) -> bool:
        """Note a wrong code; True when answers to that address are to be delayed."""
        times = self._wrong.pop(peer, None) or deque()
        self._wrong[peer] = times
        times.append(now)
        while times[0] < now - WINDOW_S or len(times) > limit + 1:
            times.popleft()
        if len(self._wrong) > MOST_ADDRESSES:
            del self._wrong[next(iter(self._wrong))]
        return len(times) > limit

    def check_rate(self, classifier: Classifier, now: float) -> None:
        """At most `rate_limit` requests in a second of the clock; 0 is no limit."""
        if not classifier.rate_limit:
            return
        second = int(now)
        known, count = self._seconds.get(classifier.classifier_id, (second, 0))
        count = count + 1 if known == second else 1
        self._seconds[classifier.classifier_id] = (second, count)
        if count > classifier.rate_limit:
            raise AppError(ErrorCode.RATE_LIMITED, seconds=1)


def setting(rules: RuleSet, classifier: Classifier | None, declared: Setting[T]) -> T:
    """A setting: the classifier's own value, else the system's, else the default."""
    return rules.value(declared, classifier)


def check_call(rules: RuleSet, classifier: Classifier, peer: str, gate: Gate, now: float) -> None:
    """Networks and rate of a classifier."""
    networks = setting(rules, classifier, API_NETWORKS)
    if networks and not network_allows(networks, peer):
        raise AppError(ErrorCode.ADDRESS_FORBIDDEN)
    gate.check_rate(classifier, now)
