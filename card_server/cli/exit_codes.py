"""What the exit code of a command says."""

from __future__ import annotations

from typing import Final

OK: Final = 0
FINDING: Final = 1
"""The command ran and found something wrong (check, verify)."""
COULD_NOT_RUN: Final = 2
"""The command could not do its work; the sentence on standard error says why."""
USAGE: Final = 3
"""The command line itself is wrong."""

EXPLAINED: Final = """exit codes:
  0  done; nothing is wrong
  1  done, and something wrong was found (check, verify)
  2  could not be done; the sentence on standard error says why
  3  the command line is wrong"""
