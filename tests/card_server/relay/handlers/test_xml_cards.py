"""Get card info and Get cards info from bytes to bytes (crm-xml.md 7.3, 8.1)."""

from __future__ import annotations

from datetime import date

from sqlalchemy import insert

from card_server.accounts import tables as account_tables
from card_server.cards import tables as card_tables
from card_server.classifiers import tables as classifier_tables
from card_server.classifiers.signing_in import show_virtual_code
from tests.helpers.guests import add_contact
from tests.helpers.shop import BONUS, SPENT
from tests.helpers.till import Till

CARD = 10007
CARD_ELEMENTS = (
    "Card_Code Status Offered Expired Group_ID Group_Name Holder_ID Owner_ID Carrier_Data"
    " Is_Virtual_Card Is_Confirm_Manager Verification"
)


def code(*codes: object) -> str:
    return "".join(f"<Card_Code>{one}</Card_Code>" for one in codes)


def free_card(till: Till, number: int, **values: object) -> None:
    shop = till.shop
    with shop.connection.begin():
        shop.connection.execute(
            insert(card_tables.card).values(
                card_code=number, created_at=shop.now, updated_at=shop.now, **values
            )
        )


def test_the_elements_of_a_card_stand_in_their_order(till: Till) -> None:
    till.shop.issue(CARD, valid_from=date(2026, 1, 15), group_id=11)
    card = till.act("Get card info", code(CARD) + "<Include>Holder Account</Include>").find("Card")
    assert card is not None
    assert [child.tag for child in card] == [*CARD_ELEMENTS.split(), "Holders", "Accounts"]
    assert card.findtext("Offered") == "2026-01-15"
    assert card.findtext("Expired") == "2099-12-31"
    assert card.findtext("Group_Name") == "Обычные"
    assert card.find("Holders/Holder/Accounts") is None, "accounts stand beside the holder"


def test_a_card_without_a_holder_has_an_empty_element_without_blanks(till: Till) -> None:
    free_card(till, CARD, state=2)
    reply = till.xml(
        f'<Message Action="Get card info" Terminal_Type="12345678901234567890">{code(CARD)}'
        "<Include>Holder, Account, Holder_Address</Include></Message>"
    ).decode()
    assert "<Holder_ID></Holder_ID>" in reply
    assert "<Holders></Holders>" in reply
    assert "<Accounts></Accounts>" in reply
    assert "<Status>Inactive</Status>" in reply


def test_the_first_of_several_codes_counts_r41(till: Till) -> None:
    till.shop.issue(CARD)
    till.shop.issue(CARD + 1)
    reply = till.act("Get card info", code("", CARD, CARD + 1))
    assert [card.findtext("Card_Code") for card in reply] == [str(CARD)]


def test_leading_zeros_are_the_same_card_r37(till: Till) -> None:
    till.shop.issue(CARD)
    assert till.act("Get card info", code(f"000{CARD}")).findtext("Card/Card_Code") == str(CARD)


def test_cards_info_leaves_out_what_is_unknown_or_voided(till: Till) -> None:
    till.shop.issue(CARD)
    till.shop.issue(CARD + 1, state=3)
    reply = till.act("Get cards info", code(999, CARD + 1, CARD))
    assert [card.findtext("Card_Code") for card in reply] == [str(CARD)]
    assert till.refusal("Get card info", code(999)) == "SAC-9201"
    assert till.refusal("Get card info", code(CARD + 1)) == "SAC-9208"


def test_blocked_and_expired_cards_are_answered_with_their_state(till: Till) -> None:
    till.shop.issue(CARD, state=4, block_reason="lost", valid_to=date(2020, 1, 1))
    reply = till.act("Get card info", code(CARD))
    assert reply.findtext("Card/Status") == "Blocked"
    assert reply.findtext("Card/Expired") == "2020-01-01"


def test_carrier_data_finds_its_card(till: Till) -> None:
    till.shop.issue(CARD, carrier_data=";77=5?")
    assert till.act("Get card info", code(";77=5?")).findtext("Card/Card_Code") == str(CARD)


def test_an_account_filter_limits_the_accounts(till: Till) -> None:
    till.shop.issue(CARD)

    def types(filters: str) -> list[str | None]:
        inner = f"{code(CARD)}<Include>Account</Include>{filters}"
        return [n.text for n in till.act("Get card info", inner).iter("Account_Type_ID")]

    bonus_class = "<Account_Class>1</Account_Class>"
    spent_type = "<Account_Type_ID>5</Account_Type_ID>"
    one = f"<Account_Filter>{bonus_class}</Account_Filter>"
    both = f"<Account_Filter>{bonus_class}{spent_type}</Account_Filter>"
    spent = f"<Account_Filter>{spent_type}</Account_Filter>"
    assert types(one) == [str(BONUS)]
    assert types(both) == [], "both conditions together"
    assert types(one + spent) == [str(BONUS), str(SPENT)], "repeated filters add up"


