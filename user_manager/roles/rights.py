"""The rights in words: a tree by what they are about (domain 5)."""

from __future__ import annotations

from typing import Final

from shared.i18n.texts import tr
from shared.ui.fields import Choice, ChoiceGroup

RIGHTS: Final = (
    ChoiceGroup(
        tr("Гости и анкеты", "Guests and their data"),
        (
            Choice(
                "holder.view",
                tr(
                    "Видеть гостей, карты и балансы; контакты скрыты",
                    "See guests, cards and balances; contacts masked",
                ),
            ),
            Choice(
                "holder.edit",
                tr(
                    "Заводить гостей, править анкету, контакты, адреса, фото",
                    "Add guests, edit their data, contacts, addresses, photo",
                ),
            ),
            Choice(
                "holder.delete",
                tr("Помечать удалёнными и восстанавливать", "Mark as deleted and restore"),
            ),
            Choice(
                "holder.merge",
                tr("Объединять двойников и отменять объединение", "Merge duplicates and undo it"),
            ),
            Choice(
                "person.unmask",
                tr(
                    "Открыть один контакт: с причиной и записью в журнал",
                    "Show one contact: with a reason and a journal entry",
                ),
            ),
            Choice(
                "person.contacts",
                tr("Видеть контакты всегда целиком", "Always see contacts in full"),
            ),
            Choice(
                "person.export",
                tr("Выгружать и печатать с контактами", "Export and print with contacts"),
            ),
            Choice("person.erase", tr("Стирать персональные данные", "Erase personal data")),
            Choice("consent.edit", tr("Отмечать согласие и отказ", "Record consent and refusal")),
        ),
    ),
    ChoiceGroup(
        tr("Карты", "Cards"),
        (
            Choice(
                "card.issue",
                tr(
                    "Выпускать карты из диапазонов и выдавать их",
                    "Issue cards of ranges and give them out",
                ),
            ),
            Choice(
                "card.issue_any",
                tr("Выпускать карту с любым номером", "Issue a card with any number"),
            ),
            Choice(
                "card.state",
                tr(
                    "Активировать, блокировать, разблокировать, заменять",
                    "Activate, block, unblock, replace",
                ),
            ),
            Choice("card.void", tr("Аннулировать карту навсегда", "Void a card for good")),
            Choice(
                "card.limits",
                tr(
                    "Счета и программы карты, сброс ПИН",
                    "Accounts and programs of a card, PIN reset",
                ),
            ),
        ),
    ),
    ChoiceGroup(
        tr("Счета и операции", "Accounts and operations"),
        (
            Choice(
                "operation.view",
                tr("Видеть операции, проводки и чеки", "See operations, entries and cheques"),
            ),
            Choice(
                "trace.view",
                tr("Видеть, откуда взялась каждая цифра", "See where each number comes from"),
            ),
            Choice("account.top_up", tr("Пополнять и снимать", "Top up and withdraw")),
            Choice(
                "account.adjust",
                tr(
                    "Начислять и списывать вручную, с причиной",
                    "Credit and debit by hand, with a reason",
                ),
            ),
            Choice(
                "account.credit",
                tr(
                    "Кредит, блокировка, закрытие, личная схема",
                    "Credit, block, close, personal scheme",
                ),
            ),
            Choice("account.level", tr("Назначать уровень", "Set the level")),
            Choice(
                "operation.refund",
                tr("Возврат вручную и возврат без продажи", "Refund by hand and without its sale"),
            ),
            Choice(
                "operation.move",
                tr("Переносить покупку другому гостю", "Move a purchase to another guest"),
            ),
            Choice(
                "operation.correct",
                tr("Исправлять и отменять вручную", "Correct and roll back by hand"),
            ),
            Choice("operation.backdate", tr("Проводить прошедшим днём", "Book on an earlier day")),
            Choice(
                "operation.approve",
                tr("Ставить вторую подпись выше предела", "Sign second above a limit"),
            ),
            Choice(
                "hold.manage",
                tr("Снимать, продлевать и списывать резервы", "Void, extend and capture holds"),
            ),
        ),
    ),
    ChoiceGroup(
        tr("Купоны и сертификаты", "Coupons and certificates"),
        (
            Choice(
                "coupon.issue",
                tr(
                    "Выпуски, отдельные купоны, выгрузка кодов",
                    "Releases, single coupons, export of codes",
                ),
            ),
            Choice("coupon.state", tr("Блокировать, гасить, возвращать", "Block, void, return")),
            Choice(
                "certificate.sell",
                tr("Активировать и гасить неиспользованные", "Activate, void unused ones"),
            ),
        ),
    ),
    ChoiceGroup(
        tr("Маркетинг", "Marketing"),
        (
            Choice("segment.edit", tr("Сегменты и RFM", "Segments and RFM")),
            Choice(
                "campaign.edit",
                tr("Черновики акций, тестовый режим", "Drafts of campaigns, test state"),
            ),
            Choice(
                "campaign.publish",
                tr("Запускать, останавливать, завершать акции", "Run, pause, finish campaigns"),
            ),
            Choice(
                "campaign.replay",
                tr("Примерять акцию к прошлым чекам", "Try a campaign on past cheques"),
            ),
            Choice("mailing.edit", tr("Шаблоны и рассылки", "Templates and mailings")),
            Choice("mailing.approve", tr("Запускать рассылку", "Start a mailing")),
            Choice(
                "mailing.live",
                tr("Выключать тестовый режим рассылок", "Switch the test mode of mailings off"),
            ),
        ),
    ),
    ChoiceGroup(
        tr("Справочники и настройка", "Dictionaries and configuration"),
        (
            Choice(
                "dict.edit",
                tr(
                    "Группы, виды контактов и адресов, свойства, причины",
                    "Groups, contact and address types, properties, reasons",
                ),
            ),
            Choice(
                "program.edit",
                tr(
                    "Типы счетов, уровни, схемы, расписания, лимиты",
                    "Account types, levels, schemes, times, limits",
                ),
            ),
            Choice(
                "classifier.edit",
                tr(
                    "Программы-клиенты, их коды и права, матрица",
                    "Calling programs, their codes and rights, the matrix",
                ),
            ),
            Choice("unit.edit", tr("Подразделения и рестораны", "Divisions and units")),
            Choice(
                "server.config",
                tr(
                    "Подключения, порты, сертификаты, обмен",
                    "Connections, ports, certificates, exchange",
                ),
            ),
            Choice("licence.load", tr("Загружать лицензии", "Load licences")),
            Choice(
                "job.run",
                tr("Видеть, запускать и останавливать задания", "See, start and stop jobs"),
            ),
            Choice("backup.run", tr("Резервные копии и восстановление", "Back up and restore")),
            Choice(
                "import.run", tr("Загрузки и начальные остатки", "Imports and opening balances")
            ),
            Choice("books.close", tr("Закрывать и открывать период", "Close and open a period")),
        ),
    ),
    ChoiceGroup(
        tr("Пользователи и контроль", "Users and control"),
        (
            Choice(
                "user.edit",
                tr(
                    "Пользователи, пароли, блокировки, сеансы", "Users, passwords, blocks, sessions"
                ),
            ),
            Choice("role.edit", tr("Роли и права", "Roles and rights")),
            Choice(
                "report.view",
                tr("Отчёты и выгрузки без контактов", "Reports, exports without contacts"),
            ),
            Choice("report.edit", tr("Формы отчётов", "Report forms")),
            Choice(
                "journal.view", tr("Журналы изменений и доступа", "Journals of changes and access")
            ),
            Choice("verify.run", tr("Проверка журнала операций", "Proof of the ledger")),
        ),
    ),
)
"""Every right of `shared.wire.rights`, once."""
