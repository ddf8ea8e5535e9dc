"""What a program remembers of its person: sizes, columns, filters, language, the last login.

One JSON file a program in the person's folder, written by replacing. What cannot be read is
forgotten, never a reason not to start; nothing here is data of the house.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import structlog

log = structlog.get_logger(__name__)
T = TypeVar("T")


class Memory:
    """Values by key; without a file they live as long as the program."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._values: dict[str, Any] = {}
        if path is not None and path.exists():
            try:
                found = msgspec.json.decode(path.read_bytes(), type=dict[str, Any])
            except (OSError, msgspec.DecodeError) as error:
                log.warning("remembered sizes and filters cannot be read", error=str(error)[:120])
            else:
                self._values = found

    def get(self, key: str, kind: type[T], default: T) -> T:
        """A value, if it is of the kind that is expected."""
        try:
            return msgspec.convert(self._values.get(key, default), type=kind)
        except msgspec.ValidationError:
            return default

    def put(self, key: str, value: Any) -> None:
        """Remember a value (JSON), at once."""
        if self._values.get(key) == value:
            return
        self._values[key] = value
        if self._path is None:
            return
        fresh = self._path.with_suffix(".new")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            fresh.write_bytes(msgspec.json.format(msgspec.json.encode(self._values)))
            os.replace(fresh, self._path)  # noqa: PTH105 - over an open file on Windows too
        except OSError as error:
            log.warning("sizes and filters cannot be remembered", error=str(error)[:120])
