"""Requests about campaigns and stacking groups, and what answers them."""

from __future__ import annotations

from typing import Final

from card_server.campaigns import service
from card_server.http.routes import Route, edit, question
from shared.wire import campaigns as wire

ROUTES: Final[tuple[Route, ...]] = (
    *service.GROUPS.routes(
        wire.ListStackingGroups,
        wire.GetStackingGroup,
        wire.AddStackingGroup,
        wire.EditStackingGroup,
        wire.DeleteStackingGroup,
    ),
    *service.CAMPAIGNS.routes(
        wire.ListCampaigns,
        wire.GetCampaign,
        wire.AddCampaign,
        wire.EditCampaign,
        wire.DeleteCampaign,
    ),
    edit(wire.CloneCampaign, service.clone, changes_rules=True),
    question(wire.TryCampaign, service.attempt),
)
