"""Requests about account types, schemes and time sets, and what answers them."""

from __future__ import annotations

from typing import Final

from card_server.http.routes import Route
from card_server.schemes import service
from shared.wire import programs as wire

ROUTES: Final[tuple[Route, ...]] = (
    *service.TYPES.routes(
        wire.ListAccountTypes,
        wire.GetAccountType,
        wire.AddAccountType,
        wire.EditAccountType,
        wire.DeleteAccountType,
    ),
    *service.SCHEMES.routes(
        wire.ListSchemes,
        wire.GetScheme,
        wire.AddScheme,
        wire.EditScheme,
        wire.DeleteScheme,
    ),
    *service.TIME_SETS.routes(
        wire.ListTimeSets,
        wire.GetTimeSet,
        wire.AddTimeSet,
        wire.EditTimeSet,
        wire.DeleteTimeSet,
    ),
)
