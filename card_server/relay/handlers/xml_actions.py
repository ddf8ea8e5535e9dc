"""The table of actions of the XML API."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from card_server.relay.access import setting
from card_server.relay.crm_xml_reader import Envelope
from card_server.relay.handlers import (
    xml_authorization,
    xml_cards,
    xml_coupons,
    xml_dictionaries,
    xml_enrolling,
    xml_holders,
    xml_search,
    xml_sign_in,
    xml_states,
    xml_transaction_lists,
    xml_transactions,
)
from card_server.relay.handlers.context import Context, Done
from shared.settings.wire import API_ACTIONS_OFF
from shared.wire.errors import AppError, ErrorCode

Handler = Callable[[Envelope, Context, Done], None]

ACTIONS: Final[dict[str, Handler]] = {
    "get card info": partial(xml_cards.get_cards, several=False),
    "get cards info": partial(xml_cards.get_cards, several=True),
    "transaction": xml_transactions.transaction,
    "get transactions info": xml_transaction_lists.get_transactions,
    "get holder info": xml_holders.get_holder,
    "add holders": xml_enrolling.add_holders,
    "edit holders": xml_enrolling.edit_holders,
    "search holders": xml_search.search,
    "login": xml_sign_in.login,
    "registration": xml_sign_in.registration,
    "authorization": xml_authorization.authorization,
    "search holders 2": xml_search.search,
    "get accounts types info": xml_dictionaries.accounts_types,
    "get contacts types info": xml_dictionaries.contacts_types,
    "get addresses types info": xml_dictionaries.addresses_types,
    "get coupons types info": xml_coupons.coupons_types,
    "get coupon info": xml_coupons.get_coupon,
    "add coupons": xml_coupons.add_coupons,
    "coupon active": xml_coupons.activate,
    "card active": partial(xml_states.card_state, wanted=1),
    "card inactive": partial(xml_states.card_state, wanted=2),
    "card block": partial(xml_states.card_state, wanted=4),
    "account block": partial(xml_states.account_state, wanted=2),
    "account active": partial(xml_states.account_state, wanted=1),
}
"""Action in lower case -> what answers it."""


def act(envelope: Envelope, context: Context, done: Done) -> None:
    """Answer a message by its action."""
    handler = ACTIONS.get(envelope.action)
    if handler is None:
        raise AppError(ErrorCode.UNKNOWN_ACTION, action=envelope.root.get("Action").strip())
    off = setting(context.rules, context.classifier, API_ACTIONS_OFF)
    if off and envelope.action in {word.strip().lower() for word in off.split(",")}:
        raise AppError(ErrorCode.ACTION_OFF)
    handler(envelope, context, done)
