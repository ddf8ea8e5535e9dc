"""Closing the books of a division up to a day, and opening them again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from shared.i18n.texts import tr
from shared.ui.dialogs import ask_form
from shared.ui.fields import DayField, TextField
from shared.ui.form import Section
from shared.ui.page import Deed, Page
from shared.wire.divisions import CloseBooks, Division

TITLE = tr("Закрыть период", "Close the period")
TEXT = tr(
    "«{name}»: по этот день включительно ничего нельзя будет провести. Пусто: период открыт.",
    '"{name}": nothing can be booked up to and including this day. Empty: the period is open.',
)
DONE = tr("Период изменён", "The period was changed")
SECTIONS: Final = (
    Section(
        None,
        (
            DayField(name="until", label=tr("По день", "Until the day")),
            TextField(name="reason", label=tr("Причина", "Reason"), needed=True, longest=255),
        ),
    ),
)


async def close_books(page: Page, chosen: Sequence[Division]) -> None:
    """Set or lift the day."""
    one = chosen[0]

    async def submit(values: dict[str, Any], operation_id: str) -> None:
        await page.workplace.ask(
            CloseBooks(
                operation_id=operation_id,
                division_id=one.division_id,
                version=one.version,
                until=values["until"],
                reason=values["reason"],
            )
        )
        page.workplace.say(DONE)

    begin = {"until": one.books_closed_until}
    text = TEXT.of(name=one.name)
    await ask_form(page.workplace, page, TITLE, SECTIONS, submit, values=begin, text=text)


DEEDS: Final = (
    Deed(
        code="close_books",
        text=tr("Закрыть период…", "Close the period…"),
        run=close_books,
        needs="one",
        right="books.close",
    ),
)
