"""The lists of groups of guests and of cards."""

from __future__ import annotations

from typing import Final

from crm_manager.declaring import list_of, maker
from crm_manager.groups.editor import CARD_EDITOR, CARD_GROUP, HOLDER_EDITOR, HOLDER_GROUP

HOLDERS: Final = list_of(HOLDER_GROUP, HOLDER_EDITOR, "holder_groups")
CARDS: Final = list_of(CARD_GROUP, CARD_EDITOR, "card_groups")
make_holders = maker(HOLDERS)
make_cards = maker(CARDS)
