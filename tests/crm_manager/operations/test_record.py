"""One operation: balanced entries, lots, why its numbers are what they are, what reversed it."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from card_server.ledger import tables
from crm_manager.operations.why import sentences
from shared.wire.operations import Explanation
from tests.helpers.office import Office
from tests.helpers.shop import BONUS
from tests.helpers.windows import Window, open_window

EARN, PAY, SPENT = 2, 0, 3


def sale(office: Office, *lines: tuple[int, int]) -> int:
    """A guest's sale at the till; the operation's id."""
    office.shop.ok(1001, list(lines))
    return int(max(row.operation_id for row in office.shop.rows(tables.operation)))


def shown(page: object) -> str:
    """The sentences under Why."""
    layout = page.why  # type: ignore[attr-defined] # of the page of an operation
    return "\n".join(layout.itemAt(i).widget().text() for i in range(layout.count()))


def test_a_sale_is_shown_as_balanced_entries_with_its_lot(window: Window) -> None:
    office = window.office
    holder_id = office.shop.issue(1001, name="Иванова Мария")
    operation_id = sale(office, (EARN, 5000), (SPENT, 100_000))
    page = window.record("operation", operation_id)
    assert "Продажа" in page.name.text()
    guest, house = window.texts(page.entries, "amount"), window.texts(page.entries, "house_amount")
    assert [one.lstrip("\N{MINUS SIGN}") for one in guest] == [
        one.lstrip("\N{MINUS SIGN}") for one in house
    ]
    assert "50,00" in guest
    assert page.lots.model.rowCount() == 1
    assert "Суммы прислала касса" in shown(page)
    window.picture("operation")
    page._open_holder()
    assert window.page.key == holder_id  # type: ignore[attr-defined] # the page of a guest


def test_a_refused_sale_says_why(window: Window) -> None:
    office = window.office
    office.shop.issue(1001)
    office.shop.till(1001, [(PAY, -5000)])
    operation_id = max(row.operation_id for row in office.shop.rows(tables.operation))
    page = window.record("operation", operation_id)
    assert page.state.text() == "Отказ"
    assert page.refusal.isVisible()
    assert page.refusal.text()


def test_a_guests_operations_open_by_enter(window: Window) -> None:
    office = window.office
    holder_id = office.shop.issue(1001)
    office.shop.grant(holder_id, BONUS, 10_000)
    operation_id = sale(office, (PAY, -5000))
    page = window.record("holder", holder_id)
    page.tabs.setCurrentIndex(4)
    window.settle()
    assert window.texts(page.operations, "operation_id")[0] == str(operation_id)
    page.operations.table.opened.emit(page.operations.model.record(0))
    window.settle()
    assert window.page.key == operation_id  # type: ignore[attr-defined] # of an operation


def test_without_the_right_the_explanation_names_it(qtbot: QtBot, office: Office) -> None:
    office.shop.issue(1001)
    operation_id = sale(office, (SPENT, 100_000))
    office.add_user("зритель", "operation.view", "holder.view")
    with open_window(qtbot, office, login="зритель") as window:
        page = window.record("operation", operation_id)
        assert "trace.view" in shown(page)


@pytest.mark.parametrize(
    ("trace", "part"),
    [
        ({"rate": {"bp": 300, "code": 1, "source": 2, "param": 7}}, "3\N{NO-BREAK SPACE}%"),
        ({"rate": {"bp": 0, "code": 0, "source": None, "param": None}}, "схемы нет"),
        (
            {
                "rate": {"bp": 300, "code": 1, "source": 3, "param": None},
                "rounding": {"base": 77865, "k": 10000, "result": 2336},
            },
            "Начислено 23,36",
        ),
        ({"warnings": [{"what": "forgiven", "amount": 500, "receivable": 0}]}, "прощено 5,00"),
        (
            {"warnings": [{"what": "line not booked", "kind": 1, "amount": 5, "why": "BUSY"}]},
            "скидка",
        ),
        ({"warnings": [{"what": "something new", "count": 3}]}, "something new (count: 3)"),
        ({"warnings": [{"what": "line not booked"}]}, "—"),
        ({"hold_until": "2026-03-02"}, "2026-03-02"),
        (
            {
                "refund": {
                    "lines": [
                        {
                            "entry": 5,
                            "asked": 100,
                            "taken": 50,
                            "burnt": 0,
                            "forgiven": 50,
                            "receivable": 0,
                        }
                    ]
                }
            },
            "проводки № 5",
        ),
    ],
)
def test_every_part_of_a_trace_is_a_sentence(trace: dict[str, object], part: str) -> None:
    found = Explanation(operation_id=1, rule_version=1, trace=trace, was_traced=True)
    assert part in "\n".join(sentences(found, []))


def test_a_trace_that_was_removed_and_one_that_never_was_are_told_apart() -> None:
    gone = Explanation(operation_id=1, rule_version=1, trace=None, was_traced=True)
    none = Explanation(operation_id=1, rule_version=1, trace=None, was_traced=False)
    assert sentences(gone, []) != sentences(none, [])
