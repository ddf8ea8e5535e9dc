"""Which language a command speaks: the one asked for, else that of the system."""

from __future__ import annotations

import argparse
import locale


def language_of(options: argparse.Namespace) -> str:
    """`ru` or `en`."""
    if options.language:
        return str(options.language)
    return "ru" if (locale.getlocale()[0] or "").lower().startswith("ru") else "en"
