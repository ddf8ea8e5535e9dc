"""The list of card ranges."""

from __future__ import annotations

from typing import Final

from crm_manager.card_ranges.editor import SPEC as EDITOR
from crm_manager.card_ranges.editor import SUBJECT
from crm_manager.declaring import list_of, maker

SPEC: Final = list_of(SUBJECT, EDITOR, "card_ranges")
make = maker(SPEC)
