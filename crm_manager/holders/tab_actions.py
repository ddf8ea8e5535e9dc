"""What can be done in a guest's tabs: contacts, addresses, consents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from crm_manager.naming import ADDRESS_TYPES, CONTACT_TYPES
from crm_manager.words import CHANNELS, CONSENT_PURPOSES, CONSENT_SOURCES, plain
from shared.client.client import new_operation_id
from shared.i18n.formats import phone
from shared.i18n.texts import Text, tr
from shared.ui.dialogs import ask, ask_form
from shared.ui.fields import ChoiceField, FlagField, NameField, TextField
from shared.ui.form import Section
from shared.ui.page import Deed
from shared.ui.theme import Tone
from shared.wire.holders import (
    AddAddress,
    AddConsent,
    AddContact,
    AddressFields,
    AddressRow,
    ContactFields,
    ContactRow,
    DeleteAddress,
    DeleteContact,
    EditAddress,
    EditContact,
    UnmaskContact,
)

REMOVE = tr("Удалить", "Delete")
VALUE: Final = TextField(
    name="value",
    label=tr("Телефон, почта или другой контакт", "Phone, e-mail or another contact"),
    needed=True,
    longest=120,
)
CONTACT_TYPE: Final = NameField(
    name="contact_type_id",
    label=tr("Вид", "Kind"),
    dictionary=CONTACT_TYPES,
    help=tr("Пусто: определится по виду записи", "Empty: known by the look of the value"),
)
DISPATCH: Final = FlagField(
    name="dispatch", label=tr("Можно слать рассылки", "Mailings may be sent"), default=True
)
NOTES: Final = TextField(name="notes", label=tr("Примечание", "Notes"), longest=255)
CONTACT: Final = (Section(None, (VALUE, CONTACT_TYPE, DISPATCH, NOTES)),)
REASON: Final = TextField(
    name="reason",
    label=tr("Зачем нужен полный номер", "Why the full value is needed"),
    needed=True,
    longest=255,
    help=tr("Причина записывается в журнал доступа", "The reason is written to the access journal"),
)
SHOWN = tr("Контакт полностью: {value}", "The contact in full: {value}")
ADDRESS_TEXTS: Final[dict[str, tuple[Text, int]]] = {
    "country": (tr("Страна", "Country"), 60),
    "region": (tr("Область", "Region"), 60),
    "zip": (tr("Индекс", "Postcode"), 20),
    "city": (tr("Город", "City"), 60),
    "street": (tr("Улица", "Street"), 100),
    "metro_station": (tr("Метро", "Metro"), 60),
    "house": (tr("Дом", "House"), 20),
    "building": (tr("Корпус", "Building"), 20),
    "entry": (tr("Подъезд", "Entry"), 20),
    "floor": (tr("Этаж", "Floor"), 20),
    "apartment": (tr("Квартира", "Apartment"), 20),
    "entry_code": (tr("Код двери", "Door code"), 20),
    "extended": (tr("Дополнение", "More"), 255),
}
ADDRESS: Final = (
    Section(
        None,
        (
            NameField(
                name="address_type_id",
                label=tr("Вид", "Kind"),
                dictionary=ADDRESS_TYPES,
                needed=True,
            ),
            *(
                TextField(name=name, label=label, longest=longest)
                for name, (label, longest) in ADDRESS_TEXTS.items()
            ),
        ),
    ),
)
CHANNEL_CHOICES: Final[dict[int | None, Text]] = {
    None: tr("все каналы", "all channels"),
    **{key: text for key, (text, _) in CHANNELS.items()},
}
CONSENT: Final = (
    Section(
        None,
        (
            ChoiceField(
                name="purpose",
                label=tr("Для чего", "Purpose"),
                choices=plain(CONSENT_PURPOSES),
                default=2,
                needed=True,
            ),
            ChoiceField(name="channel", label=tr("Канал", "Channel"), choices=CHANNEL_CHOICES),
            ChoiceField(
                name="granted",
                label=tr("Решение гостя", "The guest's decision"),
                choices={True: tr("согласен", "agrees"), False: tr("отказ", "refuses")},
                default=True,
                needed=True,
            ),
            ChoiceField(
                name="source",
                label=tr("Откуда известно", "How it is known"),
                choices=plain(CONSENT_SOURCES),
                default=1,
                needed=True,
            ),
            TextField(name="evidence", label=tr("Основание", "Evidence"), longest=500),
        ),
    ),
)


async def add_contact(page: Any, _: Sequence[ContactRow]) -> None:
    """A further contact."""

    async def submit(values: dict[str, Any], operation_id: str) -> None:
        sent = {name: value for name, value in values.items() if value is not None}
        await page.workplace.ask(
            AddContact(operation_id=operation_id, holder_id=page.key, fields=ContactFields(**sent))
        )

    await ask_form(page.workplace, page, tr("Новый контакт", "New contact"), CONTACT, submit)


async def edit_contact(page: Any, chosen: Sequence[ContactRow]) -> None:
    """Change a contact; a masked value that is not touched stays."""
    row = chosen[0]

    async def submit(values: dict[str, Any], operation_id: str) -> None:
        before = {f.name: getattr(row, f.name) for f in CONTACT[0].fields}
        sent = {name: value for name, value in values.items() if value != before[name]}
        await page.workplace.ask(
            EditContact(
                operation_id=operation_id,
                contact_id=row.contact_id,
                version=row.version,
                fields=ContactFields(**sent),
            )
        )

    shown = {f.name: getattr(row, f.name) for f in CONTACT[0].fields}
    title = tr("Изменить контакт", "Change the contact")
    await ask_form(page.workplace, page, title, CONTACT, submit, values=shown)


async def delete_contact(page: Any, chosen: Sequence[ContactRow]) -> None:
    """Remove contacts."""
    title = tr("Удалить контакт?", "Delete the contact?")
    text = "\n".join(phone(row.value) for row in chosen)
    if await ask(page, title, text, REMOVE, is_danger=True):
        for row in chosen:
            await page.workplace.ask(
                DeleteContact(
                    operation_id=new_operation_id(),
                    contact_id=row.contact_id,
                    version=row.version,
                )
            )


async def unmask(page: Any, chosen: Sequence[ContactRow]) -> None:
    """Show one contact in full, for a reason that is written down."""
    row = chosen[0]

    async def submit(values: dict[str, Any], operation_id: str) -> str:
        found = await page.workplace.ask(
            UnmaskContact(
                operation_id=operation_id, contact_id=row.contact_id, reason=values["reason"]
            )
        )
        return phone(found.value)

    value = await ask_form(
        page.workplace,
        page,
        tr("Показать контакт полностью", "Show the contact in full"),
        (Section(None, (REASON,)),),
        submit,
        main=tr("Показать", "Show"),
    )
    if value is not None:
        page.workplace.say(SHOWN.of(value=value), Tone.CALM)


async def add_address(page: Any, _: Sequence[AddressRow]) -> None:
    """A further address."""

    async def submit(values: dict[str, Any], operation_id: str) -> None:
        sent = {name: value for name, value in values.items() if value is not None}
        await page.workplace.ask(
            AddAddress(operation_id=operation_id, holder_id=page.key, fields=AddressFields(**sent))
        )

    kinds = await page.workplace.names.load(ADDRESS_TYPES)
    values = {"address_type_id": min(kinds, default=None)}
    title = tr("Новый адрес", "New address")
    await ask_form(page.workplace, page, title, ADDRESS, submit, values=values)


async def edit_address(page: Any, chosen: Sequence[AddressRow]) -> None:
    """Change an address."""
    row = chosen[0]
    shown = {f.name: getattr(row, f.name) or None for f in ADDRESS[0].fields}

    async def submit(values: dict[str, Any], operation_id: str) -> None:
        sent = {name: value for name, value in values.items() if value != shown[name]}
        await page.workplace.ask(
            EditAddress(
                operation_id=operation_id,
                address_id=row.address_id,
                version=row.version,
                fields=AddressFields(**sent),
            )
        )

    title = tr("Изменить адрес", "Change the address")
    await ask_form(page.workplace, page, title, ADDRESS, submit, values=shown)


async def delete_address(page: Any, chosen: Sequence[AddressRow]) -> None:
    """Remove addresses."""
    title = tr("Удалить адрес?", "Delete the address?")
    text = "\n".join(f"{row.city} {row.street} {row.house}".strip() for row in chosen)
    if await ask(page, title, text, REMOVE, is_danger=True):
        for row in chosen:
            await page.workplace.ask(
                DeleteAddress(
                    operation_id=new_operation_id(),
                    address_id=row.address_id,
                    version=row.version,
                )
            )


async def add_consent(page: Any, _: Sequence[Any]) -> None:
    """Write down a consent or refusal."""

    async def submit(values: dict[str, Any], operation_id: str) -> None:
        await page.workplace.ask(
            AddConsent(operation_id=operation_id, holder_id=page.key, **values)
        )

    title = tr("Записать согласие или отказ", "Write down a consent or refusal")
    await ask_form(page.workplace, page, title, CONSENT, submit)


ADD, CHANGE = tr("Добавить…", "Add…"), tr("Изменить…", "Change…")
CONTACT_DEEDS: Final = (
    Deed(code="add_contact", text=ADD, run=add_contact, right="holder.edit", key="Ins"),
    Deed(
        code="edit_contact",
        text=CHANGE,
        run=edit_contact,
        right="holder.edit",
        needs="one",
        key="F2",
    ),
    Deed(
        code="unmask",
        text=tr("Показать полностью…", "Show in full…"),
        run=unmask,
        right="person.unmask",
        needs="one",
        fits=lambda row: row.is_masked,
    ),
    Deed(
        code="delete_contact",
        text=tr("Удалить…", "Delete…"),
        run=delete_contact,
        right="holder.edit",
        needs="some",
        key="Del",
        is_danger=True,
    ),
)
ADDRESS_DEEDS: Final = (
    Deed(code="add_address", text=ADD, run=add_address, right="holder.edit", key="Ins"),
    Deed(
        code="edit_address",
        text=CHANGE,
        run=edit_address,
        right="holder.edit",
        needs="one",
        key="F2",
    ),
    Deed(
        code="delete_address",
        text=tr("Удалить…", "Delete…"),
        run=delete_address,
        right="holder.edit",
        needs="some",
        key="Del",
        is_danger=True,
    ),
)
CONSENT_DEEDS: Final = (
    Deed(
        code="add_consent",
        text=tr("Записать…", "Write down…"),
        run=add_consent,
        right="consent.edit",
        key="Ins",
    ),
)
