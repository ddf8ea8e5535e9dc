"""What the health page counts: lines left out, sales without what was spent (domain 3.2, 3.4)."""

from __future__ import annotations

from typing import Any

from tests.helpers.office import Office
from tests.helpers.shop import BONUS, DEBIT, SPENT

PAY, DISCOUNTED, EARN, SPEND = 0, 1, 2, 3


def counted(office: Office) -> tuple[int, int]:
    """Lines not booked, sales without spent."""
    counts = office.pipeline.counts
    return counts.lines_not_booked, counts.sales_without_spent


def post(office: Office, lines: list[tuple[int, int]], chmode: int = 1, **facts: Any) -> Any:
    """One call through the pipeline."""
    return office.desk.book(office.shop.call(1, lines, chmode, **facts))


def test_a_line_without_its_right_is_left_out_and_counted(office: Office) -> None:
    office.shop.issue(1)
    assert post(office, [(EARN, 5_00), (SPEND, 100_00)]).error is None
    assert counted(office) == (0, 0)
    office.shop.link(BONUS, credit_allowed=False)
    office.shop.link(SPENT, credit_allowed=False)
    assert post(office, [(EARN, 5_00), (SPEND, 100_00)], order_guid="a").error is None
    assert counted(office) == (2, 1)


def test_a_repeat_is_not_counted_again(office: Office) -> None:
    office.shop.issue(1)
    office.shop.link(BONUS, credit_allowed=False)
    call = office.shop.call(1, [(EARN, 5_00), (SPEND, 100_00)])
    office.desk.book(call)
    office.desk.book(call)
    assert counted(office) == (1, 0)


def test_a_sale_of_which_nobody_told_what_was_spent_is_counted(office: Office) -> None:
    guest = office.shop.issue(1)
    office.shop.grant(guest, DEBIT, 100_00)
    assert post(office, [(PAY, -10_00)]).error is None
    assert counted(office) == (0, 1)


def test_a_refused_call_counts_nothing(office: Office) -> None:
    office.shop.issue(1)
    office.shop.link(BONUS, credit_allowed=False)
    assert post(office, [(EARN, 5_00), (PAY, -10_00)]).error is not None
    assert counted(office) == (0, 0)


def test_a_top_up_is_no_sale_without_spent(office: Office) -> None:
    office.shop.issue(1)
    assert post(office, [(PAY, 50_00)]).error is None
    assert counted(office) == (0, 0)
