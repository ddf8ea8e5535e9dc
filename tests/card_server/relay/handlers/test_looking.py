"""Looking at cards with the group: rates, worth, stale caches."""

from __future__ import annotations

from typing import Any

import pytest

from card_server.accounts.records import CLASS_BONUS, CLASS_DISCOUNT
from card_server.relay.handlers.looking import CardInquiry, Seen, best_rate
from card_server.schemes.rules import NO_RATE
from shared.wire.errors import AppError, ErrorCode
from tests.helpers.guests import add_contact
from tests.helpers.shop import BONUS, DEBIT, Shop

CARD = 10007


def look(shop: Shop, *codes: str, **options: Any) -> list[Seen]:
    classifier = shop.ledger.rules.classifiers[shop.classifier_id]
    (outcome,) = shop.run(CardInquiry(codes, classifier, **options))
    if isinstance(outcome, AppError):
        raise outcome
    found: list[Seen] = outcome
    return found


def test_points_that_burnt_without_any_job_are_not_shown(shop: Shop) -> None:
    shop.issue(CARD)
    shop.ok(CARD, [(2, 5000)])
    shop.pass_time(days=366)
    (seen,) = look(shop, str(CARD))
    bonus = next(a for a in seen.accounts if a.account.account_type_id == BONUS)
    assert bonus.account.balance == 5000
    assert bonus.figures.shown == 0


def test_long_numbers_and_texts_are_carriers(shop: Shop) -> None:
    shop.issue(CARD, carrier_data="9" * 25)
    (seen,) = look(shop, "9" * 25)
    assert seen.card.card_code == CARD
    with pytest.raises(AppError) as caught:
        look(shop, "8" * 40)
    assert caught.value.code is ErrorCode.CARD_NOT_FOUND


def test_unknown_codes_are_left_out_where_several_are_asked(shop: Shop) -> None:
    shop.issue(CARD)
    found = look(shop, "1", str(CARD), "x", skip_unknown=True)
    assert [seen.card.card_code for seen in found] == [CARD]


def test_contacts_and_counts_only_where_asked(shop: Shop) -> None:
    add_contact(shop, shop.issue(CARD), "79000000012")
    (plain,) = look(shop, str(CARD))
    (full,) = look(shop, str(CARD), contacts=True, counts=True)
    assert plain.person is not None
    assert full.person is not None
    assert (plain.person.contacts, plain.person.cards_count) == ([], 0)
    assert len(full.person.contacts) == 1
    assert (full.person.cards_count, full.person.contacts_count) == (1, 1)


def test_the_best_rate_is_of_an_account_that_can_be_used(shop: Shop) -> None:
    holder = shop.issue(CARD)
    (seen,) = look(shop, str(CARD))
    classes = {1: CLASS_BONUS, 2: CLASS_DISCOUNT, 3: DEBIT, 5: 5}
    rate = best_rate(seen.accounts, CLASS_DISCOUNT, classes)
    assert rate.rate_bp >= 0
    for account in seen.accounts:
        account.account.state = 2
    assert best_rate(seen.accounts, CLASS_DISCOUNT, classes) == NO_RATE
    assert holder == seen.card.holder_id
