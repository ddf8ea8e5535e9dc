"""The judge of the fault programs sees every way in which a server may fail a till."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

import pytest

from tests.faults.judging import Store, after_the_crash, after_the_resend, once_everything_is_told
from tests.faults.tills import RETURN, SALE, SALE_BACK, Clock, Journal, Sent, call

YES, NO = b'<Result="0"/>'.replace(b"<", b"< "), b'< Result="1" SAC-9404/>'
LATER = b'< Result="1" ErrorCode="SAC-9420"/>'
CARD = 10100


def _store(spent: int = 0, **accepted: int) -> Store:
    store = Store.__new__(Store)
    store.accepted = Counter(accepted)
    store.entries = defaultdict(int, {key: 2 * count for key, count in accepted.items()})
    store.spent, store.holders = {CARD: spent}, {CARD: 1}
    return store


def _call(chmode: int, *answers: bytes, amount: int = 1000) -> Sent:
    sent = call(Clock(), "order", chmode, CARD, [(2, amount // 10), (3, amount)])
    sent.answers = list(answers)
    return sent


def _journal(*calls: Sent) -> Journal:
    journal = Journal()
    for sent in calls:
        journal.add(sent)
    return journal


@pytest.mark.parametrize(
    ("answers", "booked", "fault"),
    [
        ([YES], 1, None),
        ([YES, YES], 1, None),
        ([YES], 0, "acknowledged, booked 0 times"),
        ([YES], 2, "acknowledged, booked 2 times"),
        ([NO], 0, None),
        ([NO], 1, "refused, but booked"),
        ([], 0, None),
        ([], 1, None),
        ([], 2, "unanswered, booked 2 times"),
        ([YES, NO], 1, "answered differently"),
    ],
)
def test_after_a_crash(answers: list[bytes], booked: int, fault: str | None) -> None:
    sent = _call(SALE, *answers)
    store = _store(**{sent.key: booked}) if booked else _store()
    wrong = after_the_crash(_journal(sent), store)
    assert (not wrong) if fault is None else any(fault in one for one in wrong), wrong


def test_an_acknowledged_sale_without_entries_is_seen() -> None:
    sent = _call(SALE, YES)
    store = _store(**{sent.key: 1})
    store.entries.clear()
    assert "without entries" in after_the_crash(_journal(sent), store)[0]


@pytest.mark.parametrize(
    ("before", "first", "second", "fault"),
    [
        ([YES], YES, YES, None),
        ([], YES, YES, None),
        ([], NO, NO, None),
        ([YES], NO, NO, "another answer than before"),
        ([YES], YES, NO, "two answers"),
        ([YES], None, YES, "no answer"),
    ],
)
def test_after_everything_was_sent_again(
    before: list[bytes], first: Any, second: Any, fault: str | None
) -> None:
    sent = _call(SALE, *before)
    wrong = after_the_resend(_journal(sent), [sent], [first], [second])
    assert (not wrong) if fault is None else any(fault in one for one in wrong), wrong


def test_a_sale_that_stands_again_after_its_roll_back_is_seen() -> None:
    sale, back = _call(SALE, YES), _call(SALE_BACK, YES)
    journal = _journal(sale, back)
    good = after_the_resend(journal, [sale, back], [LATER, YES], [LATER, YES])
    assert good == []
    bad = after_the_resend(journal, [sale, back], [YES, YES], [YES, YES])
    assert "stands again" in bad[0]


def test_money_that_is_lost_or_doubled_is_seen() -> None:
    sale, back = _call(SALE, YES), _call(RETURN, YES, amount=-400)
    journal = _journal(sale, back)
    assert once_everything_is_told(journal, _store(), _store(600), [CARD]) == []
    assert once_everything_is_told(journal, _store(), _store(1000), [CARD]) != []
    undone = _journal(_call(SALE, YES), _call(SALE_BACK, YES))
    assert once_everything_is_told(undone, _store(), _store(0), [CARD]) == []
    assert once_everything_is_told(undone, _store(), _store(1000), [CARD]) != []