def test_available_accounts_are_those_of_the_matrix(till: Till) -> None:
    till.shop.issue(CARD)
    row = classifier_tables.classifier_account_type
    mine = row.c.classifier_id == till.shop.classifier_id
    till.shop.change(row, mine & (row.c.account_type_id == SPENT), visible=False)
    inner = f"{code(CARD)}<Include>Account_Available</Include>"
    shown = [n.text for n in till.act("Get card info", inner).iter("Account_Type_ID")]
    assert str(SPENT) not in shown
    assert str(BONUS) in shown


def test_an_account_past_its_last_day_is_expired(till: Till) -> None:
    holder = till.shop.issue(CARD)
    account = account_tables.account
    mine = (account.c.holder_id == holder) & (account.c.account_type_id == BONUS)
    till.shop.change(account, mine, valid_to=date(2026, 3, 1))
    inner = f"{code(CARD)}<Include>Account</Include>"
    first = till.act("Get card info", inner).find("Card/Accounts/Account")
    assert first is not None
    assert (first.findtext("Status"), first.findtext("Expired")) == ("Expired", "2026-03-01")


def test_a_code_on_a_guest_s_phone_stands_for_a_card_until_it_is_over(till: Till) -> None:
    shop = till.shop
    shop.issue(CARD)
    with shop.connection.begin():
        shown = show_virtual_code(shop.connection, CARD, shop.classifier_id, 3, shop.now)
    virtual = f"{code(shown)}<Is_Virtual_Card>yes</Is_Virtual_Card>"
    assert till.act("Get card info", virtual).findtext("Card/Card_Code") == str(CARD)
    assert till.refusal("Get card info", code(shown)) == "SAC-9201", "it is no card code"
    plain = f"{code(CARD)}<Is_Virtual_Card>Yes</Is_Virtual_Card>"
    assert till.refusal("Get card info", plain) == "SAC-9201"
    shop.pass_time(minutes=3)
    assert till.refusal("Get card info", virtual) == "SAC-9201"


def test_include_words_in_any_mixture_r16_r17(till: Till) -> None:
    till.shop.issue(CARD)
    before = f"<Include>\n ACCOUNT ;;  bogus,\tholder\n</Include>{code(CARD)}"
    after = f"{code(CARD)}<Include>Holder</Include><Include/><Include>Account</Include>"
    for inner in (before, after):
        card = till.act("Get card info", inner).find("Card")
        assert card is not None
        assert card.find("Holders/Holder") is not None
        assert len(card.findall("Accounts/Account")) == 4
    bare = till.act("Get card info", code(CARD)).find("Card")
    assert bare is not None
    assert [child.tag for child in bare] == CARD_ELEMENTS.split()


def test_unknown_attributes_and_elements_are_ignored_r14_r15(till: Till) -> None:
    till.shop.issue(CARD)
    reply = till.xml(
        '<Message Action="get  CARD info" xmlns:xsi="urn:x" xmlns:xsd="urn:y" Reserved_A="1"'
        ' Terminal_Type=" 12345678901234567890 "><Partner_Code>5</Partner_Code>'
        f"{code(CARD)}<Image_Format Original='1'>JPEG</Image_Format></Message>"
    )
    assert f"<Card_Code>{CARD}</Card_Code>".encode() in reply


def test_rights_are_asked_for_what_is_shown(till: Till) -> None:
    till.shop.issue(CARD)
    till.allow("card.read")
    assert till.act("Get card info", code(CARD) + "<Include>Account</Include>").tag == "Cards"
    for word in ("Holder", "Holder_Contact", "Holder_Property"):
        inner = f"{code(CARD)}<Include>{word}</Include>"
        assert till.refusal("Get card info", inner) == "SAC-9101"
    till.allow("holder.read")
    assert till.refusal("Get card info", code(CARD)) == "SAC-9101"


def test_wide_words_under_a_card_imply_the_holder(till: Till) -> None:
    till.shop.issue(CARD)
    inner = f"{code(CARD)}<Include>Holder_Card, Holder_NoCount</Include>"
    block = till.act("Get card info", inner).find("Card/Holders/Holder")
    assert block is not None
    assert block.findtext("Holders_Cards/Holder_Card/Card/Card_Code") == str(CARD)
    assert block.find("Cards_Count") is None


def test_a_phone_stands_for_a_card_where_the_setting_says_so(till: Till) -> None:
    shop = till.shop
    add_contact(shop, shop.issue(CARD), "+7 900 000-00-12")
    shop.issue(CARD + 1)
    assert till.refusal("Get card info", code("89000000012")) == "SAC-9201"
    till.set_setting("card.virtual_by_phone", "1")
    reply = till.act("Get card info", code("8 900 000-00-12"))
    assert reply.findtext("Card/Card_Code") == str(CARD)
    add_contact(shop, shop.issue(CARD + 2), "79000000012")
    assert till.refusal("Get card info", code("79000000012")) == "SAC-9301"
