"""Settings of the card server that are read before its database opens: `server.toml`.

Sections `server`, `limits` and `database`; every key may be missing.
"""

from __future__ import annotations

from typing import Any, Final

from shared.settings.declare import (
    Setting,
    Text,
    by_key,
    choice,
    file,
    flag,
    number,
    secret,
    text,
    whole,
)

FILE_NAME: Final = "server.toml"
RESTART: Final[dict[str, Any]] = {"restart": True}
BYTES: Final[dict[str, Any]] = {"restart": True, "unit": Text("байт", "bytes")}
SECONDS: Final[dict[str, Any]] = {"restart": True, "unit": Text("с", "s")}
DAY_S: Final = 86_400
LARGEST_PORT: Final = 65_535
MEBI: Final = 1 << 20
EXCEEDED: Final = Text("Больше: отказ", "More is refused")

# ---------------------------------------------------------------------- server

HOST: Final = text(
    "server.host",
    "127.0.0.1",
    Text("Адрес", "Address"),
    Text(
        "На каком адресе отвечать: 127.0.0.1 только здесь, 0.0.0.0 по сети",
        "Where to answer: 127.0.0.1 here only, 0.0.0.0 on the network",
    ),
    **RESTART,
)


def _port(key: str, default: int, label: Text, about: Text) -> Setting[int]:
    return whole(key, default, 0, LARGEST_PORT, label, about, **RESTART)


PORT: Final = _port(
    "server.port", 9192, Text("Порт HTTP", "HTTP port"), Text("Кассы и сайты", "Tills and sites")
)
RAW_PORT: Final = _port(
    "server.raw_port",
    9191,
    Text("Порт прямого TCP", "Raw TCP port"),
    Text("Старые программы", "Older programs"),
)
MANAGE_PORT: Final = _port(
    "server.manage_port",
    9193,
    Text("Порт управления", "Management port"),
    Text("Окна программ комплекса", "The windows of the suite"),
)
MANAGE_HOST: Final = text(
    "server.manage_host",
    "127.0.0.1",
    Text("Адрес порта управления", "Address of the management port"),
    Text(
        "127.0.0.1: программы только этого компьютера; по сети нужен manage_tls",
        "127.0.0.1: programs of this computer only; on the network manage_tls is needed",
    ),
    **RESTART,
)
MANAGE_TLS: Final = flag(
    "server.manage_tls",
    False,
    Text("TLS порта управления", "TLS of the management port"),
    Text(
        "Нет файлов сертификата: сервер сделает свой при запуске",
        "Without certificate files the server makes its own at its start",
    ),
    **RESTART,
)
MANAGE_CERT: Final = file(
    "server.manage_cert",
    "management.crt",
    Text("Сертификат управления", "Certificate of management"),
    Text("Файл PEM или DER", "A file in PEM or DER"),
    **RESTART,
)
MANAGE_KEY: Final = file(
    "server.manage_key",
    "management.key",
    Text("Ключ управления", "Key of management"),
    Text("Файл PEM без пароля", "A file in PEM without a password"),
    **RESTART,
)
MANAGE_PLAIN: Final = flag(
    "server.manage_plain",
    False,
    Text("Управление по сети без TLS", "Management on the network without TLS"),
    Text(
        "Пароли пойдут открыто; только для отдельной сети",
        "Passwords travel in clear; for a separate network only",
    ),
    **RESTART,
)
TLS: Final = flag(
    "server.tls",
    False,
    Text("Защищённое соединение (TLS)", "Encrypted connections (TLS)"),
    Text("Отдельный порт с сертификатом", "A port of its own with a certificate"),
    **RESTART,
)
TLS_PORT: Final = _port(
    "server.tls_port",
    9194,
    Text("Порт TLS", "TLS port"),
    Text("Действует, если TLS включён", "Used when TLS is on"),
)
TLS_CERT: Final = file(
    "server.tls_cert",
    "RKeeper_CRM_SSLwork.cer",
    Text("Сертификат", "Certificate"),
    Text("Файл PEM или DER", "A file in PEM or DER"),
    **RESTART,
)
TLS_KEY: Final = file(
    "server.tls_key",
    "RKeeper_CRM_SSLwork.key",
    Text("Закрытый ключ", "Private key"),
    Text("Файл PEM без пароля", "A file in PEM without a password"),
    **RESTART,
)
TLS_CA: Final = file(
    "server.tls_ca",
    "RKeeper_CRM_SSLca.cer",
    Text("Сертификат издателя", "Certificate of the issuer"),
    Text("Отправляется вместе с сертификатом", "Sent along with the certificate"),
    **RESTART,
)
LOG_LEVEL: Final = choice(
    "server.log_level",
    "info",
    ("debug", "info", "warning", "error"),
    Text("Подробность журнала", "Detail of the log"),
    Text("Что писать в logs/card-server.log", "What is written to logs/card-server.log"),
    **RESTART,
)
LOG_FILES: Final = whole(
    "server.log_files",
    10,
    1,
    1_000,
    Text("Файлов журнала", "Log files"),
    Text("По 10 МиБ, старые удаляются", "Of 10 MiB each, the oldest are deleted"),
    **RESTART,
)

DURABILITY: Final = choice(
    "server.durability",
    "auto",
    ("auto", "inline", "pipelined"),
    Text("Запись на диск", "Writing to the disk"),
    Text(
        "auto: что быстрее на этом диске; ответ кассе всегда после записи",
        "auto: what is faster on this disk; the till is always answered after the write",
    ),
    **RESTART,
)

