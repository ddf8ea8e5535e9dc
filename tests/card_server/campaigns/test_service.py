"""Drafts of campaigns through the contract: kept as sent, checked, cloned, tried on a bill."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
import pytest
from sqlalchemy import update

from card_server.campaigns import tables
from shared.wire import campaign_rules as rules
from shared.wire import campaigns as wire
from shared.wire.base import Made
from tests.helpers.office import Office, new_operation_id

BEGINS = date(2026, 1, 1)
WHEN = rules.All(
    of=(
        rules.CheckTotal(least=500_00),
        rules.Not(of=rules.WeekTime(weekdays=0b1100000)),
        rules.AnyOf(of=(rules.Guests(least=2), rules.Birthday(before=3, after=3))),
    )
)
GIVES = (rules.EarnPercent(rate_bp=500), rules.LotLife(life_kind=1, life_value=30))


def key() -> str:
    return new_operation_id()


def add_group(office: Office, name: str = "Обычные", **fields: Any) -> int:
    wanted = wire.StackingGroupFields(name=name, **{"mode": 1, **fields})
    return office.ask(wire.AddStackingGroup(operation_id=key(), fields=wanted)).key


def a_draft(group: int, **fields: Any) -> wire.CampaignRules:
    values: dict[str, Any] = {
        "valid_from": BEGINS,
        "stacking_group_id": group,
        "conditions": rules.CampaignConditions(when=WHEN),
        "effects": rules.CampaignEffects(effects=GIVES),
        "limits": (wire.CampaignLimit(per=1, max_amount=10_000_00),),
    }
    return wire.CampaignRules(**{**values, **fields})


def add(office: Office, draft: wire.CampaignRules, name: str = "Обед") -> Made:
    fields = wire.CampaignFields(name=name)
    return office.ask(wire.AddCampaign(operation_id=key(), fields=fields, rules=draft))


def change(office: Office, number: int, draft: wire.CampaignRules) -> wire.EditCampaign:
    version = office.ask(wire.GetCampaign(key=number)).row.version
    fields = wire.CampaignFields()
    return wire.EditCampaign(
        operation_id=key(), key=number, version=version, fields=fields, rules=draft
    )


def test_a_draft_comes_back_as_it_was_sent(office: Office) -> None:
    office.sign_in()
    draft = a_draft(add_group(office))
    made = add(office, draft)
    found = office.ask(wire.GetCampaign(key=made.key))
    assert (found.rules, found.warnings, found.version_no) == (draft, [], 1)
    assert (found.row.name, found.row.state) == ("Обед", 1)
    rows = office.ask(wire.ListCampaigns()).rows
    assert made.key in {row.campaign_id for row in rows}
    for row in rows:  # those that the preset makes ready too
        assert not any(
            one.wrong for one in office.ask(wire.GetCampaign(key=row.campaign_id)).warnings
        )


def test_rules_are_replaced_as_a_whole_and_count_as_a_change(office: Office) -> None:
    office.sign_in()
    group = add_group(office)
    number = add(office, a_draft(group)).key
    other = a_draft(
        group,
        priority=7,
        classifiers=(office.shop.classifier_id,),
        conditions=rules.CampaignConditions(),
        limits=(wire.CampaignLimit(per=3, period=1, max_count=2),),
    )
    assert office.ask(change(office, number, other)).version == 2
    assert office.ask(wire.GetCampaign(key=number)).rules == other
    assert office.ask(change(office, number, other)).version == 2
    stale = msgspec.structs.replace(change(office, number, a_draft(group)), version=1)
    assert office.refused(stale) == "STALE_EDIT"


def test_doubtful_rules_are_kept_and_warned_of(office: Office) -> None:
    office.sign_in()
    when = rules.CheckTotal(least=2, most=1)
    draft = a_draft(add_group(office), conditions=rules.CampaignConditions(when=when), limits=())
    found = office.ask(wire.GetCampaign(key=add(office, draft).key)).warnings
    assert [(one.code, one.wrong) for one in found] == [("RANGE_EMPTY", True), ("NO_LIMIT", False)]
    assert found[0].facts == {"least": "2", "most": "1"}


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"stacking_group_id": 999}, "DICT_VALUE_UNKNOWN"),
        ({"time_id": 999}, "DICT_VALUE_UNKNOWN"),
        ({"segment_id": 999}, "DICT_VALUE_UNKNOWN"),
        ({"units": (999,)}, "DICT_VALUE_UNKNOWN"),
        ({"classifiers": (1 << 40,)}, "DICT_VALUE_UNKNOWN"),
        ({"priority": -1}, "FIELD_BAD"),
        ({"trigger_kind": 9}, "FIELD_BAD"),
        ({"limits": (wire.CampaignLimit(per=5, max_count=1),)}, "FIELD_BAD"),
        ({"limits": (wire.CampaignLimit(per=1, max_amount=-1),)}, "FIELD_BAD"),
        ({"limits": (wire.CampaignLimit(per=1, max_count=1),) * 1_001}, "TOO_MANY_ITEMS"),
    ],
)
def test_what_cannot_be_kept_is_refused(office: Office, fields: dict[str, Any], code: str) -> None:
    office.sign_in()
    draft, count = a_draft(add_group(office), **fields), office.shop.count(tables.campaign)
    asked = wire.AddCampaign(
        operation_id=key(), fields=wire.CampaignFields(name="Обед"), rules=draft
    )
    assert office.refused(asked) == code
    assert office.shop.count(tables.campaign) == count


def test_a_name_is_needed_and_taken_once(office: Office) -> None:
    office.sign_in()
    draft = a_draft(add_group(office))
    nameless = wire.AddCampaign(operation_id=key(), fields=wire.CampaignFields(), rules=draft)
    assert office.refused(nameless) == "FIELD_MISSING"
    add(office, draft)
    again = wire.AddCampaign(
        operation_id=key(), fields=wire.CampaignFields(name="ОБЕД"), rules=draft
    )
    assert office.refused(again) == "VALUE_TAKEN"


@pytest.mark.parametrize("levels", [9, 400, 20_000])
def test_conditions_nested_without_end_are_refused(office: Office, levels: int) -> None:
    office.sign_in()
    group = add_group(office)
    inner = '{"is":"guests","least":2}'
    nested = '{"is":"not","of":' * levels + inner + "}" * levels
    body = (
        f'{{"operation_id":"{key()}","fields":{{"name":"x"}},"rules":{{"valid_from":"2026-01-01",'
        f'"stacking_group_id":{group},"conditions":{{"when":{nested}}}}}}}'
    )
    replied = office.send("AddCampaign", body.encode(), office.sign_in())
    assert replied.status in range(400, 500), replied.body


def test_a_clone_is_a_draft_of_its_own(office: Office) -> None:
    office.sign_in()
    draft = a_draft(add_group(office))
    number = add(office, draft).key
    cloned = office.ask(wire.CloneCampaign(operation_id=key(), key=number, name="Ужин")).key
    office.ask(change(office, number, msgspec.structs.replace(draft, priority=1)))
    assert office.ask(wire.GetCampaign(key=cloned)).rules == draft
    taken = wire.CloneCampaign(operation_id=key(), key=number, name="Ужин")
    assert office.refused(taken) == "VALUE_TAKEN"


def test_a_group_in_use_stays_and_a_deleted_campaign_is_gone(office: Office) -> None:
    office.sign_in()
    group = add_group(office)
    number = add(office, a_draft(group)).key
    gone = wire.DeleteStackingGroup(operation_id=key(), key=group, version=1)
    assert office.refused(gone) == "IN_USE"
    office.ask(wire.DeleteCampaign(operation_id=key(), key=number, version=1))
    assert office.refused(wire.GetCampaign(key=number)) == "ROW_NOT_FOUND"


def test_a_stored_text_that_cannot_be_read_is_told(office: Office) -> None:
    office.sign_in()
    number = add(office, a_draft(add_group(office))).key
    with office.shop.connection.begin():
        office.shop.connection.execute(update(tables.campaign_version).values(effects="{"))
    assert office.refused(wire.GetCampaign(key=number)) == "FIELD_BAD"


def tried(office: Office, draft: wire.CampaignRules, **bill: Any) -> wire.Tried:
    values: dict[str, Any] = {
        "business_date": date(2026, 3, 11),
        "net": 1_000_00,
        "rate_bp": 500,
        "guests": 2,
    }
    return office.ask(wire.TryCampaign(rules=draft, bill=wire.TriedBill(**{**values, **bill})))


def test_rules_are_tried_on_a_bill_without_being_kept(office: Office) -> None:
    office.sign_in()
    draft, count = a_draft(1), office.shop.count(tables.campaign)
    found = tried(office, draft)
    assert (found.result, found.why) == ("applied", "")
    assert [(part.of_campaign, part.units) for part in found.parts] == [
        (True, 50_00),
        (False, 50_00),
    ]
    assert found.parts[0].life == GIVES[1]
    assert tried(office, draft, net=499_99).why == "conditions"
    assert tried(office, draft, guests=None).why == "unknown"
    weekend = tried(office, draft, business_date=date(2026, 3, 14))
    assert (weekend.result, weekend.why) == ("not", "conditions")
    assert tried(office, draft, business_date=date(2025, 12, 31)).why == "dates"
    assert office.shop.count(tables.campaign) == count


def test_a_bill_that_cannot_be_and_rules_that_cannot_work_are_refused(office: Office) -> None:
    office.sign_in()
    bill = wire.TriedBill(business_date=BEGINS, net=-1)
    assert office.refused(wire.TryCampaign(rules=a_draft(1), bill=bill)) == "FIELD_BAD"
    per_step = rules.CampaignEffects(effects=(rules.EarnPerStep(amount=1, step=0),))
    good = wire.TriedBill(business_date=BEGINS, net=1_00)
    broken = wire.TryCampaign(rules=a_draft(1, effects=per_step), bill=good)
    assert office.refused(broken) == "FIELD_BAD"
    huge = rules.CampaignEffects(effects=(rules.EarnPerStep(amount=100_000_000, step=1),))
    rich = wire.TriedBill(business_date=BEGINS, net=10**12)
    most = wire.TryCampaign(
        rules=a_draft(1, effects=huge, limits=(), conditions=rules.CampaignConditions()), bill=rich
    )
    assert office.refused(most) == "FIELD_BAD"
