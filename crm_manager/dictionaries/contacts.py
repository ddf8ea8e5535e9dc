"""Types of contacts and of addresses: what is shown and edited."""

from __future__ import annotations

from typing import Final

from crm_manager.declaring import ACTIVE, LAST_COLUMNS, NAME_COLUMN, ORDER, Subject, name_field
from crm_manager.words import Toned, plain
from shared.i18n.texts import tr
from shared.ui.column import choice_column, flag_column, number_column, text_column
from shared.ui.fields import ChoiceField, FlagField, NumberField, TextField
from shared.ui.form import Section
from shared.wire import dictionaries as wire

MOST_HOLDERS: Final = 10_000
CONTACT_CLASSES: Final[dict[int, Toned]] = {
    1: (tr("телефон", "phone"), None),
    2: (tr("почта", "e-mail"), None),
    3: (tr("скайп", "Skype"), None),
    4: (tr("соцсеть", "social network"), None),
    5: (tr("мессенджер", "messenger"), None),
}
CONTACT_TYPE: Final = Subject(
    code="contact_type",
    title=tr("Виды контактов", "Contact types"),
    one=tr("Вид контакта", "Contact type"),
    new=tr("Новый вид контакта", "New contact type"),
    table="contact_type",
    key="contact_type_id",
    right=wire.RIGHT,
    query=wire.ListContactTypes(),
    get=lambda key: wire.GetContactType(key=key),
    fields=wire.ContactTypeFields,
    add=wire.AddContactType,
    edit=wire.EditContactType,
    delete=wire.DeleteContactType,
    columns=(
        NAME_COLUMN,
        choice_column("contact_class", tr("Что это", "Class"), CONTACT_CLASSES),
        flag_column("dispatch", tr("Для рассылок", "For mailings"), width=130),
        number_column("max_holders", tr("Гостей на контакт", "Guests a value"), width=150),
        text_column("external_code", tr("Внешний код", "External code"), width=140),
        *LAST_COLUMNS,
    ),
    sections=(
        Section(
            None,
            (
                name_field(),
                ChoiceField(
                    name="contact_class",
                    label=tr("Что это", "Class"),
                    choices=plain(CONTACT_CLASSES),
                    needed=True,
                ),
                NumberField(
                    name="max_holders",
                    label=tr("Гостей на один контакт", "Guests that may share a value"),
                    low=1,
                    high=MOST_HOLDERS,
                    default=1,
                    help=tr("Пусто: сколько угодно", "Empty: any number"),
                ),
                TextField(
                    name="external_code", label=tr("Внешний код", "External code"), longest=40
                ),
                FlagField(name="dispatch", label=tr("Годится для рассылок", "Used for mailings")),
                ORDER,
                ACTIVE,
            ),
        ),
    ),
)
ADDRESS_TYPE: Final = Subject(
    code="address_type",
    title=tr("Виды адресов", "Address types"),
    one=tr("Вид адреса", "Address type"),
    new=tr("Новый вид адреса", "New address type"),
    table="address_type",
    key="address_type_id",
    right=wire.RIGHT,
    query=wire.ListAddressTypes(),
    get=lambda key: wire.GetAddressType(key=key),
    fields=wire.AddressTypeFields,
    add=wire.AddAddressType,
    edit=wire.EditAddressType,
    delete=wire.DeleteAddressType,
    columns=(NAME_COLUMN, *LAST_COLUMNS),
    sections=(Section(None, (name_field(), ORDER, ACTIVE)),),
)
