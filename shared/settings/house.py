"""Settings of the house: system, cards, holders, ledger, messages, security (domain 6.1)."""

from __future__ import annotations

from typing import Final

from shared.settings.declare import (
    PER_CLASSIFIER,
    Text,
    choice,
    flag,
    span_of_day,
    text,
    time_of_day,
    time_zone,
    whole,
    words,
)

MIN: Final = Text("мин", "min")
HOURS: Final = Text("ч", "h")
DAYS: Final = Text("дн.", "days")
MONTHS: Final = Text("мес.", "months")
WEEK: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
SHOWN_FIELDS: Final = "l_name, f_name, phone"

# ---------------------------------------------------------------------- system

TIME_ZONE: Final = time_zone(
    "system.time_zone",
    "Europe/Moscow",
    Text("Часовой пояс", "Time zone"),
    Text("Пояс учётных дат системы", "The zone of the system's business dates"),
)
DAY_START: Final = time_of_day(
    "system.day_start",
    "04:00",
    Text("Начало учётного дня", "Start of the business day"),
    Text("До этого часа идёт вчерашняя смена", "Before this time it is still yesterday's shift"),
)
WEEK_START: Final = choice(
    "system.week_start",
    "Monday",
    WEEK,
    Text("Первый день недели", "First day of the week"),
    Text("С него считаются недельные лимиты", "Weekly limits are counted from it"),
)
APP_SERVER: Final = text(
    "app_server.address",
    "",
    Text("Сервер приложений", "Application server"),
    Text(
        "Где отвечает отдельный сервер пользователей и отчётов; пусто: сам сервер карт",
        "Where a separate server of users and reports answers; empty: the card server itself",
    ),
)
CURRENCY: Final = text(
    "system.currency",
    "RUB",
    Text("Валюта", "Currency"),
    Text("Код валюты счетов, три буквы", "The currency of accounts, three letters"),
)
COUNTRY: Final = text(
    "system.country",
    "RU",
    Text("Страна", "Country"),
    Text(
        "По ней читаются телефоны без кода страны", "Phones without a country code are read by it"
    ),
)

# ---------------------------------------------------------------------- cards, holders

CARD_MAX_DIGITS: Final = whole(
    "card.max_digits",
    18,
    1,
    18,
    Text("Цифр в номере карты, не более", "Most digits of a card number"),
    Text("Более длинный номер считается носителем", "A longer number counts as a carrier"),
)
CARD_BY_PHONE: Final = flag(
    "card.virtual_by_phone",
    False,
    Text("Телефон вместо карты", "A phone instead of a card"),
    Text("Карта находится по телефону владельца", "A card is found by its holder's phone"),
    scopes=PER_CLASSIFIER,
)
HOLDER_FIELDS: Final = words(
    "holder.required_fields",
    SHOWN_FIELDS,
    Text("Обязательные поля владельца", "Fields a holder must have"),
    Text("Для окон программ, не для API", "For the windows of the suite, not for the API"),
)
HOLDER_GROUP: Final = whole(
    "holder.default_group",
    1,
    1,
    2_147_483_647,
    Text("Группа новых владельцев", "Group of new holders"),
    Text("Если в запросе нет Group_ID", "Where a request has no Group_ID"),
    scopes=PER_CLASSIFIER,
)
UNIQUE_PHONE: Final = whole(
    "contact.unique_phone",
    1,
    0,
    1_000,
    Text("Владельцев на телефон", "Holders of a phone"),
    Text("Сколько владельцев могут иметь один телефон; 0: без предела", "How many; 0: no limit"),
)
UNIQUE_EMAIL: Final = whole(
    "contact.unique_email",
    1,
    0,
    1_000,
    Text("Владельцев на адрес почты", "Holders of an e-mail"),
    Text("Сколько владельцев могут иметь один адрес; 0: без предела", "How many; 0: no limit"),
)
MERGE_UNDO: Final = whole(
    "merge.undo_days",
    30,
    0,
    3_650,
    Text("Отменять слияние владельцев", "Undo a merge of holders"),
    Text("Столько дней после слияния", "For so many days after it"),
    unit=DAYS,
)

# ---------------------------------------------------------------------- ledger, loyalty

