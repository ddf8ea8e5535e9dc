"""How commands answer: a line for people or one JSON object for programs."""

from __future__ import annotations

import sys

import msgspec


def say(facts: object, *, as_json: bool, text: str) -> None:
    """Print the answer of a command on standard output."""
    line = msgspec.json.encode(facts).decode() if as_json else text
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
