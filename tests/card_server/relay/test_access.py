"""Tests of access: codes, networks, rates and wrong codes, the clock in the test's hand."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from card_server.classifiers.records import Classifier
from card_server.relay import access
from card_server.relay.access import Gate, check_call, find_classifier, network_allows, setting
from shared.settings.wire import API_LANGUAGE, API_WRONG_CODES
from shared.wire.errors import ErrorCode
from tests.helpers.refusals import refusal_of
from tests.helpers.wire import CODE, FakeDesk


def classifier(**fields: Any) -> Classifier:
    """A classifier that may call."""
    return Classifier(
        **{"classifier_id": 7, "code": CODE, "name": "POS", "api_visible": True, **fields}
    )


# ------------------------------------------------------------------ codes


def test_a_code_is_trimmed_and_its_letter_case_counts() -> None:
    rules = FakeDesk(lambda _: None).rules
    assert find_classifier(rules, f" {CODE}\t").classifier_id == 7
    for code in ("", " ", CODE.lower(), CODE[:-1], "x" * 500):
        assert refusal_of(lambda code=code: find_classifier(rules, code)) is (  # type: ignore[misc]
            ErrorCode.CLASSIFIER_UNKNOWN
        )


def test_the_system_itself_is_nobody_who_calls() -> None:
    desk = FakeDesk(lambda _: None, classifier_id=0, code="#suite")
    desk.rules.classifiers[0] = desk.rules.classifiers[7]
    desk.rules.classifier_codes["#suite"] = 0
    assert refusal_of(lambda: find_classifier(desk.rules, "#suite")) is (
        ErrorCode.CLASSIFIER_UNKNOWN
    )


# ------------------------------------------------------------------ networks


@pytest.mark.parametrize(
    ("networks", "address", "allowed"),
    [
        ("", "203.0.113.9", True),
        (" , ; ", "203.0.113.9", True),
        ("10.0.0.0/8", "10.200.3.4", True),
        ("10.0.0.0/8", "11.0.0.1", False),
        ("10.0.0.5/8", "10.1.1.1", True),
        ("192.168.1.7", "192.168.1.7", True),
        ("192.168.1.7; 10.0.0.0/8", "10.0.0.1", True),
        ("127.0.0.1, ::1", "::1", True),
        ("127.0.0.1, ::1", "::ffff:127.0.0.1", True),
        ("fe80::/10", "fe80::1%eth0", True),
        ("fe80::/10", "10.0.0.1", False),
        ("rubbish", "10.0.0.1", False),
        ("rubbish, 10.0.0.1", "10.0.0.1", True),
        ("10.0.0.1", "", False),
        ("10.0.0.1", "rubbish", False),
    ],
)
def test_networks(networks: str, address: str, *, allowed: bool) -> None:
    assert network_allows(networks, address) is allowed


@given(st.text(max_size=40), st.text(max_size=20))
def test_any_text_allows_or_not(networks: str, address: str) -> None:
    assert network_allows(networks, address) in (True, False)


def test_a_call_from_elsewhere_is_refused_before_its_rate_counts() -> None:
    rules, gate = FakeDesk(lambda _: None).rules, Gate()
    caller = classifier(settings={"api.allowed_networks": "10.0.0.0/8"}, rate_limit=1)
    for _ in range(3):
        assert refusal_of(lambda: check_call(rules, caller, "11.0.0.1", gate, 5.0)) is (
            ErrorCode.ADDRESS_FORBIDDEN
        )
    assert refusal_of(lambda: check_call(rules, caller, "10.0.0.1", gate, 5.0)) is None


# ------------------------------------------------------------------ rate


def test_rate_limit_counts_each_second_and_each_classifier_for_itself() -> None:
    gate = Gate()
    busy, other = classifier(rate_limit=3), classifier(classifier_id=8, rate_limit=1)

    def refused(caller: Classifier, now: float) -> bool:
        return refusal_of(lambda: gate.check_rate(caller, now)) is ErrorCode.RATE_LIMITED

    assert [refused(busy, 5.1) for _ in range(5)] == [False, False, False, True, True]
    assert not refused(other, 5.2)
    assert refused(other, 5.9)
    assert [refused(busy, 6.0) for _ in range(4)] == [False, False, False, True]


def test_without_a_rate_limit_nobody_counts() -> None:
    gate = Gate()
    for _ in range(5_000):
        gate.check_rate(classifier(), 1.0)


# ------------------------------------------------------------------ wrong codes


def test_wrong_codes_delay_beyond_the_limit_within_a_minute() -> None:
    gate = Gate()
    assert [gate.wrong_code("10.0.0.1", 100.0 + n, 3) for n in range(5)] == [False] * 3 + [True] * 2
    assert not gate.wrong_code("10.0.0.2", 105.0, 3)
    assert gate.wrong_code("10.0.0.1", 160.5, 3)
    assert not gate.wrong_code("10.0.0.1", 300.0, 3)


def test_wrong_codes_take_bounded_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "MOST_ADDRESSES", 50)
    gate = Gate()
    for n in range(500):
        gate.wrong_code("10.0.0.1", n / 100, 3)
        gate.wrong_code(f"10.1.0.{n}", n / 100, 3)
    assert len(gate._wrong) == 50
    assert gate.wrong_code("10.0.0.1", 5.0, 3)
    assert all(len(times) <= 5 for times in gate._wrong.values())


# ------------------------------------------------------------------ settings


def test_a_setting_is_the_classifiers_own_else_the_systems_else_the_default() -> None:
    rules = FakeDesk(lambda _: None).rules
    assert setting(rules, None, API_LANGUAGE) == "ru"
    rules.settings["api.language"] = "en"
    assert setting(rules, classifier(), API_LANGUAGE) == "en"
    assert setting(rules, classifier(settings={"api.language": "ru"}), API_LANGUAGE) == "ru"


@pytest.mark.parametrize("rubbish", ["", "x", "-5", "999999999999"])
def test_a_setting_that_holds_rubbish_counts_as_none(rubbish: str) -> None:
    rules = FakeDesk(lambda _: None).rules
    rules.settings["api.wrong_codes"] = rubbish
    assert setting(rules, None, API_WRONG_CODES) == 20
