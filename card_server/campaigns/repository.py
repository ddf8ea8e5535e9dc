"""Versions of campaigns as they are stored: the row, its JSON texts, its link rows."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Table, delete, insert, select, update

from card_server.campaigns import tables
from card_server.db.change_log import Action
from card_server.dictionaries.parts import write
from card_server.divisions.repository import next_dictionary_id
from card_server.http.routes import Editing
from shared.wire.campaign_rules import CampaignConditions, CampaignEffects
from shared.wire.campaigns import CampaignLimit, CampaignRules
from shared.wire.errors import AppError, ErrorCode

PLAIN: Final = (
    "valid_from",
    "valid_to",
    "time_id",
    "segment_id",
    "priority",
    "stacking_group_id",
    "trigger_kind",
)
"""Columns that are fields of the rules as they are."""
_LINKS: Final[tuple[tuple[str, Table, str], ...]] = (
    ("units", tables.campaign_unit, "unit_id"),
    ("classifiers", tables.campaign_classifier, "classifier_id"),
)


def draft_row(connection: Connection, campaign_id: int) -> Any:
    """The latest version of a campaign; None before there is one."""
    version = tables.campaign_version
    statement = (
        select(version)
        .where(version.c.campaign_id == campaign_id)
        .order_by(version.c.version_no.desc())
        .limit(1)
    )
    return connection.execute(statement).mappings().one_or_none()


def rules_of(connection: Connection, row: Any) -> CampaignRules:
    """The rules of a version; a text that cannot be read is told, with the version."""
    version_id = row["campaign_version_id"]
    try:
        conditions = msgspec.json.decode(row["conditions"], type=CampaignConditions)
        effects = msgspec.json.decode(row["effects"], type=CampaignEffects)
    except msgspec.MsgspecError as unread:
        raise AppError(
            ErrorCode.FIELD_BAD, field="campaign_version", value=f"{version_id}: {unread}"[:60]
        ) from unread
    limit = tables.campaign_limit
    names = CampaignLimit.__struct_fields__
    limits = connection.execute(
        select(*(limit.c[name] for name in names))
        .where(limit.c.version_id == version_id)
        .order_by(limit.c.campaign_limit_id)
    ).mappings()
    links: dict[str, Any] = {
        field: _links(connection, table, key, version_id) for field, table, key in _LINKS
    }
    return CampaignRules(
        conditions=conditions,
        effects=effects,
        limits=tuple(CampaignLimit(**one) for one in limits),
        **{name: row[name] for name in PLAIN},
        **links,
    )


def _links(connection: Connection, table: Table, key: str, version_id: int) -> tuple[int, ...]:
    rows = connection.execute(select(table.c[key]).where(table.c.version_id == version_id))
    return tuple(sorted(rows.scalars()))


def save_rules(editing: Editing, campaign_id: int, rules: CampaignRules) -> bool:
    """Write a campaign's draft; whether anything changed."""
    connection, version = editing.connection, tables.campaign_version
    values = {name: getattr(rules, name) for name in PLAIN} | {
        "conditions": msgspec.json.encode(rules.conditions).decode(),
        "effects": msgspec.json.encode(rules.effects).decode(),
    }
    row = draft_row(connection, campaign_id)
    if row is None:
        version_id = next_dictionary_id(connection, version)
        key = {"campaign_version_id": version_id}
        own = {"campaign_id": campaign_id, "version_no": 1}
        editing.log.insert(version, {**key, **own, **values})
        campaign = tables.campaign
        connection.execute(
            update(campaign)
            .where(campaign.c.campaign_id == campaign_id)
            .values(current_version_id=version_id)
        )
        changed = True
    else:
        version_id = row["campaign_version_id"]
        if rules_of(connection, row) == rules:
            return False
        key = {"campaign_version_id": version_id}
        changes = {name: value for name, value in values.items() if row[name] != value}
        if changes:
            write(editing, version, key, row, changes)
        changed = True
    _write_links(editing, version_id, rules)
    return changed


def _write_links(editing: Editing, version_id: int, rules: CampaignRules) -> None:
    """Units, programs and limits are replaced as a whole; the journal names what they were."""
    connection = editing.connection
    for field, table, key in _LINKS:
        before, after = _links(connection, table, key, version_id), getattr(rules, field)
        if before == tuple(sorted(after)):
            continue
        connection.execute(delete(table).where(table.c.version_id == version_id))
        for value in sorted(set(after)):
            connection.execute(insert(table).values(version_id=version_id, **{key: value}))
        _journal(editing, version_id, field, before, tuple(sorted(set(after))))
    limit = tables.campaign_limit
    names = CampaignLimit.__struct_fields__
    stood = connection.execute(
        select(*(limit.c[name] for name in names))
        .where(limit.c.version_id == version_id)
        .order_by(limit.c.campaign_limit_id)
    ).mappings()
    limits = tuple(CampaignLimit(**one) for one in stood)
    if limits == rules.limits:
        return
    connection.execute(delete(limit).where(limit.c.version_id == version_id))
    for one in rules.limits:
        limit_id = next_dictionary_id(connection, limit)
        key_of = {"campaign_limit_id": limit_id, "version_id": version_id}
        connection.execute(insert(limit).values(**key_of, **msgspec.structs.asdict(one)))
    _journal(editing, version_id, "limits", limits, rules.limits)


def _journal(editing: Editing, version_id: int, field: str, before: Any, after: Any) -> None:
    editing.log.record(
        tables.campaign_version,
        {"campaign_version_id": version_id},
        Action.UPDATE,
        {field: msgspec.json.encode(before).decode()},
        {field: msgspec.json.encode(after).decode()},
    )
