"""What can be wrong with the database, in words for a person: the cause, and what to do about it.

An `AppError` from the database rooms carries the fault's name as the fact `fault` and its cause in
English as `why`; whoever speaks to a person takes the sentence of the person's language from here.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NamedTuple

from shared.wire.errors import AppError, ErrorCode, Fact


class Fault(StrEnum):
    """A cause that a person can mend."""

    STRING_BAD = "STRING_BAD"
    HOST_UNKNOWN = "HOST_UNKNOWN"
    HOST_SILENT = "HOST_SILENT"
    PORT_CLOSED = "PORT_CLOSED"
    DRIVER_MISSING = "DRIVER_MISSING"
    CERTIFICATE = "CERTIFICATE"
    SIGN_IN = "SIGN_IN"
    DATABASE_MISSING = "DATABASE_MISSING"
    CONNECTION_LOST = "CONNECTION_LOST"
    SERVER_OLD = "SERVER_OLD"
    SNAPSHOT_OFF = "SNAPSHOT_OFF"
    COLLATION = "COLLATION"
    FOLDER = "FOLDER"
    READ_ONLY = "READ_ONLY"
    LOCKED = "LOCKED"
    DISK_FULL = "DISK_FULL"
    NOT_A_DATABASE = "NOT_A_DATABASE"
    DAMAGED = "DAMAGED"
    DISK_ERROR = "DISK_ERROR"
    EMPTY = "EMPTY"
    SCHEMA_OLD = "SCHEMA_OLD"
    SCHEMA_NEWER = "SCHEMA_NEWER"
    OTHER = "OTHER"


class Sentence(NamedTuple):
    """Cause and remedy in one language."""

    cause: str
    remedy: str


RU: Final[dict[Fault, Sentence]] = {
    Fault.STRING_BAD: Sentence(
        "строка подключения не разобрана", "напишите IP,порт:имя_базы, например 10.0.0.5,1433:CRM"
    ),
    Fault.HOST_UNKNOWN: Sentence(
        "такого имени сервера нет в сети", "проверьте имя или напишите IP-адрес"
    ),
    Fault.HOST_SILENT: Sentence(
        "сервер не отвечает", "проверьте адрес, кабель, VPN и правила сетевого экрана"
    ),
    Fault.PORT_CLOSED: Sentence(
        "на этом порту никто не отвечает",
        "проверьте порт; запустите сервер базы и включите в нём протокол TCP/IP",
    ),
    Fault.DRIVER_MISSING: Sentence(
        "нет драйвера Microsoft ODBC", "установите Microsoft ODBC Driver 18 for SQL Server"
    ),
    Fault.CERTIFICATE: Sentence(
        "сертификату сервера базы нет доверия",
        "установите на сервер доверенный сертификат или разрешите TrustServerCertificate",
    ),
    Fault.SIGN_IN: Sentence(
        "сервер базы не принял имя или пароль", "задайте пароль заново: card-server set-secret"
    ),
    Fault.DATABASE_MISSING: Sentence(
        "на сервере нет базы с таким именем", "проверьте имя базы или создайте её"
    ),
    Fault.CONNECTION_LOST: Sentence(
        "соединение с базой оборвалось", "проверьте сеть и журнал сервера базы"
    ),
    Fault.SERVER_OLD: Sentence(
        "версия сервера базы слишком старая",
        "нужен Microsoft SQL Server 2016, PostgreSQL 12 или новее",
    ),
    Fault.SNAPSHOT_OFF: Sentence(
        "в базе выключен READ_COMMITTED_SNAPSHOT",
        "выполните ALTER DATABASE ... SET READ_COMMITTED_SNAPSHOT ON WITH ROLLBACK IMMEDIATE",
    ),
    Fault.COLLATION: Sentence(
        "сортировка базы не для русского языка",
        "создайте базу с сортировкой Cyrillic_General_CI_AS",
    ),
    Fault.FOLDER: Sentence(
        "файл базы не открывается: нет папки или прав на неё",
        "создайте папку данных и дайте программе право записи в неё",
    ),
    Fault.READ_ONLY: Sentence(
        "база доступна только для чтения", "снимите запрет записи с файла и папки базы"
    ),
    Fault.LOCKED: Sentence(
        "базу держит другая программа", "остановите вторую копию сервера или резервное копирование"
    ),
    Fault.DISK_FULL: Sentence("на диске нет места", "освободите место на диске базы"),
    Fault.NOT_A_DATABASE: Sentence(
        "файл не является базой этой программы", "проверьте папку данных или верните копию"
    ),
    Fault.DAMAGED: Sentence(
        "файл базы повреждён", "верните последнюю целую копию: card-server restore"
    ),
    Fault.DISK_ERROR: Sentence(
        "диск сообщил об ошибке чтения или записи", "проверьте диск; затем card-server check"
    ),
    Fault.EMPTY: Sentence("в базе ещё нет таблиц", "создайте их: card-server migrate"),
    Fault.SCHEMA_OLD: Sentence(
        "база старше программы", "сделайте копию и обновите базу: card-server migrate"
    ),
    Fault.SCHEMA_NEWER: Sentence(
        "база новее программы", "установите программу не старее той, что обновила базу"
    ),
    Fault.OTHER: Sentence("база ответила ошибкой", "передайте текст ошибки администратору базы"),
}

EN: Final[dict[Fault, Sentence]] = {
    Fault.STRING_BAD: Sentence(
        "the connection string is not understood",
        "write IP,port:database, for example 10.0.0.5,1433:CRM",
    ),
    Fault.HOST_UNKNOWN: Sentence(
        "the network knows no server of this name", "check the name or write the IP address"
    ),
    Fault.HOST_SILENT: Sentence(
        "the server does not answer", "check the address, the cable, the VPN and the firewall"
    ),
    Fault.PORT_CLOSED: Sentence(
        "nobody answers on this port",
        "check the port; start the database server and switch TCP/IP on in it",
    ),
    Fault.DRIVER_MISSING: Sentence(
        "Microsoft's ODBC driver is missing", "install Microsoft ODBC Driver 18 for SQL Server"
    ),
    Fault.CERTIFICATE: Sentence(
        "the certificate of the database server is not trusted",
        "install a trusted certificate there or allow TrustServerCertificate",
    ),
    Fault.SIGN_IN: Sentence(
        "the database server refused the name or the password",
        "enter the password again: card-server set-secret",
    ),
    Fault.DATABASE_MISSING: Sentence(
        "the server has no database of this name", "check the name or create the database"
    ),
    Fault.CONNECTION_LOST: Sentence(
        "the connection to the database broke", "check the network and the database server's log"
    ),
    Fault.SERVER_OLD: Sentence(
        "the database server is too old",
        "Microsoft SQL Server 2016, PostgreSQL 12 or later is needed",
    ),
    Fault.SNAPSHOT_OFF: Sentence(
        "READ_COMMITTED_SNAPSHOT is off in this database",
        "run ALTER DATABASE ... SET READ_COMMITTED_SNAPSHOT ON WITH ROLLBACK IMMEDIATE",
    ),
    Fault.COLLATION: Sentence(
        "the collation of the database is not Cyrillic",
        "create the database with the collation Cyrillic_General_CI_AS",
    ),
    Fault.FOLDER: Sentence(
        "the database file does not open: no folder, or no right to it",
        "create the data folder and let the program write in it",
    ),
    Fault.READ_ONLY: Sentence(
        "the database can only be read", "allow writing to the database file and its folder"
    ),
    Fault.LOCKED: Sentence(
        "another program holds the database", "stop the second server or the backup program"
    ),
    Fault.DISK_FULL: Sentence("the disk is full", "make room on the disk of the database"),
    Fault.NOT_A_DATABASE: Sentence(
        "the file is not a database of this program", "check the data folder or restore a backup"
    ),
    Fault.DAMAGED: Sentence(
        "the database file is damaged", "restore the last sound backup: card-server restore"
    ),
    Fault.DISK_ERROR: Sentence(
        "the disk reported an error", "check the disk, then run: card-server check"
    ),
    Fault.EMPTY: Sentence("the database has no tables yet", "make them: card-server migrate"),
    Fault.SCHEMA_OLD: Sentence(
        "the database is older than the program", "back it up and run: card-server migrate"
    ),
    Fault.SCHEMA_NEWER: Sentence(
        "the database is newer than the program",
        "install a program at least as new as the one that upgraded it",
    ),
    Fault.OTHER: Sentence(
        "the database answered with an error", "hand the text to the database administrator"
    ),
}


def refusal(
    fault: Fault,
    server: str = "",
    *,
    detail: str | None = None,
    code: ErrorCode = ErrorCode.DB_UNREACHABLE,
    **facts: Fact,
) -> AppError:
    """The refusal of a fault; `detail` is the driver's own text, for the administrator."""
    why = EN[fault].cause if detail is None else f"{EN[fault].cause} ({detail})"
    if code is ErrorCode.DB_UNREACHABLE:
        facts.setdefault("s", 0)
    return AppError(code, server=server, why=why, fault=fault.value, **facts)


def in_language(error: AppError, language: str) -> AppError:
    """The same refusal with its cause in `ru` or `en`; others stay as they are."""
    name = error.facts.get("fault")
    if name not in Fault.__members__:
        return error
    sentence = (RU if language == "ru" else EN)[Fault(str(name))]
    return AppError(error.code, **{**error.facts, "why": sentence.cause})
