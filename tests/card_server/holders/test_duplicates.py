"""Guests who may be one person: found, told apart, and found by the job (domain 3.12, 3.13)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from card_server.db.editing import row_of
from card_server.holders import duplicates, tables
from card_server.jobs.repository import due_runs, order_run
from card_server.jobs.running import JobRunner
from shared.wire import holders as guests
from shared.wire import merges as wire
from tests.card_server.ledger.test_service import far_away
from tests.helpers.office import Office, new_operation_id

BORN = date(1985, 3, 8)


class Book:
    """Guests by hand."""

    def __init__(self, office: Office) -> None:
        self.office = office
        kind = tables.contact_type
        office.shop.change(kind, kind.c.contact_type_id == 1, max_holders=None)

    def add(self, name: str, *contacts: str, born: date | None = BORN) -> int:
        """A guest."""
        fields = guests.HolderFields(l_name=name, birth_date=born)
        made = self.office.ask(
            guests.AddHolder(
                operation_id=new_operation_id(),
                division_id=1,
                fields=fields,
                contacts=[guests.ContactFields(value=value) for value in contacts],
            )
        )
        return made.key

    def found(self, holder_id: int) -> list[tuple[int, int, list[str]]]:
        """Who may be the same, with how sure it is and why."""
        reply = self.office.ask(wire.FindDuplicates(holder_id=holder_id))
        return [(one.row.holder_id, one.score, one.reasons) for one in reply.found]

    def search(self) -> None:
        """The job runs to its end."""
        desk = self.office.desk
        desk.edit(
            lambda connection, now, ids: order_run(
                connection, ids, "duplicates.find", {}, user_id=1, now=now
            )
        )
        (due,) = desk.read(due_runs)
        JobRunner(desk, {"duplicates.find": duplicates.search_all}).run(due)

    def pairs(self, **fields: Any) -> list[tuple[int, int, int, int]]:
        """What the list shows."""
        rows = self.office.ask(wire.ListDuplicates(**fields)).rows
        return [(row.holder_a, row.holder_b, row.score, row.state) for row in rows]


@pytest.fixture
def book(office: Office) -> Book:
    return Book(office)


def test_what_agrees_counts_together(book: Book) -> None:
    one = book.add("Лебедев", "+7 000 123-45-67")
    same = book.add("лебедёв", "8 000 123-45-67")
    named = book.add("ЛЕБЕДЕВ")
    book.add("Лебедев", born=None)
    book.add("Гусев", born=BORN)
    assert book.found(one) == [(same, 100, ["name_birth", "phone"]), (named, 40, ["name_birth"])]
    assert book.found(named) == [(one, 40, ["name_birth"]), (same, 40, ["name_birth"])]
    assert duplicates.score_of(["phone", "email"]) == 100
    assert book.office.refused(wire.FindDuplicates(holder_id=77)) == "ROW_NOT_FOUND"


def test_contacts_of_duplicates_are_masked(book: Book) -> None:
    one = book.add("Лебедев", "+7 000 123-45-67")
    book.add("Гусев", "+7 000 123-45-67")
    reply = book.office.ask(wire.FindDuplicates(holder_id=one))
    shown = reply.found[0].contacts
    assert shown
    assert all("123" not in value for value in shown)


def test_the_job_finds_every_pair_once_and_keeps_what_people_judged(
    book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(duplicates, "LOOKED_AT", 2)
    one = book.add("Лебедев", "+7 000 123-45-67")
    two = book.add("Гусев", "+7 000 123-45-67")
    three = book.add("Лебедев")
    book.search()
    assert book.pairs() == [(one, two, 60, 1), (one, three, 40, 1)]
    rows = book.office.ask(wire.ListDuplicates()).rows
    assert [(row.reasons, row.name_a, row.name_b) for row in rows] == [
        (["phone"], "Лебедев", "Гусев"),
        (["name_birth"], "Лебедев", "Лебедев"),
    ]
    apart = wire.DismissDuplicate(operation_id=new_operation_id(), holder_a=two, holder_b=one)
    book.office.ask(apart)
    book.office.ask(apart)
    book.search()
    assert book.pairs() == [(one, two, 60, 2), (one, three, 40, 1)]


def test_a_pair_is_told_apart_before_it_was_found(book: Book) -> None:
    one, two = book.add("Лебедев", "+7 000 1234567"), book.add("Гусев", "+7 000 1234567")
    book.office.ask(
        wire.DismissDuplicate(operation_id=new_operation_id(), holder_a=one, holder_b=two)
    )
    book.search()
    assert book.pairs() == [(one, two, 0, 2)]
    bad = wire.DismissDuplicate(operation_id=new_operation_id(), holder_a=one, holder_b=one)
    assert book.office.refused(bad) == "FIELD_BAD"
    gone = wire.DismissDuplicate(operation_id=new_operation_id(), holder_a=one, holder_b=77)
    assert book.office.refused(gone) == "ROW_NOT_FOUND"


def test_foreign_divisions_are_left_out(book: Book) -> None:
    one, two = book.add("Лебедев", "+7 000 1234567"), book.add("Гусев", "+7 000 1234567")
    book.search()
    office = book.office
    far_away(office, two)
    office.add_user("near", *office.everyone_but("user.edit"), divisions=(1,))
    near = office.sign_in("near")
    assert office.ask(wire.FindDuplicates(holder_id=one), near).found == []
    assert office.ask(wire.ListDuplicates(), near).rows == []
    assert office.refused(wire.FindDuplicates(holder_id=two), near) == "DIVISION_FOREIGN"
    apart = wire.DismissDuplicate(operation_id=new_operation_id(), holder_a=one, holder_b=two)
    assert office.refused(apart, near) == "DIVISION_FOREIGN"


def test_a_merge_settles_its_pair_and_an_undoing_opens_it_again(book: Book) -> None:
    one, two = book.add("Лебедев", "+7 000 1234567"), book.add("Гусев", "+7 000 1234567")
    book.search()
    with book.office.shop.connection.begin():
        versions = [
            row_of(book.office.shop.connection, tables.holder, {"holder_id": i}).version
            for i in (one, two)
        ]
    merged = book.office.ask(
        wire.MergeHolders(
            operation_id=new_operation_id(),
            survivor_id=one,
            survivor_version=versions[0],
            duplicate_id=two,
            duplicate_version=versions[1],
            reason_id=8,
            reason="один и тот же гость",
        )
    )
    assert merged.booked_id is not None
    assert book.pairs() == [(one, two, 60, 3)]
    assert book.found(one) == []
    book.office.ask(
        wire.UndoMerge(
            operation_id=new_operation_id(),
            merge_id=merged.merge_id,
            reason_id=8,
            reason="всё-таки двое",
        )
    )
    assert book.pairs() == [(one, two, 60, 1)]
