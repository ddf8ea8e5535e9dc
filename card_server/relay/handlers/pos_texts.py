"""Texts a till shows or prints: screen, printer, slip, with named fields (farcards.md 3.1, 7)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from card_server.relay.access import setting
from card_server.relay.formats import day, money, percent
from card_server.relay.handlers.context import Context
from card_server.relay.handlers.looking import Seen, SeenAccount
from shared.settings.wire import RELAY_PRINTER, RELAY_SCREEN

FIELD: Final = re.compile(r"\{([a-z_]+)\}")
SLIP_LINES: Final = 10
SLIP_WIDTH: Final = 40


def fill(template: str, fields: Mapping[str, str]) -> str:
    """Named fields filled in; a name that does not exist stays as text; backslash-n ends a line."""
    plain = template.replace("\\n", "\n")
    return FIELD.sub(lambda found: fields.get(found[1], found[0]), plain)


def balances(seen: Seen, context: Context) -> list[tuple[str, str]]:
    """(type name, balance) of what can pay and is shown to the caller."""
    found = []
    for one in seen.accounts:
        kind = context.rules.account_types[one.account.account_type_id]
        if kind.can_pay and one.row is not None and one.row.visible and is_allowed(seen, one):
            found.append((kind.name, money(one.figures.shown)))
    return found


def is_allowed(seen: Seen, one: SeenAccount) -> bool:
    """A limited card shows only its accounts."""
    return seen.allowed is None or one.account.account_id in seen.allowed


def fields_of(seen: Seen, context: Context) -> dict[str, str]:
    """What a template may name."""
    person = seen.person
    shown = balances(seen, context)
    level = level_of(seen, context)
    pending = sum(one.figures.pending for one in seen.accounts if is_allowed(seen, one))
    best = max((one.rate.rate_bp for one in seen.accounts), default=0)
    return {
        "name": person.full_name if person is not None else "",
        "first_name": (person.f_name or "") if person is not None else "",
        "last_name": (person.l_name or "") if person is not None else "",
        "card": str(seen.card.card_code),
        "balance": ", ".join(f"{name}: {amount}" for name, amount in shown),
        "balances": "\n".join(f"{name}: {amount}" for name, amount in shown),
        "pending": money(pending),
        "level": level,
        "rate": percent(best),
        "valid_to": day(seen.card.valid_to, "") if seen.card.valid_to is not None else "",
    }


def level_of(seen: Seen, context: Context) -> str:
    """The name of the first level among the accounts."""
    for one in seen.accounts:
        level = context.rules.levels.get(one.account.level_id or 0)
        if level is not None:
            return level.name
    return ""


def screen_text(seen: Seen, context: Context) -> str:
    """The classifier's own text, else name and balances."""
    own = setting(context.rules, context.classifier, RELAY_SCREEN)
    if own:
        return fill(own, fields_of(seen, context))
    lines = [seen.person.full_name] if seen.person is not None else []
    lines += [f"{name}: {amount}" for name, amount in balances(seen, context)]
    return "\n".join(lines)


def printer_text(seen: Seen, context: Context) -> str:
    """The classifier's own text, else nothing."""
    own = setting(context.rules, context.classifier, RELAY_PRINTER)
    return fill(own, fields_of(seen, context)) if own else ""


def slip_lines(template: str, fields: Mapping[str, str]) -> Sequence[str]:
    """Up to ten lines of forty characters; longer ones go on in the next."""
    lines: list[str] = []
    for line in fill(template, fields).split("\n"):
        lines += [line[i : i + SLIP_WIDTH] for i in range(0, max(1, len(line)), SLIP_WIDTH)]
    return lines[:SLIP_LINES]
