"""`check`: every fault of the database at once, each with its cause and its remedy."""

from __future__ import annotations

import argparse
from pathlib import Path

from card_server.cli.exit_codes import FINDING, OK
from card_server.cli.language import language_of
from card_server.cli.printing import say


def add(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("--user", help="sign-in name for IP,port:name; default: this account")
    parser.add_argument(
        "--trust-certificate", action="store_true", help="accept any certificate of the server"
    )
    parser.add_argument(
        "--thorough", action="store_true", help="read an embedded database file from end to end"
    )


def run(options: argparse.Namespace) -> int:
    """Look, never write. Exit code 0 no fault, 1 faults."""
    from card_server.db.check import check  # noqa: PLC0415 - quick --help
    from card_server.db.finding import password_for  # noqa: PLC0415 - quick --help

    report = check(
        options.database,
        Path(options.data),
        user=options.user,
        password=password_for(options.database, options.user),
        trust_certificate=options.trust_certificate,
        thorough=options.thorough,
    )
    russian = language_of(options) == "ru"
    product = f"{report.product} {report.product_version}".strip()
    lines = [f"{report.database or options.database}: {product or '-'}"]
    lines.append(f"{'версия' if russian else 'version'} {report.schema_version or '-'}")
    for fault in report.faults:
        cause = fault.cause_ru if russian else fault.cause_en
        remedy = fault.remedy_ru if russian else fault.remedy_en
        detail = f" ({fault.detail})" if fault.detail else ""
        lines += [f"! {cause}{detail}", f"  -> {remedy}"]
    if report.ok:
        lines.append("всё в порядке" if russian else "nothing is wrong")
    say(report, as_json=options.json, text="\n".join(lines))
    return OK if report.ok else FINDING
