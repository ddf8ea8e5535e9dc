"""Tests of the sentences against the table of crm-xml.md section 5, typed here as data."""

from __future__ import annotations

import string

import pytest

from shared.i18n.error_texts import WINDOW, WIRE, window_text, wire_text
from shared.wire.errors import WIRE_CODES, ErrorCode

TABLE = """
0004 CLASSIFIER_UNKNOWN; 0075 HOLDER_NOT_FOUND; 0122 CONTACT_TAKEN
9001 EMPTY_REQUEST; 9002 BAD_XML; 9003 XML_FORBIDDEN; 9004 ACTION_MISSING; 9005 UNKNOWN_ACTION
9006 REQUEST_TOO_LARGE; 9007 REQUEST_TIMEOUT; 9008 WRONG_ROOT; 9009 FIELD_MISSING; 9010 FIELD_BAD
9011 TOO_MANY_ITEMS; 9012 TOO_LONG
9101 NO_API_RIGHT; 9102 ADDRESS_FORBIDDEN; 9103 RATE_LIMITED; 9104 GLOBAL_TYPE_BAD
9105 ACTION_OFF; 9106 CLASSIFIER_HIDDEN
9201 CARD_NOT_FOUND; 9202 CARD_BLOCKED; 9203 CARD_EXPIRED; 9204 CARD_TAKEN; 9205 CARD_UNBOUND
9206 CARD_INACTIVE; 9207 WRONG_STATE; 9208 CARD_DELETED; 9209 CARD_NOT_YET; 9210 CARD_CLASSIFIER
9211 PIN_WRONG; 9212 CARD_OUT_OF_RANGE
9301 HOLDERS_MANY; 9302 NAME_MISSING; 9303 CONTACT_NOT_FOUND; 9304 ADDRESS_NOT_FOUND
9305 DICT_VALUE_UNKNOWN; 9306 PHONE_BAD EMAIL_BAD; 9307 HOLDER_DELETED; 9308 HOLDER_BLACKLISTED
9309 IMAGE_REFUSED
9401 ACCOUNT_NOT_FOUND; 9402 ACCOUNT_BLOCKED; 9403 DEBIT_FORBIDDEN CREDIT_FORBIDDEN
9404 INSUFFICIENT; 9405 BAD_AMOUNT; 9406 BAD_TIME; 9407 BAD_LIFE; 9408 KEY_TWICE
9409 KEY_CONFLICT; 9410 FILTER_MISSING; 9411 TXN_NOT_FOUND; 9412 REFUND_TOO_BIG
9413 ACCOUNTS_MANY; 9414 NOTHING_TO_BOOK; 9415 TIME_FORBIDDEN; 9416 PENDING_ONLY
9417 HELD_ELSEWHERE; 9418 CAP_EXCEEDED; 9419 LIMIT_EXCEEDED; 9420 ROLLED_BACK; 9421 BACKDATE
9422 BOOKS_CLOSED; 9423 IN_FUTURE; 9424 HOLD_ENDED; 9425 SALE_NOT_FOUND
9501 COUPON_NOT_FOUND; 9502 COUPON_INACTIVE; 9503 COUPON_DATES; 9504 COUPON_USED
9505 COUPON_CLASSIFIER; 9506 COUPON_TYPE; 9507 COUPON_POOL_EMPTY; 9508 COUPON_NOT_NOW
9509 COUPON_PERSONAL; 9510 COUPON_NO_GOODS; 9511 COUPON_HOLDER_LIMIT
9551 CERT_PIN; 9552 CERT_USED; 9553 CERT_UNDERPAY
9601 SEARCH_LOST; 9602 SEARCH_CONDITION; 9603 SEARCH_TOO_MANY
9701 LOGIN_UNKNOWN; 9702 LOGIN_WRONG; 9703 CODE_EXPIRED; 9704 TRIES_EXCEEDED; 9705 CODE_NOT_SENT
9706 ALREADY_REGISTERED; 9707 SESSION_LOST
9801 CHMODE_UNKNOWN; 9802 RELAY_NO_CLASSIFIER; 9803 KIND_UNKNOWN
9901 DB_UNREACHABLE; 9902 BUSY; 9903 PROCESSING_TIMEOUT; 9904 STOPPING
9905 LICENCE_QUOTA LICENCE_END; 9999 INTERNAL
"""

SENTENCES = {
    "CLASSIFIER_UNKNOWN": "Неверно указан классификатор ПО [{code}]",
    "CONTACT_TAKEN": 'Контакт "{value}" уже используется; допустимо владельцев: {limit}. '
    "Обратитесь к администратору",
    "BAD_XML": "Ошибка XML, строка {line}, позиция {col}",
    "CARD_BLOCKED": "Карта {card} заблокирована: {reason}",
    "INSUFFICIENT": "Недостаточно средств: доступно {available}, требуется {needed}",
    "KEY_CONFLICT": "Операция с этим номером уже проведена с другими данными (№ {id})",
    "REQUEST_TOO_LARGE": "Запрос больше {limit} байт",
    "STOPPING": "Сервер останавливается",
    "INTERNAL": "Внутренняя ошибка, номер {ref}",
}


