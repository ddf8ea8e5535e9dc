"""What can be done to guests: errands that ask the server."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, Final

from crm_manager.holders.editor import NEW, add_command
from crm_manager.naming import DIVISIONS
from shared.client.client import new_operation_id
from shared.i18n.formats import phone
from shared.i18n.texts import tr
from shared.ui.dialogs import ask_form
from shared.ui.fields import TextField
from shared.ui.form import Section
from shared.ui.page import Page
from shared.ui.palette import Entry, Finder
from shared.ui.shell import Shell
from shared.wire.holders import (
    DeleteHolder,
    FoundHolder,
    HolderRow,
    RestoreHolder,
    SearchHolders,
)

ADD = tr("Новый гость", "New guest")
ADDED = tr("Гость добавлен", "The guest was added")
DELETE = tr("Удалить гостя?", "Delete the guest?")
DELETE_WHY = tr(
    "Карты и счета остаются как есть. Гостя можно восстановить: фильтр «удалённые».",
    'Cards and accounts stay as they are. The guest can be restored: filter "deleted".',
)
DELETE_YES = tr("Удалить", "Delete")
DELETED = tr("Гость удалён", "The guest was deleted")
RESTORED = tr("Гость восстановлен", "The guest was restored")
REASON = tr("Причина", "Reason")
MOST_FOUND: Final = 100
REASON_FIELD: Final = TextField(name="reason", label=REASON, needed=True, longest=255)


async def add(page: Page, _: Sequence[HolderRow]) -> None:
    """A new guest; his page opens."""
    place = page.workplace
    divisions = await place.names.load(DIVISIONS)

    async def submit(values: dict[str, Any], operation_id: str) -> int:
        made = await place.ask(add_command(operation_id, values))
        return made.key

    first = min(divisions, default=None)
    key = await ask_form(place, page, ADD, NEW, submit, values={"division_id": first})
    if key is not None:
        place.say(ADDED)
        page.shell.open_record("holder", key)


async def delete(page: Page, rows: Sequence[HolderRow]) -> bool:
    """Mark guests as deleted, with a reason."""
    place = page.workplace

    async def submit(values: dict[str, Any], _: str) -> None:
        for row in rows:
            await place.ask(
                DeleteHolder(
                    operation_id=new_operation_id(),
                    holder_id=row.holder_id,
                    version=row.version,
                    reason=values["reason"],
                )
            )

    done = await ask_form(
        place,
        page,
        DELETE,
        (Section(None, (REASON_FIELD,)),),
        submit,
        main=DELETE_YES,
        text="\n".join(
            [*(row.full_name or str(row.pos_number) for row in rows[:8]), str(DELETE_WHY)]
        ),
        is_danger=True,
    )
    if done:
        place.say(DELETED)
    return bool(done)


async def restore(page: Page, rows: Sequence[HolderRow]) -> None:
    """Take the marks back."""
    for row in rows:
        await page.workplace.ask(
            RestoreHolder(
                operation_id=new_operation_id(), holder_id=row.holder_id, version=row.version
            )
        )
    page.workplace.say(RESTORED)


async def search(page: Page, text: str) -> tuple[list[HolderRow], bool]:
    """Guests by phone, e-mail, card or the beginning of a name."""
    found = await page.workplace.ask(SearchHolders(text=text, limit=MOST_FOUND))
    return [one.row for one in found.holders], found.more


def finder(shell: Shell) -> Finder:
    """Guests in the palette."""

    async def find(text: str) -> Sequence[Entry]:
        if not shell.workplace.may("holder.view"):
            return []
        found = await shell.workplace.ask(SearchHolders(text=text, limit=8))
        return [_entry(shell, one) for one in found.holders]

    return find


def _entry(shell: Shell, found: FoundHolder) -> Entry:
    row = found.row
    hint = [*(phone(value) for value in found.contacts[:1]), *map(str, found.cards[:1])]
    return Entry(
        row.full_name or f"№ {row.pos_number}",
        partial(shell.open_record, "holder", row.holder_id),
        "   ".join(hint),
        "person",
    )
