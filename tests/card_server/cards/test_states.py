"""Cards through the contract: lists, states, replacement, binding, limits, foreign divisions."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from card_server.accounts import tables as account_tables
from card_server.cards import tables
from card_server.divisions import tables as division_tables
from card_server.holders import tables as holder_tables
from card_server.licences import tables as licence_tables
from shared.wire import cards as wire
from shared.wire.base import Condition, Sort
from tests.helpers.office import Office, new_operation_id

LOST = "потеряна гостем"


def see(office: Office, code: int) -> wire.Card:
    return office.ask(wire.GetCard(card_code=code))


def act(office: Office, kind: Any, code: int, **fields: Any) -> Any:
    version = fields.pop("version", None) or see(office, code).row.version
    return kind(operation_id=new_operation_id(), card_code=code, version=version, **fields)


def do(office: Office, kind: Any, code: int, **fields: Any) -> wire.Card:
    done = office.ask(act(office, kind, code, **fields))
    card = see(office, code)
    assert done.version == card.row.version
    return card


def lay(office: Office, code: int, **values: Any) -> None:
    """A card that nobody has."""
    std = {"created_at": office.shop.now, "updated_at": office.shop.now}
    with office.shop.connection.begin():
        office.shop.connection.execute(
            insert(tables.card).values(card_code=code, **{"state": 2, **values}, **std)
        )


def add_range(office: Office, name: str, start: int, end: int, **fields: Any) -> int:
    values = wire.CardRangeFields(
        name=name, start_code=start, end_code=end, **{"division_id": 1, **fields}
    )
    return office.ask(wire.AddCardRange(operation_id=new_operation_id(), fields=values)).key


def second_division(office: Office) -> int:
    office.shop.add(division_tables.division, division_id=2, id_prefix=2, name="Вторая")
    return 2


def test_a_card_goes_its_way_and_leaves_its_events(office: Office) -> None:
    holder_id = office.shop.issue(501, name="Анна Петрова")
    card = do(office, wire.DeactivateCard, 501)
    assert (card.row.state, card.row.holder_name) == (2, "Анна Петрова")
    card = do(office, wire.ActivateCard, 501, valid_to=date(2030, 1, 31))
    assert (card.row.state, card.row.valid_to) == (1, date(2030, 1, 31))
    card = do(office, wire.BlockCard, 501, reason=f" {LOST} ", seize=True)
    assert (card.row.state, card.row.block_reason, card.row.seize) == (4, LOST, True)
    refused = office.desk.book(office.shop.call(501, [(3, 1000)]))
    assert refused.error is not None
    card = do(office, wire.UnblockCard, 501)
    assert (card.row.state, card.row.block_reason, card.row.seize) == (1, None, False)
    card = do(office, wire.VoidCard, 501, reason=LOST)
    assert card.row.state == 3
    assert [event.event for event in card.events] == [8, 7, 6, 4, 5]
    assert {event.user_id for event in card.events} == {1}
    assert [event.reason for event in card.events] == [LOST, None, LOST, None, None]
    assert card.row.holder_id == holder_id


@pytest.mark.parametrize(
    ("state", "kind", "fields"),
    [
        (1, wire.ActivateCard, {}),
        (4, wire.ActivateCard, {}),
        (2, wire.DeactivateCard, {}),
        (4, wire.DeactivateCard, {}),
        (4, wire.BlockCard, {"reason": LOST}),
        (1, wire.UnblockCard, {}),
        (3, wire.UnblockCard, {}),
        (3, wire.VoidCard, {"reason": LOST}),
        (2, wire.ReplaceCard, {"reason": LOST, "new_code": 999}),
        (3, wire.UnbindCard, {"reason": LOST}),
        (3, wire.SetCardLimits, {"limited": False}),
    ],
)
def test_a_step_that_is_not_listed_is_refused(
    office: Office, state: int, kind: Any, fields: dict[str, Any]
) -> None:
    office.shop.issue(502, state=state)
    assert office.refused(act(office, kind, 502, **fields)) == "WRONG_STATE"
    assert see(office, 502).row.state == state
    assert see(office, 502).events == []


def test_a_reason_an_older_version_and_an_unknown_card_are_asked_about(office: Office) -> None:
    office.shop.issue(503)
    assert office.refused(act(office, wire.BlockCard, 503, reason="  а  ")) == "REASON_NEEDED"
    assert office.refused(act(office, wire.BlockCard, 503, reason="х" * 256)) == "TOO_LONG"
    assert office.refused(act(office, wire.VoidCard, 503, reason="")) == "REASON_NEEDED"
    stale = act(office, wire.BlockCard, 503, reason=LOST, version=77)
    assert office.refused(stale) == "STALE_EDIT"
    for code in (504, 0, -5, 10**18):
        assert office.refused(wire.GetCard(card_code=code)) == "CARD_NOT_FOUND"
    early = act(office, wire.DeactivateCard, 503)
    office.ask(early)
    assert office.ask(early).version == see(office, 503).row.version
    assert len(see(office, 503).events) == 1


def test_a_card_without_a_holder_works_only_where_the_range_allows_it(office: Office) -> None:
    lay(office, 505)
    assert office.refused(act(office, wire.ActivateCard, 505)) == "CARD_UNBOUND"
    range_id = add_range(office, "Безымянные", 506, 509, make_anonymous=True)
    lay(office, 506, range_id=range_id)
    assert do(office, wire.ActivateCard, 506).row.state == 1


def test_a_lost_card_is_replaced_and_the_balance_stays(office: Office) -> None:
    holder_id = office.shop.issue(510, valid_to=date(2031, 5, 31), group_id=None)
    account_id = (
        office.shop.connection.execute(
            select(account_tables.account.c.account_id).where(
                account_tables.account.c.holder_id == holder_id
            )
        )
        .scalars()
        .first()
    )
    office.shop.connection.rollback()
    limit = wire.CardLimit(account_id=account_id or 0, credit_depth=0, credit_limit=5000)
    do(office, wire.SetCardLimits, 510, limited=True, accounts=[limit])
    do(office, wire.BlockCard, 510, reason=LOST)
    add_range(office, "Замены", 5100, 5199)
    old = do(office, wire.ReplaceCard, 510, new_code=5100, reason=LOST)
    assert (old.row.state, old.row.replaced_by, old.accounts) == (3, 5100, [])
    new = see(office, 5100)
    assert (new.row.state, new.row.holder_id, new.row.valid_to) == (1, holder_id, date(2031, 5, 31))
    assert (new.row.limited_accounts, new.accounts) == (True, [limit])
    assert [event.event for event in new.events] == [1]
    assert old.events[0].event == 9


def test_the_new_card_must_be_free_or_may_be_issued(office: Office) -> None:
    office.shop.issue(511)
    office.shop.issue(512)
    lay(office, 513, state=4, block_reason=LOST)
    lay(office, 514)

    def refused(code: int) -> str:
        return office.refused(act(office, wire.ReplaceCard, 511, new_code=code, reason=LOST))

    assert refused(512) == refused(511) == "CARD_TAKEN"
    assert refused(513) == "CARD_BLOCKED"
    assert refused(0) == refused(10**18) == "CARD_OUT_OF_RANGE"
    office.add_user("cashier", "holder.view", "card.state", "card.issue")
    office.sign_in("cashier")
    assert refused(515) == "CARD_OUT_OF_RANGE"
    office.take_right("cashier", "card.issue")
    office.sign_in("cashier")
    assert refused(515) == "NO_RIGHT"
    do(office, wire.ReplaceCard, 511, new_code=514, reason=LOST)
    assert (see(office, 514).row.state, see(office, 514).events[0].event) == (1, 2)


def test_without_a_licence_no_number_is_issued_as_a_replacement(office: Office) -> None:
    office.shop.issue(516)
    office.shop.add(
        licence_tables.licence,
        licence_id=1,
        number="1",
        object_code="X",
        metric=1,
        quantity=1,
        valid_from=office.shop.now.date(),
        file_body=b"",
        loaded_at=office.shop.now,
        state=6,
    )
    replace = act(office, wire.ReplaceCard, 516, new_code=517, reason=LOST)
    assert office.refused(replace) == "LICENCE_QUOTA"
    assert see(office, 516).row.state == 1


def test_cards_are_bound_and_taken_away(office: Office) -> None:
    holder_id = office.shop.issue(520)
    lay(office, 521)
    card = do(office, wire.BindCard, 521, holder_id=holder_id)
    assert (card.row.holder_id, card.events[0].new_holder_id) == (holder_id, holder_id)
    assert office.refused(act(office, wire.BindCard, 521, holder_id=holder_id)) == "CARD_TAKEN"
    card = do(office, wire.UnbindCard, 521, reason=LOST)
    assert (card.row.holder_id, card.events[0].old_holder_id) == (None, holder_id)
    assert office.refused(act(office, wire.UnbindCard, 521, reason=LOST)) == "CARD_UNBOUND"
    assert office.refused(act(office, wire.BindCard, 521, holder_id=12345)) == "ROW_NOT_FOUND"
    holder = holder_tables.holder
    with office.shop.connection.begin():
        office.shop.connection.execute(
            update(holder).where(holder.c.holder_id == holder_id).values(state=3)
        )
    assert office.refused(act(office, wire.BindCard, 521, holder_id=holder_id)) == "HOLDER_DELETED"


def test_limits_are_those_of_the_holders_own_accounts(office: Office) -> None:
    holder_id = office.shop.issue(530)
    office.shop.issue(531)
    account = account_tables.account
    rows = office.shop.connection.execute(
        select(account.c.account_id, account.c.holder_id).order_by(account.c.account_id)
    ).all()
    office.shop.connection.rollback()
    own = [row.account_id for row in rows if row.holder_id == holder_id]
    foreign = next(row.account_id for row in rows if row.holder_id not in (None, holder_id))

    def refused(*limits: wire.CardLimit, classifiers: tuple[int, ...] = ()) -> str:
        return office.refused(
            act(
                office,
                wire.SetCardLimits,
                530,
                limited=True,
                accounts=list(limits),
                classifiers=list(classifiers),
            )
        )

    one = wire.CardLimit(account_id=own[0])
    assert refused(wire.CardLimit(account_id=foreign)) == "ACCOUNT_NOT_FOUND"
    assert refused(one, one) == "ACCOUNT_NOT_FOUND"
    assert refused(wire.CardLimit(account_id=own[0], credit_limit=-1)) == "FIELD_BAD"
    assert refused(wire.CardLimit(account_id=own[0], credit_depth=10**15)) == "FIELD_BAD"
    assert refused(one, classifiers=(9999,)) == "DICT_VALUE_UNKNOWN"
    assert refused(*[one] * 101) == "TOO_MANY_ITEMS"
    served = office.shop.classifier_id
    card = do(office, wire.SetCardLimits, 530, limited=True, accounts=[one], classifiers=[served])
    assert (card.accounts, card.classifiers) == ([one], [served])
    before = card.row.version
    card = do(office, wire.SetCardLimits, 530, limited=True)
    assert (card.accounts, card.classifiers, card.row.version) == ([], [], before + 1)


def test_lists_are_filtered_and_paged_by_number(office: Office) -> None:
    holders = [office.shop.issue(540 + i, state=1 + i % 2) for i in range(7)]

    def codes(*where: Condition, **fields: Any) -> list[int]:
        page = office.ask(wire.ListCards(where=list(where), **fields))
        return [row.card_code for row in page.rows]

    assert codes() == list(range(540, 547))
    assert codes(sort=Sort(field="card_code", descending=True), limit=2) == [546, 545]
    assert codes(Condition(field="state", value=2)) == [541, 543, 545]
    assert codes(Condition(field="holder_id", value=holders[3])) == [543]
    assert codes(Condition(field="card_code", operator="ge", value=545)) == [545, 546]
    first = office.ask(wire.ListCards(limit=3, count=True))
    assert first.total == 7
    assert codes(limit=10, after=first.next) == [543, 544, 545, 546]
    assert office.refused(wire.ListCards(sort=Sort(field="state"))) == "FIELD_BAD"


def test_cards_of_a_foreign_division_are_neither_shown_nor_touched(office: Office) -> None:
    other = second_division(office)
    mine, foreign = office.shop.issue(550), office.shop.issue(551)
    holder = holder_tables.holder
    with office.shop.connection.begin():
        office.shop.connection.execute(
            update(holder).where(holder.c.holder_id == foreign).values(division_id=other)
        )
    range_id = add_range(office, "Свои", 552, 552)
    lay(office, 552, range_id=range_id)
    lay(office, 553)
    cards = act(office, wire.BlockCard, 551, reason=LOST)
    bind = act(office, wire.BindCard, 552, holder_id=foreign)
    office.add_user("local", "holder.view", "card.state", "card.issue", "dict.edit", divisions=(1,))
    office.sign_in("local")
    assert [r.card_code for r in office.ask(wire.ListCards()).rows] == [550, 552]
    assert office.refused(wire.GetCard(card_code=551)) == "DIVISION_FOREIGN"
    assert office.refused(wire.GetCard(card_code=553)) == "DIVISION_FOREIGN"
    assert office.refused(cards) == office.refused(bind) == "DIVISION_FOREIGN"
    assert see(office, 550).row.holder_id == mine
