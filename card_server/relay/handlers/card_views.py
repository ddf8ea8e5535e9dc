"""A card as a caller sees it (crm-xml.md 7.3)."""

from __future__ import annotations

from card_server.cards.records import KIND_VIRTUAL, Card
from card_server.relay.crm_xml_writer import CardView
from card_server.relay.handlers.context import Context


def card_view(one: Card, context: Context) -> CardView:
    """The card itself, with the name of its group."""
    return CardView(
        code=str(one.card_code),
        state=one.state,
        valid_from=one.valid_from,
        valid_to=one.valid_to,
        group_id=one.group_id,
        group_name=context.rules.card_groups.get(one.group_id or 0, ""),
        holder_id=one.holder_id,
        owner_id=one.owner_holder_id,
        carrier=one.carrier_data or "",
        is_virtual=one.kind == KIND_VIRTUAL,
        confirm_manager=one.confirm_manager,
    )
