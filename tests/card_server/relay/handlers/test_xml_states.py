"""State actions from bytes to bytes (crm-xml.md 8.9, domain 2.1)."""

from __future__ import annotations

from tests.helpers.till import Till

CARD = 10007


def test_a_card_is_blocked_and_made_active_again(till: Till) -> None:
    till.shop.issue(CARD)
    code = f"<Card_Code>{CARD}</Card_Code>"
    assert till.act("Card block", code).attrib == {"Message_ID": "0"}
    assert till.act("Get card info", code).findtext("Card/Status") == "Blocked"
    assert till.act("Card active", code).tag == "Data"
    assert till.act("Get card info", code).findtext("Card/Status") == "Active"
