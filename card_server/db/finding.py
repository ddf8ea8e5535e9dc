"""Where the database is and how to sign in, from what a person wrote and the key store knows."""

from __future__ import annotations

from pathlib import Path

from card_server.db.engine import DatabaseAddress, address_of, plain_errors
from shared.settings.secrets import DATABASE, read_secret


def find_database(
    database: str | None, data_dir: Path, *, make_folder: bool = False
) -> DatabaseAddress:
    """The address of a database; a server's password comes from the key store if none is given.

    Raises DB_STRING for a string that is not understood, DB_UNREACHABLE for a folder that cannot
    be made.
    """
    address = address_of(database, data_dir)
    if make_folder:
        with plain_errors(address):
            data_dir.mkdir(parents=True, exist_ok=True)
    if not address.is_embedded and address.url.username and address.url.password is None:
        password = read_secret(DATABASE)
        if password is not None:
            return DatabaseAddress(address.url.set(password=password), address.shown)
    return address


def password_for(database: str | None, user: str | None) -> str | None:
    """The stored password, where a sign-in by name lacks one; the key store is not asked else."""
    return read_secret(DATABASE) if database and user else None
