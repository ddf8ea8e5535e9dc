"""`classifier add | list | code`: programs that may call."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from pathlib import Path

from card_server.cli.exit_codes import OK
from card_server.cli.parsing import about
from card_server.cli.printing import say

MODES = {"pos": 1, "crm": 2}
KINDS = {"decimal": 1, "hex": 2, "letters": 3}
TYPED = 9
TIME = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")
FIXED = re.compile(r"[+-](0[0-9]|1[0-4]):[0-5][0-9]")
LARGEST_PORT = 65_535


def add(parser: argparse.ArgumentParser, common: Callable[[argparse.ArgumentParser], None]) -> None:
    """The three sub-commands."""
    found = parser.add_subparsers(dest="what", required=True, parser_class=type(parser))
    one = found.add_parser(
        "add", help="add a classifier with the r_keeper 7 preset", description=about(run.__doc__)
    )
    common(one)
    one.add_argument("--name", default="RK7", help="name of the classifier (default RK7)")
    one.add_argument("--code", help="code typed by hand (1 to 20 characters); else generated")
    _kind(one)
    one.add_argument(
        "--mode", choices=tuple(MODES), default="pos", help="who counts bonuses: the till, or we"
    )
    one.add_argument(
        "--rights",
        type=_rights,
        default="rk7",
        help="API rights: rk7 (a till, the default), pos, site, call_centre, export, full",
    )
    one.add_argument(
        "--loyalty",
        choices=("discounts", "bonuses", "both"),
        default="both",
        help="which levels and schemes are made, if there are none yet",
    )
    one.add_argument("--time-zone", type=_zone, default="Europe/Moscow", help="IANA name or +03:00")
    one.add_argument(
        "--day-start", type=_minute, default=240, help="when a business day begins (default 04:00)"
    )
    one.add_argument("--host", default="127.0.0.1", help="this server, for FARCARDS.INI")
    one.add_argument("--port", type=_port, default=9192, help="its port, for FARCARDS.INI")
    common(found.add_parser("list", help="list the classifiers"))
    code = found.add_parser("code", help="make a code and store nothing")
    common(code)
    _kind(code)


def _kind(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--kind", choices=tuple(KINDS), default="decimal", help="form of a generated code"
    )


def _minute(text: str) -> int:
    match = TIME.fullmatch(text)
    if match is None:
        message = f"{text!r} is not a time of day: write hh:mm"
        raise argparse.ArgumentTypeError(message)
    return int(match[1]) * 60 + int(match[2])


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text[:9]) <= LARGEST_PORT):
        message = f"{text!r} is not a port: 1 to {LARGEST_PORT}"
        raise argparse.ArgumentTypeError(message)
    return int(text)


def _zone(text: str) -> str:
    from zoneinfo import ZoneInfo  # noqa: PLC0415 - quick --help

    if FIXED.fullmatch(text):
        return text
    try:
        ZoneInfo(text)
    except (ValueError, OSError, KeyError) as error:
        message = f"{text!r} is not a time zone: write a name such as Europe/Moscow, or +03:00"
        raise argparse.ArgumentTypeError(message) from error
    return text


def _rights(text: str) -> tuple[str, ...]:
    """The API rights of a set by its name."""
    from card_server.presets.rk7_content import RIGHTS  # noqa: PLC0415 - quick --help
    from shared.wire.classifiers import PRESETS  # noqa: PLC0415 - quick --help

    sets = {"rk7": RIGHTS, **PRESETS}
    if text not in sets:
        message = f"{text!r} is no set of rights: write {', '.join(sets)}"
        raise argparse.ArgumentTypeError(message)
    return sets[text]


def run(options: argparse.Namespace) -> int:
    """Add a classifier with the r_keeper 7 preset, list them, or make a code."""
    return {"add": _add, "list": _list, "code": _code}[options.what](options)


def _code(options: argparse.Namespace) -> int:
    from card_server.classifiers.codes import generate_code  # noqa: PLC0415 - quick --help

    code = generate_code(KINDS[options.kind])
    say({"code": code}, as_json=options.json, text=code)
    return OK


def _add(options: argparse.Namespace) -> int:
    from card_server.classifiers.codes import generate_code  # noqa: PLC0415 - quick --help
    from card_server.composition import clock, open_database  # noqa: PLC0415 - quick --help
    from card_server.db.engine import make_engine  # noqa: PLC0415 - quick --help
    from card_server.db.migrate import require_current  # noqa: PLC0415 - quick --help
    from card_server.presets.farcards_ini import farcards_section  # noqa: PLC0415 - quick --help
    from card_server.presets.rk7 import apply_rk7_preset  # noqa: PLC0415 - quick --help

    typed = options.code is not None
    code = options.code.strip() if typed else generate_code(KINDS[options.kind])
    engine = make_engine(open_database(options.database, Path(options.data)))
    try:
        with engine.begin() as connection:
            require_current(connection)
            number = apply_rk7_preset(
                connection,
                code=code,
                name=options.name,
                now=clock(),
                calc_mode=MODES[options.mode],
                loyalty=options.loyalty,
                code_kind=TYPED if typed else KINDS[options.kind],
                time_zone=options.time_zone,
                day_start=options.day_start,
                rights=options.rights,
            )
    finally:
        engine.dispose()
    section = farcards_section(code, options.host, options.port)
    facts = {"classifier_id": number, "code": code, "name": options.name, "farcards_ini": section}
    say(facts, as_json=options.json, text=f"{options.name}: {code}\n\nFARCARDS.INI:\n\n{section}")
    return OK


def _list(options: argparse.Namespace) -> int:
    from sqlalchemy import select  # noqa: PLC0415 - quick --help

    from card_server.classifiers import tables  # noqa: PLC0415 - quick --help
    from card_server.db.engine import make_engine  # noqa: PLC0415 - quick --help
    from card_server.db.finding import find_database  # noqa: PLC0415 - quick --help
    from card_server.db.migrate import require_current  # noqa: PLC0415 - quick --help

    table = tables.classifier
    engine = make_engine(find_database(options.database, Path(options.data)), read_only=True)
    try:
        with engine.connect() as connection:
            require_current(connection)
            rows = connection.execute(
                select(table.c.classifier_id, table.c.name, table.c.code, table.c.calc_mode)
                .where(table.c.deleted_at.is_(None), table.c.classifier_id > 0)
                .order_by(table.c.classifier_id)
            ).all()
    finally:
        engine.dispose()
    names = {number: name for name, number in MODES.items()}
    found = [
        {"classifier_id": r[0], "name": r[1], "code": r[2], "mode": names.get(r[3], str(r[3]))}
        for r in rows
    ]
    lines = [f"{r['classifier_id']:>4}  {r['code']:<20}  {r['mode']}  {r['name']}" for r in found]
    say({"classifiers": found}, as_json=options.json, text="\n".join(lines))
    return OK
