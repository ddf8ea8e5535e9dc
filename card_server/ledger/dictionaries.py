"""Reasons of operations by hand as a declaration (domain 1.7, 6.1)."""

from __future__ import annotations

from typing import Final

from card_server.dictionaries.editor import Editor
from card_server.http.routes import Route
from card_server.ledger import tables
from shared.wire import dictionaries as wire

REASONS: Final = Editor(
    table=tables.reason,
    record=wire.Reason,
    ranges={"applies_to": (0, (1 << 31) - 1)},
    used_by=("operation.reason_id",),
)

ROUTES: Final[tuple[Route, ...]] = REASONS.routes(
    wire.ListReasons,
    wire.GetReason,
    wire.AddReason,
    wire.EditReason,
    wire.DeleteReason,
)
