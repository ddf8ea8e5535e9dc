"""Two guests of one person, for tests of merges."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

import msgspec
from sqlalchemy import update

from card_server.accounts import tables as account_tables
from card_server.accounts.records import ACCOUNT_CLOSED
from card_server.cards import tables as card_tables
from card_server.coupons import tables as coupon_tables
from card_server.holders import tables as holder_tables
from card_server.ledger.verify import verify
from card_server.segments import tables as segment_tables
from shared.wire import holders as guests
from shared.wire import merges as wire
from tests.helpers.office import Office, new_operation_id
from tests.helpers.shop import BONUS, DEBIT

CARD: Final = 4101
TRANSFERRED: Final = 8
WHY: Final[dict[str, Any]] = {"reason_id": TRANSFERRED, "reason": "один и тот же гость"}


class Pair:
    """Two guests of one person: each has a card, money, points, contacts, consents."""

    def __init__(self, office: Office, first: int = 4101) -> None:
        self.office, self.shop = office, office.shop
        self.cards = (first, first + 1)
        mine, theirs = f"{first}000", f"{first}001"
        if first == CARD:
            mine, theirs = "111-11-11", "222-22-22"
        self.one = self.guest("Иванов", f"+7 000 {mine}", first)
        self.two = self.guest("Иванова", f"+7 000 {theirs}", first + 1)
        self.shop.grant(self.one, DEBIT, 1_000)
        self.shop.grant(self.two, DEBIT, 5_000)
        self.shop.grant(self.two, BONUS, 700, days=30)

    def guest(self, name: str, phone: str, card: int) -> int:
        """A guest with a card, a phone and an address of mail."""
        made = self.office.ask(
            guests.AddHolder(
                operation_id=new_operation_id(),
                division_id=1,
                fields=guests.HolderFields(l_name=name, birth_date=date(1990, 5, 1)),
                contacts=[
                    guests.ContactFields(value=phone),
                    guests.ContactFields(value=f"{card}@example.com"),
                ],
            )
        )
        card_table = card_tables.card
        self.shop.issue(card)
        with self.shop.connection.begin():
            self.shop.connection.execute(
                update(card_table).where(card_table.c.card_code == card).values(holder_id=made.key)
            )
        return made.key

    @classmethod
    def anew(cls, office: Office) -> Pair:
        """A further pair on the same books."""
        codes = office.shop.rows(card_tables.card)
        return cls(office, max((row.card_code for row in codes), default=CARD - 1) + 1)

    def try_undo(self, merge_id: int) -> str | None:
        """The way back, or why there is none."""
        replied = self.office.send("UndoMerge", msgspec.json.encode(self.undoing(merge_id)))
        return None if replied.status == 200 else str(self.office.refusal_of(replied))

    def holder(self, holder_id: int) -> guests.Holder:
        """A guest whole."""
        return self.office.ask(guests.GetHolder(holder_id=holder_id))

    def command(self, **fields: Any) -> wire.MergeHolders:
        """The second guest goes into the first."""
        given = {
            "survivor_id": self.one,
            "survivor_version": self.holder(self.one).row.version,
            "duplicate_id": self.two,
            "duplicate_version": self.holder(self.two).row.version,
            **WHY,
        }
        return wire.MergeHolders(operation_id=new_operation_id(), **{**given, **fields})

    def merge(self, **fields: Any) -> wire.Merged:
        """The merge is done."""
        return self.office.ask(self.command(**fields))

    def undoing(self, merge_id: int, **fields: Any) -> wire.UndoMerge:
        """The way back."""
        return wire.UndoMerge(
            operation_id=new_operation_id(), merge_id=merge_id, **{**WHY, **fields}
        )

    def undo(self, merge_id: int) -> wire.Merged:
        """The way back is gone."""
        return self.office.ask(self.undoing(merge_id))

    def balances(self, holder_id: int) -> dict[int, int]:
        """Type -> balance of the open accounts that hold something."""
        account = account_tables.account
        rows = self.shop.rows(
            account, account.c.holder_id == holder_id, account.c.state != ACCOUNT_CLOSED
        )
        return {row.account_type_id: row.balance for row in rows if row.balance}

    def row(self, table: Any, **key: Any) -> Any:
        """One row."""
        (found,) = self.shop.rows(table, *(table.c[n] == v for n, v in key.items()))
        return found

    def verified(self) -> None:
        """The ledger proves itself wholly."""
        report = verify(self.shop.connection, full=True)
        self.shop.connection.rollback()
        assert report.ok, report.findings

    def picture(self) -> dict[str, Any]:
        """Everything of both that a merge may touch, without stamps and versions."""
        hidden = {"version", "updated_at", "updated_by", "last_operation_at"}
        both = (self.one, self.two)
        found: dict[str, Any] = {}
        owned = (
            (holder_tables.holder, "holder_id"),
            (holder_tables.person, "holder_id"),
            (holder_tables.contact, "holder_id"),
            (holder_tables.address, "holder_id"),
            (holder_tables.person_photo, "holder_id"),
            (holder_tables.property_link, "owner_id"),
            (card_tables.card, "holder_id"),
            (coupon_tables.coupon, "holder_id"),
            (segment_tables.segment_member, "holder_id"),
        )
        for table, owner in owned:
            rows = self.shop.rows(table, table.c[owner].in_(both))
            shown = [{k: v for k, v in r._asdict().items() if k not in hidden} for r in rows]
            found[table.name] = sorted(shown, key=str)
        account = account_tables.account
        names = ("account_id", "holder_id", "state", "block_reason", "credit_depth", "level_id")
        sums = ("balance", "pending", "uncovered", "merged_into")
        rows = self.shop.rows(account, account.c.holder_id.in_(both))
        found["account"] = sorted([getattr(r, n) for n in (*names, *sums)] for r in rows)
        found["limits"] = sorted(map(tuple, self.shop.rows(card_tables.card_account)))
        found["lots"] = [[lot for lot in self.shop.lots(holder_id) if lot[1]] for holder_id in both]
        return found


def decorate(pair: Pair) -> None:
    """What may go over besides: coupons, limits, a list, an address, a property, a picture."""
    shop, now = pair.shop, pair.shop.now
    account = shop.account(pair.two, DEBIT).account_id
    shop.add(coupon_tables.coupon_type, coupon_type_id=77, name="Десерт", **{"class": 1})
    shop.add(
        coupon_tables.coupon,
        coupon_id=9_220_010_000_000_000_077,
        code="0000000000077",
        coupon_type_id=77,
        holder_id=pair.two,
        state=2,
    )
    shop.add(card_tables.card_account, card_code=4102, account_id=account)
    shop.add(
        segment_tables.segment, segment_id=77, name="Список", kind=2, definition="{}", refresh=1
    )
    shop.add(segment_tables.segment_member, segment_id=77, holder_id=pair.two, since=now)
    shop.add(
        holder_tables.property_,
        property_id=77,
        property_type=6,
        code_name="diet",
        name="Диета",
        applies_to=1,
        required=False,
        is_personal=True,
    )
    link = {"owner_kind": 1, "owner_id": pair.two, "property_id": 77}
    shop.add(holder_tables.property_link, value_text="без глютена", **link)
    picture = {"mime": "image/png", "bytes": b"1", "thumb": b"2"}
    shop.add(holder_tables.person_photo, holder_id=pair.two, **picture)
    card, holder, accounts = card_tables.card, holder_tables.holder, account_tables.account
    shop.change(card, card.c.card_code == 4102, limited_accounts=True)
    shop.change(holder, holder.c.holder_id == pair.two, external_code="1C-77", source_system="1C")
    shop.change(accounts, accounts.c.account_id == account, credit_depth=300)
    fields = guests.AddressFields(city="Тверь", street="Новая", house="1")
    pair.office.ask(
        guests.AddAddress(operation_id=new_operation_id(), holder_id=pair.two, fields=fields)
    )