# ---------------------------------------------------------------------- database

DATABASE: Final = text(
    "database.address",
    "",
    Text("База данных", "Database"),
    Text(
        "IP,порт:имя или адрес SQLAlchemy; пусто: файл в папке данных",
        "IP,port:name or a SQLAlchemy URL; empty: the file in the data folder",
    ),
    **RESTART,
)
PASSWORD: Final = secret(
    "database.password",
    Text("Пароль базы", "Password of the database"),
    Text("Хранится в хранилище ключей системы", "Stands in the key store of the system"),
    **RESTART,
)

# ---------------------------------------------------------------------- limits


def _bytes(name: str, default: int, most: int, label: Text, about: Text) -> Setting[int]:
    return whole(f"limits.{name}", default, 1, most, label, about, **BYTES)


def _count(name: str, default: int, most: int, label: Text, about: Text) -> Setting[int]:
    return whole(f"limits.{name}", default, 1, most, label, about, **RESTART)


def _seconds(name: str, default: float, label: Text, about: Text) -> Setting[float]:
    return number(f"limits.{name}", default, 0.1, DAY_S, label, about, **SECONDS)


LIMITS: Final[tuple[Setting[Any], ...]] = (
    _bytes("header_bytes", 16_384, MEBI, Text("Заголовок HTTP", "HTTP header"), EXCEEDED),
    _count(
        "header_lines", 100, 10_000, Text("Строк заголовка HTTP", "HTTP header lines"), EXCEEDED
    ),
    _bytes("raw_header_bytes", 4_096, MEBI, Text("Заголовок TCP", "Raw header"), EXCEEDED),
    _bytes("body_bytes", 2_097_152, 64 * MEBI, Text("Тело запроса", "Request body"), EXCEEDED),
    _count(
        "transaction_items",
        1_000,
        100_000,
        Text("Операций в запросе", "Transactions of a request"),
        EXCEEDED,
    ),
    _count(
        "coupon_items", 1_000, 100_000, Text("Купонов в запросе", "Coupons asked for"), EXCEEDED
    ),
    _count(
        "holder_items", 100, 10_000, Text("Владельцев в запросе", "Holders asked for"), EXCEEDED
    ),
    _bytes("include_bytes", 4_096, MEBI, Text("Текст Include", "Text of Include"), EXCEEDED),
    _seconds(
        "first_byte_s",
        10.0,
        Text("Ждать первый байт", "Wait for the first byte"),
        Text("Молчащее соединение закрывается", "A silent connection is closed"),
    ),
    _seconds(
        "header_s",
        10.0,
        Text("Ждать заголовок", "Wait for the header"),
        Text("Дольше: 408 или закрытие", "Longer: 408 or closed"),
    ),
    _seconds(
        "body_s",
        30.0,
        Text("Ждать тело запроса", "Wait for the body"),
        Text("Дольше: 408 или SAC-9007", "Longer: 408 or SAC-9007"),
    ),
    _bytes(
        "body_bytes_per_s",
        1_024,
        MEBI,
        Text("Скорость тела, не менее", "Slowest body"),
        Text("Байт в секунду после первых пяти секунд", "Bytes a second after the first five"),
    ),
    _seconds(
        "idle_s",
        60.0,
        Text("Держать соединение", "Keep a connection"),
        Text("Без запросов", "Without requests"),
    ),
    _seconds(
        "reply_s",
        30.0,
        Text("Ждать чтения ответа", "Wait for a reply to be read"),
        Text("Без продвижения", "Without progress"),
    ),
    _seconds(
        "request_s",
        30.0,
        Text("Обрабатывать запрос", "Process a request"),
        Text("Дольше: SAC-9903", "Longer: SAC-9903"),
    ),
    _seconds(
        "queue_s",
        5.0,
        Text("Ждать в очереди", "Wait in the queue"),
        Text("Дольше: SAC-9902", "Longer: SAC-9902"),
    ),
    _seconds(
        "stop_s",
        15.0,
        Text("Завершать работу", "Finish when stopping"),
        Text("Столько ждут начатых запросов", "So long are running requests waited for"),
    ),
    _count(
        "connections",
        2_000,
        60_000,
        Text("Соединений всего", "Connections in all"),
        Text("Больше: 503", "More: 503"),
    ),
    _count(
        "connections_per_address",
        1_000,
        60_000,
        Text("Соединений с адреса", "Connections of an address"),
        Text("Больше: 503", "More: 503"),
    ),
    _bytes(
        "raw_reply_bytes",
        4_194_304,
        64 * MEBI,
        Text("Ответ по TCP", "Raw reply"),
        Text("Страница списка обрезается по размеру", "A page of a list is cut at this size"),
    ),
)


SETTINGS: Final[dict[str, Setting[Any]]] = by_key(
    HOST, PORT, RAW_PORT, MANAGE_PORT, MANAGE_HOST, MANAGE_TLS, MANAGE_CERT, MANAGE_KEY,
    MANAGE_PLAIN, TLS, TLS_PORT, TLS_CERT, TLS_KEY, TLS_CA, LOG_LEVEL, LOG_FILES,
    DURABILITY, DATABASE, PASSWORD, *LIMITS,
)  # fmt: skip
"""Every setting of the file, by its key."""
