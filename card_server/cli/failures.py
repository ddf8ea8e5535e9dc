"""What may go wrong in a command, as a sentence in the language of the person at the console."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

from shared.i18n.error_texts import LONGEST_FACT, window_text
from shared.wire.errors import AppError


class Mistake(StrEnum):
    """A mistake that only a command can meet."""

    FOLDER = "folder"
    SECRET_NAME = "secret_name"  # noqa: S105 - the name of a mistake
    SECRET_EMPTY = "secret_empty"  # noqa: S105 - the name of a mistake
    SECRET_LONG = "secret_long"  # noqa: S105 - the name of a mistake
    NO_KEY_STORE = "no_key_store"
    HEADS_UNSIGNED = "heads_unsigned"
    CHAIN_KEY_BROKEN = "chain_key_broken"


SENTENCES: Final[dict[Mistake, tuple[str, str]]] = {
    Mistake.FOLDER: (
        "Папка или файл {path}: {why}. Проверьте путь и права на него",
        "Folder or file {path}: {why}. Check the path and the rights to it",
    ),
    Mistake.SECRET_NAME: (
        "Имя «{name}» не подходит: латинские строчные буквы, цифры, точка и дефис, сначала буква",
        'The name "{name}" will not do: small Latin letters, digits, dot and dash, a letter first',
    ),
    Mistake.SECRET_EMPTY: (
        "Значение пусто; ничего не сохранено. Передайте его через стандартный ввод или наберите",
        "The value is empty; nothing was stored. Pass it on standard input or type it",
    ),
    Mistake.SECRET_LONG: (
        "Значение длиннее {limit} знаков; ничего не сохранено",
        "The value is longer than {limit} characters; nothing was stored",
    ),
    Mistake.NO_KEY_STORE: (
        "Нет хранилища ключей ({why}). На сервере без рабочего стола укажите пароль в --database",
        "No key store ({why}). On a server without a desktop give the password in --database",
    ),
    Mistake.HEADS_UNSIGNED: (
        "Ничего не подписано: у этой учётной записи нет хранилища ключей ({why})",
        "Nothing was signed: this account has no key store ({why})",
    ),
    Mistake.CHAIN_KEY_BROKEN: (
        "Ничего не подписано: секрет {name} в хранилище не похож на ключ; верните его из копии",
        "Nothing was signed: the secret {name} in the store is no key; put it back from a copy",
    ),
}
WHY: Final = {
    "FileNotFoundError": ("нет такого", "there is none"),
    "PermissionError": ("нет прав", "no right to it"),
    "NotADirectoryError": ("это не папка", "it is not a folder"),
    "IsADirectoryError": ("это папка", "it is a folder"),
    "FileExistsError": ("на этом месте файл", "a file is in its place"),
}


DETAIL: Final = re.compile(r"\((.+)\)$")
"""The driver's own words at the end of a cause."""


class Failure(Exception):  # noqa: N818 - told to a person, not a bug
    """A command cannot do its work; `key` names the sentence."""

    def __init__(self, key: Mistake, **facts: object) -> None:
        super().__init__(key)
        self.key = key
        self.facts = facts


def sentence_of(error: BaseException, language: str) -> str | None:
    """What to tell the person; None for a bug of ours."""
    column = 0 if language == "ru" else 1
    if isinstance(error, Failure):
        return SENTENCES[error.key][column].format_map(error.facts)
    if isinstance(error, AppError):
        return _of_refusal(error, language)
    if isinstance(error, OSError):
        why = WHY.get(type(error).__name__)
        reason = why[column] if why else str(error.strerror or error)
        return SENTENCES[Mistake.FOLDER][column].format(path=error.filename or "?", why=reason)
    return _of_database(error, language)


def _of_refusal(error: AppError, language: str) -> str:
    from card_server.db.faults import EN, RU, Fault, in_language  # noqa: PLC0415 - quick --help

    facts = {k: _end_of(v) for k, v in in_language(error, language).facts.items()}
    text = window_text(error.code, language, facts)
    name = str(error.facts.get("fault"))
    if name not in Fault.__members__:
        return text
    remedy = (RU if language == "ru" else EN)[Fault(name)].remedy
    detail = DETAIL.search(str(error.facts.get("why") or ""))
    shown = f" ({detail[1]})" if detail else ""
    return f"{text}{shown}. {remedy[:1].upper()}{remedy[1:]}"


def _end_of(value: object) -> object:
    """A long path is told by its end, where it differs from others."""
    if isinstance(value, str) and len(value) > LONGEST_FACT and ("/" in value or "\\" in value):
        return "..." + value[3 - LONGEST_FACT :]
    return value


def _of_database(error: BaseException, language: str) -> str | None:
    import sqlite3  # noqa: PLC0415 - quick --help

    from sqlalchemy.exc import DBAPIError  # noqa: PLC0415 - quick --help

    from card_server.db.errors import explain, fault_of, first_line  # noqa: PLC0415 - quick --help
    from card_server.db.faults import Fault, refusal  # noqa: PLC0415 - quick --help

    if not isinstance(error, DBAPIError | sqlite3.Error):
        return None
    known = explain(error) if isinstance(error, DBAPIError) else None
    cause = error.orig if isinstance(error, DBAPIError) else error
    fault = fault_of(error) or Fault.OTHER
    return _of_refusal(known or refusal(fault, detail=first_line(cause)), language)
