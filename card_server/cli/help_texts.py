"""The help of every command in Russian, by its English text, and the words of argparse itself.

The English text stands where an option is declared; a test knows which ones have no Russian yet.
"""

from __future__ import annotations

from typing import Final

from card_server.cli.exit_codes import EXPLAINED

HEADINGS: Final = {
    "positional arguments": "что указать",
    "options": "ключи",
}

RUSSIAN: Final = {
    "Kartoteka card server": "Карточный сервер «Картотека»",
    EXPLAINED: """коды выхода:
  0  сделано; всё в порядке
  1  сделано, но найдено расхождение (check, verify)
  2  не получилось; почему - одной фразой в потоке ошибок
  3  неверно набрана сама команда""",
    "show this help message and exit": "показать эту справку и выйти",
    # every command
    "folder of database, logs and settings (default: data)": (
        "папка базы, журналов и настроек (по умолчанию data)"
    ),
    "IP,port:name or a SQLAlchemy URL; default: the file in the data folder": (
        "IP,порт:имя или адрес SQLAlchemy; по умолчанию - файл в папке данных"
    ),
    "answer with one JSON object": "ответить одним объектом JSON",
    "language of messages": "язык сообщений",
    "no progress on standard error": "не показывать ход работы в потоке ошибок",
    # serve, run
    "run the server in this console": "сервер в этом окне",
    "the same as serve, until there is a tray": "то же, что serve, пока нет значка в трее",
    "Serve until Ctrl+C, Ctrl+Break or SIGTERM.": "Работает до Ctrl+C, Ctrl+Break или SIGTERM.",
    "address to listen on (server.host)": "адрес, на котором слушать (server.host)",
    "a program of the suite to run beside the server; the demo ends with it": (
        "программа комплекса, которая работает рядом с сервером; с ней кончается показ"
    ),
    "HTTP, 0 = free port (server.port)": "HTTP, 0 - свободный порт (server.port)",
    "raw TCP, 0 = free port (server.raw_port)": "TCP, 0 - свободный порт (server.raw_port)",
    "0 = free port (server.manage_port)": "0 - свободный порт (server.manage_port)",
    "0 = free port (server.tls_port)": "0 - свободный порт (server.tls_port)",
    # migrate, check, backup, restore
    "create or upgrade the database": "создать базу или обновить её",
    "Create the database or bring it up to date; an embedded one is backed up before.\n\n"
    "The server of the data folder must be stopped: it would go on with tables that changed.": (
        "Создаёт базу или обновляет её; встроенная перед этим копируется.\n\n"
        "Сервер этой папки данных должен быть остановлен: иначе таблицы изменятся под ним."
    ),
    "look for everything that is wrong with the database": "найти всё, что не так с базой",
    "Look, never write. Exit code 0 no fault, 1 faults.": (
        "Смотрит и ничего не пишет. Код выхода 0 - всё в порядке, 1 - нет."
    ),
    "sign-in name for IP,port:name; default: this account": (
        "имя входа для IP,порт:имя; по умолчанию - эта учётная запись"
    ),
    "accept any certificate of the server": "принять любой сертификат сервера базы",
    "read an embedded database file from end to end": (
        "прочитать файл встроенной базы от начала до конца"
    ),
    "copy the database": "скопировать базу",
    "Copy the database while it is in use; the copy is checked before it counts.": (
        "Копирует базу на ходу; копия проверяется прежде, чем считается сделанной."
    ),
    "folder for the copy (default: DATA/backups); for Microsoft SQL Server a file on the disk of"
    " the database server": (
        "папка для копии (по умолчанию ПАПКА_ДАННЫХ/backups); для Microsoft SQL Server - файл"
        " на диске сервера базы"
    ),
    "put a backup back": "вернуть копию",
    "Put a backup in the place of the embedded database; the old file stays beside it.\n\n"
    "The server of the data folder must be stopped: it would write on into the file put aside.": (
        "Ставит копию на место встроенной базы; прежний файл остаётся рядом.\n\n"
        "Сервер этой папки данных должен быть остановлен: иначе он писал бы в прежний файл."
    ),
    "the backup file": "файл копии",
    # verify, rebuild, sign-heads
    "prove the ledger": "доказать журнал операций",
    "Exit code 0 clean, 1 finding, 2 could not run.": (
        "Код выхода 0 - сходится, 1 - найдено расхождение, 2 - проверить не удалось."
    ),
    "every link, not only the last 10 000": "все звенья, а не только последние 10 000",
    "links from this day (YYYY-MM-DD) or number on": ("звенья с этого дня (ГГГГ-ММ-ДД) или номера"),
    "one account by its id": "один счёт по его номеру",
    "the ledger as it stood then: YYYY-MM-DD or an ISO moment": (
        "журнал, каким он был тогда: ГГГГ-ММ-ДД или момент ISO"
    ),
    "64 hex digits: also check the signed daily heads": (
        "64 шестнадцатеричные цифры: проверить и подписи дней"
    ),
    "count every cache anew": "пересчитать все производные числа",
    "Exit code 0 nothing had to change, 1 caches were wrong and are right now, 2 could not run.": (
        "Код выхода 0 - менять нечего, 1 - числа были неверны и исправлены, 2 - не удалось."
    ),
    "say what would change, change none": "сказать, что изменилось бы, и не менять",
    "sign the end of the chain of every day": "подписать конец цепочки каждого дня",
    "Sign what is not signed yet; without a key store nothing is signed, and that is told.": (
        "Подписывает, что ещё не подписано; без хранилища ключей - ничего, и говорит об этом."
    ),
    # set-secret
    "put a password into the key store": "положить пароль в хранилище ключей",
    "The value comes from standard input or is typed; never from the command line.": (
        "Значение читается из ввода или набирается; никогда из командной строки."
    ),
    "which secret (default: database, its password)": (
        "какой секрет (по умолчанию database - пароль базы)"
    ),
    "forget the secret": "забыть секрет",
    # demo-data, demo
    "fill an empty database for trying out": "заполнить пустую базу для пробы",
    "Generate and tell what was made.": "Создаёт данные и говорит, что создано.",
    "small (300 cards), 1e5, 1e6 or a number": "small (300 карт), 1e5, 1e6 или число",
    "another seed, other guests": "другое зерно - другие гости",
    "the day the demo is about (default 2026-03-31)": (
        "день, на который построен пример (по умолчанию 2026-03-31)"
    ),
    "how many months of visits before that day": "сколько месяцев визитов до этого дня",
    "bulk: in memory, fast; engine: every call through the server's ledger; the rows are the"
    " same": (
        "bulk: в памяти, быстро; engine: каждый вызов через журнал сервера; строки одни и те же"
    ),
    "show a guest's visit on invented data": "показать визит гостя на выдуманных данных",
    "Show a guest's visit on a demo database; without --once the server stays until Ctrl+C.\n\n"
    "Exit code 1 if a step of the visit or the proof of the ledger did not hold.": (
        "Показывает визит гостя на выдуманной базе; без --once сервер остаётся до Ctrl+C.\n\n"
        "Код выхода 1, если не сошёлся шаг визита или проверка журнала."
    ),
    "a fresh database, ends by itself": "свежая база, завершается само",
    "folder for report.json": "папка для report.json",
    # classifier
    "programs that may call": "программы, которым разрешено обращаться",
    "Add a classifier with the r_keeper 7 preset, list them, or make a code.": (
        "Добавляет классификатор с набором r_keeper 7, перечисляет их или создаёт код."
    ),
    "add a classifier with the r_keeper 7 preset": "добавить классификатор с набором r_keeper 7",
    "list the classifiers": "перечислить классификаторы",
    "make a code and store nothing": "создать код и ничего не сохранять",
    "name of the classifier (default RK7)": "название классификатора (по умолчанию RK7)",
    "code typed by hand (1 to 20 characters); else generated": (
        "код, набранный вручную (от 1 до 20 знаков); иначе создаётся"
    ),
    "form of a generated code": "вид создаваемого кода",
    "who counts bonuses: the till, or we": "кто считает бонусы: касса (pos) или сервер (crm)",
    "API rights: rk7 (a till, the default), pos, site, call_centre, export, full": (
        "права API: rk7 (касса, по умолчанию), pos, site, call_centre, export, full"
    ),
    "which levels and schemes are made, if there are none yet": (
        "какие уровни и схемы создать, если их ещё нет"
    ),
    "IANA name or +03:00": "имя IANA или +03:00",
    "when a business day begins (default 04:00)": (
        "когда начинается учётный день (по умолчанию 04:00)"
    ),
    "this server, for FARCARDS.INI": "этот сервер, для FARCARDS.INI",
    "its port, for FARCARDS.INI": "его порт, для FARCARDS.INI",
    # app-server
    "Kartoteka application server: users and reports in a process of their own": (
        "Сервер приложений «Картотека»: пользователи и отчёты отдельной программой"
    ),
    "tell the card server where it answers": "сообщить карточному серверу его адрес",
    "cancel the registration": "отменить регистрацию",
    "address to listen on": "адрес, на котором слушать",
    "0 = free port": "0 - свободный порт",
    "data folder of the card server": "папка данных карточного сервера",
    "IP,port:name or a SQLAlchemy URL": "IP,порт:имя или адрес SQLAlchemy",
}

