"""The list of cards."""

from __future__ import annotations

from typing import Any, Final

from crm_manager.cards.actions import DEEDS, LARGEST_CODE
from crm_manager.cards.columns import CARDS
from crm_manager.naming import CARD_GROUPS, CARD_RANGES
from crm_manager.words import CARD_KINDS, CARD_STATES, plain
from shared.i18n.formats import read_number
from shared.i18n.texts import tr
from shared.ui.filters import ChoiceFilter, NameFilter, PeriodFilter
from shared.ui.list_page import ListPage
from shared.ui.list_spec import ListSpec
from shared.ui.shell import Shell
from shared.wire.base import Condition
from shared.wire.cards import CardRow, ListCards
from shared.wire.holders import SearchHolders


async def search(page: Any, text: str) -> tuple[list[CardRow], bool]:
    """Cards by their number, or those of the guests that the search finds."""
    code = read_number(text)
    place = page.workplace
    if code is not None and 0 < code < LARGEST_CODE:
        exact = Condition(field="card_code", value=code)
        found = await place.ask(ListCards(where=[exact]))
        if found.rows:
            return found.rows, False
    guests = await place.ask(SearchHolders(text=text, limit=50))
    ids: list[str | int] = [one.row.holder_id for one in guests.holders]
    if not ids:
        return [], False
    theirs = Condition(field="holder_id", operator="in", value=ids)
    cards = await place.ask(ListCards(where=[theirs], limit=500))
    return cards.rows, guests.more or cards.next is not None


def open_card(page: Any, row: CardRow) -> None:
    """The page of the card's guest; there is no other page of a card yet."""
    if row.holder_id is not None:
        page.shell.open_record("holder", row.holder_id)


SPEC: Final = ListSpec(
    code="cards",
    title=tr("Карты", "Cards"),
    query=ListCards(),
    columns=CARDS,
    key=lambda row: row.card_code,
    right="holder.view",
    tables=frozenset({"card"}),
    search=search,
    search_hint=tr("Номер карты, имя, телефон", "Card number, name, phone"),
    filters=(
        ChoiceFilter(name="state", label=tr("Состояние", "State"), choices=plain(CARD_STATES)),
        NameFilter(name="group_id", label=tr("Группа", "Group"), dictionary=CARD_GROUPS),
        ChoiceFilter(name="kind", label=tr("Вид", "Kind"), choices=plain(CARD_KINDS)),
        NameFilter(name="range_id", label=tr("Диапазон", "Range"), dictionary=CARD_RANGES),
        PeriodFilter(name="valid_to", label=tr("Срок", "Valid until")),
    ),
    empty=tr("Карт пока нет", "No cards yet"),
    empty_why=tr(
        "Карты появляются, когда их выпускают из диапазона или загружают из файла.",
        "Cards appear when they are issued from a range or imported from a file.",
    ),
    deeds=DEEDS,
    opens=open_card,
)


def make(shell: Shell) -> ListPage:
    """The page."""
    return ListPage(shell, SPEC)
