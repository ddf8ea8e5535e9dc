"""Requests about reports and what answers them."""

from __future__ import annotations

from typing import Final

from card_server.http.routes import Route, flow, question
from card_server.reports import coupon_codes, service
from shared.wire import coupons
from shared.wire import reports as wire

ROUTES: Final[tuple[Route, ...]] = (
    question(wire.ListReports, service.list_reports),
    question(wire.RunReport, service.run_report),
    question(wire.ExportReport, service.export_report),
    flow(coupons.ExportRelease, coupon_codes.export_release),
)
