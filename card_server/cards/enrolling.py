"""A guest as a whole: holder, accounts and cards come about or change together.

The one place above holders, accounts and cards that knows all three; programs of the XML API, the
guests' sign-in and the windows of the suite enrol through it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from card_server.accounts.opening import AccountDesk, AccountWish, Rung
from card_server.accounts.records import AccountType
from card_server.cards.issuing import CardDesk, CardWish
from card_server.holders import service
from card_server.holders.records import PersonWish
from card_server.holders.workbench import Workbench
from card_server.licences.repository import check_issue


class GuestWish(msgspec.Struct, kw_only=True):
    """All that a program may say about one guest."""

    person: PersonWish = msgspec.field(default_factory=PersonWish)
    cards: list[CardWish] = []
    accounts: list[AccountWish] = []
    password_hash: str | None = None

    @property
    def changes_something(self) -> bool:
        """There is more than a key to find the guest by."""
        person = self.person
        parts = (person.values, person.holder, person.contacts, person.addresses, person.photo)
        return any(parts) or bool(self.cards or self.accounts or self.password_hash)


class Enrolment:
    """Adds and edits guests inside one edit; any refusal undoes all of it."""

    def __init__(
        self,
        bench: Workbench,
        types: Mapping[int, AccountType],
        rungs: Iterable[Rung],
        rights: frozenset[str],
    ) -> None:
        self.bench = bench
        self._accounts = AccountDesk(bench, types, rungs)
        self._may_edit_accounts = "account.block" in rights
        self.cards = CardDesk(
            bench, may_issue="card.issue" in rights, may_unbind="card.state" in rights
        )

    def add(self, wish: GuestWish) -> int:
        """A new guest with accounts and cards; gives back the holder's id."""
        check_issue(self.bench.connection)
        holder_id = service.add_holder(self.bench, wish.person)
        self._accounts.open_all(holder_id)
        self._apply(holder_id, wish)
        return holder_id

    def edit(self, holder_id: int, wish: GuestWish) -> int:
        """Change a guest; gives back the id of the holder that survives a merge."""
        living = service.survivor_of(self.bench.connection, holder_id)
        service.edit_holder(self.bench, living, wish.person)
        self._apply(living, wish)
        return living

    def _apply(self, holder_id: int, wish: GuestWish) -> None:
        for account in wish.accounts:
            self._accounts.apply(holder_id, account, may_edit=self._may_edit_accounts)
        for card in wish.cards:
            self.cards.apply(holder_id, card)
        if wish.password_hash:
            service.set_password(self.bench, holder_id, wish.password_hash)
