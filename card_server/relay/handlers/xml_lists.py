"""A holder's block (crm-xml.md 8.2)."""

from __future__ import annotations

from typing import Any, Final

from card_server.classifiers.rules import need_right
from card_server.holders.people import Person
from card_server.ledger.book import Book
from card_server.ledger.facts import Facts, Wants
from card_server.relay.crm_xml_reader import Envelope, includes
from card_server.relay.crm_xml_writer import HolderNames, contacts, holder
from card_server.relay.exchange import Answer
from card_server.relay.formats import maybe_number
from card_server.relay.handlers.context import Context, Done
from card_server.relay.handlers.looking import SeenAccount, see_accounts
from card_server.relay.handlers.xml_cards import account_block
from card_server.relay.texts import failure
from shared.wire.errors import AppError, ErrorCode


class HolderInquiry:
    """Looks at a holder's accounts with the group."""

    exclusive: frozenset[str] = frozenset()

    def __init__(self, holder_id: int, context: Context) -> None:
        self._holder_id = holder_id
        self._context = context

    def wants(self) -> Wants:
        """The holder, the person, the contacts."""
        return Wants(holders={self._holder_id}, people={self._holder_id})

    def more(self, facts: Facts, book: Book) -> Wants:
        """The surviving holder of a merged one, contacts, stale lots."""
        person = facts.people.get(self._holder_id)
        if person is None:
            raise AppError(ErrorCode.HOLDER_NOT_FOUND)
        wants = Wants(contacts={self._holder_id})
        if person.merged_into is not None:
            self._holder_id = person.merged_into
            wants.holders = {self._holder_id}
            wants.people = {self._holder_id}
            wants.contacts = {self._holder_id}
        for account in book.accounts_of(self._holder_id):
            if book.lots_needed(account):
                wants.lots.add(account.account_id)
        return wants

    def decide(self, facts: Facts, book: Book) -> tuple[Person, list[SeenAccount]]:
        """The person and the accounts."""
        person = facts.people[self._holder_id]
        accounts = book.accounts_of(self._holder_id)
        return person, see_accounts(book, accounts, self._context.classifier)


def get_holder(envelope: Envelope, context: Context, done: Done) -> None:
    """The block of one holder with the wrappers asked for."""
    need_right(context.classifier, "holder.read")
    value = envelope.root.text_of("Holder_ID").strip()
    if not value:
        raise AppError(ErrorCode.FIELD_MISSING, field="Holder_ID")
    holder_id = maybe_number(value)
    if holder_id is None:
        raise AppError(ErrorCode.HOLDER_NOT_FOUND)
    words = includes(envelope.root, context.limits)

    def finish(found: Any) -> None:
        if isinstance(found, AppError):
            done(Answer(failure(found, context.message_id, context.language), is_error=True))
            return
        person, accounts = found
        block = holder_root(person, accounts, words, context)
        done(Answer(f"{_HEAD}{block}".encode()))

    context.desk.ask(HolderInquiry(holder_id, context), finish)


_HEAD: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'


def holder_root(
    person: Person, accounts: list[SeenAccount], words: frozenset[str], context: Context
) -> str:
    """`Holder` as a root element."""
    rules = context.rules
    division = rules.divisions.get(person.division_id)
    payer = rules.non_payer_codes.get(person.non_payer_type_id or 0)
    wrappers = ""
    if "account" in words or "account_available" in words:
        wrappers += account_block(accounts, words, context)
    if "holder_contact" in words:
        masked = "person.full" not in context.classifier.rights
        wrappers += contacts(person, masked=masked)
    names = HolderNames(
        group=rules.holder_groups.get(person.group_id or 0, ""),
        division=division.name if division is not None else "",
        non_payer=payer[1] if payer is not None else "",
        counts=None if "holder_nocount" in words else (1, len(accounts), len(person.contacts)),
    )
    return holder(person, names, wrappers, f' Message_ID="{context.message_id}"')
