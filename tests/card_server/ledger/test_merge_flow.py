"""Two guests become one, and two again; the ledger proves itself all the time (domain 3.13)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from sqlalchemy import select

from card_server.accounts import tables as account_tables
from card_server.accounts.records import ACCOUNT_ACTIVE, ACCOUNT_CLOSED
from card_server.cards import tables as card_tables
from card_server.coupons import tables as coupon_tables
from card_server.db.base import metadata
from card_server.holders import tables as holder_tables
from card_server.ledger import merge_flow, tables
from card_server.ledger.manual import Header, HoldPart, OpenHold, Opening, OpeningLot
from card_server.ledger.posting import Pipeline
from card_server.segments import tables as segment_tables
from shared.wire import holders as guests
from shared.wire import merges as wire
from shared.wire.base import Problem
from shared.wire.cards import ReplaceCard
from shared.wire.errors import AppError, ErrorCode
from shared.wire.manual_operations import Correct, RollBack, Withdraw
from tests.card_server.ledger.test_service import far_away
from tests.helpers.office import Office, new_operation_id
from tests.helpers.pair import Pair, decorate
from tests.helpers.shop import BONUS, DEBIT, SPENT


@pytest.fixture
def pair(office: Office) -> Pair:
    return Pair(office)


def test_everything_of_the_duplicate_goes_to_the_survivor(pair: Pair) -> None:
    merged = pair.merge()
    assert pair.balances(pair.one) == {DEBIT: 6_000, BONUS: 700}
    assert pair.balances(pair.two) == {}
    operation = pair.row(tables.operation, operation_id=merged.booked_id)
    assert (operation.kind, operation.holder_id, operation.user_id) == (15, pair.one, 1)
    gone = pair.holder(pair.two)
    assert (gone.row.state, gone.merged_into, gone.cards, gone.accounts) == (2, pair.one, 0, 0)
    stays = pair.holder(pair.one)
    assert (stays.cards, len(stays.contacts)) == (2, 4)
    assert sum(one.is_main for one in stays.contacts) == 2
    accounts = account_tables.account
    for row in pair.shop.rows(accounts, accounts.c.holder_id == pair.two):
        target = pair.row(accounts, account_id=row.merged_into)
        assert (row.state, target.holder_id) == (ACCOUNT_CLOSED, pair.one)
        assert target.account_type_id == row.account_type_id
    pair.shop.ok(4102, [(0, -6_000), (3, 6_000)])
    assert pair.balances(pair.one) == {BONUS: 700, SPENT: 6_000}
    pair.verified()


def test_an_undone_merge_leaves_both_as_they_were(pair: Pair) -> None:
    decorate(pair)
    before = pair.picture()
    merged = pair.merge()
    assert pair.picture() != before
    undone = pair.undo(merged.merge_id)
    assert undone.booked_id is not None
    assert pair.picture() == before
    pair.verified()
    again = pair.merge()
    assert again.merge_id != merged.merge_id
    pair.undo(again.merge_id)
    assert pair.picture() == before
    pair.verified()


def test_what_a_guest_has_besides_follows_him(pair: Pair) -> None:
    decorate(pair)
    pair.merge()
    stays = pair.holder(pair.one)
    assert (stays.has_photo, stays.external_code, len(stays.addresses)) == (True, "1C-77", 1)
    assert [one.value_text for one in stays.properties] == ["без глютена"]
    assert pair.row(coupon_tables.coupon, code="0000000000077").holder_id == pair.one
    assert pair.row(segment_tables.segment_member, segment_id=77).holder_id == pair.one
    limit = pair.row(card_tables.card_account, card_code=4102)
    account = pair.row(account_tables.account, account_id=limit.account_id)
    assert (account.holder_id, account.credit_depth) == (pair.one, 300)
    events = pair.shop.rows(
        card_tables.card_event, card_tables.card_event.c.new_holder_id == pair.one
    )
    assert [(e.card_code, e.old_holder_id) for e in events][-1] == (4102, pair.two)


def test_contacts_that_both_have_stay_where_they_are(pair: Pair) -> None:
    contact = holder_tables.contact
    pair.shop.change(
        contact,
        (contact.c.holder_id == pair.two) & (contact.c.contact_type_id == 1),
        value="+7 000 111-11-11",
        value_norm="70001111111",
    )
    merged = pair.merge()
    assert len(pair.holder(pair.one).contacts) == 3
    pair.undo(merged.merge_id)
    assert len(pair.holder(pair.two).contacts) == 2


@pytest.mark.parametrize(
    ("mine", "theirs", "after"),
    [(True, False, False), (False, True, False), (None, False, False), (None, True, True)],
)
def test_a_refusal_on_either_side_wins(
    pair: Pair, mine: bool | None, theirs: bool, after: bool
) -> None:
    for holder_id, granted in ((pair.one, mine), (pair.two, theirs)):
        if granted is not None:
            pair.office.ask(
                guests.AddConsent(
                    operation_id=new_operation_id(),
                    holder_id=holder_id,
                    purpose=2,
                    channel=1,
                    granted=granted,
                    source=1,
                )
            )
            pair.shop.pass_time(seconds=1)
    merged = pair.merge()
    assert pair.holder(pair.one).consents[0].granted is after
    pair.shop.pass_time(seconds=1)
    pair.undo(merged.merge_id)
    stands = pair.holder(pair.one).consents
    assert stands[0].granted is (False if mine is None else mine)
    assert pair.holder(pair.two).consents[0].granted is theirs


def test_the_questionnaire_is_chosen_field_by_field(pair: Pair) -> None:
    person = holder_tables.person
    pair.shop.change(person, person.c.holder_id == pair.two, source="сайт", gender=2)
    pair.shop.change(person, person.c.holder_id == pair.one, gender=1)
    seen = pair.office.ask(wire.PreviewMerge(survivor_id=pair.one, duplicate_id=pair.two))
    assert seen.choices["source"] == wire.DUPLICATE
    assert seen.choices["remarks"] == wire.SURVIVOR
    merged = pair.merge(choices={"name": wire.DUPLICATE, "gender": wire.SURVIVOR})
    after = pair.holder(pair.one).person
    assert after is not None
    assert (after.l_name, after.full_name, after.source, after.gender) == (
        "Иванова",
        "Иванова",
        "сайт",
        1,
    )
    found = pair.office.ask(guests.SearchHolders(text="иванова"))
    assert [one.row.holder_id for one in found.holders] == [pair.one]
    pair.undo(merged.merge_id)
    back = pair.holder(pair.one).person
    assert back is not None
    assert (back.l_name, back.source) == ("Иванов", None)
    assert pair.office.refused(pair.command(choices={"login": 1})) == "FIELD_BAD"
    assert pair.office.refused(pair.command(choices={"name": 3})) == "FIELD_BAD"


def test_a_preview_shows_sums_and_obstacles(pair: Pair) -> None:
    seen = pair.office.ask(wire.PreviewMerge(survivor_id=pair.one, duplicate_id=pair.two))
    money = next(one for one in seen.accounts if one.account_type_id == DEBIT)
    assert (money.survivor, money.duplicate) == (1_000, 5_000)
    assert (seen.cards, seen.contacts, seen.obstacles) == (1, 2, [])
    _hold(pair)
    seen = pair.office.ask(wire.PreviewMerge(survivor_id=pair.one, duplicate_id=pair.two))
    assert seen.obstacles == ["IN_USE"]


def _hold(pair: Pair) -> None:
    account_id = pair.shop.account(pair.two, DEBIT).account_id
    header = Header(key=new_operation_id())
    part = HoldPart(account_id=account_id, amount=100)
    assert pair.office.desk.book(OpenHold(header=header, parts=(part,))).error is None


def test_what_cannot_be_merged_is_refused_and_stays(pair: Pair) -> None:
    office, before = pair.office, pair.picture()
    same = pair.command(duplicate_id=pair.one, duplicate_version=1)
    assert office.refused(same) == "FIELD_BAD"
    assert office.refused(pair.command(reason=" нет ")) == "REASON_NEEDED"
    assert office.refused(pair.command(reason="н" * 256)) == "FIELD_BAD"
    assert office.refused(pair.command(reason_id=999)) == "ROW_NOT_FOUND"
    assert office.refused(pair.command(duplicate_id=77)) == "ROW_NOT_FOUND"
    reason = tables.reason
    pair.shop.change(reason, reason.c.reason_id == 2, applies_to=1 << 14)
    assert office.refused(pair.command(reason_id=2)) == "FIELD_BAD"
    assert pair.picture() == before
    _hold(pair)
    assert office.refused(pair.command()) == "IN_USE"
    assert pair.shop.count(holder_tables.holder_merge) == 0


def test_an_older_version_of_either_is_told_both_as_they_stand(pair: Pair) -> None:
    stale = pair.command()
    command = guests.EditHolder(
        operation_id=new_operation_id(),
        holder_id=pair.two,
        version=stale.duplicate_version,
        fields=guests.HolderFields(remarks="любит чай"),
    )
    pair.office.ask(command)
    replied = pair.office.send("MergeHolders", msgspec.json.encode(stale))
    problem = msgspec.json.decode(replied.body, type=Problem)
    assert problem.code == "STALE_EDIT"
    assert problem.present["duplicate"]["version"] == stale.duplicate_version + 1
    assert pair.balances(pair.two) == {DEBIT: 5_000, BONUS: 700}


def test_a_repeated_merge_is_one_merge(pair: Pair) -> None:
    command = pair.command()
    first = pair.office.ask(command)
    assert pair.office.ask(command) == first
    other = msgspec.structs.replace(command, survivor_id=pair.two, duplicate_id=pair.one)
    assert pair.office.refused(other) == "KEY_CONFLICT"
    assert pair.office.refused(pair.command()) == "HOLDER_MERGED"
    undoing = pair.undoing(first.merge_id)
    back = pair.office.ask(undoing)
    assert pair.office.ask(undoing) == back
    assert pair.office.refused(pair.undoing(first.merge_id)) == "WRONG_STATE"
    assert pair.balances(pair.two) == {DEBIT: 5_000, BONUS: 700}
    listed = pair.office.ask(wire.ListMerges()).rows
    assert [(row.state, row.undone_by) for row in listed] == [(wire.UNDONE, 1)]
    pair.verified()


def test_nothing_is_undone_once_the_survivor_spent_it(pair: Pair) -> None:
    merged = pair.merge()
    pair.shop.ok(4101, [(0, -1_500), (3, 1_500)])
    before = pair.picture()
    assert pair.office.refused(pair.undoing(merged.merge_id)) == "WRONG_STATE"
    after = pair.picture()
    assert after == before
    listed = pair.office.ask(wire.ListMerges()).rows
    assert [(row.state, row.undone_at) for row in listed] == [(wire.MERGED, None)]
    pair.verified()


def test_a_merge_is_undone_in_time_or_never(pair: Pair) -> None:
    merged = pair.merge()
    pair.shop.pass_time(days=31)
    pair.office.sign_in()
    assert pair.office.refused(pair.undoing(merged.merge_id)) == "WRONG_STATE"
    assert pair.balances(pair.one) == {DEBIT: 6_000, BONUS: 700}


def test_cards_that_were_replaced_since_go_back_too(pair: Pair) -> None:
    merged = pair.merge()
    pair.shop.issue(4103, state=2)
    card = card_tables.card
    pair.shop.change(card, card.c.card_code == 4103, holder_id=None)
    version = pair.row(card, card_code=4102).version
    pair.office.ask(
        ReplaceCard(
            operation_id=new_operation_id(),
            card_code=4102,
            version=version,
            new_code=4103,
            reason="карта потеряна",
        )
    )
    assert pair.row(card, card_code=4103).holder_id == pair.one
    pair.undo(merged.merge_id)
    assert pair.row(card, card_code=4103).holder_id == pair.two
    pair.shop.ok(4103, [(0, -5_000), (3, 5_000)])
    pair.verified()


def test_who_was_merged_before_points_at_the_last_survivor(pair: Pair) -> None:
    third = pair.guest("Петрова", "+7 000 333-33-33", 4104)
    first = pair.merge(
        survivor_id=pair.two,
        survivor_version=pair.holder(pair.two).row.version,
        duplicate_id=third,
        duplicate_version=pair.holder(third).row.version,
    )
    second = pair.merge()
    assert pair.holder(third).merged_into == pair.one
    assert pair.office.refused(pair.undoing(first.merge_id)) == "WRONG_STATE"
    pair.undo(second.merge_id)
    assert pair.holder(third).merged_into == pair.two
    pair.undo(first.merge_id)
    assert pair.holder(third).row.state == 1
    pair.verified()


def test_guests_of_foreign_divisions_are_not_merged(pair: Pair) -> None:
    office = pair.office
    merged = pair.merge()
    far_away(office, pair.two)
    office.add_user("near", *office.everyone_but("user.edit"), divisions=(1,))
    near = office.sign_in("near")
    assert office.refused(pair.undoing(merged.merge_id), near) == "DIVISION_FOREIGN"
    look = wire.PreviewMerge(survivor_id=pair.one, duplicate_id=pair.two)
    assert office.refused(look, near) == "DIVISION_FOREIGN"
    office.sign_in()
    pair.undo(merged.merge_id)
    assert office.refused(pair.command(), near) == "DIVISION_FOREIGN"
    far = msgspec.structs.replace(pair.command(), survivor_id=pair.two, duplicate_id=pair.one)
    assert office.refused(far, near) == "DIVISION_FOREIGN"


@pytest.mark.parametrize("when", [1, 2, 3])
def test_a_merge_that_is_cut_short_is_ended_once(
    pair: Pair, monkeypatch: pytest.MonkeyPatch, when: int
) -> None:
    command = pair.command()
    calls = [0]

    def break_at(name: str) -> Any:
        real = getattr(Pipeline, name)

        def call(pipeline: Pipeline, work: Any, done: Any) -> None:
            calls[0] += 1
            if calls[0] != when:
                real(pipeline, work, done)
            elif when == 1:  # the answer is lost, the work is done
                real(pipeline, work, lambda _: done(AppError(ErrorCode.PROCESSING_TIMEOUT)))
            else:  # neither is done
                done(AppError(ErrorCode.DB_UNREACHABLE))

        return call

    with monkeypatch.context() as broken:
        for name in ("edit", "post"):
            broken.setattr(Pipeline, name, break_at(name))
        assert pair.office.refused(command) in ("PROCESSING_TIMEOUT", "DB_UNREACHABLE")
    if when == 2:
        merge_flow.finish_pending(pair.office.desk)
    merged = pair.office.ask(command)
    assert pair.balances(pair.one) == {DEBIT: 6_000, BONUS: 700}
    assert pair.row(holder_tables.holder_merge, merge_id=merged.merge_id).state == wire.MERGED
    assert pair.shop.count(holder_tables.holder_merge) == 1
    pair.verified()


@pytest.mark.parametrize("when", [1, 2, 3])
def test_an_undoing_that_is_cut_short_is_ended_once(
    pair: Pair, monkeypatch: pytest.MonkeyPatch, when: int
) -> None:
    before = pair.picture()
    command = pair.undoing(pair.merge().merge_id)
    calls = [0]

    def break_at(name: str) -> Any:
        real = getattr(Pipeline, name)

        def call(pipeline: Pipeline, work: Any, done: Any) -> None:
            calls[0] += 1
            lost = calls[0] == when
            told = (lambda _: done(AppError(ErrorCode.PROCESSING_TIMEOUT))) if lost else done
            real(pipeline, work, told)

        return call

    with monkeypatch.context() as broken:
        for name in ("edit", "post"):
            broken.setattr(Pipeline, name, break_at(name))
        assert pair.office.refused(command) == "PROCESSING_TIMEOUT"
    pair.office.ask(command)
    assert pair.picture() == before
    pair.verified()


def test_money_by_hand_is_not_put_on_a_merged_guest(pair: Pair) -> None:
    account_id = pair.shop.account(pair.two, DEBIT).account_id
    pair.merge()
    command = Withdraw(operation_id=new_operation_id(), account_id=account_id, amount=1)
    assert pair.office.refused(command) in ("ACCOUNT_NOT_FOUND", "HOLDER_MERGED")


def test_levels_and_depths_are_the_better_of_both(pair: Pair) -> None:
    account, level = account_tables.account, metadata.tables["crm_level"]
    with pair.shop.connection.begin():
        ladder = (
            pair.shop.connection.execute(
                select(level.c.level_id)
                .where(level.c.account_type_id == BONUS)
                .order_by(level.c.level_no)
            )
            .scalars()
            .all()
        )
    if len(ladder) > 1:
        mine = (account.c.holder_id == pair.two) & (account.c.account_type_id == BONUS)
        pair.shop.change(account, mine, level_id=ladder[-1])
    merged = pair.merge()
    found = pair.shop.account(pair.one, BONUS)
    assert found.level_id == (ladder[-1] if len(ladder) > 1 else None)
    pair.undo(merged.merge_id)
    assert pair.shop.account(pair.one, BONUS).level_id == (ladder[0] if ladder else None)
    assert pair.shop.account(pair.two, BONUS).state == ACCOUNT_ACTIVE


def test_pending_and_uncovered_value_moves_as_it_is(pair: Pair) -> None:
    later = pair.shop.now + timedelta(days=3)
    posting = Opening(
        header=Header(key=new_operation_id()),
        holder_id=pair.two,
        account_type_id=BONUS,
        amount=250,
        lots=(OpeningLot(amount=250, available_at=later),),
    )
    assert pair.office.desk.book(posting).error is None
    before = pair.picture()
    merged = pair.merge()
    account = pair.shop.account(pair.one, BONUS)
    assert (account.balance, account.pending) == (950, 250)
    pair.undo(merged.merge_id)
    assert pair.picture() == before
    pair.verified()


def test_what_a_merged_guest_bought_is_not_undone_on_closed_accounts(pair: Pair) -> None:
    order: dict[str, Any] = {"order_guid": "order-before", "check_no": 7}
    pair.shop.ok(4102, [(0, -500), (3, 900), (2, 40)], **order)
    sale = pair.row(tables.operation, order_guid="order-before")
    merged = pair.merge()
    before = pair.picture()
    key = {"target_id": sale.operation_id, "reason_id": 1}
    for command in (RollBack, Correct):
        undo = command(operation_id=new_operation_id(), **key)
        assert pair.office.refused(undo) == "WRONG_STATE"
    back = pair.shop.till(4102, [(0, 500), (3, -900), (2, -40)], chmode=3, **order)
    assert back.error is not None
    assert back.error.code == ErrorCode.WRONG_STATE
    assert pair.picture() == before
    pair.verified()
    pair.undo(merged.merge_id)
    pair.office.ask(RollBack(operation_id=new_operation_id(), **key))
    assert pair.balances(pair.two) == {DEBIT: 5_000, BONUS: 700}
    pair.verified()
