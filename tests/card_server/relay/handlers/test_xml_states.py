"""State actions from bytes to bytes (crm-xml.md 8.9, domain 2.1, 2.2)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select

from card_server.accounts import tables as account_tables
from card_server.cards import tables as card_tables
from card_server.ledger import tables as ledger_tables
from card_server.users import tables as user_tables
from tests.helpers.shop import BONUS, Shop
from tests.helpers.till import Till

CARD = 10007
CODE = f"<Card_Code>{CARD}</Card_Code>"
MOVES = {"Card active": 1, "Card inactive": 2, "Card block": 4}


def card_row(shop: Shop) -> Any:
    card = card_tables.card
    row = shop.connection.execute(select(card).where(card.c.card_code == CARD)).mappings().one()
    shop.connection.rollback()
    return row


def events(shop: Shop) -> list[tuple[int, str | None, int | None]]:
    event = card_tables.card_event
    rows = shop.connection.execute(
        select(event.c.event, event.c.reason, event.c.classifier_id).order_by(event.c.card_event_id)
    )
    found = [(row.event, row.reason, row.classifier_id) for row in rows]
    shop.connection.rollback()
    return found


def test_a_card_is_blocked_and_made_active_again(till: Till) -> None:
    till.shop.issue(CARD)
    assert till.act("Card block", CODE).attrib == {"Message_ID": "0"}
    assert till.act("Get card info", CODE).findtext("Card/Status") == "Blocked"
    assert till.act("Card active", CODE).tag == "Data"
    assert till.act("Get card info", CODE).findtext("Card/Status") == "Active"


@pytest.mark.parametrize(
    ("state", "action", "code"),
    [
        (2, "Card active", ""),
        (1, "Card inactive", ""),
        (1, "Card block", ""),
        (2, "Card block", ""),
        (4, "Card active", ""),
        (1, "Card active", ""),
        (2, "Card inactive", ""),
        (4, "Card block", ""),
        (4, "Card inactive", "SAC-9207"),
        (3, "Card active", "SAC-9207"),
        (3, "Card inactive", "SAC-9207"),
        (3, "Card block", "SAC-9207"),
    ],
)
def test_every_change_of_a_card_is_listed_or_refused(
    till: Till, state: int, action: str, code: str
) -> None:
    shop = till.shop
    shop.issue(CARD, state=state, block_reason="old" if state == 4 else None)
    root = till.act(action, CODE)
    assert root.get("ErrorCode", "") == code
    wanted = MOVES[action]
    assert card_row(shop)["state"] == (state if code else wanted)
    changed = not code and state != wanted
    assert len(events(shop)) == int(changed), "the state that holds already leaves no trace"
    assert shop.count(user_tables.change_set) == int(changed)


def test_a_refused_change_names_card_action_and_state(till: Till) -> None:
    till.shop.issue(CARD, state=4, block_reason="lost")
    text = till.act("Card inactive", CODE).get("ErrorText") or ""
    assert all(word in text for word in (str(CARD), "Card inactive", "Blocked"))


def test_the_reason_of_a_block_is_kept_and_cleared_with_it(till: Till) -> None:
    shop = till.shop
    shop.issue(CARD)
    till.act("Card block", f"{CODE}<Remarks>{'r' * 300}</Remarks>")
    assert card_row(shop)["block_reason"] == "r" * 255
    till.act("Card active", CODE)
    assert card_row(shop)["block_reason"] is None
    till.act("Card block", CODE)
    assert card_row(shop)["block_reason"] == "Заблокировано через API"
    me = shop.classifier_id
    assert events(shop) == [
        (6, "r" * 255, me),
        (7, None, me),
        (6, "Заблокировано через API", me),
    ]


def test_activating_sets_the_last_day(till: Till) -> None:
    shop = till.shop
    shop.issue(CARD, state=2)
    till.act("Card active", f"{CODE}<Expired>2027-01-15</Expired>")
    assert str(card_row(shop)["valid_to"]) == "2027-01-15"
    till.act("Card active", f"{CODE}<Expired>2028-01-15</Expired>")
    assert str(card_row(shop)["valid_to"]) == "2028-01-15", "also of a card that is active"
    assert till.refusal("Card active", f"{CODE}<Expired>soon</Expired>") == "SAC-9010"
    till.act("Card block", f"{CODE}<Expired>2020-01-01</Expired>")
    assert str(card_row(shop)["valid_to"]) == "2028-01-15"


def test_a_card_without_a_holder_is_activated_only_where_its_range_allows_it(till: Till) -> None:
    shop = till.shop
    std = {"created_at": shop.now, "updated_at": shop.now}
    with shop.connection.begin():
        shop.connection.execute(insert(card_tables.card).values(card_code=CARD, state=2, **std))
    assert till.refusal("Card active", CODE) == "SAC-9205"
    with shop.connection.begin():
        shop.connection.execute(
            insert(card_tables.card_range).values(
                range_id=1,
                name="Range",
                start_code=CARD,
                end_code=CARD,
                current_code=CARD,
                division_id=1,
                make_anonymous=True,
                **std,
            )
        )
    assert till.act("Card active", CODE).get("ErrorCode") is None


def open_hold(shop: Shop, holder: int) -> None:
    """A hold of 10.00 on the bonuses, 4.00 of it captured, for an hour."""
    operation = shop.connection.execute(select(ledger_tables.operation.c.operation_id)).scalar()
    shop.connection.rollback()
    account_id = shop.account(holder, BONUS).account_id
    with shop.connection.begin():
        shop.connection.execute(
            insert(ledger_tables.hold).values(
                hold_id=1,
                account_id=account_id,
                holder_id=holder,
                card_code=CARD,
                classifier_id=shop.classifier_id,
                unit_id=1,
                open_operation_id=operation,
                amount=1000,
                captured=400,
                state=2,
                expires_at=shop.now + timedelta(hours=1),
                purpose=1,
                order_guid="order-7",
            )
        )


def test_a_card_with_an_open_hold_is_not_put_to_rest(till: Till) -> None:
    shop = till.shop
    holder = shop.issue(CARD)
    shop.ok(CARD, [(2, 6200), (3, 124_000)])
    open_hold(shop, holder)
    root = till.act("Card inactive", CODE)
    assert root.get("ErrorCode") == "SAC-9417"
    text = root.get("ErrorText") or ""
    assert all(word in text for word in ("6.00", "order-7", "Ресторан 1"))
    assert till.act("Card block", CODE).get("ErrorCode") is None, "holds do not stop a block"
    till.act("Card active", CODE)
    shop.pass_time(hours=1)
    assert till.act("Card inactive", CODE).get("ErrorCode") is None, "the hold is over"


def test_an_account_is_blocked_and_made_active_again_with_its_journal(till: Till) -> None:
    shop = till.shop
    holder = shop.issue(CARD)
    account = shop.account(holder, BONUS).account_id
    number = f"01.00001.{account % 10**13:08d}.0001"
    named = f"<Account_Number>{number}</Account_Number>"
    assert till.act("Account block", f"{named}<Remarks>check</Remarks>").tag == "Data"
    stored = shop.account(holder, BONUS)
    assert (stored.state, stored.block_reason) == (2, "check")
    assert shop.count(user_tables.change_set) == 1
    till.act("Account block", named)
    assert shop.count(user_tables.change_set) == 1, "already so"
    assert till.act("Account active", f"<Account_Number>{account}</Account_Number>").tag == "Data"
    stored = shop.account(holder, BONUS)
    assert (stored.state, stored.block_reason) == (1, None)


def test_accounts_that_are_not_there_are_named_r25(till: Till) -> None:
    shop = till.shop
    holder = shop.issue(CARD)
    account = shop.account(holder, BONUS).account_id
    table = account_tables.account
    wrong_type = f"03.00003.{account % 10**13:08d}.0001"
    for number in ("undefined", "01.00001.99999999.0001", wrong_type, "x.y", "1"):
        named = f"<Account_Number>{number}</Account_Number>"
        assert till.refusal("Account block", named) == "SAC-9401"
    assert till.refusal("Account block", "<Account_Number></Account_Number>") == "SAC-9009"
    shop.change(table, table.c.account_id == account, state=3)
    named = f"<Account_Number>{account}</Account_Number>"
    assert till.refusal("Account active", named) == "SAC-9401", "closed ones never appear"


def test_state_actions_need_their_rights_and_a_card(till: Till) -> None:
    till.shop.issue(CARD)
    assert till.refusal("Card block") == "SAC-9009"
    assert till.refusal("Card block", "<Card_Code>99</Card_Code>") == "SAC-9201"
    assert till.refusal("Card block", "<Card_Code>x</Card_Code>") == "SAC-9201"
    till.forbid("card.state", "account.block")
    assert till.refusal("Card block", CODE) == "SAC-9101"
    assert till.refusal("Account block", "<Account_Number>1</Account_Number>") == "SAC-9101"
