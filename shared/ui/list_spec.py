"""What a list declares: the question, the columns, filters, search, deeds, and its empty state."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from shared.i18n.texts import Text, tr
from shared.ui.column import Column
from shared.ui.filters import Filter
from shared.ui.page import Deed
from shared.wire.base import ListQuery, Sort

SEARCH = tr("Поиск  (Ctrl+F)", "Search  (Ctrl+F)")
EMPTY = tr("Здесь пока пусто", "Nothing is here yet")
EMPTY_WHY = tr("Записи появятся, как только их добавят.", "Rows appear once added.")


@dataclass(frozen=True, kw_only=True)
class ListSpec:
    """A list that is declared."""

    code: str
    title: Text
    query: ListQuery[Any]
    columns: tuple[Column, ...]
    key: Callable[[Any], Any]
    """The key of a record."""
    right: str = ""
    tables: frozenset[str] = frozenset()
    """Tables of the change feed that the list is made of."""
    is_live: Callable[[Any], bool] | None = None
    """Of an operation's note: the list shows something of it."""
    filters: tuple[Filter, ...] = ()
    sort: Sort | None = None
    search: Callable[[Any, str], Awaitable[tuple[Sequence[Any], bool]]] | None = None
    """`await search(page, text)`: records that were found, and whether there are more."""
    search_hint: Text = SEARCH
    empty: Text = EMPTY
    empty_why: Text = EMPTY_WHY
    deeds: tuple[Deed, ...] = ()
    opens: Callable[[Any, Any], object] | None = None
    """`opens(page, record)`: Enter and double click."""
