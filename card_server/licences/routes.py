"""Requests about licences and what answers them."""

from __future__ import annotations

from typing import Final

from card_server.http.routes import Route, edit, question
from card_server.licences import service
from shared.wire import licences as wire

ROUTES: Final[tuple[Route, ...]] = (
    question(wire.ListLicences, service.list_licences),
    question(wire.GetLicensing, service.get_licensing),
    edit(wire.LoadLicence, service.load_licence, prepare=service.read_file),
)
