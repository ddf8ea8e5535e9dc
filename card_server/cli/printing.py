"""How commands answer: a line for people or one JSON object for programs.

A console of Windows may be CP866 or CP1251: whatever its characters cannot show is escaped, never
an error. JSON is pure ASCII, so that no code page between two programs can spoil it.
"""

from __future__ import annotations

import io
import json
import sys

import msgspec


def prepare_streams() -> None:
    """Make the standard streams take any text."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def say(facts: object, *, as_json: bool, text: str) -> None:
    """Print the answer of a command on standard output."""
    line = json.dumps(msgspec.to_builtins(facts)) if as_json else text
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
