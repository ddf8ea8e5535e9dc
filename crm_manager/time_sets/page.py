"""The list of time sets."""

from __future__ import annotations

from typing import Final

from crm_manager.declaring import list_of, maker
from crm_manager.time_sets.editor import SPEC as EDITOR
from crm_manager.time_sets.editor import SUBJECT

SPEC: Final = list_of(SUBJECT, EDITOR, "time_sets")
make = maker(SPEC)
