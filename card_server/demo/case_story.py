"""What happened to the fixed cases, through the real operations (domain 6.3).

The first part runs two days before the as-of date (a lot must have time to fall due), the rest on
the morning of that day.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, delete, insert, update

from card_server.accounts import tables as account_tables
from card_server.cards import tables as card_tables
from card_server.cards.records import CARD_BLOCKED
from card_server.cards.service import set_card_state
from card_server.db.change_log import ChangeLog, Editor
from card_server.demo.cases import BONUS, DEBIT, FIRST_CASE, OWED, SPENT, VOIDED, Holders
from card_server.demo.engine import EnginePoster
from card_server.holders import tables as holder_tables
from card_server.holders.workbench import Workbench
from card_server.ledger.manual import (
    Adjust,
    DirectCredit,
    Header,
    MergeBalances,
    OpenHold,
    Opening,
    OpeningLot,
    TopUp,
)
from card_server.ledger.manual_holds import HoldPart
from card_server.ledger.posting_port import Posting
from card_server.receipts.records import Cheque, RelayCall, RelayLine
from card_server.receipts.relay_posting import RelayPosting

COMPENSATION, ON_REQUEST, TRANSFERRED = 3, 9, 8
"""Reasons of the seeds."""

PAY, EARN, SPEND = 0, 2, 3
SALE, RETURN = 1, 3
TILL: Final = 1
STEP: Final = timedelta(seconds=1)
ERASED, MERGED, CLOSED = 3, 2, 3
ADMINISTRATOR: Final = 1


class CaseStory:
    """Runs the cases on the ordinary ledger."""

    def __init__(
        self, poster: EnginePoster, holders: Holders, as_of: date, start: datetime
    ) -> None:
        self._poster = poster
        self._of = holders
        self._as_of = as_of
        self._now = start
        self._serial = 0

    # ------------------------------------------------------------------ short words

    def _post(self, posting: Posting[Any]) -> Any:
        self._now += STEP
        (outcome,) = self._poster.post(self._now, [posting])
        error = outcome if isinstance(outcome, Exception) else outcome.error
        if error is not None:
            raise error
        return outcome

    def _header(self, reason_id: int | None = None, **facts: Any) -> Header:
        self._serial += 1
        key = f"demo-case-{self._serial:03d}"
        return Header(key=key, user_id=ADMINISTRATOR, reason_id=reason_id, **facts)

    def _opening(self, case: int, type_id: int, *lots: tuple[int, int | None]) -> None:
        """Lots as (amount, days of life after the as-of date)."""
        made = tuple(
            OpeningLot(amount=amount, expires_on=self._day(days) if days is not None else None)
            for amount, days in lots
        )
        total = sum(amount for amount, _ in lots)
        account = self._of.accounts[case, type_id]
        given = made if type_id == BONUS else ()
        self._post(Opening(header=self._header(), account_id=account, amount=total, lots=given))

    def _day(self, days: int) -> date:
        return self._as_of + timedelta(days=days)

    def _till(self, case: int, order: str, chmode: int, *lines: tuple[int, int]) -> None:
        card = FIRST_CASE - 1 + case
        net = abs(sum(amount for kind, amount in lines if kind == SPEND))
        now = self._now + STEP
        call = RelayCall(
            classifier_id=TILL,
            unit_id=1,
            station_no=1,
            chmode=chmode,
            restaurant=1,
            rk_uni=1,
            rk_check=case,
            order_guid=f"demo-case-{case:02d}-{order}",
            check_no=1,
            stamp=now.isoformat("T", "milliseconds")[:23],
            occurred_at=now,
            lines=[RelayLine(card=card, person_id=0, kind=k, amount=a) for k, a in lines],
            cheque=Cheque(net=net, gross=net, lines=1),
        )
        classifier = self._poster.rules.classifiers[TILL]
        self._post(RelayPosting(call, classifier, None))

    # ------------------------------------------------------------------ the story

    def early(self) -> None:
        """Two days before: what must have aged."""
        self._opening(1, BONUS, (60_00, 163), (100_00, 275))
        self._opening(10, BONUS, (40_00, 3))
        self._opening(11, BONUS, (30_00, -1))
        self._opening(12, SPENT, (14_999_99, None))
        self._opening(13, SPENT, (15_000_00, None))
        self._opening(18, BONUS, (20_00, 200))
        self._opening(118, BONUS, (35_00, 100))
        self._opening(118, SPENT, (500_00, None))
        self._opening(19, BONUS, (100_00, 90))
        self._opening(22, BONUS, (50_00, 90))
        self._opening(23, BONUS, (10_00, 90))
        self._till(8, "one", SALE, (EARN, 100_00), (SPEND, 2_000_00))
        self._till(8, "two", SALE, (PAY, -90_00), (SPEND, 500_00))

    def late(self, now: datetime) -> None:
        """On the morning of the day itself."""
        self._now = now
        self._till(1, "one", SALE, (PAY, -100_00), (EARN, 57_00), (SPEND, 1_240_00))
        self._poster.edit(self._now, self._block)
        self._till(8, "one", RETURN, (EARN, -100_00), (SPEND, -2_000_00))
        self._delayed()
        self._hold()
        owed = self._of.accounts[20, OWED]
        debt = self._header(COMPENSATION, remarks="долг по возврату")
        self._post(Adjust(header=debt, account_id=owed, amount=-25_00, allow_negative=True))
        for case, amount in ((22, 500_00), (24, 400_00)):
            account = self._of.accounts[case, DEBIT]
            self._post(TopUp(header=self._header(), account_id=account, amount=amount))
        self._merge()
        self._poster.edit(self._now, self._erase)

    def _delayed(self) -> None:
        account = self._of.accounts[9, BONUS]
        self._post(
            DirectCredit(
                header=self._header(),
                account_id=account,
                amount=75_00,
                available_at=self._now + timedelta(days=5),
                expires_on=self._day(100),
            )
        )

    def _hold(self) -> None:
        part = HoldPart(account_id=self._of.accounts[19, BONUS], amount=60_00)
        header = self._header(card_code=FIRST_CASE + 18, order_guid="demo-case-19-hold")
        self._post(OpenHold(header=header, parts=(part,), minutes=10_080))

    def _block(self, connection: Connection, now: datetime) -> None:
        ids = self._poster.ledger.ids
        editor = Editor(classifier_id=0, application="demo")
        bench = Workbench(
            connection=connection,
            ids=ids,
            log=ChangeLog(connection, ids, editor, now),
            now=now,
            today=now.date(),
            classifier_id=0,
        )
        reason = "карта утеряна"
        set_card_state(bench, FIRST_CASE + 1, CARD_BLOCKED, reason=reason, valid_to=None)

    def _merge(self) -> None:
        survivor, duplicate = self._of.holders[18], self._of.holders[118]
        moved = self._post(
            MergeBalances(
                header=self._header(TRANSFERRED), from_holder_id=duplicate, to_holder_id=survivor
            )
        )

        def write(connection: Connection, now: datetime) -> None:
            holder, account = holder_tables.holder, account_tables.account
            connection.execute(
                update(holder)
                .where(holder.c.holder_id == duplicate)
                .values(state=MERGED, merged_into=survivor, updated_at=now)
            )
            for case, type_id in sorted(self._of.accounts):
                if case == 118:  # noqa: PLR2004 - the duplicate of CASES
                    connection.execute(
                        update(account)
                        .where(account.c.account_id == self._of.accounts[case, type_id])
                        .values(state=CLOSED, merged_into=self._of.accounts[18, type_id])
                    )
            connection.execute(
                insert(holder_tables.holder_merge).values(
                    merge_id=self._poster.ledger.ids.take("change"),
                    survivor_id=survivor,
                    duplicate_id=duplicate,
                    at=now,
                    user_id=ADMINISTRATOR,
                    operation_id=moved.operation_id,
                )
            )

        self._poster.edit(self._now, write)

    def _erase(self, connection: Connection, now: datetime) -> None:
        holder_id = self._of.holders[23]
        tables = holder_tables
        for table in (tables.person, tables.contact):
            connection.execute(delete(table).where(table.c.holder_id == holder_id))
        connection.execute(
            update(tables.holder)
            .where(tables.holder.c.holder_id == holder_id)
            .values(state=ERASED, updated_at=now)
        )
        card = card_tables.card
        connection.execute(
            update(card).where(card.c.card_code == FIRST_CASE + 22).values(state=VOIDED)
        )
        connection.execute(
            insert(tables.erasure).values(
                holder_id=holder_id,
                requested_at=now,
                done_at=now,
                reason="по запросу гостя",
                user_id=ADMINISTRATOR,
                counts='{"person":1,"contact":1}',
            )
        )