HOLD_MINUTES: Final = whole(
    "hold.max_minutes",
    10_080,
    1,
    525_600,
    Text("Резерв, не дольше", "Longest hold"),
    Text("Предел срока резерва", "The limit of a hold's life"),
    unit=MIN,
)
ROLLBACK_HOURS: Final = whole(
    "loyalty.rollback_hours",
    24,
    0,
    8_760,
    Text("Ждать операцию после отката", "Wait for an operation after its roll-back"),
    Text(
        "Откат раньше операции действует столько часов", "A roll-back that came first holds so long"
    ),
    unit=HOURS,
)
BIRTHDAY_BEFORE: Final = whole(
    "loyalty.birthday_before",
    3,
    0,
    180,
    Text("День рождения: дней до", "Birthday: days before"),
    Text("С какого дня действует подарок", "From which day the gift holds"),
    unit=DAYS,
)
BIRTHDAY_AFTER: Final = whole(
    "loyalty.birthday_after",
    3,
    0,
    180,
    Text("День рождения: дней после", "Birthday: days after"),
    Text("До какого дня действует подарок", "Until which day the gift holds"),
    unit=DAYS,
)
BOOKS_CLOSE: Final = whole(
    "books.auto_close_days",
    0,
    0,
    3_650,
    Text("Закрывать период через", "Close the period after"),
    Text("0: вручную", "0: by hand"),
    unit=DAYS,
)

# ---------------------------------------------------------------------- messages

MAILING_TEST: Final = flag(
    "mailing.test_mode",
    True,
    Text("Тестовый режим рассылок", "Mailings in test mode"),
    Text("Сообщения получают только тестовые контакты", "Only test contacts get messages"),
)
MAILING_TWO: Final = flag(
    "mailing.two_persons",
    False,
    Text("Рассылку подтверждает второй", "A second person confirms a mailing"),
    Text("Отправляет не тот, кто составил", "Who wrote it does not send it"),
)
MAILING_QUIET: Final = span_of_day(
    "mailing.quiet",
    "21:00-09:00",
    Text("Тихие часы", "Quiet hours"),
    Text("В это время гостям не пишут", "Guests are not written to"),
)
MESSAGE_KEEP: Final = whole(
    "message.keep_months",
    12,
    1,
    240,
    Text("Хранить сообщения", "Keep messages"),
    Text("Потом текст удаляется", "Then their text is deleted"),
    unit=MONTHS,
)

# ---------------------------------------------------------------------- security, journals

TWO_PERSONS: Final = flag(
    "security.two_persons",
    False,
    Text("Правило двух лиц", "Rule of two persons"),
    Text(
        "Крупные ручные операции подтверждает второй", "A second person confirms large operations"
    ),
)
APPROVAL_HOURS: Final = whole(
    "security.approval_hours",
    72,
    1,
    8_760,
    Text("Ждать вторую подпись", "Wait for a second signature"),
    Text("Часы, потом запрос истекает", "Hours, then the request expires"),
    unit=HOURS,
)
IDLE_MINUTES: Final = whole(
    "security.idle_minutes",
    30,
    1,
    1_440,
    Text("Завершать сеанс без действий", "End an idle session"),
    Text("Минуты без запросов", "Minutes without a request"),
    unit=MIN,
)
LOCK_AFTER: Final = whole(
    "security.lock_after",
    5,
    1,
    100,
    Text("Неверных паролей до закрытия", "Wrong passwords until locked"),
    Text("Подряд, для одного пользователя", "In a row, of one user"),
)
LOCK_MINUTES: Final = whole(
    "security.lock_minutes",
    15,
    1,
    1_440,
    Text("Закрывать вход на", "Lock sign-in for"),
    Text("После неверных паролей", "After wrong passwords"),
    unit=MIN,
)
PASSWORD_DAYS: Final = whole(
    "security.password_days",
    0,
    0,
    3_650,
    Text("Пароль действует", "A password is valid for"),
    Text("0: бессрочно", "0: for ever"),
    unit=DAYS,
)
JOURNAL_TABLES: Final = words(
    "journal.tables",
    "",
    Text("Таблицы в журнале", "Tables in the journal"),
    Text("Пусто: все редактируемые", "Empty: all that are edited"),
)
JOURNAL_KEEP: Final = whole(
    "journal.keep_months",
    36,
    1,
    240,
    Text("Хранить журнал изменений", "Keep the journal of edits"),
    Text("Потом записи удаляются", "Then its rows are deleted"),
    unit=MONTHS,
)
TRACE_KEEP: Final = whole(
    "trace.keep_months",
    24,
    1,
    240,
    Text("Хранить разбор операций", "Keep traces of operations"),
    Text("Потом записи удаляются", "Then its rows are deleted"),
    unit=MONTHS,
)
BACKUP_KEEP: Final = whole(
    "backup.keep",
    14,
    1,
    1_000,
    Text("Хранить копий базы", "Backups that are kept"),
    Text("Самые старые удаляются", "The oldest are deleted"),
)
