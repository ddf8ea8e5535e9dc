"""`classifier add | list | code`: programs that may call."""

from __future__ import annotations

import argparse
from pathlib import Path

from card_server.cli.exit_codes import OK
from card_server.cli.printing import say

MODES = {"pos": 1, "crm": 2}
KINDS = {"decimal": 1, "hex": 2, "letters": 3}


def add(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("what", choices=("add", "list", "code"))
    parser.add_argument("--name", default="RK7", help="name of the classifier")
    parser.add_argument("--code", help="code typed by hand; otherwise one is generated")
    parser.add_argument("--kind", choices=tuple(KINDS), default="decimal", help="form of the code")
    parser.add_argument("--mode", choices=tuple(MODES), default="pos", help="who counts")


def run(options: argparse.Namespace) -> int:
    """Add a classifier with the r_keeper 7 preset, list them, or make a code."""
    from sqlalchemy import select  # noqa: PLC0415 - quick --help

    from card_server.classifiers import tables  # noqa: PLC0415 - quick --help
    from card_server.classifiers.codes import generate_code  # noqa: PLC0415 - quick --help
    from card_server.composition import clock, open_database  # noqa: PLC0415 - quick --help
    from card_server.db.engine import make_engine  # noqa: PLC0415 - quick --help
    from card_server.presets.rk7 import apply_rk7_preset  # noqa: PLC0415 - quick --help

    code = options.code or generate_code(KINDS[options.kind])
    if options.what == "code":
        say({"code": code}, as_json=options.json, text=code)
        return OK
    engine = make_engine(open_database(options.database, Path(options.data)))
    if options.what == "add":
        with engine.begin() as connection:
            number = apply_rk7_preset(
                connection, code=code, name=options.name, now=clock(), calc_mode=MODES[options.mode]
            )
        say(
            {"classifier_id": number, "code": code, "name": options.name},
            as_json=options.json,
            text=f"{options.name}: Qualifier={code}",
        )
        return OK
    table = tables.classifier
    with engine.connect() as connection:
        rows = connection.execute(
            select(table.c.classifier_id, table.c.name, table.c.code, table.c.calc_mode)
            .where(table.c.deleted_at.is_(None), table.c.classifier_id > 0)
            .order_by(table.c.classifier_id)
        ).all()
    found = [{"classifier_id": r[0], "name": r[1], "code": r[2], "mode": r[3]} for r in rows]
    say(
        {"classifiers": found},
        as_json=options.json,
        text="\n".join(f"{row['name']}: {row['code']}" for row in found),
    )
    return OK
