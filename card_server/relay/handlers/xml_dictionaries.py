"""The dictionaries of the XML API (crm-xml.md 8.11); all rows in one reply, by id."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sqlalchemy import Connection, select

from card_server.classifiers.rules import need_right
from card_server.holders import tables as holder_tables
from card_server.relay.crm_xml_holders import CONTACT_CLASSES
from card_server.relay.crm_xml_reader import Envelope
from card_server.relay.crm_xml_writer import root
from card_server.relay.escaping import text
from card_server.relay.exchange import Answer
from card_server.relay.formats import day, yes_no
from card_server.relay.handlers.context import Context, Done
from card_server.relay.texts import failure
from shared.wire.errors import AppError

PHONE, EMAIL, SKYPE, SOCIAL = 1, 2, 3, 4
FLAGS: Final = (("Phone", PHONE), ("EMail", EMAIL), ("Skype", SKYPE), ("Social_Network", SOCIAL))


def answer_read(context: Context, done: Done, work: Callable[[Connection], bytes]) -> None:
    """Run a question in a worker thread and answer with its bytes or its refusal."""

    def finish(found: bytes | AppError) -> None:
        if isinstance(found, AppError):
            done(Answer(failure(found, context.message_id, context.language), is_error=True))
        else:
            done(Answer(found))

    context.desk.read(work, finish)


def accounts_types(envelope: Envelope, context: Context, done: Done) -> None:
    """Account types with their levels, from the rules in memory."""
    need_right(context.classifier, "dict.read")
    del envelope
    blocks = []
    for type_id, kind in sorted(context.rules.account_types.items()):
        levels = sorted(
            (row for row in context.rules.levels.values() if row.account_type_id == type_id),
            key=lambda row: row.level_no,
        )
        rungs = "".join(
            f"<Account_Level><Account_Level_ID>{row.level_id}</Account_Level_ID>"
            f"<Account_Level_Name>{text(row.name)}</Account_Level_Name>"
            f"<Account_Level_No>{row.level_no}</Account_Level_No><Status>Active</Status>"
            "</Account_Level>"
            for row in levels
        )
        status = "Active" if kind.is_active else "Blocked"
        blocks.append(
            f"<Account_Type><Status>{status}</Status>"
            f"<Account_Class>{kind.account_class}</Account_Class>"
            f"<Account_Type_ID>{type_id}</Account_Type_ID>"
            f"<Account_Type_Name>{text(kind.name)}</Account_Type_Name>"
            f"<Date_From>{day(kind.active_from)}</Date_From>"
            f"<Date_To>{day(kind.active_to, '2099-12-31')}</Date_To>"
            f"<Accounts_Levels>{rungs}</Accounts_Levels></Account_Type>"
        )
    done(Answer(root("Accounts_Types", "".join(blocks), context.message_id)))


def contacts_types(envelope: Envelope, context: Context, done: Done) -> None:
    """Contact types with their flags."""
    need_right(context.classifier, "dict.read")
    del envelope
    table = holder_tables.contact_type

    def work(connection: Connection) -> bytes:
        rows = connection.execute(
            select(table).where(table.c.deleted_at.is_(None)).order_by(table.c.contact_type_id)
        ).mappings()
        blocks = []
        for row in rows:
            number = row["class"]
            flags = {name: yes_no(number == value) for name, value in FLAGS}
            blocks.append(
                f"<Contact_Type><Contact_Type_ID>{row['contact_type_id']}</Contact_Type_ID>"
                f"<Contact_Type_Name>{text(row['name'])}</Contact_Type_Name>"
                f"<Contact_Type_Code>{text(row['external_code'] or '')}</Contact_Type_Code>"
                f"<Contact_Type_Phone>{flags['Phone']}</Contact_Type_Phone>"
                f"<Contact_Type_Class>{CONTACT_CLASSES[number]}</Contact_Type_Class>"
                f"<Contact_Type_EMail>{flags['EMail']}</Contact_Type_EMail>"
                f"<Contact_Type_Skype>{flags['Skype']}</Contact_Type_Skype>"
                f"<Contact_Type_Social_Network>{flags['Social_Network']}"
                "</Contact_Type_Social_Network>"
                f"<Contact_Type_Dispatch>{yes_no(row['dispatch'])}</Contact_Type_Dispatch>"
                "</Contact_Type>"
            )
        return root("Contacts_Types", "".join(blocks), context.message_id)

    answer_read(context, done, work)


def addresses_types(envelope: Envelope, context: Context, done: Done) -> None:
    """Address types."""
    need_right(context.classifier, "dict.read")
    del envelope
    table = holder_tables.address_type

    def work(connection: Connection) -> bytes:
        rows = connection.execute(
            select(table.c.address_type_id, table.c.name)
            .where(table.c.deleted_at.is_(None))
            .order_by(table.c.address_type_id)
        )
        blocks = [
            f"<Address_Type><Address_Type_ID>{number}</Address_Type_ID>"
            f"<Address_Type_Name>{text(name)}</Address_Type_Name></Address_Type>"
            for number, name in rows
        ]
        return root("Addresses_Types", "".join(blocks), context.message_id)

    answer_read(context, done, work)
