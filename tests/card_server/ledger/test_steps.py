"""Driving a group: it hears how each piece of work ended, and says when it is over."""

from __future__ import annotations

import json

import pytest

from card_server.ledger.steps import Steps, advance, tried


def test_a_piece_of_work_ends_well_or_with_its_error() -> None:
    assert tried([].clear) is None
    assert isinstance(tried(lambda: json.loads("{")), ValueError)


def test_the_group_hears_of_each_failure_and_may_go_on() -> None:
    heard: list[str] = []

    def steps() -> Steps:
        try:
            yield lambda: heard.append("first")
        except OSError as error:
            heard.append(str(error))
        yield lambda: heard.append("second")

    group = steps()
    work = advance(group, None)
    assert work is not None
    work = advance(group, OSError("full"))
    assert work is not None
    work()
    assert advance(group, None) is None
    assert heard == ["full", "second"]


def test_what_the_group_does_not_expect_comes_out() -> None:
    def steps() -> Steps:
        yield lambda: None

    group = steps()
    advance(group, None)
    with pytest.raises(OSError, match="full"):
        advance(group, OSError("full"))