def facts_in(pattern: str) -> set[str]:
    """Names of the facts a sentence quotes; a fact in two languages counts as one."""
    names = (name for _, name, _, _ in string.Formatter().parse(pattern) if name is not None)
    return {name.removesuffix("_en") for name in names}


def test_the_wire_codes_are_those_of_the_table() -> None:
    wanted: dict[ErrorCode, str] = {}
    for row in TABLE.replace("\n", ";").split(";"):
        number, *names = row.split() or [""]
        wanted |= {ErrorCode(name): f"SAC-{number}" for name in names}
    assert wanted == WIRE_CODES


def test_every_wire_code_has_a_sentence_for_the_wire_and_every_code_one_for_people() -> None:
    assert set(WIRE) == set(WIRE_CODES)
    assert set(WIRE) | set(WINDOW) == set(ErrorCode)


@pytest.mark.parametrize(("name", "sentence"), SENTENCES.items())
def test_the_wording_is_that_of_the_table(name: str, sentence: str) -> None:
    assert WIRE[ErrorCode(name)][0] == sentence


@pytest.mark.parametrize("code", list(ErrorCode))
def test_both_languages_tell_the_same_facts(code: ErrorCode) -> None:
    for sentences in (WIRE.get(code), WINDOW.get(code)):
        if sentences is None:
            continue
        ru, en = sentences
        assert facts_in(ru) == facts_in(en)
        assert any("а" <= letter <= "я" for letter in ru.lower())
        assert not any("а" <= letter <= "я" for letter in en.lower())


@pytest.mark.parametrize("code", list(WIRE))
@pytest.mark.parametrize("language", ["ru", "en"])
def test_a_till_reads_at_most_255_characters(code: ErrorCode, language: str) -> None:
    facts = dict.fromkeys(facts_in(WIRE[code][0]), "x" * 500)
    text = wire_text(code, language, facts)
    assert 0 < len(text) <= 255
    assert "x" * 61 not in text


def test_a_missing_fact_is_left_empty_and_braces_in_a_fact_are_text() -> None:
    assert wire_text(ErrorCode.CARD_NOT_FOUND, "ru", {}) == "Карта  не найдена"
    assert wire_text(ErrorCode.CARD_NOT_FOUND, "en", {"card": "{x}"}) == "Card {x} not found"
    assert wire_text(ErrorCode.CARD_NOT_FOUND, "en", {"card": None}) == "Card  not found"


def test_any_language_but_english_is_russian() -> None:
    for language in ("ru", "", "de"):
        assert wire_text(ErrorCode.STOPPING, language, {}) == "Сервер останавливается"


def test_a_code_without_a_wire_sentence_is_internal_to_a_till() -> None:
    assert wire_text(ErrorCode.PORT_BUSY, "en", {"ref": "A1"}) == "Internal error, reference A1"


def test_people_read_a_path_whole() -> None:
    path = "/srv/" + "папка/" * 30
    text = window_text(ErrorCode.FOLDER_DENIED, "ru", {"folder": path, "why": "нет прав"})
    assert path in text


@pytest.mark.parametrize(
    ("code", "facts", "russian", "english"),
    [
        (
            ErrorCode.CARD_USED,
            {"card": 1004, "where": "operation", "n": 17},
            "Карта 1004 уже используется (operation: 17), её выпуск не отменён",
            "Card 1004 is in use (operation: 17): its issue was not undone",
        ),
        (
            ErrorCode.HEADS_UNSIGNED,
            {"why": "no backend"},
            "Ничего не подписано: у учётной записи сервера нет хранилища ключей (no backend)",
            "Nothing was signed: the server's account has no key store (no backend)",
        ),
        (
            ErrorCode.BONUS_NEEDS_HOLDER,
            {"sum": "300.00"},
            (
                "Стартовый бонус 300.00 начисляется владельцу: выпустите карты с анонимными "
                "владельцами или без бонуса"
            ),
            (
                "The start bonus 300.00 goes to a holder: issue the cards with anonymous holders, "
                "or without the bonus"
            ),
        ),
        (
            ErrorCode.RANGE_FULL,
            {"name": "Основные", "n": 7, "first": 1004, "last": 1009},
            "В диапазоне «Основные» нет 7 свободных номеров: от 1004 до конца 1009",
            'The range "Основные" has no 7 free numbers: from 1004 to its end 1009',
        ),
    ],
)
def test_refusals_of_jobs_say_what_and_what_to_do(
    code: ErrorCode, facts: dict[str, object], russian: str, english: str
) -> None:
    assert window_text(code, "ru", facts) == russian
    assert window_text(code, "en", facts) == english
