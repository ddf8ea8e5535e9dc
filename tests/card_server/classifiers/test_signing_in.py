"""One-time codes, sessions and codes for virtual cards (domain 1.11, crm-xml.md 8.8)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, select

from card_server.classifiers import signing_in, tables
from card_server.classifiers.signing_in import REGISTRATION, SIGN_IN, Code, CodeRules, Started
from shared.wire.errors import AppError, ErrorCode
from tests.helpers.guests import bare_holder
from tests.helpers.shop import Shop

PHONE = "79000000012"
RULES = CodeRules()


@pytest.fixture
def connection(shop: Shop) -> Iterator[Connection]:
    with shop.connection.begin():
        yield shop.connection


def start(shop: Shop, purpose: int = SIGN_IN, rules: CodeRules = RULES) -> Started:
    return signing_in.start_code(
        shop.connection,
        purpose,
        PHONE,
        classifier_id=shop.classifier_id,
        rules=rules,
        now=shop.now,
        wishes="{}",
    )


def try_code(shop: Shop, code: str, purpose: int = SIGN_IN) -> Code | AppError:
    return signing_in.use_code(shop.connection, purpose, PHONE, code, RULES, shop.now)


def refused(outcome: Code | AppError) -> ErrorCode:
    assert isinstance(outcome, AppError)
    return outcome.code


def wrong(code: str) -> str:
    return "00001" if code != "00001" else "00002"


def test_a_code_is_used_once(shop: Shop, connection: Connection) -> None:
    code = start(shop).code
    assert isinstance(try_code(shop, code), Code)
    assert refused(try_code(shop, code)) is ErrorCode.CODE_EXPIRED
    row = connection.execute(select(tables.auth_code)).one()
    assert row.wishes is None, "what the guest had typed is not kept"
    assert code not in row.code_hash


@pytest.mark.usefixtures("connection")
def test_a_code_of_one_purpose_is_none_for_another(shop: Shop) -> None:
    code = start(shop).code
    assert refused(try_code(shop, code, REGISTRATION)) is ErrorCode.CODE_EXPIRED


@pytest.mark.usefixtures("connection")
def test_a_code_dies_after_its_minutes(shop: Shop) -> None:
    code = start(shop).code
    shop.pass_time(minutes=3)
    assert refused(try_code(shop, code)) is ErrorCode.CODE_EXPIRED


@pytest.mark.usefixtures("connection")
def test_the_third_wrong_try_locks_the_phone_for_a_quarter_of_an_hour(shop: Shop) -> None:
    code = start(shop).code
    assert refused(try_code(shop, wrong(code))) is ErrorCode.LOGIN_WRONG
    assert refused(try_code(shop, wrong(code))) is ErrorCode.LOGIN_WRONG
    assert refused(try_code(shop, wrong(code))) is ErrorCode.TRIES_EXCEEDED
    for step in (lambda: try_code(shop, code), lambda: start(shop)):
        with pytest.raises(AppError) as caught:
            step()
        assert caught.value.code is ErrorCode.TRIES_EXCEEDED
        assert caught.value.facts["minutes"] == 15
    shop.pass_time(minutes=15)
    assert isinstance(try_code(shop, start(shop).code), Code)


@pytest.mark.usefixtures("connection")
def test_a_second_start_within_the_minute_tells_the_rest_and_sends_nothing(shop: Shop) -> None:
    first = start(shop)
    assert (first.seconds, len(first.code)) == (180, 5)
    shop.pass_time(seconds=20)
    assert start(shop) == Started(seconds=160)
    shop.pass_time(seconds=41)
    again = start(shop)
    assert again.code
    assert refused(try_code(shop, wrong(again.code))) is ErrorCode.LOGIN_WRONG


@pytest.mark.usefixtures("connection")
def test_a_used_code_brings_no_second_one_within_the_minute(shop: Shop) -> None:
    try_code(shop, start(shop).code)
    with pytest.raises(AppError) as caught:
        start(shop)
    assert caught.value.code is ErrorCode.TRIES_EXCEEDED


@pytest.mark.usefixtures("connection")
def test_ten_codes_a_day_are_the_most(shop: Shop) -> None:
    for _ in range(10):
        assert start(shop).code
        shop.pass_time(minutes=2)
    with pytest.raises(AppError) as caught:
        start(shop)
    assert caught.value.facts["minutes"] == 24 * 60 - 20
    shop.pass_time(days=1)
    assert start(shop).code


@pytest.mark.parametrize(("digits", "length"), [(1, 4), (6, 6), (12, 6)])
@pytest.mark.usefixtures("connection")
def test_a_code_has_four_to_six_digits(shop: Shop, digits: int, length: int) -> None:
    assert len(start(shop, rules=CodeRules(digits=digits)).code) == length


def test_a_damaged_hash_matches_nothing() -> None:
    assert not signing_in.code_matches("1", "not hexadecimal$1")


def test_a_session_belongs_to_one_program_and_ends(shop: Shop, connection: Connection) -> None:
    holder = bare_holder(shop)

    def find(classifier_id: int = shop.classifier_id) -> signing_in.Session:
        return signing_in.find_session(connection, key, classifier_id, shop.now)

    key = signing_in.open_session(connection, holder, shop.classifier_id, 30, shop.now)
    assert (find().holder_id, find().stale) == (holder, False)
    with pytest.raises(AppError):
        find(0)
    shop.pass_time(hours=1)
    assert find().stale
    signing_in.touch_session(connection, key, 30, shop.now)
    shop.pass_time(days=30)
    with pytest.raises(AppError) as caught:
        find()
    assert caught.value.code is ErrorCode.SESSION_LOST
    signing_in.open_session(connection, holder, shop.classifier_id, 30, shop.now)
    rows = connection.execute(select(tables.holder_session)).all()
    assert len(rows) == 1, "sessions that are over are swept away"


def test_a_virtual_code_stands_for_its_card(shop: Shop, connection: Connection) -> None:
    code = signing_in.show_virtual_code(connection, 10007, shop.classifier_id, 3, shop.now)
    assert len(code) == 12
    assert signing_in.card_of_virtual_code(connection, f" {code} ", shop.now) == 10007
    assert signing_in.card_of_virtual_code(connection, "123", shop.now) is None
