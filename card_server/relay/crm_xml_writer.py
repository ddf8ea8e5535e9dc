"""Replies of the XML API, pure: blocks of crm-xml.md section 7 in their order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final

import msgspec

from card_server.accounts.records import CLASS_COUNTER, CLASS_SPENT
from card_server.holders.people import Contact, Person
from card_server.relay.escaping import cdata, text
from card_server.relay.formats import NO_END, day, factor, money, percent, yes_no

HEAD: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
GENDERS: Final = ("Unknown", "Male", "Female")
MARITAL: Final = ("Unknown", "No", "Yes")
CONTACT_CLASSES: Final = ("", "Phone", "Email", "Skype", "Social_Network", "Messenger")
STATUS: Final = {1: "Active", 2: "Inactive", 3: "Inactive", 4: "Blocked"}
LANGUAGES: Final = {1049: "Русский", 1033: "English"}


class AccountView(msgspec.Struct, kw_only=True):
    """An account as a caller sees it."""

    holder_id: int
    number: str
    status: str
    account_class: int
    account_type_id: int
    type_name: str
    debit_enabled: bool
    debit_priority: int | None
    debit_k_bp: int
    credit_enabled: bool
    credit_priority: int | None
    credit_k_bp: int
    opened_on: date
    expires_on: date | None
    credit_depth: int
    balance: int
    level_id: int | None = None
    level_name: str = ""
    scheme_id: int | None = None
    scheme_name: str = ""
    pos_code: int = 0
    base_rate: int = 0
    auto_levels: bool = True


class CardView(msgspec.Struct, kw_only=True):
    """A card as a caller sees it."""

    code: str
    state: int
    valid_from: date | None = None
    valid_to: date | None = None
    group_id: int | None = None
    group_name: str = ""
    holder_id: int | None = None
    owner_id: int | None = None
    carrier: str = ""
    is_virtual: bool = False
    confirm_manager: bool = False
    verified: bool = False


class HolderNames(msgspec.Struct, kw_only=True):
    """Names of the dictionary rows a holder points at, and the counts."""

    group: str = ""
    division: str = ""
    non_payer: str = ""
    counts: tuple[int, int, int] | None = None
    """Cards, accounts, contacts; None leaves them out."""


def account(view: AccountView) -> str:
    """Block 7.2; every class but spent has the level part."""
    body = (
        f"<Account><Holder_ID>{view.holder_id}</Holder_ID>"
        f"<Account_Number>{view.number}</Account_Number><Status>{view.status}</Status>"
        f"<Account_Class>{view.account_class}</Account_Class>"
        f"<Account_Type_ID>{view.account_type_id}</Account_Type_ID>"
        f"<Account_Type_Name>{text(view.type_name)}</Account_Type_Name>"
        f"<Account_Debit_Enabled>{yes_no(view.debit_enabled)}</Account_Debit_Enabled>"
        f"<Account_Debit_Priority>{_blank(view.debit_priority)}</Account_Debit_Priority>"
        f"<Account_Debit_K>{factor(view.debit_k_bp)}</Account_Debit_K>"
        f"<Account_Credit_Enabled>{yes_no(view.credit_enabled)}</Account_Credit_Enabled>"
        f"<Account_Credit_Priority>{_blank(view.credit_priority)}</Account_Credit_Priority>"
        f"<Account_Credit_K>{factor(view.credit_k_bp)}</Account_Credit_K>"
        f"<Transaction_Debit_ID>{view.account_type_id}1</Transaction_Debit_ID>"
        f"<Transaction_Credit_ID>{view.account_type_id}2</Transaction_Credit_ID>"
        f"<Create>{view.opened_on.isoformat()}</Create>"
        f"<Expired>{day(view.expires_on, NO_END)}</Expired>"
        f"<Credit_Depth>{money(view.credit_depth)}</Credit_Depth>"
        f"<Balance>{money(view.balance)}</Balance>"
    )
    if view.account_class == CLASS_SPENT:
        return body + "</Account>"
    return body + _levels(view) + "</Account>"


def _levels(view: AccountView) -> str:
    counter = view.account_class == CLASS_COUNTER
    code = "0" if counter else _blank(view.scheme_id)
    external = "" if counter or view.scheme_id is None else str(view.pos_code)
    return (
        f"<Account_Level_ID>{_blank(view.level_id)}</Account_Level_ID>"
        f"<Account_Level_Name>{text(view.level_name)}</Account_Level_Name>"
        f"<Scheme_ID>{_blank(view.scheme_id)}</Scheme_ID><External_ID>{external}</External_ID>"
        f"<Scheme_Name>{text(view.scheme_name)}</Scheme_Name>"
        f"<Base_Rate>{percent(view.base_rate)}</Base_Rate>"
        f"<Auto_Change_Levels>{yes_no(view.auto_levels)}</Auto_Change_Levels>"
        f"<Account_Code>{code}</Account_Code><Account_Code_Ext>{external}</Account_Code_Ext>"
    )


def _blank(value: int | None) -> str:
    return "" if value is None else str(value)


def holder(person: Person, names: HolderNames, wrappers: str = "", attributes: str = "") -> str:
    """Block 7.1 with the wrappers that were asked for."""
    counts = ""
    if names.counts is not None:
        cards, accounts, contacts = names.counts
        counts = (
            f"<Cards_Count>{cards}</Cards_Count><Accounts_Count>{accounts}</Accounts_Count>"
            f"<Contacts_Count>{contacts}</Contacts_Count>"
        )
    language = LANGUAGES.get(person.language, "")
    return (
        f"<Holder{attributes}><Deleted>{yes_no(person.is_deleted or person.state != 1)}</Deleted>"
        f"<Group_ID>{_blank(person.group_id)}</Group_ID><Group_Name>{text(names.group)}</Group_Name>"
        f"<Division_ID>{person.division_id}</Division_ID>"
        f"<Division_Name>{text(names.division)}</Division_Name>"
        f"<Holder_ID>{person.holder_id}</Holder_ID><INN>{text(person.inn or '')}</INN>"
        f"<External_Code>{text(person.external_code or '')}</External_Code>"
        f"<Unpay_Type_ID>{person.non_payer_type_id or 0}</Unpay_Type_ID>"
        f"<Unpay_Type_Name>{text(names.non_payer)}</Unpay_Type_Name>"
        f"<L_Name>{text(person.l_name or '')}</L_Name><F_Name>{text(person.f_name or '')}</F_Name>"
        f"<M_Name>{text(person.m_name or '')}</M_Name>"
        f"<Full_Name>{text(person.full_name)}</Full_Name><Birth>{day(person.birth_date)}</Birth>"
        f"<Gender>{GENDERS[person.gender]}</Gender><Marrital>{MARITAL[person.marital]}</Marrital>"
        f"<Smoke>{yes_no(person.smokes)}</Smoke><Verification>{yes_no(person.verified)}</Verification>"
        f"<Image>{yes_no(person.has_image)}</Image><Language_ID>{person.language}</Language_ID>"
        f"<Language_Name>{cdata(language)}</Language_Name>"
        f"<Source>{text(person.source or '')}</Source>"
        f"<Remarks>{text(person.remarks or '')}</Remarks>"
        f"{counts}{wrappers}</Holder>"
    )


def contacts(person: Person, *, masked: bool) -> str:
    """The wrapper Holders_Contacts."""
    rows = "".join(_contact(contact, masked=masked) for contact in person.contacts)
    return (
        f"<Holders_Contacts><Holder_Contact><Holder_ID>{person.holder_id}</Holder_ID>{rows}"
        "</Holder_Contact></Holders_Contacts>"
    )


def mask(value: str, contact_class: int) -> str:
    """`7900*****00`, `a***@b.example` for callers without the right to see it in full."""
    if contact_class == 2 and "@" in value:  # noqa: PLR2004 - e-mail
        name, _, host = value.partition("@")
        return f"{name[:1]}***@{host}"
    if len(value) <= 6:  # noqa: PLR2004 - nothing would be left to hide
        return "*" * len(value)
    return value[:4] + "*" * (len(value) - 6) + value[-2:]


def _contact(row: Contact, *, masked: bool) -> str:
    value = mask(row.value, row.contact_class) if masked else row.value
    ext = f"<Value_Ext>{text(row.value_ext)}</Value_Ext>" if row.value_ext else ""
    return (
        f"<Contact><Deleted>No</Deleted><Contact_ID>{row.contact_id}</Contact_ID>"
        f"<Dispatch>{yes_no(row.dispatch)}</Dispatch><Type_ID>{row.contact_type_id}</Type_ID>"
        f"<Type_Code>{text(row.type_code)}</Type_Code><Type_Name>{text(row.type_name)}</Type_Name>"
        f"<Value>{text(value)}</Value>{ext}"
        f"<Type_Class>{CONTACT_CLASSES[row.contact_class]}</Type_Class>"
        f"<Notes>{text(row.notes or '')}</Notes></Contact>"
    )


def card(view: CardView, inner: str = "") -> str:
    """A card with what was asked for under it; an empty Holder_ID has nothing inside."""
    return (
        f"<Card><Card_Code>{view.code}</Card_Code><Status>{STATUS[view.state]}</Status>"
        f"<Offered>{day(view.valid_from)}</Offered><Expired>{day(view.valid_to, NO_END)}</Expired>"
        f"<Group_ID>{_blank(view.group_id)}</Group_ID><Group_Name>{text(view.group_name)}</Group_Name>"
        f"<Holder_ID>{_blank(view.holder_id)}</Holder_ID><Owner_ID>{_blank(view.owner_id)}</Owner_ID>"
        f"<Carrier_Data>{text(view.carrier)}</Carrier_Data>"
        f"<Is_Virtual_Card>{yes_no(view.is_virtual)}</Is_Virtual_Card>"
        f"<Is_Confirm_Manager>{yes_no(view.confirm_manager)}</Is_Confirm_Manager>"
        f"<Verification>{yes_no(view.verified)}</Verification>{inner}</Card>"
    )


def cards(blocks: Iterable[str], message_id: str) -> bytes:
    """The root of Get card info and Get cards info."""
    return f'{HEAD}<Cards Message_ID="{message_id}">{"".join(blocks)}</Cards>'.encode()


def transactions(answers: Sequence[tuple[str, int]], message_id: str) -> bytes:
    """The reply of Transaction: account and id per item, in the order of the request."""
    rows = "".join(
        f"<Transaction><Account_Number>{number}</Account_Number>"
        f"<Transaction_ID>{transaction_id}</Transaction_ID></Transaction>"
        for number, transaction_id in answers
    )
    return f'{HEAD}<Transactions Message_ID="{message_id}">{rows}</Transactions>'.encode()


def root(name: str, inner: str, message_id: str, attributes: str = "") -> bytes:
    """Any other root."""
    return f'{HEAD}<{name} Message_ID="{message_id}"{attributes}>{inner}</{name}>'.encode()