COMPLAINTS: Final = (
    (r"the following arguments are required: (.+)", "не указано: {0}"),
    (r"unrecognized arguments: (.+)", "лишнее или незнакомое: {0}"),
    (r"invalid choice: (.+?) \(choose from (.+)\)", "{0} не подходит; можно: {1}"),
    (r"expected (?:one|1) argument", "нужно одно значение"),
    (r"expected at (?:least|most) one argument", "неверное количество значений"),
    (r"expected (\d+) arguments", "нужно значений: {0}"),
    (r"invalid int value: (.+)", "{0} - не целое число"),
    (r"not allowed with argument (.+)", "нельзя вместе с {0}"),
    (r"ambiguous option: (.+) could match (.+)", "{0} можно понять по-разному: {1}"),
    (r"ignored explicit argument (.+)", "значение {0} здесь не нужно"),
    (r"(.+) is (?:no|not a) port: (\d+) to (\d+)", "{0} - не порт: нужно число от {1} до {2}"),
    (r"(.+) is not a time of day: .+", "{0} - не время суток: пишите чч:мм"),
    (
        r"(.+) is not a time zone: .+",
        "{0} - не часовой пояс: пишите имя вроде Europe/Moscow или +03:00",
    ),
    (r"(.+) is no set of rights: write (.+)", "{0} - не набор прав; можно: {1}"),
    (
        r"(.+) is not a whole number from (\d+) to (\d+)",
        "{0} - не целое число от {1} до {2}",
    ),
    (r"(.+) is not a day: .+", "{0} - не день: пишите ГГГГ-ММ-ДД"),
    (r"(.+) cards are out of range: (\d+) to (\d+)", "{0} карт нельзя: от {1} до {2}"),
    (r"(.+) is out of range: (\d+) to (\d+)", "{0} вне пределов: от {1} до {2}"),
    (
        r"(.+) is not a size: .+",
        "{0} - не размер: пишите small, 1e5, 1e6 или число карт",
    ),
)
"""What a wrong command line is told, as patterns with what each is in Russian."""
