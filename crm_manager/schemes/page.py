"""The list of schemes."""

from __future__ import annotations

from typing import Final

from crm_manager.declaring import list_of, maker
from crm_manager.schemes.editor import SPEC as EDITOR
from crm_manager.schemes.editor import SUBJECT

SPEC: Final = list_of(SUBJECT, EDITOR, "schemes")
make = maker(SPEC)
