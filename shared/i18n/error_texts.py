"""The sentences of refusals, where the reader is: what a till sees and what a person sees.

Wire sentences are those of crm-xml.md section 5; windows and the command line say more where more
helps. Facts are cut to 60 characters, a missing fact is left empty, a sentence to 255.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from shared.wire.errors import ErrorCode

LONGEST_FACT: Final = 60
LONGEST_TEXT: Final = 255
LONGEST_SHOWN: Final = 300
"""A fact in a window or on a console; there a path may be told whole."""

RU, EN = 0, 1

WIRE: Final[dict[ErrorCode, tuple[str, str]]] = {
    ErrorCode.CLASSIFIER_UNKNOWN: (
        "Неверно указан классификатор ПО [{code}]",
        "Wrong software classifier [{code}]",
    ),
    ErrorCode.HOLDER_NOT_FOUND: (
        "Владелец не найден",
        "Holder not found",
    ),
    ErrorCode.CONTACT_TAKEN: (
        'Контакт "{value}" уже используется; допустимо владельцев: {limit}. Обратитесь к администратору',
        'Contact "{value}" is already in use; holders allowed: {limit}. Contact the administrator',
    ),
    ErrorCode.EMPTY_REQUEST: (
        "Пустой запрос",
        "Empty request",
    ),
    ErrorCode.BAD_XML: (
        "Ошибка XML, строка {line}, позиция {col}",
        "XML error, line {line}, column {col}",
    ),
    ErrorCode.XML_FORBIDDEN: (
        "Запрещённая конструкция XML",
        "Forbidden XML construct",
    ),
    ErrorCode.ACTION_MISSING: (
        "Не указано действие (Action)",
        "Action is missing",
    ),
    ErrorCode.UNKNOWN_ACTION: (
        'Неизвестное действие "{action}"',
        'Unknown action "{action}"',
    ),
    ErrorCode.REQUEST_TOO_LARGE: (
        "Запрос больше {limit} байт",
        "Request exceeds {limit} bytes",
    ),
    ErrorCode.REQUEST_TIMEOUT: (
        "Запрос не получен полностью за {seconds} с",
        "Request was not complete within {seconds} s",
    ),
    ErrorCode.WRONG_ROOT: (
        "Ожидался корневой элемент Message",
        "Root element Message expected",
    ),
    ErrorCode.FIELD_MISSING: (
        "Не указано поле {field}",
        "Field {field} is missing",
    ),
    ErrorCode.FIELD_BAD: (
        'Неверное значение поля {field}: "{value}"',
        'Bad value of field {field}: "{value}"',
    ),
    ErrorCode.TOO_MANY_ITEMS: (
        "Слишком много элементов: {count}, допустимо {limit}",
        "Too many items: {count}, allowed {limit}",
    ),
    ErrorCode.TOO_LONG: (
        "Поле {field} длиннее {limit} символов",
        "Field {field} exceeds {limit} characters",
    ),
    ErrorCode.NO_API_RIGHT: (
        'Нет права "{right}"',
        'No right "{right}"',
    ),
    ErrorCode.ADDRESS_FORBIDDEN: (
        "Обращение с этого адреса запрещено",
        "This address is not allowed",
    ),
    ErrorCode.RATE_LIMITED: (
        "Слишком много запросов, повторите через {seconds} с",
        "Too many requests, retry in {seconds} s",
    ),
    ErrorCode.GLOBAL_TYPE_BAD: (
        "Неверный Global_Type",
        "Wrong Global_Type",
    ),
    ErrorCode.ACTION_OFF: (
        "Действие отключено в настройках",
        "Action is switched off",
    ),
    ErrorCode.CLASSIFIER_HIDDEN: (
        "Классификатору «{name}» не разрешён доступ к API",
        'Software classifier "{name}" is not allowed to use the API',
    ),
    ErrorCode.CARD_NOT_FOUND: (
        "Карта {card} не найдена",
        "Card {card} not found",
    ),
    ErrorCode.CARD_BLOCKED: (
        "Карта {card} заблокирована: {reason}",
        "Card {card} is blocked: {reason}",
    ),
    ErrorCode.CARD_EXPIRED: (
        "Срок действия карты {card} истёк {date}",
        "Card {card} expired on {date}",
    ),
    ErrorCode.CARD_TAKEN: (
        "Карта {card} уже выдана другому владельцу",
        "Card {card} belongs to another holder",
    ),
    ErrorCode.CARD_UNBOUND: (
        "Карта {card} не привязана к владельцу",
        "Card {card} has no holder",
    ),
    ErrorCode.CARD_INACTIVE: (
        "Карта {card} неактивна",
        "Card {card} is inactive",
    ),
    ErrorCode.WRONG_STATE: (
        "Действие «{event}» невозможно: {object} в состоянии «{state}»",
        'Action "{event}" is not possible: {object} is in state "{state}"',
    ),
    ErrorCode.CARD_DELETED: (
        "Карта {card} удалена",
        "Card {card} was deleted",
    ),
    ErrorCode.CARD_NOT_YET: (
        "Карта {card} действует с {date}",
        "Card {card} is valid from {date}",
    ),
    ErrorCode.CARD_CLASSIFIER: (
        "Карта {card} не обслуживается в «{name}»",
        'Card {card} is not served at "{name}"',
    ),
    ErrorCode.PIN_WRONG: (
        "Неверный PIN. Осталось попыток: {n}",
        "Wrong PIN. Tries left: {n}",
    ),
    ErrorCode.CARD_OUT_OF_RANGE: (
        "Номер {card} не входит ни в один диапазон",
        "Number {card} is in no card range",
    ),
    ErrorCode.HOLDERS_MANY: (
        "Найдено несколько владельцев: {count}",
        "Several holders match: {count}",
    ),
    ErrorCode.NAME_MISSING: (
        "Не указано ни одно имя владельца",
        "No holder name given",
    ),
    ErrorCode.CONTACT_NOT_FOUND: (
        "Контакт {id} не найден",
        "Contact {id} not found",
    ),
    ErrorCode.ADDRESS_NOT_FOUND: (
        "Адрес {id} не найден",
        "Address {id} not found",
    ),
    ErrorCode.DICT_VALUE_UNKNOWN: (
        "Нет такого значения справочника: {field} = {value}",
        "No such dictionary value: {field} = {value}",
    ),
    ErrorCode.PHONE_BAD: (
        'Неверный контакт "{value}"',
        'Bad contact "{value}"',
    ),
    ErrorCode.EMAIL_BAD: (
        'Неверный контакт "{value}"',
        'Bad contact "{value}"',
    ),
    ErrorCode.HOLDER_DELETED: (
        "Владелец удалён",
        "Holder was deleted",
    ),
    ErrorCode.HOLDER_BLACKLISTED: (
        "Владелец в чёрном списке",
        "Holder is black-listed",
    ),
    ErrorCode.IMAGE_REFUSED: (
        "Изображение не принято: {reason}",
        "Picture refused: {reason}",
    ),
    ErrorCode.ACCOUNT_NOT_FOUND: (
        "Счёт {account} не найден",
        "Account {account} not found",
    ),
    ErrorCode.ACCOUNT_BLOCKED: (
        "Счёт {account} недоступен: {reason}",
        "Account {account} is unavailable: {reason}",
    ),
    ErrorCode.DEBIT_FORBIDDEN: (
        'Операция по типу счёта "{type}" не разрешена этому классификатору',
        'Operation on account type "{type}" is not allowed for this classifier',
    ),
    ErrorCode.CREDIT_FORBIDDEN: (
        'Операция по типу счёта "{type}" не разрешена этому классификатору',
        'Operation on account type "{type}" is not allowed for this classifier',
    ),
    ErrorCode.INSUFFICIENT: (
        "Недостаточно средств: доступно {available}, требуется {needed}",
        "Insufficient funds: {available} available, {needed} needed",
    ),
    ErrorCode.BAD_AMOUNT: (
        'Неверная сумма "{value}"',
        'Bad amount "{value}"',
    ),
    ErrorCode.BAD_TIME: (
        'Неверное время операции "{value}"',
        'Bad operation time "{value}"',
    ),
    ErrorCode.BAD_LIFE: (
        'Неверный срок бонусов "{value}"',
        'Bad bonus date "{value}"',
    ),
    ErrorCode.KEY_TWICE: (
        "Повтор ключа операции внутри запроса",
        "Operation key occurs twice in the message",
    ),
    ErrorCode.KEY_CONFLICT: (
        "Операция с этим номером уже проведена с другими данными (№ {id})",
        "This key was already booked with other content (no. {id})",
    ),
    ErrorCode.FILTER_MISSING: (
        "Укажите счёт, карту, владельца, операцию или внешний код",
        "Give an account, card, holder, transaction or external code",
    ),
    ErrorCode.TXN_NOT_FOUND: (
        "Операция {id} не найдена",
        "Transaction {id} not found",
    ),
    ErrorCode.REFUND_TOO_BIG: (
        "Возврат больше исходной операции",
        "Return exceeds the original operation",
    ),
    ErrorCode.ACCOUNTS_MANY: (
        "Подходит несколько счетов",
        "Several accounts match",
    ),
    ErrorCode.NOTHING_TO_BOOK: (
        "Нет ни одной операции",
        "No transaction given",
    ),
    ErrorCode.TIME_FORBIDDEN: (
        "Операция по счёту «{type}» сейчас не разрешена, ближайшее время: {time}",
        'Account type "{type}" cannot be used now, next time: {time}',
    ),
    ErrorCode.PENDING_ONLY: (
        "Бонусы станут доступны {when}: {sum}",
        "Bonuses become available on {when}: {sum}",
    ),
    ErrorCode.HELD_ELSEWHERE: (
        "{sum} зарезервировано в заказе {order}, ресторан {unit}, до {time}",
        "{sum} is held by order {order}, restaurant {unit}, until {time}",
    ),
    ErrorCode.CAP_EXCEEDED: (
        "Со счёта можно оплатить не более {percent} чека: {sum}",
        "At most {percent} of the cheque can be paid: {sum}",
    ),
    ErrorCode.LIMIT_EXCEEDED: (
        "Лимит {period} {limit} исчерпан: осталось {rest}, обновится {when}",
        "Limit {period} {limit} is used up: {rest} left, renewed on {when}",
    ),
    ErrorCode.ROLLED_BACK: (
        "Операция отменена кассой",
        "The operation was rolled back by the cash desk",
    ),
    ErrorCode.BACKDATE: (
        "Дата {date} раньше допустимой ({min})",
        "Date {date} is before the earliest allowed ({min})",
    ),
    ErrorCode.BOOKS_CLOSED: (
        "Период до {date} закрыт",
        "The period up to {date} is closed",
    ),
    ErrorCode.IN_FUTURE: (
        "Время операции {time} впереди часов сервера на {min} мин",
        "Operation time {time} is {min} min ahead of the server",
    ),
    ErrorCode.HOLD_ENDED: (
        "Резерв снят {when}, причина: {why}",
        "The hold ended on {when}: {why}",
    ),
    ErrorCode.SALE_NOT_FOUND: (
        "Продажа не найдена: {ext}",
        "Sale not found: {ext}",
    ),
    ErrorCode.COUPON_NOT_FOUND: (
        "Купон {coupon} не найден",
        "Coupon {coupon} not found",
    ),
    ErrorCode.COUPON_INACTIVE: (
        "Купон {coupon} не активен",
        "Coupon {coupon} is not active",
    ),
    ErrorCode.COUPON_DATES: (
        "Купон {coupon} действует с {from} по {to}",
        "Coupon {coupon} is valid from {from} to {to}",
    ),
    ErrorCode.COUPON_USED: (
        "Купон {coupon} уже использован",
        "Coupon {coupon} has been used",
    ),
    ErrorCode.COUPON_CLASSIFIER: (
        "Купон {coupon} не действует в этой точке",
        "Coupon {coupon} is not valid at this point",
    ),
    ErrorCode.COUPON_TYPE: (
        "Тип купона {type} недоступен",
        "Coupon type {type} is unavailable",
    ),
    ErrorCode.COUPON_POOL_EMPTY: (
        "Номера купонов этого типа исчерпаны",
        "Coupon numbers of this type are used up",
    ),
    ErrorCode.COUPON_NOT_NOW: (
        "Купон {coupon} сейчас не действует",
        "Coupon {coupon} is not valid now",
    ),
    ErrorCode.COUPON_PERSONAL: (
        "Купон {coupon} именной",
        "Coupon {coupon} is personal",
    ),
    ErrorCode.COUPON_NO_GOODS: (
        "Для купона {coupon} в чеке нет подходящих блюд",
        "No line of the cheque suits coupon {coupon}",
    ),
    ErrorCode.COUPON_HOLDER_LIMIT: (
        "Купон {coupon}: гость уже использовал {n} за {days} дн.",
        "Coupon {coupon}: the guest has used {n} within {days} days",
    ),
    ErrorCode.CERT_PIN: (
        "Неверный PIN сертификата",
        "Wrong certificate PIN",
    ),
    ErrorCode.CERT_USED: (
        "Сертификат израсходован",
        "The certificate is used up",
    ),
    ErrorCode.CERT_UNDERPAY: (
        "Чек меньше номинала, остаток сгорит: {sum}",
        "The cheque is below the nominal, the rest would burn: {sum}",
    ),
    ErrorCode.SEARCH_LOST: (
        "Набор поиска не найден, повторите поиск",
        "Search set not found, search again",
    ),
    ErrorCode.SEARCH_CONDITION: (
        'Ошибка в условии {field}: "{value}"',
        'Error in condition {field}: "{value}"',
    ),
    ErrorCode.SEARCH_TOO_MANY: (
        "Найдено больше {limit}, уточните поиск",
        "More than {limit} hits, narrow the search",
    ),
    ErrorCode.LOGIN_UNKNOWN: (
        "Телефон или карта не найдены",
        "Phone or card not found",
    ),
    ErrorCode.LOGIN_WRONG: (
        "Неверный код или пароль",
        "Wrong code or password",
    ),
    ErrorCode.CODE_EXPIRED: (
        "Срок действия кода истёк",
        "The code has expired",
    ),
    ErrorCode.TRIES_EXCEEDED: (
        "Слишком много попыток, повторите через {minutes} мин",
        "Too many tries, retry in {minutes} min",
    ),
    ErrorCode.CODE_NOT_SENT: (
        "Не удалось отправить код",
        "The code could not be sent",
    ),
    ErrorCode.ALREADY_REGISTERED: (
        "Уже зарегистрирован",
        "Already registered",
    ),
    ErrorCode.SESSION_LOST: (
        "Сеанс не найден или истёк",
        "Session unknown or expired",
    ),
    ErrorCode.CHMODE_UNKNOWN: (
        "Неизвестный режим чека {chmode}",
        "Unknown cheque mode {chmode}",
    ),
    ErrorCode.RELAY_NO_CLASSIFIER: (
        "Для станции не назначен классификатор",
        "No classifier is assigned to this station",
    ),
    ErrorCode.KIND_UNKNOWN: (
        "Неизвестный вид операции {kind}",
        "Unknown operation kind {kind}",
    ),
    ErrorCode.DB_UNREACHABLE: (
        "База данных недоступна",
        "Database is unavailable",
    ),
    ErrorCode.BUSY: (
        "Сервер перегружен, повторите запрос",
        "Server is overloaded, retry",
    ),
    ErrorCode.PROCESSING_TIMEOUT: (
        "Превышено время обработки",
        "Processing took too long",
    ),
    ErrorCode.STOPPING: (
        "Сервер останавливается",
        "Server is stopping",
    ),
    ErrorCode.LICENCE_QUOTA: (
        "Превышено ограничение лицензии",
        "Licence limit exceeded",
    ),
    ErrorCode.LICENCE_END: (
        "Превышено ограничение лицензии",
        "Licence limit exceeded",
    ),
    ErrorCode.INTERNAL: (
        "Внутренняя ошибка, номер {ref}",
        "Internal error, reference {ref}",
    ),
}

WINDOW: Final[dict[ErrorCode, tuple[str, str]]] = {
    ErrorCode.HOLDER_MERGED: (
        "Запись объединена с владельцем {id}",
        "The record was merged into holder {id}",
    ),
    ErrorCode.REFUND_SHORT: (
        "Начислено {earned}, остаток {balance}: счёт станет {after}, долг {debt}, прощено {forgiven}",
        "Earned {earned}, balance {balance}: the account becomes {after}, debt {debt}, forgiven {forgiven}",
    ),
    ErrorCode.REFUND_DEAD: (
        "{sum} бонусов вернутся, но их срок истёк {date}",
        "{sum} points come back, but they expired on {date}",
    ),
    ErrorCode.MODE_WARNING: (
        "Скидки считает касса: базовая ставка и периоды этой схемы не применяются",
        "The POS counts discounts: base rate and periods of this scheme are not applied",
    ),
    ErrorCode.SPENT_REQUIRED: (
        "Нужен ровно один тип счёта класса «Потраченные средства»",
        'Exactly one account type of class "spent" is needed',
    ),
    ErrorCode.MATRIX_HALF: (
        "«{type}»: начисление разрешено, списание нет. Оплата этим счётом в «{classifier}» будет отклоняться",
        '"{type}": credit is allowed, debit is not. Payments from it at "{classifier}" will be refused',
    ),
    ErrorCode.LEVEL_ORDER: (
        "Порог уровня {n} должен быть больше порога предыдущего уровня",
        "The threshold of level {n} must exceed that of the level before",
    ),
    ErrorCode.MASK_LENGTH: (
        "В маске {m} знаков, введено {k}. На кассе набирайте {example}",
        "The mask has {m} characters, {k} were typed. At the POS type {example}",
    ),
    ErrorCode.STALE_EDIT: (
        "Запись изменил {user} в {time}. Показать отличия?",
        "{user} changed the record at {time}. Show the differences?",
    ),
    ErrorCode.IN_USE: (
        "Нельзя удалить: используется ({where}: {n}). Можно сделать неактивной",
        "In use ({where}: {n}): it cannot be deleted, only made inactive",
    ),
    ErrorCode.NO_RIGHT: (
        "Нет права «{right}». Его выдаёт администратор",
        'No right "{right}". The administrator grants it',
    ),
    ErrorCode.PASSWORD_WRONG: (
        "Неверное имя или пароль",
        "Wrong name or password",
    ),
    ErrorCode.LOCKED: (
        "Вход закрыт до {time} после {n} попыток",
        "Sign-in is locked until {time} after {n} tries",
    ),
    ErrorCode.PASSWORD_FIRST: (
        "Задайте пароль администратора",
        "Set the administrator's password",
    ),
    ErrorCode.REASON_NEEDED: (
        "Укажите причину (не короче 5 букв)",
        "Give a reason (at least 5 letters)",
    ),
    ErrorCode.NO_CONSENT: (
        "Нет согласия на рассылку ({channel})",
        "No consent for messages ({channel})",
    ),
    ErrorCode.TEST_MODE: (
        "Тестовый режим: из {total} получат {n} тестовых контактов",
        "Test mode: {n} test contacts of {total} will receive it",
    ),
    ErrorCode.DB_VERSION: (
        "Версия базы {db}, программы {app}. Обновите базу командой card-server migrate после копии или возьмите подходящую программу",
        "The database has version {db}, the program {app}. Upgrade with card-server migrate after a backup, or use the program that fits",
    ),
    ErrorCode.DB_STRING: (
        "Строка подключения «{value}» не понята: ожидается IP,порт:имя_базы, например 192.0.2.10,1433:CRM",
        'Connection string "{value}" is not understood: expected IP,port:database, for example 192.0.2.10,1433:CRM',
    ),
    ErrorCode.PORT_BUSY: (
        "Порт {port} занят программой {name}. Закройте её или выберите другой порт",
        "Port {port} is taken by {name}. Close it or choose another port",
    ),
    ErrorCode.PORT_DENIED: (
        "Порт {port} открыть нельзя: {why}. Выберите другой порт",
        "Port {port} cannot be opened: {why}. Choose another port",
    ),
    ErrorCode.HOST_BAD: (
        "Адрес «{host}» не годится: {why}. Укажите адрес этого компьютера, 127.0.0.1 или 0.0.0.0",
        'Address "{host}" cannot be used: {why}. Give an address of this machine, 127.0.0.1 or 0.0.0.0',
    ),
    ErrorCode.FOLDER_DENIED: (
        "В папку данных {folder} нельзя писать: {why}. Дайте программе право записи или укажите другую папку (--data)",
        "The data folder {folder} cannot be written to: {why}. Grant the right to write or give another folder (--data)",
    ),
    ErrorCode.ALREADY_RUNNING: (
        "С папкой данных {folder} уже работает другой сервер (PID {pid}). Остановите его или укажите другую папку (--data)",
        "Another server works with the data folder {folder} already (PID {pid}). Stop it or give another folder (--data)",
    ),
    ErrorCode.SETTINGS_BROKEN: (
        "Файл настроек {file} не читается: {why}. Исправьте эту строку или уберите файл; он не изменён",
        "The settings file {file} cannot be read: {why}. Mend that line or move the file away; it was left as it is",
    ),
    ErrorCode.SETTING_BAD: (
        "Настройка {key}: значение «{value}» не годится, допустимо: {allowed}",
        'Setting {key}: the value "{value}" cannot be used, allowed: {allowed_en}',
    ),
    ErrorCode.SETTING_UNKNOWN: (
        "Настройка {key} неизвестна и не действует; похожая: {nearest}",
        "Setting {key} is unknown and has no effect; the nearest: {nearest}",
    ),
    ErrorCode.TLS_BAD: (
        "TLS: файл {file} ({key}) не годится: {why}",
        "TLS: file {file} ({key}) cannot be used: {why}",
    ),
    ErrorCode.TLS_UNTRUSTED: (
        (
            "Сертификат сервера {server} не подходит: {why}. Отпечаток {found}: сверьте его с журналом "
            "сервера карт и подтвердите, или укажите верный адрес"
        ),
        (
            "The certificate of server {server} does not fit: {why}. Fingerprint {found}: compare it "
            "with the card server's log and confirm it, or name the right address"
        ),
    ),
    ErrorCode.MANAGE_OPEN: (
        (
            "Порт управления нельзя открыть по сети ({host}) без TLS: пароли пошли бы открыто. "
            "Включите server.manage_tls или оставьте server.manage_host = 127.0.0.1"
        ),
        (
            "The management port must not be open on the network ({host}) without TLS: passwords would "
            "travel in clear. Switch server.manage_tls on, or leave server.manage_host = 127.0.0.1"
        ),
    ),
    ErrorCode.IMPORT_ROW: (
        "Строка {n}, поле {field}: «{value}»: {why}",
        'Row {n}, field {field}: "{value}": {why}',
    ),
    ErrorCode.IMPORT_TOTALS: (
        "Контрольная сумма {expected}, загружено {found}, разница {diff}",
        "Control total {expected}, loaded {found}, difference {diff}",
    ),
    ErrorCode.BAD_JSON: (
        "Запрос не разобран: {what}",
        "The request cannot be read: {what}",
    ),
    ErrorCode.ROW_NOT_FOUND: (
        "Запись не найдена: {what} {id}. Возможно, её удалили; обновите список",
        "No such row: {what} {id}. It may have been deleted; refresh the list",
    ),
    ErrorCode.VALUE_TAKEN: (
        "Значение «{value}» уже занято другой записью",
        'The value "{value}" is taken by another row',
    ),
    ErrorCode.DIVISION_FOREIGN: (
        "Запись другого подразделения. Доступ к нему даёт администратор",
        "The row belongs to another division. The administrator gives access to it",
    ),
    ErrorCode.PASSWORD_WEAK: (
        "Пароль не подходит: нужно не меньше {limit} знаков, не из списка частых, не имя пользователя и не прежний",
        "The password will not do: at least {limit} characters, not a common one, not the login, not the old one",
    ),
    ErrorCode.USER_BLOCKED: (
        "Вход для «{login}» закрыт администратором или истёк его срок",
        'Sign-in for "{login}" was blocked by the administrator or has expired',
    ),
    ErrorCode.CODE_NEEDED: (
        "Введите код из приложения-аутентификатора",
        "Enter the code of the authenticator app",
    ),
    ErrorCode.CODE_WRONG: (
        "Код не подходит. Проверьте часы телефона и введите новый код",
        "The code does not fit. Check the clock of the telephone and enter a new code",
    ),
    ErrorCode.LAST_ADMINISTRATOR: (
        "Последнего действующего администратора нельзя заблокировать, удалить или лишить роли",
        "The last active administrator cannot be blocked, deleted or lose the role",
    ),
    ErrorCode.RIGHT_LACKED: (
        "Нельзя дать право «{right}», которого нет у вас",
        'A right that you lack cannot be granted: "{right}"',
    ),
    ErrorCode.AMOUNT_LIMIT: (
        "Сумма {sum} больше вашего предела {limit}. Нужна вторая подпись",
        "The sum {sum} exceeds your limit {limit}. A second signature is needed",
    ),
    ErrorCode.SECOND_SIGNATURE: (
        "Подписать должен другой пользователь с правом «{right}»",
        'Another user with the right "{right}" must sign',
    ),
    ErrorCode.APPROVAL_REFUSED: (
        "Вторая подпись не дана: {reason}. Если операция нужна, оформите её заново",
        "The second signature was refused: {reason}. If the operation is needed, enter it anew",
    ),
    ErrorCode.APPROVAL_EXPIRED: (
        "Запрос на вторую подпись истёк {when}. Оформите операцию заново",
        "The request for a second signature expired at {when}. Enter the operation anew",
    ),
    ErrorCode.SERVER_UNREACHABLE: (
        "Сервер карт {server} не отвечает: {why}. Проверьте, что он запущен, и адрес в настройках",
        "The card server {server} does not answer: {why}. Check that it runs, and the address in the settings",
    ),
    ErrorCode.VERIFY_BAD: (
        "Найдено расхождение: {table} {id}: ожидалось {x}, записано {y}",
        "Difference found: {table} {id}: expected {x}, stored {y}",
    ),
    ErrorCode.CODE_TAKEN: (
        "Код {code} уже занят классификатором «{name}» ({known}); регистр букв не считается. Возьмите другой код",
        'Code {code} is taken by the classifier "{name}" ({known}); letter case does not count. Choose another code',
    ),
    ErrorCode.CODE_LENGTH: (
        "Код классификатора «{code}»: нужно от 1 до {limit} знаков без пробелов, введено {n}",
        'Classifier code "{code}": 1 to {limit} characters without blanks are needed, {n} were given',
    ),
    ErrorCode.NAME_TAKEN: (
        "Имя «{name}» уже занято. Возьмите другое имя",
        'The name "{name}" is taken. Choose another name',
    ),
    ErrorCode.CARD_USED: (
        "Карта {card} уже используется ({where}: {n}), её выпуск не отменён",
        "Card {card} is in use ({where}: {n}): its issue was not undone",
    ),
    ErrorCode.BONUS_NEEDS_HOLDER: (
        "Стартовый бонус {sum} начисляется владельцу: выпустите карты с анонимными владельцами или без бонуса",
        "The start bonus {sum} goes to a holder: issue the cards with anonymous holders, or without the bonus",
    ),
    ErrorCode.BONUS_TYPE: (
        "Укажите бонусный тип счёта для стартового бонуса: подходит {n}",
        "Name the bonus account type for the start bonus: {n} would fit",
    ),
    ErrorCode.RANGE_FULL: (
        "В диапазоне «{name}» нет {n} свободных номеров: от {first} до конца {last}",
        'The range "{name}" has no {n} free numbers: from {first} to its end {last}',
    ),
    ErrorCode.HEADS_UNSIGNED: (
        "Ничего не подписано: у учётной записи сервера нет хранилища ключей ({why})",
        "Nothing was signed: the server's account has no key store ({why})",
    ),
    ErrorCode.CHAIN_KEY_BROKEN: (
        "Ничего не подписано: секрет {name} в хранилище не похож на ключ; верните его из копии",
        "Nothing was signed: the secret {name} in the store is no key; put it back from a copy",
    ),
    ErrorCode.NOT_EMPTY: (
        "В базе {database} уже есть данные ({what}: {n}); ничего не изменено. Укажите пустую базу или другую папку --data",
        "The database {database} already holds data ({what}: {n}); nothing was changed. Name an empty database or another --data folder",
    ),
    ErrorCode.FILE_NOT_TABLE: (
        "Файл «{name}» не прочитан как таблица (строка {row}). Нужен CSV с разделителями или книга XLSX",
        'The file "{name}" cannot be read as a table (row {row}). A CSV with delimiters or an XLSX workbook is needed',
    ),
    ErrorCode.FILE_ENCRYPTED: (
        "Файл «{name}» защищён паролем. Снимите защиту и загрузите его снова",
        'The file "{name}" is protected by a password. Remove the protection and load it again',
    ),
    ErrorCode.FILE_OLD_FORMAT: (
        "Файл «{name}» в старом формате XLS. Сохраните его как XLSX или CSV",
        'The file "{name}" is of the old format XLS. Save it as XLSX or CSV',
    ),
    ErrorCode.FILE_TOO_LARGE: (
        "Файл «{name}» слишком большой: допустимо {size} МБ, {rows} строк, {columns} столбцов. Разделите его на части",
        'The file "{name}" is too large: {size} MB, {rows} rows, {columns} columns are allowed. Split it into parts',
    ),
    ErrorCode.FILE_INCOMPLETE: (
        "Файл «{name}» получен не полностью: {found} из {expected}. Загрузите его снова",
        'The file "{name}" did not arrive whole: {found} of {expected}. Load it again',
    ),
    ErrorCode.FILE_EMPTY: (
        "В файле «{name}» нет строк с данными",
        'The file "{name}" has no rows with data',
    ),
    ErrorCode.SHEET_UNKNOWN: (
        "В книге «{name}» нет листа «{sheet}». Выберите один из её листов",
        'The workbook "{name}" has no sheet "{sheet}". Choose one of its sheets',
    ),
    ErrorCode.NUMBER_UNREAD: (
        "«{value}» не читается как число. Ожидалось, например, 1200,50; знак дроби задаётся в формате чисел",
        '"{value}" cannot be read as a number. Expected, for example, 1200.50; the decimal sign is set in the number format',
    ),
    ErrorCode.DIGITS_LOST: (
        "В числе «{value}» табличный редактор сохранил только 15 цифр. Сделайте столбец текстовым и загрузите файл снова",
        'The spreadsheet kept only 15 digits of "{value}". Make the column a text column and load the file again',
    ),
    ErrorCode.DATE_UNREAD: (
        "«{value}» не читается как дата. Ожидалось, например, {format}",
        '"{value}" cannot be read as a date. Expected, for example, {format}',
    ),
    ErrorCode.FLAG_UNREAD: (
        "«{value}» не читается как ответ. Ожидалось: да, нет, 1, 0",
        '"{value}" cannot be read as an answer. Expected: yes, no, 1, 0',
    ),
    ErrorCode.ROW_TWICE: (
        "«{value}» уже есть в строке {row} этого файла",
        '"{value}" stands in row {row} of this file already',
    ),
    ErrorCode.ROW_BAD: (
        "В файле строк с ошибками: {count}. Исправьте их или разрешите пропустить",
        "Rows with errors in the file: {count}. Correct them, or allow them to be left out",
    ),
    ErrorCode.CODES_FEW: (
        "Кодов, начинающихся на «{begin}», хватит ещё на {free} купонов, а нужно {n}. Укажите более короткое начало",
        'Codes that begin with "{begin}" are enough for {free} more coupons, {n} are needed. Give a shorter beginning',
    ),
    ErrorCode.RELEASE_USED: (
        "Выпуск {id} не отменён: использовано купонов: {n}. Остальные можно аннулировать по одному",
        "Release {id} was not taken back: {n} of its coupons were used. The others can be cancelled one by one",
    ),
    ErrorCode.LICENCE_QUOTA: (
        "Лицензия на {n} карт исчерпана. Обслуживание гостей продолжается, выпуск карт остановлен. Загрузите файл новой лицензии",
        "The licence for {n} cards is used up. Guests are still served, the issue of cards has stopped. Load the file of a new licence",
    ),
    ErrorCode.LICENCE_END: (
        "Лицензия закончилась {date}. Обслуживание гостей продолжается, выпуск карт остановлен. Загрузите файл новой лицензии",
        "The licence ended on {date}. Guests are still served, the issue of cards has stopped. Load the file of a new licence",
    ),
    ErrorCode.LICENCE_FILE: (
        "Это не файл лицензии, или он повреждён ({what}). Получите файл у поставщика заново и загрузите его без изменений",
        "This is no licence file, or it is damaged ({what}). Get the file from the vendor again and load it unchanged",
    ),
    ErrorCode.LICENCE_FORGED: (
        "Подпись файла лицензии не подтверждена (ключ {key}). Файл изменён, либо программа старше лицензии: обновите её или получите файл у поставщика заново",
        "The signature of the licence file does not hold (key {key}). The file was changed, or the program is older than the licence: update it, or get the file from the vendor again",
    ),
    ErrorCode.LICENCE_FOREIGN: (
        "Лицензия {number} выдана для объекта {object}, а код этого объекта {own}. Сообщите его поставщику",
        "Licence {number} was made for the object {object}; the code of this object is {own}. Tell it to the vendor",
    ),
    ErrorCode.LICENCE_PAST: (
        "Лицензия {number} закончилась {date} и не загружена. Получите у поставщика действующую",
        "Licence {number} ended on {date} and was not loaded. Get a current one from the vendor",
    ),
    ErrorCode.CERT_NO_REFUND: (
        "Проданные сертификаты «{type}» не возвращаются. Разрешите возврат в типе сертификата или заблокируйте его",
        'Sold certificates "{type}" are not taken back. Allow it in the type of the certificate, or block it',
    ),
    ErrorCode.IMPORT_KEPT: (
        "Не отменено: {what} {id} уже используется или было изменено, а не создано",
        "Not undone: {what} {id} is in use, or was changed rather than made",
    ),
    ErrorCode.DB_UNREACHABLE: (
        "Нет связи с базой {server}: {why}",
        "The database {server} cannot be used: {why}",
    ),
}
"""Sentences of codes that only people meet, and fuller ones of codes that tills meet too."""


class _Facts(dict[str, str]):
    """Facts by name; one that is missing is empty, never a failure on the way to the reader."""

    def __missing__(self, key: str) -> str:
        return ""


def _fill(pattern: str, facts: Mapping[str, object], longest: int = LONGEST_FACT) -> str:
    cut = _Facts({k: "" if v is None else str(v)[:longest] for k, v in facts.items()})
    return pattern.format_map(cut)


def wire_text(code: ErrorCode, language: str, facts: Mapping[str, object]) -> str:
    """What a till or an XML program is told; codes without a wire sentence are internal."""
    pair = WIRE.get(code) or WIRE[ErrorCode.INTERNAL]
    return _fill(pair[EN if language == "en" else RU], facts)[:LONGEST_TEXT]


def window_text(code: ErrorCode, language: str, facts: Mapping[str, object]) -> str:
    """What a person at a window or a console is told."""
    pair = WINDOW.get(code) or WIRE[code]
    return _fill(pair[EN if language == "en" else RU], facts, LONGEST_SHOWN)
