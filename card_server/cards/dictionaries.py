"""Groups of cards as a declaration (domain 1.3, 1.4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Connection

from card_server.cards import tables
from card_server.dictionaries.editor import Editor
from card_server.holders.groups import defaults_of_group, next_group_id, write_defaults
from card_server.http.routes import Route
from shared.wire import groups as wire


def _show(connection: Connection, row: Mapping[str, Any]) -> wire.CardGroup:
    defaults = defaults_of_group(connection, row["group_id"])
    return wire.CardGroup(row=CARD_GROUPS.record_of(row), defaults=defaults)


CARD_GROUPS: Final = Editor(
    table=tables.card_group,
    record=wire.CardGroupRow,
    tree="parent_id",
    used_by=("card_group.parent_id", "card_range.card_group_id", "card.group_id"),
    new_id=next_group_id,
    links=write_defaults,
    show=_show,
)

ROUTES: Final[tuple[Route, ...]] = CARD_GROUPS.routes(
    wire.ListCardGroups,
    wire.GetCardGroup,
    wire.AddCardGroup,
    wire.EditCardGroup,
    wire.DeleteCardGroup,
)
