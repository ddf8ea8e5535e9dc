"""Settings of the wire: XML API, guest sign-in, Farcards (domain 6.1)."""

from __future__ import annotations

from typing import Final

from shared.settings.declare import (
    PER_CLASSIFIER,
    PER_UNIT,
    Text,
    choice,
    flag,
    networks,
    number,
    text,
    whole,
    words,
)

S: Final = Text("с", "s")
MIN: Final = Text("мин", "min")
DAYS: Final = Text("дн.", "days")
LOOPBACK: Final = "127.0.0.1, ::1"

# ---------------------------------------------------------------------- XML API

API_PAGE_SIZE: Final = whole(
    "api.page_size",
    50,
    1,
    10_000,
    Text("Строк на странице", "Rows of a page"),
    Text("Если в запросе нет Count", "Where a request has no Count"),
)
API_PAGE_MAX: Final = whole(
    "api.page_max",
    10_000,
    1,
    100_000,
    Text("Строк на странице, не более", "Most rows of a page"),
    Text(
        "Больший Count обрезается, IndexTo это показывает", "A larger Count is cut; IndexTo tells"
    ),
)
API_SEARCH_PAGE_MAX: Final = whole(
    "api.search_page_max",
    1_000,
    1,
    10_000,
    Text("Найденных на странице, не более", "Most hits of a page"),
    Text("Предел Count при поиске владельцев", "The limit of Count when holders are searched"),
)
API_SEARCH_SETS: Final = whole(
    "api.search_sets",
    20,
    1,
    1_000,
    Text("Наборов поиска на классификатор", "Search sets of a classifier"),
    Text("Сверх этого самый старый набор забывается", "Beyond it the oldest set is forgotten"),
)
API_SEARCH_MINUTES: Final = whole(
    "api.search_minutes",
    30,
    1,
    1_440,
    Text("Хранить набор поиска", "Keep a search set"),
    Text("Минуты без обращения к набору", "Minutes in which nobody asks for it"),
    unit=MIN,
)
API_SEARCH_HITS: Final = whole(
    "api.search_hits",
    200_000,
    1,
    5_000_000,
    Text("Найденных в наборе, не более", "Most hits of a set"),
    Text("Больше: SAC-9603, нужно уточнить поиск", "More: SAC-9603, the search must be narrowed"),
)
API_GLOBAL_TYPE: Final = flag(
    "api.require_global_type",
    False,
    Text("Требовать Global_Type", "Require Global_Type"),
    Text("Запрос без него отклоняется (SAC-9104)", "A request without it is refused (SAC-9104)"),
    scopes=PER_CLASSIFIER,
)
API_LANGUAGE: Final = choice(
    "api.language",
    "ru",
    ("ru", "en"),
    Text("Язык сообщений", "Language of messages"),
    Text("Язык ErrorText в ответах", "The language of ErrorText in replies"),
    scopes=PER_CLASSIFIER,
)
API_NAME_REQUIRED: Final = flag(
    "api.name_required",
    False,
    Text("Требовать имя владельца", "Require the holder's name"),
    Text(
        "Владелец без имени не создаётся (SAC-9302)", "No holder is made without a name (SAC-9302)"
    ),
    scopes=PER_CLASSIFIER,
)
API_NETWORKS: Final = networks(
    "api.allowed_networks",
    "",
    Text("Откуда можно обращаться", "Where calls may come from"),
    Text("Пусто: отовсюду; иначе SAC-9102", "Empty: anywhere; else SAC-9102"),
    scopes=PER_CLASSIFIER,
)
API_ACTIONS_OFF: Final = words(
    "api.actions_off",
    "",
    Text("Отключённые действия", "Actions switched off"),
    Text("Имена действий (Action) через запятую", "Names of actions (Action) with commas"),
    scopes=PER_CLASSIFIER,
)
API_WRONG_CODES: Final = whole(
    "api.wrong_codes",
    20,
    1,
    10_000,
    Text("Неверных кодов за минуту", "Wrong codes in a minute"),
    Text(
        "С одного адреса; дальше ответы задерживаются", "Of one address; then answers are delayed"
    ),
)
API_WRONG_CODE_DELAY: Final = number(
    "api.wrong_code_delay_s",
    1.0,
    0,
    20,
    Text("Задержка ответа на неверный код", "Delay of the answer to a wrong code"),
    Text("После api.wrong_codes ошибок за минуту", "After api.wrong_codes of them in a minute"),
    unit=S,
)

# ---------------------------------------------------------------------- guest sign-in

