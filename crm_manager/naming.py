"""Dictionaries that give names to ids on every page (shared/ui/names.py)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

import msgspec

from shared.ui.names import Dictionary
from shared.wire.cards import ListCardRanges
from shared.wire.classifiers import ListClassifiers
from shared.wire.dictionaries import (
    ListAddressTypes,
    ListContactTypes,
    ListNonPayerTypes,
    ListReasons,
)
from shared.wire.divisions import ListDivisions, ListUnits
from shared.wire.groups import ListCardGroups, ListHolderGroups
from shared.wire.programs import GetAccountType, ListAccountTypes, ListSchemes, ListTimeSets
from shared.wire.properties import ListProperties


def _of(query: type, key: str, *tables: str) -> Dictionary:
    return Dictionary(query=query, key=key, tables=frozenset(tables))


CLASSES_WITH_LEVELS: Final = (1, 2)
"""Bonus and discount (domain 1.5)."""


class LevelName(msgspec.Struct, frozen=True):
    """A level with the name of its account type."""

    level_id: int
    name: str


async def _levels(ask: Callable[[Any], Awaitable[Any]]) -> list[LevelName]:
    """Levels stand inside their account types; there are few of these."""
    found = []
    types = await ask(ListAccountTypes(limit=1000))
    for one in types.rows:
        if one.account_class in CLASSES_WITH_LEVELS:
            whole = await ask(GetAccountType(key=one.account_type_id))
            found += [
                LevelName(level.level_id, f"{one.name}: {level.level_no}. {level.name}")
                for level in whole.levels
            ]
    return found


LEVELS: Final = Dictionary(
    query=ListAccountTypes,
    key="level_id",
    tables=frozenset({"account_type", "level"}),
    gather=_levels,
)
HOLDER_GROUPS: Final = _of(ListHolderGroups, "group_id", "holder_group")
CARD_GROUPS: Final = _of(ListCardGroups, "group_id", "card_group")
DIVISIONS: Final = _of(ListDivisions, "division_id", "division")
UNITS: Final = _of(ListUnits, "unit_id", "unit")
CLASSIFIERS: Final = _of(ListClassifiers, "classifier_id", "classifier")
ACCOUNT_TYPES: Final = _of(ListAccountTypes, "account_type_id", "account_type")
SCHEMES: Final = _of(ListSchemes, "scheme_id", "scheme")
TIME_SETS: Final = _of(ListTimeSets, "time_id", "time_set")
CONTACT_TYPES: Final = _of(ListContactTypes, "contact_type_id", "contact_type")
ADDRESS_TYPES: Final = _of(ListAddressTypes, "address_type_id", "address_type")
NON_PAYERS: Final = _of(ListNonPayerTypes, "non_payer_type_id", "non_payer_type")
REASONS: Final = _of(ListReasons, "reason_id", "reason")
PROPERTIES: Final = _of(ListProperties, "property_id", "property")
CARD_RANGES: Final = _of(ListCardRanges, "range_id", "card_range")
