"""Requests about cards, and about guests where cards take part, and what answers them."""

from __future__ import annotations

from typing import Final

from card_server.cards import batches, card_reading, guests, ranges, states
from card_server.cards import details as card_details
from card_server.http.routes import Route, edit, flow, question
from shared.wire import card_batches, details, holders
from shared.wire import cards as wire

ROUTES: Final[tuple[Route, ...]] = (
    question(wire.ListCards, card_reading.list_cards),
    question(wire.GetCard, card_reading.get_card),
    edit(wire.ActivateCard, states.activate, present=card_reading.present_card),
    edit(wire.DeactivateCard, states.deactivate, present=card_reading.present_card),
    edit(wire.BlockCard, states.block, present=card_reading.present_card),
    edit(wire.UnblockCard, states.unblock, present=card_reading.present_card),
    edit(wire.VoidCard, states.void, present=card_reading.present_card),
    edit(wire.ReplaceCard, states.replace, present=card_reading.present_card),
    edit(wire.BindCard, states.bind, present=card_reading.present_card),
    edit(wire.UnbindCard, states.unbind, present=card_reading.present_card),
    edit(wire.SetCardLimits, states.set_limits, present=card_reading.present_card),
    edit(
        details.SetCardPin,
        card_details.set_pin,
        prepare=card_details.hash_of_pin,
        present=card_reading.present_card,
    ),
    edit(
        details.SetCardProperties,
        card_details.set_card_properties,
        present=card_reading.present_card,
    ),
    question(wire.ListCardRanges, card_reading.list_ranges),
    edit(wire.AddCardRange, ranges.add),
    edit(wire.EditCardRange, ranges.edit, present=card_reading.present_range),
    edit(wire.DeleteCardRange, ranges.delete, present=card_reading.present_range),
    question(card_batches.CheckIssue, batches.check_issue),
    edit(card_batches.IssueRange, batches.issue_range),
    edit(card_batches.UndoIssue, batches.undo_issue),
    flow(holders.SearchHolders, guests.search_holders),
    edit(holders.AddHolder, guests.add_holder),
)
