"""`sign-heads`: sign the end of the chain for every business day that has ended (domain 3.12)."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

from card_server.cli.exit_codes import OK
from card_server.cli.printing import say
from shared.settings.secrets import NoKeyStore, read_secret, write_secret

CHAIN_KEY: Final = "chain.key"
"""Name of the secret: 32 bytes of an Ed25519 private key, in hexadecimal digits."""
NO_STORE: Final = "heads were not signed: this account has no key store ({reason})"


def run(options: argparse.Namespace) -> int:
    """Sign what is not signed yet; without a key store say so, which stops nothing else."""
    from card_server.composition import clock, open_database  # noqa: PLC0415 - quick --help
    from card_server.db.engine import make_engine, plain_errors  # noqa: PLC0415 - quick --help
    from card_server.ledger.head_checking import sign_heads, system_zone  # noqa: PLC0415 - quick --help
    from card_server.ledger.signing import KeySigner  # noqa: PLC0415 - quick --help

    try:
        signer = KeySigner(private_key())
    except NoKeyStore as missing:
        note = NO_STORE.format(reason=missing)
        say({"signed": [], "public_key": None, "note": note}, as_json=options.json, text=note)
        return OK
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


def private_key() -> bytes:
    """The key of the account that signs; made on first use. Raises NoKeyStore."""
    from card_server.ledger.signing import KEY_BYTES, new_private_key  # noqa: PLC0415 - quick --help

    stored = read_secret(CHAIN_KEY)
    if stored is not None and len(stored) == 2 * KEY_BYTES:
        return bytes.fromhex(stored)
    made = new_private_key()
    write_secret(CHAIN_KEY, made.hex())
    return made
