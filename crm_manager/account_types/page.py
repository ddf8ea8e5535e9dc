"""The list of account types."""

from __future__ import annotations

from typing import Final

from crm_manager.account_types.editor import SPEC as EDITOR
from crm_manager.account_types.editor import SUBJECT
from crm_manager.declaring import list_of, maker

SPEC: Final = list_of(SUBJECT, EDITOR, "account_types")
make = maker(SPEC)
