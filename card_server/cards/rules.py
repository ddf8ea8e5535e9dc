"""May this card pay and earn? (domain 2.1)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from card_server.cards.records import (
    CARD_BLOCKED,
    CARD_INACTIVE,
    CARD_VOIDED,
    Card,
)
from card_server.classifiers.records import Classifier
from shared.wire.errors import AppError, ErrorCode


def find_card(cards: Mapping[int, Card], code: int) -> Card:
    """The card, or the refusal that names its code."""
    card = cards.get(code)
    if card is None:
        raise AppError(ErrorCode.CARD_NOT_FOUND, card=code, code=code)
    return card


def check_usable(
    card: Card, day: date, classifier: Classifier, served_at: frozenset[int] | None
) -> int:
    """The holder of a card that may pay and earn on that business day; else the refusal."""
    code = card.card_code
    if card.state == CARD_VOIDED:
        raise AppError(ErrorCode.CARD_DELETED, card=code, code=code)
    if card.state == CARD_BLOCKED:
        raise AppError(ErrorCode.CARD_BLOCKED, card=code, reason=card.block_reason or "")
    if card.state == CARD_INACTIVE:
        raise AppError(ErrorCode.CARD_INACTIVE, card=code)
    if card.valid_to is not None and card.valid_to < day:
        raise AppError(ErrorCode.CARD_EXPIRED, card=code, date=card.valid_to.isoformat())
    if card.valid_from is not None and card.valid_from > day:
        raise AppError(ErrorCode.CARD_NOT_YET, card=code, date=card.valid_from.isoformat())
    if served_at is not None and classifier.classifier_id not in served_at:
        raise AppError(ErrorCode.CARD_CLASSIFIER, card=code, name=classifier.name)
    return holder_of(card)


def holder_of(card: Card) -> int:
    """The holder a card is bound to."""
    if card.holder_id is None:
        raise AppError(ErrorCode.CARD_UNBOUND, card=card.card_code)
    return card.holder_id
