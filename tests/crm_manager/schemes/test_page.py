"""Schemes: a base rate, and another by a time set."""

from __future__ import annotations

from shared.wire.programs import AddTimeSet, GetScheme, ListSchemes, PeriodFields, TimeSetFields
from tests.helpers.office import new_operation_id
from tests.helpers.windows import Window


def test_a_scheme_is_added_with_a_rate_by_time(window: Window) -> None:
    asked = AddTimeSet(
        operation_id=new_operation_id(),
        fields=TimeSetFields(name="Суббота и воскресенье"),
        periods=[PeriodFields(weekdays=96)],
    )
    weekend = window.office.ask(asked).key
    page = window.list_page("schemes")
    window.press(page, "add")
    dialog = window.dialog()
    window.settle()
    dialog.editor.form.fill({"name": "Гостевая", "base_rate": 500, "limit_amount": 1000_00})
    shown = dialog.editor.form._cells["params"].shown
    shown.add()
    window.settle()
    window.save(time_id=weekend, rate=1000, priority=2)
    window.settle()
    drawn = [(span, rate) for span, rate, _ in shown.drawing.bars()]
    assert drawn == [((5, 0, 1440), 1000), ((6, 0, 1440), 1000)]
    window.picture("scheme_new", dialog)
    dialog.editor.save()
    window.expect("Сохранено")
    window.until(lambda: "Гостевая" in window.texts(page, "name"))
    (row,) = [one for one in window.office.ask(ListSchemes()).rows if one.name == "Гостевая"]
    made = window.office.ask(GetScheme(key=row.scheme_id))
    assert (row.base_rate, row.limit_amount) == (500, 100_000)
    assert [(one.time_id, one.rate, one.priority) for one in made.params] == [(weekend, 1000, 2)]
