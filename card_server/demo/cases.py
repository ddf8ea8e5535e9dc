"""The fixed cases on cards 10001 to 10024 (domain 6.3), made through the real operations."""

from __future__ import annotations

from typing import Final

CASE_CARDS: Final = 24
