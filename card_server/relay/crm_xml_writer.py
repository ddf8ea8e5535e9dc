"""Replies of the XML API, pure: blocks of crm-xml.md section 7 in their order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final

import msgspec

from card_server.accounts.records import CLASS_COUNTER, CLASS_SPENT
from card_server.relay.crm_xml_holders import blank
from card_server.relay.escaping import text
from card_server.relay.formats import NO_END, day, factor, money, percent, yes_no

HEAD: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
STATUS: Final = {1: "Active", 2: "Inactive", 3: "Inactive", 4: "Blocked"}


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


class AccountFrame:
    """What block 7.2 says of every account with the same type, level, scheme and caller's links."""

    __slots__ = ("_middle", "_tail")

    def __init__(self, view: AccountView) -> None:
        self._middle = (
            f"<Account_Class>{view.account_class}</Account_Class>"
            f"<Account_Type_ID>{view.account_type_id}</Account_Type_ID>"
            f"<Account_Type_Name>{text(view.type_name)}</Account_Type_Name>"
            f"<Account_Debit_Enabled>{yes_no(view.debit_enabled)}</Account_Debit_Enabled>"
            f"<Account_Debit_Priority>{blank(view.debit_priority)}</Account_Debit_Priority>"
            f"<Account_Debit_K>{factor(view.debit_k_bp)}</Account_Debit_K>"
            f"<Account_Credit_Enabled>{yes_no(view.credit_enabled)}</Account_Credit_Enabled>"
            f"<Account_Credit_Priority>{blank(view.credit_priority)}</Account_Credit_Priority>"
            f"<Account_Credit_K>{factor(view.credit_k_bp)}</Account_Credit_K>"
            f"<Transaction_Debit_ID>{view.account_type_id}1</Transaction_Debit_ID>"
            f"<Transaction_Credit_ID>{view.account_type_id}2</Transaction_Credit_ID>"
        )
        levels = "" if view.account_class == CLASS_SPENT else _levels(view)
        self._tail = f"{levels}</Account>"

    def fill(
        self,
        holder_id: int,
        number: str,
        status: str,
        opened_on: date,
        expires_on: date | None,
        credit_depth: int,
        balance: int,
    ) -> str:
        """The block of one account."""
        return (
            f"<Account><Holder_ID>{holder_id}</Holder_ID>"
            f"<Account_Number>{number}</Account_Number><Status>{status}</Status>{self._middle}"
            f"<Create>{opened_on.isoformat()}</Create><Expired>{day(expires_on, NO_END)}</Expired>"
            f"<Credit_Depth>{money(credit_depth)}</Credit_Depth>"
            f"<Balance>{money(balance)}</Balance>{self._tail}"
        )


def account(view: AccountView) -> str:
    """Block 7.2; every class but spent has the level part."""
    return AccountFrame(view).fill(
        view.holder_id,
        view.number,
        view.status,
        view.opened_on,
        view.expires_on,
        view.credit_depth,
        view.balance,
    )


def _levels(view: AccountView) -> str:
    counter = view.account_class == CLASS_COUNTER
    code = "0" if counter else blank(view.scheme_id)
    external = "" if counter or view.scheme_id is None else str(view.pos_code)
    return (
        f"<Account_Level_ID>{blank(view.level_id)}</Account_Level_ID>"
        f"<Account_Level_Name>{text(view.level_name)}</Account_Level_Name>"
        f"<Scheme_ID>{blank(view.scheme_id)}</Scheme_ID><External_ID>{external}</External_ID>"
        f"<Scheme_Name>{text(view.scheme_name)}</Scheme_Name>"
        f"<Base_Rate>{percent(view.base_rate)}</Base_Rate>"
        f"<Auto_Change_Levels>{yes_no(view.auto_levels)}</Auto_Change_Levels>"
        f"<Account_Code>{code}</Account_Code><Account_Code_Ext>{external}</Account_Code_Ext>"
    )


def card(view: CardView, inner: str = "") -> str:
    """A card with what was asked for under it; an empty Holder_ID has nothing inside."""
    return (
        f"<Card><Card_Code>{view.code}</Card_Code><Status>{STATUS[view.state]}</Status>"
        f"<Offered>{day(view.valid_from)}</Offered><Expired>{day(view.valid_to, NO_END)}</Expired>"
        f"<Group_ID>{blank(view.group_id)}</Group_ID><Group_Name>{text(view.group_name)}</Group_Name>"
        f"<Holder_ID>{blank(view.holder_id)}</Holder_ID><Owner_ID>{blank(view.owner_id)}</Owner_ID>"
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
