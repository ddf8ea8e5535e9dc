"""Every setting of the card server in the table `setting`, by its key (domain 6.1)."""

from __future__ import annotations

from typing import Any, Final

from shared.settings import house, wire
from shared.settings.declare import Setting, by_key, declared_in

SETTINGS: Final[dict[str, Setting[Any]]] = by_key(*declared_in(wire), *declared_in(house))
