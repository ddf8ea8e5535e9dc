"""Dictionaries that give names to ids in this program."""

from __future__ import annotations

from typing import Final

from shared.ui.names import Dictionary
from shared.wire.classifiers import ListClassifiers
from shared.wire.divisions import ListDivisions
from shared.wire.roles import ListRoles, ListUsers

ROLES: Final = Dictionary(query=ListRoles, key="role_id", tables=frozenset({"role"}), whole="roles")
USERS: Final = Dictionary(
    query=ListUsers,
    key="user_id",
    tables=frozenset({"user"}),
    name="login",
    usable=lambda row: not row.is_blocked,
)
DIVISIONS: Final = Dictionary(
    query=ListDivisions, key="division_id", tables=frozenset({"division"})
)
CLASSIFIERS: Final = Dictionary(
    query=ListClassifiers, key="classifier_id", tables=frozenset({"classifier"})
)
