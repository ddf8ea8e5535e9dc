"""`sign-heads`: sign the end of the chain for every business day that has ended (domain 3.12)."""

from __future__ import annotations

import argparse
from pathlib import Path

from card_server.cli.exit_codes import OK
from card_server.cli.failures import Failure, Mistake
from card_server.cli.printing import say
from shared.settings.secrets import NoKeyStore


def run(options: argparse.Namespace) -> int:
    """Sign what is not signed yet; without a key store nothing is signed, and that is told."""
    from card_server.composition import clock, open_database  # noqa: PLC0415 - quick --help
    from card_server.db.engine import make_engine, plain_errors  # noqa: PLC0415 - quick --help
    from card_server.ledger.chain_key import BrokenKey, private_key  # noqa: PLC0415 - quick --help
    from card_server.ledger.head_checking import sign_heads, system_zone  # noqa: PLC0415 - quick --help
    from card_server.ledger.signing import KeySigner  # noqa: PLC0415 - quick --help

    try:
        signer = KeySigner(private_key())
    except NoKeyStore as missing:
        raise Failure(Mistake.HEADS_UNSIGNED, why=str(missing)) from missing
    except BrokenKey as broken:
        raise Failure(Mistake.CHAIN_KEY_BROKEN, name=str(broken)) from broken
    address = open_database(options.database, Path(options.data), create=False)
    with plain_errors(address):
        engine = make_engine(address)
        with engine.begin() as connection:
            zone = system_zone(connection)
            heads = sign_heads(connection, clock(), zone=zone, signer=signer)
        engine.dispose()
    days = [head.business_date.isoformat() for head in heads]
    key = signer.public_key.hex()
    text = "\n".join([f"{len(days)} heads signed", *days, f"--public-key {key}"])
    say({"signed": days, "public_key": key}, as_json=options.json, text=text)
    return OK