LOGIN_CODE_DIGITS: Final = whole(
    "login.code_digits",
    5,
    4,
    6,
    Text("Цифр в коде", "Digits of a code"),
    Text("Длина кода подтверждения", "The length of a confirmation code"),
)
LOGIN_CODE_MINUTES: Final = whole(
    "login.code_minutes",
    3,
    1,
    60,
    Text("Код действует", "A code is valid for"),
    Text("Срок кода подтверждения", "The life of a confirmation code"),
    unit=MIN,
)
LOGIN_CODE_TRIES: Final = whole(
    "login.code_tries",
    3,
    1,
    20,
    Text("Попыток ввода кода", "Tries of a code"),
    Text("Дальше вход закрывается на время", "Then sign-in is closed for a while"),
)
LOGIN_LOCK_MINUTES: Final = whole(
    "login.lock_minutes",
    15,
    1,
    1_440,
    Text("Закрывать вход гостя на", "Close a guest's sign-in for"),
    Text("После неверных попыток", "After wrong tries"),
    unit=MIN,
)
LOGIN_CODES_PER_MINUTE: Final = whole(
    "login.codes_per_minute",
    1,
    1,
    60,
    Text("Кодов на телефон за минуту", "Codes for a phone in a minute"),
    Text("Чаще код не отправляется", "No more are sent"),
)
LOGIN_CODES_PER_DAY: Final = whole(
    "login.codes_per_day",
    10,
    1,
    1_000,
    Text("Кодов на телефон за сутки", "Codes for a phone in a day"),
    Text("Больше код не отправляется", "No more are sent"),
)
LOGIN_SESSION_DAYS: Final = whole(
    "login.session_days",
    30,
    1,
    3_650,
    Text("Сеанс гостя действует", "A guest's session is valid for"),
    Text("Дни без обращений", "Days without a call"),
    unit=DAYS,
)
LOGIN_CARD_RANGE: Final = whole(
    "login.card_range",
    0,
    0,
    2_147_483_647,
    Text("Диапазон карт для регистрации", "Card range of registrations"),
    Text("Номер диапазона; 0: карта не выдаётся", "The range's number; 0: no card is issued"),
    scopes=PER_CLASSIFIER,
)

# ---------------------------------------------------------------------- Farcards

RELAY_CLASSIFIER: Final = text(
    "relay.default_classifier",
    "",
    Text("Классификатор по умолчанию", "Classifier by default"),
    Text("Код для станций без своего классификатора", "The code for stations that have none"),
)
RELAY_NETWORKS: Final = networks(
    "relay.allowed_networks",
    LOOPBACK,
    Text("Откуда обращается Farcards", "Where Farcards calls from"),
    Text("По умолчанию только этот компьютер", "By default this machine only"),
)
RELAY_ALIASES: Final = words(
    "relay.aliases",
    "",
    Text("Другие имена функций", "Other names of functions"),
    Text("Пары имя=функция через запятую", "Pairs name=function with commas"),
)
RELAY_JSON: Final = flag(
    "relay.json",
    False,
    Text("Вариант JSON", "JSON variant"),
    Text("Суммы в рублях, а не в копейках", "Sums in currency units, not in kopecks"),
    scopes=PER_UNIT,
)
RELAY_DETAILS: Final = flag(
    "relay.details",
    False,
    Text("Подробности в DopInfo", "Details in DopInfo"),
    Text("Дополнительные сведения о карте для кассы", "More about the card for the till"),
    scopes=PER_CLASSIFIER,
)
RELAY_STRICT: Final = flag(
    "relay.strict",
    False,
    Text("Строгий режим", "Strict mode"),
    Text("Сомнительные операции отклоняются", "Doubtful operations are refused"),
    scopes=PER_CLASSIFIER,
)
RELAY_SCREEN: Final = text(
    "relay.screen_text",
    "",
    Text("Текст на экране кассы", "Text on the till's screen"),
    Text("Пусто: имя, остатки, акции", "Empty: name, balances, campaigns"),
    scopes=PER_CLASSIFIER,
)
RELAY_PRINTER: Final = text(
    "relay.printer_text",
    "",
    Text("Текст на чеке", "Text on the bill"),
    Text("Пусто: ничего", "Empty: nothing"),
    scopes=PER_CLASSIFIER,
)
RELAY_SLIP: Final = text(
    "relay.slip_text",
    "",
    Text("Текст слипа", "Text of the slip"),
    Text("До десяти строк; пусто: ничего", "Up to ten lines; empty: nothing"),
    scopes=PER_CLASSIFIER,
)
