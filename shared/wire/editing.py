"""The commands that all dictionaries share: a new row, a changed row, a deleted row."""

from __future__ import annotations

from typing import Generic, TypeVar

from shared.wire.base import Command, Done, Made

F = TypeVar("F")


class AddRow(Command[Made], Generic[F], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A new row; fields that are not sent get their defaults."""

    fields: F


class EditRow(Command[Done], Generic[F], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Change the row `key`; `version` is the one that was edited."""

    key: int
    version: int
    fields: F


class DeleteRow(Command[Done], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Mark the row `key` as deleted; one that is used is refused (`IN_USE`)."""

    key: int
    version: int
