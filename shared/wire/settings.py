"""Settings of the house as rows: values by key and scope (domain 1.11, 6.1).

What a key means, its kind, limits and help are declared in `shared.settings`, which every program
has; here only values travel, as text.
"""

from __future__ import annotations

from typing import ClassVar

import msgspec

from shared.wire.base import Command, Query, Record


class SettingValue(Record, frozen=True, kw_only=True):
    """A declared setting at a scope."""

    key: str
    value: str | None
    """What is set at this scope; None where nothing is."""
    in_force: str
    """What holds here: the value, else the system's, else the default."""
    default: str
    is_broken: bool
    """The stored text is no value of the setting; the next one up holds."""
    version: int | None
    """The version of the row; None where there is none."""


class Settings(Record, frozen=True, kw_only=True):
    """All settings that may be set at a scope."""

    scope: int
    scope_id: int
    values: list[SettingValue]


class GetSettings(Query[Settings], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings at a scope: 0 system, 2 unit, 3 classifier; `scope_id` is whose."""

    right: ClassVar[str] = "server.config"
    scope: int = 0
    scope_id: int = 0


class SettingEdit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A value to set; None takes it back, so that what stands above holds again."""

    key: str
    value: str | None
    version: int | None = None


class SettingVersion(Record, frozen=True, kw_only=True):
    """A setting after the command."""

    key: str
    version: int | None


class SettingsChanged(Record, frozen=True, kw_only=True):
    """The settings that were sent, with the versions they have now."""

    versions: list[SettingVersion]


class EditSettings(Command[SettingsChanged], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Set some settings of a scope, all of them or none."""

    right: ClassVar[str] = "server.config"
    scope: int = 0
    scope_id: int = 0
    changes: list[SettingEdit]
