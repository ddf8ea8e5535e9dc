"""The settings file of a program: read as it stands, written atomically, comments kept.

A file that was broken by hand is never written to: it is somebody's work.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec

from shared.settings.declare import Kind, Setting, nearest
from shared.wire.errors import AppError, ErrorCode

T = TypeVar("T")

BOM: Final = "\ufeff"
LARGEST_FILE: Final = 1 << 20
_PLACE: Final = re.compile(r"\s*\(at (?:line (\d+), column (\d+)|end of document)\)")


class FileValues(msgspec.Struct, kw_only=True):
    """What a file says: values by key, what is wrong with it, what has no effect."""

    path: Path
    values: dict[str, Any] = {}
    faults: list[AppError] = []
    notes: list[AppError] = []

    def get(self, setting: Setting[T]) -> T:
        """The value of the file, else the default."""
        found: T = self.values.get(setting.key, setting.default)
        return found


def read_file(path: Path, known: Mapping[str, Setting[Any]]) -> FileValues:
    """Read a settings file; one that is not there says nothing.

    Every wrong value is a fault, every unknown key a note with the nearest name. Raises
    SETTINGS_BROKEN for a file that is no TOML or cannot be read.
    """
    found = FileValues(path=path)
    text = _text_of(path)
    for key, raw in _flat("", _parsed(path, text)).items():
        setting = known.get(key)
        if setting is None:
            found.notes.append(
                AppError(ErrorCode.SETTING_UNKNOWN, key=key, nearest=nearest(key, known))
            )
            continue
        if key != setting.key:
            found.notes.append(AppError(ErrorCode.SETTING_UNKNOWN, key=key, nearest=setting.key))
            if setting.key in found.values:
                continue
        try:
            found.values[setting.key] = setting.value_of(_as_text(setting, raw))
        except AppError as error:
            found.faults.append(error)
    return found


def _text_of(path: Path) -> str:
    try:
        if path.exists() and path.stat().st_size > LARGEST_FILE:
            raise AppError(ErrorCode.SETTINGS_BROKEN, file=str(path), why="> 1 MiB")
        return path.read_bytes().decode("utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except UnicodeDecodeError as error:
        why = f"UTF-8, {error.start}"
        raise AppError(ErrorCode.SETTINGS_BROKEN, file=str(path), why=why) from error
    except OSError as error:
        why = error.strerror or str(error)
        raise AppError(ErrorCode.SETTINGS_BROKEN, file=str(path), why=why) from error


def _parsed(path: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text.removeprefix(BOM).replace("\r\n", "\n"))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        message = str(error)
        place = _PLACE.search(message)
        where = f"{place[1]}:{place[2]}, " if place is not None and place[1] else ""
        why = where + _PLACE.sub("", message)
        raise AppError(ErrorCode.SETTINGS_BROKEN, file=str(path), why=why) from error


def _flat(prefix: str, table: Mapping[str, Any]) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in table.items():
        key = f"{prefix}{name}"
        if isinstance(value, Mapping):
            flat |= _flat(f"{key}.", value)
        else:
            flat[key] = value
    return flat


def _as_text(setting: Setting[Any], raw: object) -> str:
    """A TOML value as text; a type that cannot be meant is refused."""
    if isinstance(raw, bool):
        if setting.kind is not Kind.FLAG:
            raise setting.refusal(str(raw).lower())
        return str(int(raw))
    if isinstance(raw, int | float | str):
        return str(raw)
    raise setting.refusal(raw)


# ---------------------------------------------------------------------- writing


def change_file(path: Path, changes: Mapping[str, Any], known: Mapping[str, Setting[Any]]) -> None:
    """Set values by key, or take a key out with None; everything else stays as it is.

    Raises SETTINGS_BROKEN for a file that cannot be read, SETTING_BAD for a wrong value,
    SETTING_UNKNOWN; the file is untouched then.
    """
    import tomlkit  # noqa: PLC0415 - only who edits settings needs it
    from tomlkit.items import Table  # noqa: PLC0415 - only who edits settings needs it

    text = _text_of(path)
    _parsed(path, text)
    document = tomlkit.parse(text.removeprefix(BOM))
    for key, value in changes.items():
        setting = known.get(key)
        if setting is None:
            raise AppError(ErrorCode.SETTING_UNKNOWN, key=key, nearest=nearest(key, known))
        section, _, name = setting.key.rpartition(".")
        if section not in document:
            document[section] = tomlkit.table()
        table = document[section]
        if not isinstance(table, Table):
            raise AppError(ErrorCode.SETTINGS_BROKEN, file=str(path), why=section)
        if value is None:
            table.pop(name, None)
        else:
            table[name] = setting.value_of(setting.text_of(value))
    replace_file(path, tomlkit.dumps(document).encode())


def replace_file(path: Path, data: bytes) -> None:
    """Put a file in the place of another in one step; a reader sees the old or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.new")
    try:
        with fresh.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


def template(known: Mapping[str, Setting[Any]], language: str) -> str:
    """A file with every key, its help and its default, all commented out."""
    lines: list[str] = []
    section = ""
    for setting in dict.fromkeys(known.values()):
        if setting.secret:
            continue
        own, _, name = setting.key.rpartition(".")
        if own != section:
            lines += [*([""] if lines else []), f"[{own}]"]
            section = own
        label, about = setting.label.in_language(language), setting.help.in_language(language)
        unit = setting.unit.in_language(language)
        tail = f" ({unit})" if unit else ""
        lines += [f"# {label}{tail}. {about}", f"#{name} = {_toml(setting.default)}"]
    return "\n".join(lines) + "\n"


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return str(value)
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'
