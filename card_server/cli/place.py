"""Where the database is when the command line does not say: the settings file knows."""

from __future__ import annotations

import argparse
from pathlib import Path

from shared.settings.server_file import DATABASE, FILE_NAME, SETTINGS
from shared.settings.store import read_file


def fill(options: argparse.Namespace) -> None:
    """Take `database.address` from the settings file of the data folder.

    Raises SETTINGS_BROKEN for a file that cannot be read: guessing could touch a wrong database.
    """
    if not hasattr(options, "database") or options.database is not None:
        return
    found = read_file(Path(options.data) / FILE_NAME, SETTINGS)
    for fault in found.faults:
        if fault.facts.get("key") == DATABASE.key:
            raise fault
    options.database = found.get(DATABASE) or None
