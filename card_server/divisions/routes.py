"""Requests about divisions and units and what answers them."""

from __future__ import annotations

from typing import Final

from card_server.divisions import app_servers, service, settings
from card_server.http.routes import Route, edit, question
from shared.wire import app_servers as app_wire
from shared.wire import divisions as wire
from shared.wire import settings as settings_wire

ROUTES: Final[tuple[Route, ...]] = (
    question(wire.ListDivisions, service.list_divisions),
    question(wire.ListUnits, service.list_units),
    question(wire.GetUnit, service.get_unit),
    edit(wire.AddUnit, service.add_unit, changes_rules=True),
    edit(wire.EditUnit, service.edit_unit, present=service.present_unit, changes_rules=True),
    edit(wire.DeleteUnit, service.delete_unit, present=service.present_unit, changes_rules=True),
    edit(wire.AddDivision, service.add_division, changes_rules=True),
    edit(
        wire.EditDivision,
        service.edit_division,
        present=service.present_division,
        changes_rules=True,
    ),
    edit(
        wire.CloseBooks,
        service.close_books,
        present=service.present_division,
        changes_rules=True,
    ),
    question(settings_wire.GetSettings, settings.get_settings),
    edit(
        settings_wire.EditSettings,
        settings.edit_settings,
        present=settings.get_settings,
        changes_rules=True,
    ),
    question(app_wire.GetAppServer, app_servers.get_app_server),
    edit(app_wire.RegisterAppServer, app_servers.register),
    edit(app_wire.CancelAppServer, app_servers.cancel),
)
