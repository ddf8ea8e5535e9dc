"""Which language a command speaks: the one asked for, else that of the system."""

from __future__ import annotations

import argparse
import locale


def language_of(options: argparse.Namespace) -> str:
    """`ru` or `en`."""
    return str(options.language) if options.language else system_language()


def system_language() -> str:
    """What the system speaks, as far as we do."""
    return "ru" if (locale.getlocale()[0] or "").lower().startswith("ru") else "en"
