"""After an erasure nothing stored tells who the guest was, and the ledger still proves itself."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from sqlalchemy import LargeBinary, select

from card_server.cards import tables as card_tables
from card_server.db.base import metadata
from card_server.holders import tables
from card_server.ledger import tables as ledger_tables
from shared.wire import holders as guests
from shared.wire.base import Problem
from shared.wire.cards import BlockCard
from shared.wire.holder_accounts import ListAccounts
from shared.wire.manual_operations import Adjust, TopUp
from shared.wire.roles import GetHistory
from tests.card_server.ledger.test_service import far_away
from tests.helpers.office import Office, new_operation_id
from tests.helpers.pair import Pair
from tests.helpers.shop import BONUS, DEBIT

SECRETS = ("Иванов", "иванов", "1111111", "4101@example", "2222222", "4102@example", "Тверь-тайна")


@pytest.fixture
def pair(office: Office) -> Pair:
    return Pair(office)


def erasing(pair: Pair, holder_id: int | None = None, **fields: Any) -> guests.EraseHolder:
    """The command about the first guest."""
    wanted = holder_id or pair.one
    given = {"reason": "по запросу гостя", "version": pair.holder(wanted).row.version, **fields}
    return guests.EraseHolder(operation_id=new_operation_id(), holder_id=wanted, **given)


def told(pair: Pair) -> list[str]:
    """Where in the whole database something of the guest can be read."""
    found = []
    for table in metadata.sorted_tables:
        for row in pair.shop.rows(table):
            for column, value in zip(table.columns, row, strict=True):
                if isinstance(column.type, LargeBinary) and value is not None:
                    text = bytes(value).decode("utf-8", "ignore")
                else:
                    text = str(value)
                found += [f"{table.name}.{column.name}" for s in SECRETS if s in text]
    return sorted(set(found))


def live_a_little(pair: Pair) -> None:
    """Texts about the guest wherever people write them."""
    office, guest = pair.office, pair.holder(pair.one)
    key = new_operation_id
    office.ask(
        guests.EditHolder(
            operation_id=key(),
            holder_id=pair.one,
            version=guest.row.version,
            fields=guests.HolderFields(remarks="Иванов любит чай", external_code="Иванов-1"),
        )
    )
    phone = guest.contacts[0]
    office.ask(
        guests.UnmaskContact(
            operation_id=key(), contact_id=phone.contact_id, reason="звонил Иванов"
        )
    )
    office.ask(
        guests.DeleteContact(operation_id=key(), contact_id=phone.contact_id, version=phone.version)
    )
    office.ask(
        guests.AddContact(
            operation_id=key(),
            holder_id=pair.one,
            fields=guests.ContactFields(value="+7 000 111-11-11"),
        )
    )
    office.ask(
        guests.AddAddress(
            operation_id=key(),
            holder_id=pair.one,
            fields=guests.AddressFields(extended="Тверь-тайна"),
        )
    )
    office.ask(
        guests.AddConsent(
            operation_id=key(),
            holder_id=pair.one,
            purpose=2,
            granted=True,
            source=1,
            evidence="подписал Иванов",
        )
    )
    card = pair.row(card_tables.card, card_code=4101)
    office.ask(
        BlockCard(operation_id=key(), card_code=4101, version=card.version, reason="Иванов потерял")
    )
    money = pair.shop.account(pair.one, DEBIT).account_id
    office.ask(TopUp(operation_id=key(), account_id=money, amount=5, remarks="принёс Иванов"))
    office.add_user("limited", "account.adjust", amount_limit=1)
    limited = office.sign_in("limited")
    waiting = Adjust(
        operation_id=key(), account_id=money, amount=50, reason_id=1, remarks="просил Иванов"
    )
    assert office.ask(waiting, limited).approval_id is not None
    office.sign_in()


def test_nothing_that_is_stored_tells_who_the_guest_was(pair: Pair) -> None:
    live_a_little(pair)
    assert len(told(pair)) > 10
    before = [(row.operation_id, row.hash) for row in pair.shop.rows(ledger_tables.operation)]
    pair.merge(reason="это тоже Иванов")
    assert pair.office.refused(erasing(pair, pair.two, version=1)) == "HOLDER_MERGED"
    pair.office.ask(erasing(pair))
    assert told(pair) == []
    after = {row.operation_id: row.hash for row in pair.shop.rows(ledger_tables.operation)}
    assert [(key, after[key]) for key, _ in before] == before
    pair.verified()


def test_what_the_ledger_counts_stays_and_the_guest_reads_as_erased(pair: Pair) -> None:
    live_a_little(pair)
    version = pair.holder(pair.one).row.version
    done = pair.office.ask(erasing(pair))
    guest = pair.holder(pair.one)
    assert (guest.row.state, guest.row.version, done.version) == (3, version + 1, version + 1)
    assert (guest.person, guest.contacts, guest.addresses) == (None, [], [])
    assert (guest.external_code, guest.has_photo) == (None, False)
    assert [one.evidence for one in guest.consents] == [None]
    accounts = pair.office.ask(ListAccounts(holder_id=pair.one)).accounts
    assert {one.account_type_id: one.balance for one in accounts}[DEBIT] == 1_005
    (row,) = pair.shop.rows(tables.erasure)
    counts = msgspec.json.decode(row.counts, type=dict[str, int])
    assert (row.holder_id, row.user_id, row.reason) == (pair.one, 1, "по запросу гостя")
    assert (counts["person"], counts["contact"], counts["address"]) == (1, 3, 1)
    assert row.done_at is not None
    for text in ("иванов", "+7 000 111-11-11", "4101@example.com"):
        found = pair.office.ask(guests.SearchHolders(text=text)).holders
        assert [one.row.holder_id for one in found if one.row.holder_id == pair.one] == []
    history = pair.office.ask(GetHistory(table_name="person", row_key=str(pair.one)))
    values = [field for fields in history.fields.values() for field in fields]
    assert values
    assert {(one.old_value, one.new_value) for one in values} == {(None, None)}
    assert all(one.erased_at is not None for one in values)
    pair.verified()


def test_nothing_is_done_to_an_erased_guest(pair: Pair) -> None:
    pair.office.ask(erasing(pair))
    version = pair.holder(pair.one).row.version
    key = new_operation_id
    edit = guests.EditHolder(
        operation_id=key(),
        holder_id=pair.one,
        version=version,
        fields=guests.HolderFields(l_name="Иванов"),
    )
    contact = guests.AddContact(
        operation_id=key(), holder_id=pair.one, fields=guests.ContactFields(value="+70001111111")
    )
    restore = guests.RestoreHolder(operation_id=key(), holder_id=pair.one, version=version)
    again = erasing(pair)
    merge = pair.command(survivor_version=version)
    for command in (edit, contact, restore, again, merge):
        assert pair.office.refused(command) == "HOLDER_DELETED", command


def test_a_merge_with_an_erased_guest_is_not_undone(pair: Pair) -> None:
    merged = pair.merge()
    pair.office.ask(erasing(pair))
    assert pair.office.refused(pair.undoing(merged.merge_id)) == "WRONG_STATE"
    assert pair.holder(pair.two).person is None
    assert pair.balances(pair.one) == {DEBIT: 6_000, BONUS: 700}


def test_a_repeated_erasure_is_one_and_an_older_version_is_refused(pair: Pair) -> None:
    command = erasing(pair)
    stale = erasing(pair, version=command.version + 5)
    replied = pair.office.send("EraseHolder", msgspec.json.encode(stale))
    problem = msgspec.json.decode(replied.body, type=Problem)
    assert (problem.code, problem.present["row"]["holder_id"]) == ("STALE_EDIT", pair.one)
    assert pair.holder(pair.one).person is not None
    first = pair.office.ask(command)
    assert pair.office.ask(command) == first
    assert pair.shop.count(tables.erasure) == 1


@pytest.mark.parametrize(
    "reason",
    ["гость Иванов просил", "просил, ИВАНОВ.", "звонил с +7 (000) 111-11-11", "4101@example.com"],
)
def test_the_reason_names_nobody(pair: Pair, reason: str) -> None:
    assert pair.office.refused(erasing(pair, reason=reason)) == "FIELD_BAD"
    assert pair.holder(pair.one).person is not None


def test_an_erasure_needs_a_reason_and_the_right_division(pair: Pair) -> None:
    assert pair.office.refused(erasing(pair, reason="  так ")) == "REASON_NEEDED"
    assert pair.office.refused(erasing(pair, reason="т" * 256)) == "TOO_LONG"
    unknown = guests.EraseHolder(
        operation_id=new_operation_id(), holder_id=77, version=1, reason="по запросу"
    )
    assert pair.office.refused(unknown) == "ROW_NOT_FOUND"
    command = erasing(pair)
    far_away(pair.office, pair.one)
    pair.office.add_user("near", *pair.office.everyone_but("user.edit"), divisions=(1,))
    near = pair.office.sign_in("near")
    assert pair.office.refused(command, near) == "DIVISION_FOREIGN"
    pair.office.sign_in()
    assert pair.holder(pair.one).person is not None


def test_a_deleted_guest_can_be_erased(pair: Pair) -> None:
    pair.office.ask(
        guests.DeleteHolder(
            operation_id=new_operation_id(),
            holder_id=pair.one,
            version=pair.holder(pair.one).row.version,
            reason="гость ушёл",
        )
    )
    pair.shop.pass_time(days=1)
    pair.office.sign_in()
    pair.office.ask(erasing(pair))
    person = tables.person
    with pair.shop.connection.begin():
        left = pair.shop.connection.execute(
            select(person.c.holder_id).where(person.c.holder_id == pair.one)
        ).first()
    assert left is None
