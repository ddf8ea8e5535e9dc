"""Drafts of campaigns and stacking groups as dictionaries; rules tried on a bill (domain 1.9)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any, Final

import msgspec
from sqlalchemy import Connection

from card_server.campaigns import records, tables
from card_server.campaigns.checking import DEEPEST, Warned, depth_of, warnings_of
from card_server.campaigns.repository import PLAIN, draft_row, rules_of, save_rules
from card_server.campaigns.rules import BASIC, decide, program_of
from card_server.db.base import PREFIX, metadata
from card_server.db.editing import check_reference, check_texts
from card_server.dictionaries.editor import Editor
from card_server.dictionaries.parts import check_ranges
from card_server.http.routes import Editing, Reading
from shared.wire import campaigns as wire
from shared.wire.base import Made
from shared.wire.errors import AppError, ErrorCode

LARGEST: Final = 10**12
"""Minor units of a figure at most: what a bill could be, and every product still a number."""
LARGEST_SUM: Final = 1 << 53
"""Numbers that survive JSON (domain 0.4)."""
MOST_LINKS: Final = 1_000
RANGES: Final = {"priority": (0, 1_000_000), "trigger_kind": (1, 8)}
LIMIT_RANGES: Final = {
    "per": (1, 4),
    "period": (0, 3),
    "max_amount": (0, LARGEST),
    "max_count": (0, 1_000_000_000),
}
BILL_RANGES: Final = {
    "minute": (0, 1_439),
    "net": (0, LARGEST),
    "base": (0, LARGEST),
    "rate_bp": (0, 100_000),
    "step": (1, 1_000_000),
}
REFERENCES: Final = {
    "time_id": "time_set",
    "segment_id": "segment",
    "stacking_group_id": "stacking_group",
}

GROUPS: Final = Editor(
    table=tables.stacking_group,
    record=wire.StackingGroupRow,
    needs=("name", "mode"),
    ranges={"mode": (1, 4), "max_applied": (1, 1_000)},
    used_by=("campaign_version.stacking_group_id", "coupon_type.stackable_group_id"),
)


def _show(connection: Connection, row: Mapping[str, Any]) -> wire.Campaign:
    version = draft_row(connection, row["campaign_id"])
    rules = rules_of(connection, version)
    return wire.Campaign(
        row=CAMPAIGNS.record_of(row),
        rules=rules,
        version_no=version["version_no"],
        warnings=_warnings(rules),
    )


def _save(asked: Any, editing: Editing, key: int) -> bool:
    if asked.rules is None:
        return False
    check_rules(editing.connection, asked.rules)
    return save_rules(editing, key, asked.rules)


CAMPAIGNS: Final = Editor(
    table=tables.campaign,
    record=wire.CampaignRow,
    references={"owner_user_id": "user"},
    links=_save,
    show=_show,
)


def check_rules(connection: Connection, rules: wire.CampaignRules) -> None:
    """Refuse what cannot be kept; what merely contradicts itself is kept and warned of."""
    values = {name: getattr(rules, name) for name in PLAIN}
    check_texts(tables.campaign_version, values)
    check_ranges(values, RANGES)
    for name, table in REFERENCES.items():
        check_reference(connection, metadata.tables[PREFIX + table], name, values[name])
    for name, table in (("units", "unit"), ("classifiers", "classifier")):
        ids = getattr(rules, name)
        if len(ids) > MOST_LINKS:
            raise AppError(ErrorCode.TOO_MANY_ITEMS, count=len(ids), limit=MOST_LINKS)
        for one in ids:
            check_reference(connection, metadata.tables[PREFIX + table], name, one)
    for limit in rules.limits:
        check_ranges(msgspec.structs.asdict(limit), LIMIT_RANGES)
    if len(rules.limits) > MOST_LINKS:
        raise AppError(ErrorCode.TOO_MANY_ITEMS, count=len(rules.limits), limit=MOST_LINKS)
    if depth_of(rules.conditions.when) > DEEPEST:
        raise AppError(ErrorCode.FIELD_BAD, field="conditions", value=f"> {DEEPEST}")


def clone(asked: wire.CloneCampaign, editing: Editing) -> Made:
    """A new draft with the same rules."""
    connection = editing.connection
    row = CAMPAIGNS.row(connection, asked.key)
    rules = rules_of(connection, draft_row(connection, asked.key))
    fields = wire.CampaignFields(name=asked.name, remarks=row["remarks"])
    added = wire.AddCampaign(operation_id=asked.operation_id, fields=fields, rules=rules)
    return CAMPAIGNS.add(added, editing)


# ---------------------------------------------------------------------- tried on a bill


def attempt(asked: wire.TryCampaign, reading: Reading) -> wire.Tried:
    """What the rules would do with the bill, as a campaign that runs alone."""
    del reading
    rules, bill = asked.rules, _bill(asked.bill)
    if depth_of(rules.conditions.when) > DEEPEST:
        raise AppError(ErrorCode.FIELD_BAD, field="conditions", value=f"> {DEEPEST}")
    one = _running(rules)
    found = warnings_of(one)
    for each in found:
        if each.wrong:
            field = str(each.facts.get("field", each.code))
            value = str(each.facts.get("value", each.code))[:60]
            raise AppError(ErrorCode.FIELD_BAD, field=field, value=value)
    made = decide(bill, program_of([one]), quote=True)
    if made.units > LARGEST_SUM:
        raise AppError(ErrorCode.FIELD_BAD, field="net", value=str(bill.net))
    (verdict,) = made.verdicts
    parts = [
        wire.TriedPart(of_campaign=part.version_id != BASIC, units=part.units, life=part.life)
        for part in made.given
    ]
    return wire.Tried(
        result=verdict.result,
        why=verdict.why,
        parts=parts,
        discount=made.discount,
        discount_codes=made.discount_codes,
        max_pay_bp=made.max_pay_bp,
        messages=made.messages,
        warnings=[_warning(each) for each in found],
    )


def _running(rules: wire.CampaignRules) -> records.Campaign:
    return records.Campaign(
        version_id=1,
        campaign_id=1,
        group=records.StackingGroup(stacking_group_id=rules.stacking_group_id),
        valid_from=rules.valid_from,
        valid_to=rules.valid_to,
        time_id=rules.time_id,
        segment_id=rules.segment_id,
        priority=rules.priority,
        trigger=rules.trigger_kind,
        units=frozenset(rules.units),
        classifiers=frozenset(rules.classifiers),
        conditions=rules.conditions,
        effects=rules.effects,
        limits=tuple(records.Limit(**msgspec.structs.asdict(one)) for one in rules.limits),
    )


def _bill(tried: wire.TriedBill) -> records.Bill:
    values = {name: getattr(tried, name) for name in tried.__struct_fields__}
    check_ranges(values, BILL_RANGES)
    minute = values.pop("minute")
    values["local"] = datetime.combine(tried.business_date, time(minute // 60, minute % 60))
    values["base"] = tried.net if tried.base is None else tried.base
    for name in ("paid_types", "segments", "time_sets", "coupon_types"):
        values[name] = frozenset(values[name])
    if tried.lines is not None:
        values["lines"] = tuple(
            records.Line(code=one.code, category=one.category, quantity=one.quantity, sum=one.sum)
            for one in tried.lines
        )
    return records.Bill(**values)


def _warnings(rules: wire.CampaignRules) -> list[wire.CampaignWarning]:
    return [_warning(each) for each in warnings_of(_running(rules))]


def _warning(each: Warned) -> wire.CampaignWarning:
    facts = {name: str(value)[:60] for name, value in each.facts.items()}
    return wire.CampaignWarning(code=each.code, wrong=each.wrong, facts=facts)
