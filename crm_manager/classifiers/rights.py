"""Rights of a program in words, by what they are about (crm-xml.md 4.2)."""

from __future__ import annotations

from typing import Final

from shared.i18n.texts import tr
from shared.ui.fields import Choice, ChoiceGroup

RIGHTS: Final = (
    ChoiceGroup(
        tr("Гости", "Guests"),
        (
            Choice("holder.read", tr("Читать гостей", "Read guests")),
            Choice("holder.search", tr("Искать гостей", "Search guests")),
            Choice("holder.add", tr("Заводить гостей", "Add guests")),
            Choice("holder.write", tr("Изменять гостей", "Change guests")),
            Choice("holder.image", tr("Получать фотографии", "Get photos")),
            Choice(
                "person.full",
                tr("Видеть контакты и адреса целиком", "See contacts and addresses in full"),
                tr("без права они скрыты", "masked without it"),
            ),
            Choice("login", tr("Вход и регистрация гостя", "Guest's sign-in and registration")),
        ),
    ),
    ChoiceGroup(
        tr("Карты и счета", "Cards and accounts"),
        (
            Choice("card.read", tr("Читать карты", "Read cards")),
            Choice(
                "card.state",
                tr("Включать, выключать, блокировать карты", "Activate, deactivate, block cards"),
            ),
            Choice("card.issue", tr("Выпускать новые карты", "Issue new cards")),
            Choice("account.block", tr("Блокировать счета", "Block accounts")),
        ),
    ),
    ChoiceGroup(
        tr("Операции", "Operations"),
        (
            Choice("txn.write", tr("Проводить операции", "Book operations")),
            Choice("txn.read", tr("Читать свои операции", "Read its own operations")),
            Choice("txn.read_all", tr("Читать операции всех программ", "Read all operations")),
            Choice("quote", tr("Рассчитывать без проведения", "Calculate without booking")),
            Choice("hold", tr("Резервировать", "Reserve"), tr("только REST", "REST only")),
        ),
    ),
    ChoiceGroup(
        tr("Купоны", "Coupons"),
        (
            Choice("coupon.read", tr("Читать купоны", "Read coupons")),
            Choice("coupon.issue", tr("Выдавать купоны", "Issue coupons")),
            Choice("coupon.use", tr("Гасить купоны", "Use coupons")),
        ),
    ),
    ChoiceGroup(
        tr("Обмен", "Exchange"),
        (
            Choice(
                "relay",
                tr("Функции FarCards", "Farcards functions"),
                tr("касса r_keeper", "r_keeper till"),
            ),
            Choice("dict.read", tr("Читать справочники", "Read dictionaries")),
        ),
    ),
)
"""Every right of `API_RIGHTS`, once."""
PRESETS: Final = {
    "pos": tr("касса", "till"),
    "site": tr("сайт или приложение", "site or app"),
    "call_centre": tr("колл-центр", "call centre"),
    "export": tr("выгрузка", "export"),
    "full": tr("всё", "everything"),
}
